/** The LSTM beside what has another memory, or none. */
import { pairedInterval, sumOver } from "../shared/interval.js";
import type { Baseline, Measure, Result } from "../shared/results.js";
import type { Task } from "./data.js";
import type { Kind } from "./model.js";

export interface Row {
  readonly task: Task;
  readonly T: number;
  readonly kind: Kind;
  /** Of each sequence: its error, or the share that is right. */
  readonly results: readonly number[];
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** @param rows of all kinds on each task, at one length, on the same sequences */
export function resultOf(rows: readonly Row[], { seed, seconds }: { seed: number; seconds: number }): Result {
  const ours = rows.filter(({ kind }) => kind === "LSTM");
  const measures = ours.map(({ task, T, results }): Measure => {
    const others = rows.filter((row) => row.task === task && row.kind !== "LSTM");
    const sign = task.better === "higher" ? 1 : -1;
    const better = (theirs: readonly number[]) => (drawn: Int32Array) =>
      (sign * (sumOver(drawn, results) - sumOver(drawn, theirs))) / drawn.length;
    const baselines = others.map(
      ({ kind, results: theirs }): Baseline => ({
        ...{ name: kind, value: meanOf(theirs), interval: pairedInterval(results.length, better(theirs), seed) },
      }),
    );
    return {
      ...{ name: `${task.name}, T = ${T}: ${task.measure}`, unit: "", digits: 4, better: task.better, value: meanOf(results) },
      baselines: [...baselines, { name: task.naive.replace(/:.*/, ""), value: task.naiveValue }],
    };
  });
  return { example: "long-memory", data: "made: adding, copy", split: "sequences drawn anew", seed, seconds, measures };
}
