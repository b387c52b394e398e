/**
 * The SIMD vocabulary of int8 weights and seven-bit activations: whole numbers, so that every host and both builds have the same sums.
 *
 * A group is 4 weights of each of 8 columns, 32 bytes, column by column; the same 4 places of a row of activations stand beside it:
 *
 *   group      c0k0 c0k1 c0k2 c0k3 | c1k0 … | c2 | c3          c4 | c5 | c6 | c7 k0 … k3
 *   codes      u0 u1 u2 u3, four times over
 *
 * The relaxed build has one instruction for a half of it: 16 products, summed by fours into 4 lanes of i32. Its sums of two products
 * saturate at 16 bits on some hosts and not on others; with weights in −127 … 127 and codes in 0 … 127 none reaches them (2·127·127 = 32258).
 * The baseline extends both to 16 bits and multiplies pairs: a column's sum lies in two lanes, which fold adds at the end.
 */
import { VEC_BYTES } from "./vec";

/** Bytes of a group. */
// @ts-ignore: decorator
@inline export const GROUP_BYTES: usize = 32;

/** Bytes of one code: the baseline keeps them extended. */
// @ts-ignore: decorator
@inline export function CODE_BYTES(): usize {
  return ASC_FEATURE_RELAXED_SIMD ? 1 : 2;
}

/** Code of 0: codes are 64 + −63 … 63. */
// @ts-ignore: decorator
@inline export const ZERO_CODE: i32 = 64;

/** Four codes, beside every column. */
// @ts-ignore: decorator
@inline export function loadCodes(ptr: usize): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? v128.load32_splat(ptr) : v128.load64_splat(ptr);
}

/** Weights of half a group, four columns; in the baseline of a quarter of one, two columns, extended. */
// @ts-ignore: decorator
@inline export function loadWeights(ptr: usize): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? v128.load(ptr) : v128.load8x8_s(ptr);
}

/** sum + products of what loadWeights gave. */
// @ts-ignore: decorator
@inline export function dotOf(weights: v128, codes: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(weights, codes, sum);
  return i32x4.add(sum, i32x4.dot_i16x8_s(weights, codes));
}

/** The sums of four columns from the baseline's two vectors. */
// @ts-ignore: decorator
@inline export function fold(first: v128, second: v128): v128 {
  return i32x4.add(i32x4.shuffle(first, second, 0, 2, 4, 6), i32x4.shuffle(first, second, 1, 3, 5, 7));
}

/** As f32: exact below 2²⁴. */
// @ts-ignore: decorator
@inline export function toFloat(sums: v128): v128 {
  return f32x4.convert_i32x4_s(sums);
}

/** a − b, of i32. */
// @ts-ignore: decorator
@inline export function subSums(a: v128, b: v128): v128 {
  return i32x4.sub(a, b);
}

/** The magnitudes' greater, lane by lane; NaN where either is NaN. */
// @ts-ignore: decorator
@inline export function maxMagnitude(x: v128, greatest: v128): v128 {
  return f32x4.max(f32x4.abs(x), greatest);
}

/** 1.5·2²³: a number of few digits that is added to it stands in its last bits, rounded to nearest, ties to even. */
// @ts-ignore: decorator
@inline const MAGIC: f32 = 12582912;

/** Four numbers x·inverse, each in −63 … 63, as whole ones. */
// @ts-ignore: decorator
@inline export function wholes(x: v128, inverse: v128): v128 {
  return i32x4.sub(f32x4.add(f32x4.mul(x, inverse), f32x4.splat(MAGIC)), f32x4.splat(MAGIC));
}

/** Stores 16 codes. */
// @ts-ignore: decorator
@inline export function storeCodes(ptr: usize, a: v128, b: v128, c: v128, d: v128): void {
  const low = i16x8.add(i16x8.narrow_i32x4_s(a, b), i16x8.splat(<i16>ZERO_CODE));
  const high = i16x8.add(i16x8.narrow_i32x4_s(c, d), i16x8.splat(<i16>ZERO_CODE));
  if (ASC_FEATURE_RELAXED_SIMD) {
    v128.store(ptr, i8x16.narrow_i16x8_u(low, high));
  } else {
    v128.store(ptr, low);
    v128.store(ptr, high, VEC_BYTES);
  }
}
