/** The SIMD vocabulary of masks, signs and whole numbers: comparisons, conditions in memory (i32: zero or not), and u32 in four lanes. */
import { and, loadSplat, vloadPart, vstorePart, zero } from "./vec";
import { splatBits } from "./vec_wide";

/** −a: the sign turned, of NaN and zero too. */
// @ts-ignore: decorator
@inline export function neg<T extends number>(a: v128): v128 {
  return v128.neg<T>(a);
}

/** The nearest whole number; of two the even one. */
// @ts-ignore: decorator
@inline export function nearest<T extends number>(a: v128): v128 {
  return v128.nearest<T>(a);
}

// @ts-ignore: decorator
@inline export function ne<T extends number>(a: v128, b: v128): v128 {
  return v128.ne<T>(a, b);
}

// @ts-ignore: decorator
@inline export function le<T extends number>(a: v128, b: v128): v128 {
  return v128.le<T>(a, b);
}

/** Bytes of as many conditions as a vector has lanes. */
// @ts-ignore: decorator
@inline export function CONDITION_BYTES<T extends number>(): usize {
  return 64 / sizeof<T>();
}

/** The mask of the next lanes' conditions; of the first n where n < LANES. Touches no byte behind them. */
// @ts-ignore: decorator
@inline export function loadCondition<T extends number>(ptr: usize, n: i32): v128 {
  if (sizeof<T>() == 4) return i32x4.ne(vloadPart<f32>(ptr, n), zero());
  const pair = n >= 2 ? v128.load64_zero(ptr) : v128.load32_zero(ptr);
  return i64x2.extend_low_i32x4_s(i32x4.ne(pair, zero()));
}

/** Stores 1 where the mask is set, else 0; of the first n lanes where n < LANES. */
// @ts-ignore: decorator
@inline export function storeCondition<T extends number>(ptr: usize, mask: v128, n: i32): void {
  const one = and(mask, splatBits<T>(1));
  if (sizeof<T>() == 4) vstorePart<f32>(ptr, one, n);
  else if (n >= 2) v128.store_lane<f64>(ptr, i32x4.shuffle(one, one, 0, 2, 0, 2), 0);
  else vstorePart<f32>(ptr, one, n);
}

/** The word at ptr in all four lanes. */
// @ts-ignore: decorator
@inline export function loadSplat32(ptr: usize): v128 {
  return loadSplat<f32>(ptr);
}

/** 0, 1, 2, 3. */
// @ts-ignore: decorator
@inline export function lanes32(): v128 {
  return i32x4(0, 1, 2, 3);
}

// @ts-ignore: decorator
@inline export function splat32(x: u32): v128 {
  return i32x4.splat(x);
}

// @ts-ignore: decorator
@inline export function add32(a: v128, b: v128): v128 {
  return i32x4.add(a, b);
}

/** The lower halves of the products. */
// @ts-ignore: decorator
@inline export function mul32(a: v128, b: v128): v128 {
  return i32x4.mul(a, b);
}

// @ts-ignore: decorator
@inline export function shr32(a: v128, n: i32): v128 {
  return i32x4.shr_u(a, n);
}

// @ts-ignore: decorator
@inline export function xor(a: v128, b: v128): v128 {
  return v128.xor(a, b);
}

/** Whether a ≥ b, of lanes without a sign: of the first LANES<T>(), as a mask of T's. */
// @ts-ignore: decorator
@inline export function notBelow<T extends number>(a: v128, b: v128): v128 {
  const mask = i32x4.ge_u(a, b);
  if (sizeof<T>() == 4) return mask;
  return i64x2.extend_low_i32x4_s(mask);
}
