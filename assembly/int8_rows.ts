/**
 * Rows of activations in seven bits, each with a scale of its own, so that a row's codes depend on nothing beside it.
 *
 *   m = max_k |x_k|      s = m / 63      u_k = 64 + round(x_k · (63 / m))          (1)
 *
 * A row, `codeRow(K)` bytes: s as f32, 12 bytes unused, then the codes of K rounded up to 16. Nothing depends on the build but how wide a
 * code lies: products of f32 alone, and no sums. A row of zeros, or of numbers below 2⁻¹⁰⁰, has the scale 0; one with a number that is not
 * finite has NaN, and so has whatever is made of it.
 */
import { vload, vloadPart, splat, VEC_BYTES, zero } from "./vec";
import { CODE_BYTES, maxMagnitude, storeCodes, wholes } from "./vec_int8";
import { hmax } from "./vec_wide";

/** Codes that are written at once. */
// @ts-ignore: decorator
@inline const STEP: i32 = 16;

/** Steps on each side of zero. */
// @ts-ignore: decorator
@inline const LEVELS: f32 = 63;

/** 2⁻¹⁰⁰: what lies below counts as zero, since 63 / m would overflow. */
// @ts-ignore: decorator
@inline const LEAST: f32 = 7.888609052210118e-31;

/** Bytes of a row of K codes. */
// @ts-ignore: decorator
@inline export function codeRow(K: i32): usize {
  return VEC_BYTES + usize((K + STEP - 1) & -STEP) * CODE_BYTES();
}

/**
 * Rows as codes (1).
 *
 * @param q  out [M] rows of codeRow(K) bytes
 * @param x  in  [M,K] rows `ldx` bytes apart
 */
export function quantizeRows(q: usize, x: usize, ldx: usize, M: i32, K: i32): void {
  assert(M >= 0 && K >= 0);
  for (; M > 0; --M) {
    quantizeRow(q, x, K);
    q += codeRow(K);
    x += ldx;
  }
}

function quantizeRow(q: usize, x: usize, K: i32): void {
  let m0 = zero(), m1 = zero();
  let k = 0;
  for (; k + 8 <= K; k += 8) {
    m0 = maxMagnitude(vload<f32>(x + (usize(k) << 2)), m0);
    m1 = maxMagnitude(vload<f32>(x + (usize(k) << 2) + VEC_BYTES), m1);
  }
  for (; k < K; k += 4) m0 = maxMagnitude(vloadPart<f32>(x + (usize(k) << 2), K - k), m0);
  const m = hmax<f32>(maxMagnitude(m1, m0));
  store<f32>(q, m < LEAST ? 0 : m < f32.POSITIVE_INFINITY ? m / LEVELS : f32.NaN);
  const inverse = splat<f32>(m < LEAST ? 0 : LEVELS / m);
  let to = q + VEC_BYTES;
  for (; K >= STEP; K -= STEP) {
    const a = vload<f32>(x), b = vload<f32>(x + VEC_BYTES), c = vload<f32>(x + 2 * VEC_BYTES), d = vload<f32>(x + 3 * VEC_BYTES);
    storeCodes(to, wholes(a, inverse), wholes(b, inverse), wholes(c, inverse), wholes(d, inverse));
    to += usize(STEP) * CODE_BYTES();
    x += 4 * VEC_BYTES;
  }
  if (K <= 0) return;
  const a = vloadPart<f32>(x, K), b = vloadPart<f32>(x + VEC_BYTES, K - 4);
  const c = vloadPart<f32>(x + 2 * VEC_BYTES, K - 8), d = vloadPart<f32>(x + 3 * VEC_BYTES, K - 12);
  storeCodes(to, wholes(a, inverse), wholes(b, inverse), wholes(c, inverse), wholes(d, inverse));
}
