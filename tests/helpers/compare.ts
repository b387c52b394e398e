import { expect } from "vitest";
import type { FloatType } from "../../bindings/index.js";
import { centralDifference } from "../reference/finite.js";

export function norm(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ** 2;
  return Math.sqrt(sum);
}

export function inner(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new RangeError(`${a.length} against ${b.length} numbers`);
  let sum = 0;
  for (let i = 0; i < b.length; i++) sum += a[i] * b[i];
  return sum;
}

/** ‖actual − expected‖ / ‖expected‖, or the plain distance where the norm is zero. NaN where a number is. */
function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  const difference = Float64Array.from(expected, (value, i) => actual[i] - value);
  return norm(difference) / (norm(expected) || 1);
}

/** Half the distance from 1 to the next number. */
const UNIT: Record<FloatType, number> = { f32: 2 ** -24, f64: 2 ** -53 };

/**
 * What rounding may leave in an element that is small because its summands cancel: the summands are of `size`, each is off by a rounding or a
 * few, and the errors, having either sign, grow with the root of their number (measured over the suite, greatest: 6 units; 32 leaves room
 * for the random shapes of other days).
 */
export function roundoff(dtype: FloatType, size: number): number {
  return 32 * UNIT[dtype] * size;
}

/** The greatest absolute value: the size of the summands of its neighbours, which are sums of the same kind. */
export function greatest(values: ArrayLike<number>): number {
  let size = 0;
  for (let i = 0; i < values.length; i++) size = Math.max(size, Math.abs(values[i]));
  return size;
}

const typeOf = (values: ArrayLike<number>): FloatType => (values instanceof Float32Array ? "f32" : "f64");

/** |a − b| ≤ rtol·|b| + atol for every element. NaN fails. */
export function expectEach(name: string, actual: ArrayLike<number>, expected: ArrayLike<number>, rtol: number, atol: number): void {
  expect(actual.length, name).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const bound = rtol * Math.abs(expected[i]) + atol;
    if (!(Math.abs(actual[i] - expected[i]) <= bound)) {
      expect.fail(`${name}[${i}]: expected ${expected[i]} ± ${bound.toExponential(1)}, got ${actual[i]}`);
    }
  }
}

/**
 * Agreement within a tolerance of the expected tensor's norm, and element by element within the same tolerance of the element's own size,
 * up to what rounding leaves of the summands.
 *
 * @param atol by default of sums in the dtype of `actual` (f64 for plain numbers), of the size of the tensor's greatest element
 */
export function expectClose(
  name: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  atol = roundoff(typeOf(actual), greatest(expected)),
): void {
  expectEach(name, actual, expected, tolerance, atol);
  expect(distance(actual, expected), name).toBeLessThanOrEqual(tolerance);
}

/**
 * Agreement of sums over summands of size 1, taken in another order: where the summands cancel the sum is small and the error is theirs,
 * so the tolerance is of the norm that one summand an element would have, at least; element by element as expectClose.
 */
export function expectSum(
  name: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  dtype: FloatType = typeOf(actual),
): void {
  expectEach(name, actual, expected, tolerance, roundoff(dtype, Math.max(1, greatest(expected))));
  const difference = norm(Float64Array.from(expected, (value, i) => actual[i] - value));
  expect(difference, name).toBeLessThanOrEqual(tolerance * (norm(expected) + Math.sqrt(expected.length)));
}

/** Agreement bit for bit: zeros of either sign differ, NaN equals NaN. */
export function expectBits(name: string, actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length, name).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    if (!Object.is(actual[i], expected[i])) expect.fail(`${name}[${i}]: expected ${expected[i]}, got ${actual[i]}`);
  }
}

/**
 * The analytic gradient agrees with central differences, element by element: within four times the noise that the difference states of
 * itself, which must be small enough for that to mean something.
 */
export function expectGradient(name: string, analytic: ArrayLike<number>, f: (x: Float64Array) => number, at: ArrayLike<number>): void {
  const { gradient, noise } = centralDifference(f, at);
  expect(analytic.length, name).toBe(gradient.length);
  const limit = 1e-7 * Math.max(1, norm(gradient));
  for (let i = 0; i < gradient.length; i++) {
    expect(noise[i], `${name}[${i}]: noise of the difference`).toBeLessThanOrEqual(limit);
    expect(Math.abs(analytic[i] - gradient[i]), `${name}[${i}]`).toBeLessThanOrEqual(4 * noise[i]);
  }
}

/** Numbers in [−1, 1) that f32 can represent, from a generator of the tests' own (mulberry32). */
export function draws(seed: number): (count: number, scale?: number) => Float64Array {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
  return (count, scale = 1) => Float64Array.from({ length: count }, () => Math.fround(next() * scale));
}
