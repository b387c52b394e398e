/** Metrics of one's own: a function of one sample, its mean over the samples. */
import { show } from "../checks.js";
import { ArgumentError } from "../errors.js";

/** Numbers of one sample: without padding, and in the units of the data where there is a `targetScaler`. */
export interface SampleArray {
  /** Flat, step after step; classes as whole numbers. */
  readonly data: Float64Array<ArrayBuffer>;
  /** Without the axis of the batch: [steps, …] of what is predicted for every step. A class alone is []. */
  readonly shape: readonly number[];
}

/** A number for one sample. */
export type OwnMetric = (prediction: SampleArray, target: SampleArray) => number;

/** @internal By name: the sum over samples, and how many. */
export type OwnState = Record<string, { sum: number; count: number }>;

/** @internal Adds a sample. What the metric throws comes through. @throws {ArgumentError} on what is no number */
export function addOwn(
  state: OwnState,
  [name, metric]: readonly [string, OwnMetric],
  index: number,
  ...sample: [SampleArray, SampleArray]
): void {
  const value: unknown = metric(...sample);
  if (value instanceof Promise) value.catch(() => {}); // the error below says that it is none
  if (typeof value !== "number") throw new ArgumentError(`metrics.${name} of sample ${index}`, "a number", show(value));
  const { sum, count } = keptOf(state, name);
  state[name] = { sum: sum + value, count: count + 1 };
}

/** @internal NaN where nothing counted. */
export function ownMeans(state: OwnState, metrics: readonly (readonly [string, OwnMetric])[]): Record<string, number> {
  return Object.fromEntries(
    metrics.map(([name]) => {
      const { sum, count } = keptOf(state, name);
      return [name, sum / count];
    }),
  );
}

function keptOf(state: OwnState, name: string): { sum: number; count: number } {
  return (Object.hasOwn(state, name) ? state[name] : undefined) ?? { sum: 0, count: 0 };
}
