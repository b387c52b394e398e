/**
 * Cumulative sums along one axis of [outer,R,inner], from its beginning or, for the gradient, from its end.
 *
 *   y_r = Σ_{s ≤ r} x_s       (1)
 *   dx_r = Σ_{s ≥ r} dy_s     (2)
 *
 * Summed in f64 and rounded once an element, as in PyTorch. Rows go two elements at a time, one addition a pair in the chain:
 *   (a, a + b) + carry;  carry += a + b                        (3)
 * An element's bits depend on those before it, not on what follows.
 */
import { add, bytes, zero } from "../vec";
import { loadPairPart, pairBytes, shiftPair, storePairPart, swapPair } from "../vec_wide";

/** (1) of a row, by (3). */
function sumAlong<T extends number>(y: usize, x: usize, R: i32): void {
  let carry = zero();
  for (; R > 0; R -= 2, x += pairBytes<T>(), y += pairBytes<T>()) {
    const v = loadPairPart<T>(x, R);
    storePairPart<T>(y, add<f64>(carry, add<f64>(v, shiftPair(v))), R);
    carry = add<f64>(carry, add<f64>(v, swapPair(v)));
  }
}

/** (2) of a row, by (3) from its end. */
function sumBack<T extends number>(dx: usize, dy: usize, R: i32): void {
  let carry = zero();
  dx += bytes<T>(R);
  dy += bytes<T>(R);
  for (; R >= 2; R -= 2) {
    dx -= pairBytes<T>();
    dy -= pairBytes<T>();
    const v = swapPair(loadPairPart<T>(dy, 2));
    storePairPart<T>(dx, swapPair(add<f64>(carry, add<f64>(v, shiftPair(v)))), 2);
    carry = add<f64>(carry, add<f64>(v, swapPair(v)));
  }
  if (R > 0) storePairPart<T>(dx - sizeof<T>(), add<f64>(carry, loadPairPart<T>(dy - sizeof<T>(), 1)), 1);
}

/** Two pairs of columns, or the first n columns; rows `step` bytes apart, of either sign. */
function sumDown<T extends number>(y: usize, x: usize, step: usize, R: i32, n: i32): void {
  let a = zero(), b = zero();
  for (; R > 0; --R, x += step, y += step) {
    a = add<f64>(a, loadPairPart<T>(x, n));
    storePairPart<T>(y, a, n);
    if (n > 2) {
      b = add<f64>(b, loadPairPart<T>(x + pairBytes<T>(), n - 2));
      storePairPart<T>(y + pairBytes<T>(), b, n - 2);
    }
  }
}

/**
 * (1); with `back` (2).
 *
 * @param y  out [outer,R,inner]
 * @param x  in  [outer,R,inner]
 */
export function cumulativeSum<T extends number>(y: usize, x: usize, outer: i32, R: i32, inner: i32, back: i32): void {
  const step = bytes<T>(inner), block = usize(R) * step, first = back ? block - step : 0;
  for (let o = 0; o < outer; ++o, x += block, y += block) {
    if (inner == 1) {
      if (back) sumBack<T>(y, x, R);
      else sumAlong<T>(y, x, R);
      continue;
    }
    for (let n = inner, at = first; n > 0; n -= 4, at += 2 * pairBytes<T>()) sumDown<T>(y + at, x + at, back ? 0 - step : step, R, n);
  }
}
