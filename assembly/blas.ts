/** Vectors: norms, scaling, sums. Bound by memory: one pass each. */
import { add, LANES, mul, splat, VEC_BYTES, vload, vloadPart, vstore, vstorePart } from "./vec";

/**
 * Σ x². Summed in f64 for both types: a gradient of 1e20 must not overflow the square of its norm.
 *
 * @param x  in [n]
 */
export function sumSquares<T extends number>(x: usize, n: i32): f64 {
  let s0: f64 = 0, s1: f64 = 0, s2: f64 = 0, s3: f64 = 0;
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    s0 += square<T>(x);
    s1 += square<T>(x + sizeof<T>());
    s2 += square<T>(x + 2 * sizeof<T>());
    s3 += square<T>(x + 3 * sizeof<T>());
    x += 4 * sizeof<T>();
  }
  for (; i < n; ++i, x += sizeof<T>()) s0 += square<T>(x);
  return s0 + s1 + (s2 + s3);
}

// @ts-ignore: decorator
@inline function square<T extends number>(x: usize): f64 {
  const v = <f64>load<T>(x);
  return v * v;
}

/**
 * x ← s·x.
 *
 * @param x  inout [n]
 */
export function scale<T extends number>(x: usize, n: i32, s: f64): void {
  const factor = splat<T>(<T>s);
  for (; n >= LANES<T>(); n -= LANES<T>(), x += VEC_BYTES) vstore<T>(x, mul<T>(factor, vload<T>(x)));
  vstorePart<T>(x, mul<T>(factor, vloadPart<T>(x, n)), n);
}

/**
 * y ← y + x.
 *
 * @param y  +=  [n]
 * @param x  in  [n]
 */
export function addTo<T extends number>(y: usize, x: usize, n: i32): void {
  for (; n >= LANES<T>(); n -= LANES<T>(), x += VEC_BYTES, y += VEC_BYTES) vstore<T>(y, add<T>(vload<T>(y), vload<T>(x)));
  vstorePart<T>(y, add<T>(vloadPart<T>(y, n), vloadPart<T>(x, n)), n);
}
