/**
 * Packing of weights as int8: one scale for each output channel, a row of the canonical weights.
 *
 *   m = max_k |w_k|     w = m / 127, rounded up to 16 significant bits     q_k = round(w_k / w)      (1)
 *
 * With so few bits q·w is exact in f32, and 127·w is, too: weights that have been rounded to q·w are packed to the same q and w again, and
 * what a file keeps of them is all there is of them.
 *
 *   panel      scales of its 8 columns, 64·Σq of each, then the groups of 4 places (vec_int8.ts), zeros beyond the last place
 */
import { padded } from "./layout";
import { PANEL } from "./vec";
import { GROUP_BYTES, ZERO_CODE } from "./vec_int8";
import { groupsOf } from "./int8_product";
import { HEADER_BYTES } from "./int8_tiles";

// @ts-ignore: decorator
@inline const GREATEST: f32 = 127;

/** Scale of a row of K weights (1): 0 where it has none but zeros; NaN where a weight is not finite. */
export function int8Scale(w: usize, K: i32): f32 {
  let m: f32 = 0;
  for (let k = 0; k < K; ++k) m = max(m, abs(load<f32>(w + (usize(k) << 2)))); // NaN stays
  if (m < LEAST) return 0;
  if (!(m < f32.POSITIVE_INFINITY)) return f32.NaN;
  const bits = reinterpret<u32>(m / GREATEST);
  const scale = reinterpret<f32>((bits + 0xff) & ~0xff);
  return GREATEST * scale < f32.POSITIVE_INFINITY ? scale : reinterpret<f32>(bits & ~0xff); // of the greatest numbers there are: down
}

/** 2⁻¹⁰⁰: weights below count as zeros. */
// @ts-ignore: decorator
@inline const LEAST: f32 = 7.888609052210118e-31;

/** What a row is multiplied by; 0 makes zeros of it. */
// @ts-ignore: decorator
@inline function inverseOf(scale: f32): f32 {
  return scale > 0 ? 1 / scale : 0;
}

/** A weight as int8 (1). */
// @ts-ignore: decorator
@inline function codeOf(w: f32, inverse: f32): i32 {
  return inverse == 0 ? 0 : i32(nearest(max(min(w * inverse, GREATEST), -GREATEST)));
}

/**
 * Weights for z = x·wᵀ, as packForward (pack.ts) lays them out.
 *
 * @param dst   out  panels of gate columns of `rows` · 8 bytes; this weight's part begins `firstRow` · 8 bytes behind their beginning
 * @param w     in   [G·H,K] canonical
 */
export function int8Pack(dst: usize, w: usize, G: i32, H: i32, K: i32, firstRow: i32, rows: i32): void {
  const panelBytes = usize(rows) * PANEL<f32>();
  dst += usize(firstRow) * PANEL<f32>();
  for (let block = 0; block < padded<f32>(H); block += PANEL<f32>()) {
    for (let g = 0; g < G; ++g) {
      packPanel(dst, w + (usize(g * H + block) * K << 2), min(H - block, PANEL<f32>()), K);
      dst += panelBytes;
    }
  }
}

function packPanel(dst: usize, w: usize, units: i32, K: i32): void {
  memory.fill(dst, 0, HEADER_BYTES + usize(groupsOf(K)) * GROUP_BYTES);
  for (let j = 0; j < units; ++j) {
    const scale = int8Scale(w, K);
    const inverse = inverseOf(scale);
    let sum = 0;
    for (let k = 0; k < K; ++k) {
      const q = codeOf(load<f32>(w + (usize(k) << 2)), inverse);
      store<i8>(dst + HEADER_BYTES + usize(k >> 2) * GROUP_BYTES + usize(4 * j + (k & 3)), <i8>q);
      sum += q;
    }
    store<f32>(dst + (usize(j) << 2), scale);
    store<i32>(dst + (usize(PANEL<f32>() + j) << 2), ZERO_CODE * sum);
    w += usize(K) << 2;
  }
}

/**
 * Rows of weights as int8, dense.
 *
 * @param q       out [R,K] i8
 * @param scales  out [R]
 * @param w       in  [R,K]
 */
export function int8Quantize(q: usize, scales: usize, w: usize, R: i32, K: i32): void {
  for (; R > 0; --R) {
    const scale = int8Scale(w, K);
    const inverse = inverseOf(scale);
    store<f32>(scales, scale);
    for (let k = 0; k < K; ++k) store<i8>(q + k, <i8>codeOf(load<f32>(w + (usize(k) << 2)), inverse));
    q += K;
    scales += 4;
    w += usize(K) << 2;
  }
}
