/**
 * The SIMD vocabulary across lanes: their sum and maximum; and in f64 whatever T, two elements at a time (a pair), for sums that are
 * long and squares that would overflow.
 */
import { vload, vloadPart, vstorePart } from "./vec";

/** Lane 0. */
// @ts-ignore: decorator
@inline export function lane0<T extends number>(v: v128): T {
  return v128.extract_lane<T>(v, 0);
}

/** The lanes in the opposite order. */
// @ts-ignore: decorator
@inline export function reversed<T extends number>(v: v128): v128 {
  if (sizeof<T>() == 4) return i32x4.shuffle(v, v, 3, 2, 1, 0);
  return i64x2.shuffle(v, v, 1, 0);
}

/** Sum of the lanes, in the fixed order (0+2)+(1+3) for f32 and 0+1 for f64. */
// @ts-ignore: decorator
@inline export function hsum<T extends number>(v: v128): T {
  if (sizeof<T>() == 4) {
    const s = f32x4.add(v, i32x4.shuffle(v, v, 2, 3, 0, 1));
    return <T>(f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1));
  }
  return <T>(f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1));
}

/** sum + a·b in two lanes of f64, whatever T: f32 products are exact there, and cannot overflow. The lanes end in hsum<f64>. */
// @ts-ignore: decorator
@inline export function maddWide<T extends number>(a: v128, b: v128, sum: v128): v128 {
  if (sizeof<T>() == 8) return f64x2.add(sum, f64x2.mul(a, b));
  const low = f64x2.mul(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(b));
  const c = i32x4.shuffle(a, a, 2, 3, 0, 1), d = i32x4.shuffle(b, b, 2, 3, 0, 1);
  return f64x2.add(sum, maddWide<f64>(f64x2.promote_low_f32x4(c), f64x2.promote_low_f32x4(d), low));
}

/** Greatest lane; NaN where any lane is NaN. */
// @ts-ignore: decorator
@inline export function hmax<T extends number>(v: v128): T {
  if (sizeof<T>() == 4) {
    const s = f32x4.max(v, i32x4.shuffle(v, v, 2, 3, 0, 1));
    return <T>f32x4.extract_lane(f32x4.max(s, i32x4.shuffle(s, s, 1, 0, 3, 2)), 0);
  }
  return <T>f64x2.extract_lane(f64x2.max(v, i64x2.shuffle(v, v, 1, 0)), 0);
}

/** sum + all lanes of a, in two lanes of f64. */
// @ts-ignore: decorator
@inline export function addWide<T extends number>(a: v128, sum: v128): v128 {
  if (sizeof<T>() == 8) return f64x2.add(sum, a);
  const upper = i32x4.shuffle(a, a, 2, 3, 0, 1);
  return f64x2.add(sum, f64x2.add(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(upper)));
}

/** The first two lanes, as f64. */
// @ts-ignore: decorator
@inline export function lowPair<T extends number>(v: v128): v128 {
  return sizeof<T>() == 8 ? v : f64x2.promote_low_f32x4(v);
}

/** The last two lanes of f32, as f64. */
// @ts-ignore: decorator
@inline export function highPair(v: v128): v128 {
  return f64x2.promote_low_f32x4(i32x4.shuffle(v, v, 2, 3, 0, 1));
}

/** lowPair and highPair undone, each rounded once; of f64 the low one is all. */
// @ts-ignore: decorator
@inline export function joinPairs<T extends number>(low: v128, high: v128): v128 {
  if (sizeof<T>() == 8) return low;
  return i32x4.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/** The two lanes of a pair, changed for one another. */
// @ts-ignore: decorator
@inline export function swapPair(v: v128): v128 {
  return i64x2.shuffle(v, v, 1, 0);
}

/** Zero and the first lane. */
// @ts-ignore: decorator
@inline export function shiftPair(v: v128): v128 {
  return i64x2.shuffle(i64x2.splat(0), v, 0, 2);
}

/** Bytes of a pair of T. */
// @ts-ignore: decorator
@inline export function pairBytes<T extends number>(): usize {
  return 2 * sizeof<T>();
}

/** Two elements of T, as f64. */
// @ts-ignore: decorator
@inline export function loadPair<T extends number>(ptr: usize): v128 {
  if (sizeof<T>() == 8) return vload<f64>(ptr);
  return f64x2.promote_low_f32x4(v128.load64_zero(ptr));
}

/** The same where n ≥ 2; one element and zero where n = 1, zeros where n ≤ 0. Touches no byte behind them. */
// @ts-ignore: decorator
@inline export function loadPairPart<T extends number>(ptr: usize, n: i32): v128 {
  if (sizeof<T>() == 8) return vloadPart<f64>(ptr, n);
  return n >= 2 ? loadPair<T>(ptr) : f64x2.promote_low_f32x4(vloadPart<f32>(ptr, n));
}

/** Stores two lanes of f64 as T, rounded once; of them the first where n = 1. */
// @ts-ignore: decorator
@inline export function storePairPart<T extends number>(ptr: usize, v: v128, n: i32): void {
  if (sizeof<T>() == 8) vstorePart<f64>(ptr, v, n);
  else if (n >= 2) v128.store_lane<f64>(ptr, f32x4.demote_f64x2_zero(v), 0);
  else vstorePart<f32>(ptr, f32x4.demote_f64x2_zero(v), n);
}

/** An integer in all lanes, as wide as T. */
// @ts-ignore: decorator
@inline export function splatBits<T extends number>(n: i32): v128 {
  if (sizeof<T>() == 4) return i32x4.splat(n);
  return i64x2.splat(n);
}

/** Stores the first n lanes of such integers as i32. */
// @ts-ignore: decorator
@inline export function storeBitsPart<T extends number>(ptr: usize, v: v128, n: i32): void {
  if (sizeof<T>() == 4) vstorePart<f32>(ptr, v, n);
  else vstorePart<f32>(ptr, i32x4.shuffle(v, v, 0, 2, 0, 2), min(n, 2));
}

/** The first n lanes of such integers, from i32; the others zero. */
// @ts-ignore: decorator
@inline export function loadBitsPart<T extends number>(ptr: usize, n: i32): v128 {
  if (sizeof<T>() == 4) return vloadPart<f32>(ptr, n);
  return i64x2.extend_low_i32x4_s(vloadPart<f32>(ptr, min(n, 2)));
}

/** Of such integers, none below 0, b where the mask is set, else a; where it is, a < b. */
// @ts-ignore: decorator
@inline export function later<T extends number>(a: v128, b: v128, mask: v128): v128 {
  if (sizeof<T>() == 4) return i32x4.max_s(a, v128.and(b, mask)); // two instructions, not three
  return v128.bitselect(b, a, mask);
}
