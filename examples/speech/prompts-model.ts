/** From sound to letters: two GRUs that read it both ways, and a score for each letter every 30 ms. */
import { Dense, GRU, type Runtime, Sequential } from "wasm-rnn";
import { FEATURES } from "./features.js";
import type { Statistics } from "./front-end.js";

/** What is written; the blank of CTC is before them all. */
export const ALPHABET = [..."abcdefghijklmnopqrstuvwxyz' "];

export interface TranscriberOptions {
  readonly hidden: number;
  readonly statistics: Statistics;
}

/** [steps, FEATURES] to logits [steps, 1 + letters]. */
export class Transcriber extends Sequential {
  readonly statistics: Statistics;

  constructor(rt: Runtime, options: TranscriberOptions) {
    const { hidden, statistics } = options;
    const layers = {
      lower: new GRU(rt, { inputSize: FEATURES, hiddenSize: hidden, bidirectional: true }),
      upper: new GRU(rt, { inputSize: 2 * hidden, hiddenSize: hidden, bidirectional: true }),
      letters: new Dense(rt, { inputSize: 2 * hidden, outputSize: 1 + ALPHABET.length }),
    };
    super(rt, layers, options);
    this.statistics = statistics;
  }
}

export function labelsOf(text: string): Int32Array {
  return Int32Array.from(text, (letter) => 1 + ALPHABET.indexOf(letter));
}

export function textOf(labels: readonly number[]): string {
  return labels
    .map((label) => ALPHABET[label - 1])
    .join("")
    .trim();
}
