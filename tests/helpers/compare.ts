import { expect } from "vitest";
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
export function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  const difference = Float64Array.from(expected, (value, i) => actual[i] - value);
  return norm(difference) / (norm(expected) || 1);
}

/** Agreement within a tolerance of the expected tensor's norm. */
export function expectClose(name: string, actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(distance(actual, expected), name).toBeLessThanOrEqual(tolerance); // NaN fails
}

/**
 * Agreement of sums over summands of size 1, taken in another order: where the summands cancel the sum is small and the error is theirs,
 * so the tolerance is of the norm that one summand an element would have, at least.
 */
export function expectSum(name: string, actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length, name).toBe(expected.length);
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
 * The analytic gradient agrees with central differences: 1e-7 of the tensor's norm, plus four times the noise that the differences
 * state of themselves, which must be small enough for that to mean something.
 */
export function expectGradient(name: string, analytic: ArrayLike<number>, f: (x: Float64Array) => number, at: ArrayLike<number>): void {
  const { gradient, noise } = centralDifference(f, at);
  const size = norm(gradient);
  expect(norm(noise), `${name}: noise of the difference`).toBeLessThanOrEqual(1e-7 * Math.max(1, size));
  expect(analytic.length, name).toBe(gradient.length);
  const error = norm(gradient.map((value, i) => analytic[i] - value));
  expect(error, name).toBeLessThanOrEqual(1e-7 * size + 4 * norm(noise));
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
