/**
 * Cross-entropy on logits by rows (a row is one sample), as torch.nn.CrossEntropyLoss: classes weighted by w (1 where there are no
 * weights), labels smoothed by ε, over C classes. Of one row with target y, m = max_j z_j, 1 + r = Σ_c exp(z_c − m):
 *
 *   a = (1 − ε)·w_y,   b = ε / C,   k = a + b·Σ_c w_c                      (1)
 *   l = k·log1p(r) − a·(z_y − m) − b·Σ_c w_c·(z_c − m)                     (2)
 *   dz_j = s·(k·p_j − a·[j = y] − b·w_j),   p = softmax(z)                 (3)
 *   dz_y = s·(b·Σ_c w_c·p_y − a·(1 − p_y) − b·w_y)                         (4)
 *   1 − p_y = (r + (1 − e_y))/(1 + r),   e_y = exp(z_y − m)                (5)
 *   W = Σ w_y over the rows that count, which the mean divides by          (6)
 *
 * (1) to (3) regroup (1 − ε)·w_y·(−log p_y) + ε/C·Σ_c w_c·(−log p_c). No summand of (2) is negative, and in (4) and (5) nothing near 1
 * cancels: the loss and the gradient of a p_y near 1 keep their digits. A factor of 0 makes 0, also of −∞. A row whose target is
 * `ignored`, or that is padding, or has k = 0, counts nothing, whatever its logits hold.
 */
import { flush } from "../flush";
import { isPadding } from "../lengths";
import { vlog1p } from "../log1p";
import { and, andnot, bytes, eq, firstLanes, LANES, mul, or, splat, sub, VEC_BYTES, vload, vloadPart, vstore, vstorePart, zero } from "../vec";
import { hsum, lane0, maddWide } from "../vec_wide";
import { expRow, rowMax } from "./softmax";

// @ts-ignore: decorator
@inline function counts(target: i32, lengths: usize, N: i32, T: i32, row: i32, ignored: i32): bool {
  return target != ignored && !isPadding(lengths, N, T, row);
}

/**
 * (6), and the check of the targets.
 *
 * @param targets  in [M] i32
 * @param weights  in [C]  may be null
 * @param lengths  in [N] i32  may be null; else M = T·N
 * @returns W; or −1 − m where row m, the first such, counts and has a target outside 0 … C − 1
 */
export function crossEntropyWeight<T extends number>(
  targets: usize, weights: usize, lengths: usize, M: i32, N: i32, T: i32, C: i32, ignored: i32,
): f64 {
  let W: f64 = 0, count = 0;
  for (let m = 0; m < M; ++m) {
    const y = load<i32>(targets + (usize(m) << 2));
    if (!counts(y, lengths, N, T, m, ignored)) continue;
    if (<u32>y >= <u32>C) return -1.0 - <f64>m;
    if (weights) W += <f64>load<T>(weights + bytes<T>(y)); // (6)
    else ++count;
  }
  return weights ? W : <f64>count;
}

/**
 * Loss and gradient in one pass. Targets have been checked.
 *
 * @param dz       out [M,C]  may alias z; +0 in rows that do not count
 * @param z        in  [M,C]  logits
 * @param targets  in  [M] i32
 * @param weights  in  [C]  may be null
 * @param lengths  in  [N] i32  may be null; else M is N sequences of steps, in the order that T says (lengths.ts)
 * @param scale    s of (3)
 * @returns Σ of (2) over the rows that count, in nats, summed in f64
 */
export function crossEntropy<T extends number>(
  dz: usize, z: usize, targets: usize, weights: usize, lengths: usize, M: i32, N: i32, T: i32, C: i32, scale: f64, smoothing: f64, ignored: i32,
): f64 {
  const row = bytes<T>(C);
  const b = smoothing / <f64>C;
  const spread = b != 0 ? b * sumOf<T>(weights, C) : 0.0;
  let loss: f64 = 0;
  for (let m = 0; m < M; ++m, dz += row, z += row) {
    const y = load<i32>(targets + (usize(m) << 2));
    let a: f64 = 0, k: f64 = 0, wy: f64 = 0;
    if (counts(y, lengths, N, T, m, ignored)) {
      wy = weights ? <f64>load<T>(weights + bytes<T>(y)) : 1.0;
      a = (1 - smoothing) * wy;
      k = a + spread; // (1)
    }
    if (k == 0) {
      memory.fill(dz, 0, row);
      continue;
    }
    const target = bytes<T>(y);
    const top = rowMax<T>(z, C);
    const below = <f64>load<T>(z + target) - <f64>top;
    if (b != 0) loss -= b * weightedShift<T>(z, weights, C, top);
    const r = expRow<T>(dz, z, C, top);
    loss += k * log1p(r); // (2)
    if (a != 0 && !(top == Infinity && below != below)) loss -= a * below; // ∞ − ∞ is 0 here
    const ey = <f64>load<T>(dz + target);
    const factor = <T>((k * scale) / (1 + r));
    if (b != 0) smoothedRow<T>(dz, weights, C, factor, <T>(scale * b));
    else scaleRow<T>(dz, C, factor);
    const dy = scale * ((spread * ey - a * (r + (1 - ey))) / (1 + r) - b * wy); // (4) (5)
    store<T>(dz + target, lane0<T>(flush<T>(splat<T>(<T>dy))));
  }
  return loss;
}

function log1p(x: f64): f64 {
  return lane0<f64>(vlog1p<f64>(splat<f64>(x)));
}

/** Σ_c w_c; C where w is null. */
function sumOf<T extends number>(w: usize, C: i32): f64 {
  if (!w) return <f64>C;
  let sum: f64 = 0;
  for (let c = 0; c < C; ++c) sum += <f64>load<T>(w + bytes<T>(c));
  return sum;
}

/** (w or 1)·(z − top)/2, without ∞ − ∞ and ∞·0, added up. */
// @ts-ignore: decorator
@inline function addShift<T extends number>(z: v128, w: v128, top: v128, sum: v128): v128 {
  const half = splat<T>(<T>0.5);
  const d = sub<T>(mul<T>(half, z), mul<T>(half, top));
  return maddWide<T>(andnot(d, or(eq<T>(z, top), eq<T>(w, zero()))), w, sum);
}

/** Σ_c w_c·(z_c − top), in halves: logits at both ends of f32 lie further apart than f32 reaches. */
function weightedShift<T extends number>(z: usize, w: usize, C: i32, top: T): f64 {
  const one = splat<T>(<T>1), most = splat<T>(top);
  let sum = zero();
  for (; C >= LANES<T>(); C -= LANES<T>(), z += VEC_BYTES) {
    sum = addShift<T>(vload<T>(z), w ? vload<T>(w) : one, most, sum);
    if (w) w += VEC_BYTES;
  }
  if (C > 0) sum = addShift<T>(vloadPart<T>(z, C), and(w ? vloadPart<T>(w, C) : one, firstLanes<T>(C)), most, sum);
  return 2 * hsum<f64>(sum);
}

/** p ← s·p, flushed. */
function scaleRow<T extends number>(p: usize, C: i32, s: T): void {
  const factor = splat<T>(s);
  for (; C >= LANES<T>(); C -= LANES<T>(), p += VEC_BYTES) vstore<T>(p, flush<T>(mul<T>(factor, vload<T>(p))));
  if (C > 0) vstorePart<T>(p, flush<T>(mul<T>(factor, vloadPart<T>(p, C))), C);
}

/** p ← s·p − r·w, flushed. */
function smoothedRow<T extends number>(p: usize, w: usize, C: i32, s: T, r: T): void {
  const factor = splat<T>(s), share = splat<T>(r);
  for (; C >= LANES<T>(); C -= LANES<T>(), p += VEC_BYTES) {
    const less = w ? mul<T>(share, vload<T>(w)) : share;
    vstore<T>(p, flush<T>(sub<T>(mul<T>(factor, vload<T>(p)), less)));
    if (w) w += VEC_BYTES;
  }
  const less = w ? mul<T>(share, vloadPart<T>(w, C)) : share;
  vstorePart<T>(p, flush<T>(sub<T>(mul<T>(factor, vloadPart<T>(p, C)), less)), C);
}
