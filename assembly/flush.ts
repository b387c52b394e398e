/** Where subnormal numbers are cut off. Wasm cannot flush them, and they cost fifty times a normal operation: docs/numerics.md. */
import { abs, andnot, loadSplat, lt, splat } from "./vec";

// The bound of flush as bits, in memory for the reason that constants.ts gives.
const LEAST_SINGLE = memory.data<u32>([(127 - 100) << 23]);
const LEAST_DOUBLE = memory.data<u64>([(1023 - 900) << 52]);

/** Zero where |x| is below a bound, else x; NaN stays NaN. */
// @ts-ignore: decorator
@inline export function cut<T extends number>(x: v128, bound: v128): v128 {
  return andnot(x, lt<T>(abs<T>(x), bound));
}

/**
 * Zero where |x| is below 2⁻¹⁰⁰ (f32) or 2⁻⁹⁰⁰ (f64), else x; NaN stays NaN. Gradients that vanish over time are cut here, so that
 * their products with weights stay normal too. Why and how: docs/numerics.md.
 */
// @ts-ignore: decorator
@inline export function flush<T extends number>(x: v128): v128 {
  return cut<T>(x, loadSplat<T>(sizeof<T>() == 4 ? LEAST_SINGLE : LEAST_DOUBLE));
}

/** flush of T's bound, for a pair in f64 that will be stored as T. */
// @ts-ignore: decorator
@inline export function flushPair<T extends number>(x: v128): v128 {
  return cut<f64>(x, splat<f64>(sizeof<T>() == 4 ? 7.888609052210118e-31 : 1.1830521861667747e-271));
}
