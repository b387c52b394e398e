/** Windows over a series: what is seen, and what comes after it. */
import { windows } from "wasm-rnn";
import type { Scaled } from "./scale";

export interface Sample {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

export interface Samples {
  readonly learned: Sample[];
  readonly watched: Sample[];
  /** What is seen before each of the rows that are tested, and before those that have not come yet. */
  readonly tested: Float32Array[];
  readonly future: Float32Array[];
}

/** Each sample is of the part that its target is in; where the target was never measured, nothing is learned or watched. */
export function samplesOf({ data, series }: Scaled): Samples {
  const { truth, watched, tested, names } = series;
  const { length, ahead } = series.choice;
  const F = names.length;
  const reach = length + ahead - 1;
  const targets = Float32Array.from(truth, (_, row) => data[row * F] as number);
  const samples: Samples = { learned: [], watched: [], tested: [], future: [] };
  // numbers in a row, F of them a step: flat samples, which are views of one copy and travel fast
  for (const [i, { x }] of windows(data, { length: length * F, horizon: ahead * F, stride: F }).entries()) {
    const row = i + reach;
    if (row >= tested) samples.tested.push(x as Float32Array);
    else if (!Number.isNaN(truth[row]))
      samples[row < watched ? "learned" : "watched"].push({ x: x as Float32Array, y: targets.subarray(row, row + 1) });
  }
  for (let end = truth.length - ahead + 1; end <= truth.length; end++) samples.future.push(data.slice((end - length) * F, end * F));
  return samples;
}
