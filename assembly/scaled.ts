/**
 * Numbers ≥ 0 of any size: m·2^e in two places, of the same element type, e a whole number. Products of thousands of probabilities neither vanish
 * nor overflow, and their sums keep the digits of T, without a logarithm: a sum of logarithms near −1000 has an error of 1000 units.
 *
 *   e^x = m·2^e,   e = the integer nearest to x / ln 2                     (1)
 *   Σ_i m_i·2^(e_i) = 2^E·Σ_i m_i·2^(e_i − E),   E = max_i e_i             (2)
 *   m in [1, 4) where a number is stored, or 0                             (3)
 *
 * 0 is m = 0 with an e below that of every other number. What is 2^−bias times the greatest of (2) counts nothing. NaN stays NaN, in m.
 */
import { both, HALF, LN2_HIGH, LN2_LOW, LOG2E, MAGIC_BIASED, ONE, TWO_MANTISSA, TWO_MANTISSA_BIASED } from "./constants";
import { expm1Small, MANTISSA } from "./math";
import { add, and, andnot, loadSplat, lt, mul, nmadd, or, pmax, pmin, select, shlBits, shrBits, splat, sub, vstore, zero } from "./vec";
import { nearest } from "./vec_mask";

// The upper bits of an exponent, as many as make an even number: 2^127 and 2^1023.
const EVEN_SINGLE = memory.data<f32>([1.7014118346046923e38]);
const EVEN_DOUBLE = memory.data<f64>([8.98846567431158e307]);

// @ts-ignore: decorator
@inline function even<T extends number>(): v128 {
  return loadSplat<T>(sizeof<T>() == 4 ? EVEN_SINGLE : EVEN_DOUBLE);
}

/** The exponent of 0: sums of 2^27 of them are finite in f32. */
// @ts-ignore: decorator
@inline export const NONE: f64 = -1.2676506002282294e30; // −2^100

/** Where e^x counts as 0: −2^96. */
// @ts-ignore: decorator
@inline const LEAST: f64 = -7.922816251426434e28;

/** −bias: where 2^d is 0. A kernel has it in a local, for `aligned`. */
// @ts-ignore: decorator
@inline export function lowest<T extends number>(): v128 {
  return sub<T>(both<T>(TWO_MANTISSA), both<T>(TWO_MANTISSA_BIASED));
}

/** (1), stored. |x| beyond the integers of T has no digits for m. */
// @ts-ignore: decorator
@inline export function storeExp<T extends number>(atE: usize, atM: usize, x: v128): void {
  const n = nearest<T>(mul<T>(x, both<T>(LOG2E)));
  const half = both<T>(HALF), none = lt<T>(x, splat<T>(<T>LEAST));
  const r = nmadd<T>(n, both<T>(LN2_LOW), nmadd<T>(n, both<T>(LN2_HIGH), x));
  const m = add<T>(expm1Small<T>(pmax<T>(pmin<T>(r, half), sub<T>(zero(), half))), both<T>(ONE));
  vstore<T>(atE, select(splat<T>(<T>NONE), n, none));
  vstore<T>(atM, andnot(m, none));
}

/** m·2^(e − top): a summand of (2). */
// @ts-ignore: decorator
@inline export function aligned<T extends number>(m: v128, e: v128, top: v128, lowest: v128): v128 {
  const d = pmax<T>(sub<T>(e, top), lowest);
  return mul<T>(m, shlBits<T>(add<T>(d, both<T>(MAGIC_BIASED)), MANTISSA<T>()));
}

/** (3), stored. Half of the exponents of m are taken off by a product, so that 0 and NaN stay what they are. */
// @ts-ignore: decorator
@inline export function storeScaled<T extends number>(atE: usize, atM: usize, m: v128, e: v128): void {
  const exponent = or(shrBits<T>(and(m, even<T>()), MANTISSA<T>()), both<T>(TWO_MANTISSA));
  vstore<T>(atE, add<T>(e, sub<T>(exponent, both<T>(TWO_MANTISSA_BIASED))));
  vstore<T>(atM, mul<T>(m, andnot(even<T>(), m)));
}
