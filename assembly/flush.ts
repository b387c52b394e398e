/** Where subnormal numbers are cut off. Wasm cannot flush them, and they cost fifty times a normal operation: docs/numerics.md. */
import { abs, andnot, loadSplat, lt, mul } from "./vec";

// The bounds of flush and flushedSquare, as bits; in memory for the reason that constants.ts gives.
const LEAST_SINGLE = memory.data<u32>([(127 - 100) << 23, (127 - 50) << 23]);
const LEAST_DOUBLE = memory.data<u64>([(1023 - 900) << 52, (1023 - 450) << 52]);

// @ts-ignore: decorator
@inline function cut<T extends number>(x: v128, bound: i32): v128 {
  const least = sizeof<T>() == 4 ? LEAST_SINGLE : LEAST_DOUBLE;
  return andnot(x, lt<T>(abs<T>(x), loadSplat<T>(least, bound)));
}

/**
 * Zero where |x| is below 2⁻¹⁰⁰ (f32) or 2⁻⁹⁰⁰ (f64), else x; NaN stays NaN. Wasm cannot flush subnormals; gradients that
 * vanish over time are cut here, so that their products with weights stay normal too. Why and how: docs/numerics.md.
 */
// @ts-ignore: decorator
@inline export function flush<T extends number>(x: v128): v128 {
  return cut<T>(x, 0);
}

/** flush for the square: x², or zero where it would be below flush's bound. */
// @ts-ignore: decorator
@inline export function flushedSquare<T extends number>(x: v128): v128 {
  const r = cut<T>(x, 1);
  return mul<T>(r, r);
}
