/**
 * Binary cross-entropy on logits, as torch.nn.BCEWithLogitsLoss, with its gradient in one pass: target y in [0, 1], weight p of
 * the positive share (1 where there is none).
 *
 *   u = 1 − y,   v = p·y,   e = exp(−|x|)                                             (1)
 *   l = u·softplus(x) + v·softplus(−x) = (u + v)·log1p(e) + |x|·(x > 0 ? u : v)       (2)
 *   dx = s·(u·σ(x) − v·σ(−x)),   σ(|x|) = 1/(1 + e),   σ(−|x|) = e/(1 + e)            (3)
 *
 * No summand of (2) is negative, so nothing cancels, and a factor of 0 makes 0, also of ∞: a right infinite logit costs nothing. Sums in
 * f64, gradients flushed.
 */
import { bits, SIGN } from "../constants";
import { flush } from "../flush";
import { isPadding, stretchEnd } from "../lengths";
import { vlog1pUnit } from "../log1p";
import { vexp } from "../math";
import {
  abs, add, allEqual, and, andnot, bytes, div, eq, firstLanes, LANES, lt, mul, or, pmax, pmin, select, splat, sub, VEC_BYTES, vload, vloadPart,
  vstore, vstorePart, zero,
} from "../vec";
import { hsum, maddWide } from "../vec_wide";

/**
 * First of the targets that count and are not in [0, 1], or −1.
 *
 * @param y        in [rows,D]
 * @param lengths  in [N] i32  may be null; else rows are N sequences of steps, in the order that T says (lengths.ts)
 */
export function bceCheck<T extends number>(y: usize, lengths: usize, rows: i32, N: i32, T: i32, D: i32): i32 {
  for (let row = 0; row < rows;) {
    const end = stretchEnd(lengths, N, T, rows, row);
    if (!isPadding(lengths, N, T, row)) {
      const bad = firstOutside<T>(y + bytes<T>(usize(row) * D), (end - row) * D);
      if (bad >= 0) return row * D + bad;
    }
    row = end;
  }
  return -1;
}

/** First of n elements outside [0, 1], NaN too; or −1. */
function firstOutside<T extends number>(y: usize, n: i32): i32 {
  const least = zero(), most = splat<T>(<T>1);
  for (let i = 0; i < n; i += LANES<T>()) {
    const v = vloadPart<T>(y + bytes<T>(i), n - i);
    if (allEqual<T>(v, pmax<T>(pmin<T>(v, most), least))) continue;
    while (load<T>(y + bytes<T>(i)) >= <T>0 && load<T>(y + bytes<T>(i)) <= <T>1) ++i;
    return i;
  }
  return -1;
}

/** One row of n elements: the sum of (2); p null stands for `same` in every place. */
function bceRow<T extends number>(dx: usize, x: usize, y: usize, p: usize, n: i32, same: v128, scale: v128): f64 {
  const one = splat<T>(<T>1);
  let sum = zero();
  for (; n > 0; n -= LANES<T>()) {
    const z = vloadPart<T>(x, n), t = vloadPart<T>(y, n);
    const u = sub<T>(one, t);
    const v = mul<T>(p ? vloadPart<T>(p, n) : same, t);
    const e = vexp<T>(or(z, bits<T>(SIGN))); // (1)
    const h = add<T>(one, e), r = div<T>(one, h);
    const positive = lt<T>(zero(), z);
    const counted = firstLanes<T>(n);
    sum = maddWide<T>(and(add<T>(u, v), counted), vlog1pUnit<T>(e, h, r), sum);
    const missed = select(u, v, positive);
    sum = maddWide<T>(andnot(abs<T>(z), eq<T>(missed, zero())), missed, sum); // (2); lanes behind the end hold z = 0
    const far = mul<T>(e, r);
    const g = sub<T>(mul<T>(u, select(r, far, positive)), mul<T>(v, select(far, r, positive)));
    vstorePart<T>(dx, flush<T>(mul<T>(scale, g)), n); // (3)
    x += VEC_BYTES;
    y += VEC_BYTES;
    dx += VEC_BYTES;
    if (p) p += VEC_BYTES;
  }
  return hsum<f64>(sum);
}

/**
 * Loss and gradient in one pass. Targets have been checked.
 *
 * @param dx       out [rows,D]  may alias x or y; +0 in padding
 * @param x        in  [rows,D]  logits
 * @param y        in  [rows,D]  targets in [0, 1]
 * @param weights  in  [C]  p by the last axis, D a multiple of C; may be null: then p = weight
 * @param lengths  in  [N] i32  may be null; else rows are N sequences of steps, in the order that T says (lengths.ts)
 * @param scale    s of (3)
 * @returns Σ of (2) over all that is not padding, in nats
 */
export function bce<T extends number>(
  dx: usize, x: usize, y: usize, weights: usize, lengths: usize, rows: i32, N: i32, T: i32, D: i32, C: i32, weight: f64, scale: f64,
): f64 {
  const same = splat<T>(<T>weight), s = splat<T>(<T>scale);
  let loss: f64 = 0;
  for (let row = 0; row < rows;) {
    const end = stretchEnd(lengths, N, T, rows, row);
    let at = bytes<T>(usize(row) * D);
    const n = (end - row) * D;
    if (isPadding(lengths, N, T, row)) memory.fill(dx + at, 0, bytes<T>(n));
    else if (!weights) loss += bceRow<T>(dx + at, x + at, y + at, 0, n, same, s);
    else for (let i = 0; i < n; i += C, at += bytes<T>(C)) loss += bceRow<T>(dx + at, x + at, y + at, weights, C, same, s);
    row = end;
  }
  return loss;
}
