/** Metrics of one's own: a function of one sample, its mean over the samples; or numbers of one sample, and what their sums make. */
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

/**
 * A metric of all samples together, which is no mean over them, as an error rate, F1 and BLEU are: the numbers of each sample are added up place
 * by place, and the sums make the metric. A checkpoint keeps the sums.
 *
 * @example
 * // The error of all numbers, where a mean over samples would weigh those of a short sample more than those of a long one.
 * const bias = {
 *   count: ({ data }, target) => [data.reduce((sum, z, i) => sum + z - target.data[i], 0), data.length],
 *   value: ([sum, count]) => sum / count,
 * };
 * await evaluate(model, { data, loss, metrics: [{ bias }] });
 */
export interface CorpusMetric {
  /** Numbers of one sample, as many of each. */
  count(prediction: SampleArray, target: SampleArray): readonly number[];
  /** The metric, of the sums. It is not asked where nothing counted: that is NaN. */
  value(sums: readonly number[]): number;
}

/** @internal A metric by its name. */
export type Own = readonly [name: string, count: CorpusMetric["count"], value: CorpusMetric["value"]];

/** @internal Of a function: its values and how many they are have two sums. */
export const meanOf = (metric: OwnMetric): CorpusMetric => ({
  count: (...sample) => [metric(...sample), 1],
  value: ([sum, count]) => (sum as number) / (count as number),
});

/** @internal By name: the sums over samples. */
export type OwnState = Record<string, number[]>;

/** @internal Adds a sample. What the metric throws comes through. @throws {ArgumentError} on what is no number, and on another count of them */
export function addOwn(state: OwnState, [name, count]: Own, index: number, ...sample: [SampleArray, SampleArray]): void {
  const numbers: unknown[] = [count(...sample)].flat();
  const where = `metrics.${name} of sample ${index}`;
  const sums = state[name] ?? numbers.map(() => 0);
  if (numbers.length !== sums.length) throw new ArgumentError(where, `${sums.length} numbers`, `${numbers.length}`);
  state[name] = sums.map((sum, i) => sum + numberOf(where, numbers[i]));
}

/** @internal NaN where nothing counted. What a metric throws comes through. @throws {ArgumentError} on what is no number */
export function ownValues(state: OwnState, metrics: readonly Own[]): Record<string, number> {
  return Object.fromEntries(
    metrics.map(([name, , value]) => {
      const sums = state[name];
      return [name, sums ? numberOf(`metrics.${name}`, value([...sums])) : Number.NaN];
    }),
  );
}

function numberOf(argument: string, got: unknown): number {
  if (got instanceof Promise) got.catch(() => {}); // the error below says that it is none
  if (typeof got !== "number") throw new ArgumentError(argument, "a number", show(got));
  return got;
}
