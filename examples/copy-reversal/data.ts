/** Sequences of random symbols, to be said again: as they are, or backwards. */
import type { Generator } from "wasm-rnn";
import type { Pair } from "wasm-rnn/sequence";

export const TASKS = ["copy", "reverse"] as const;
export type Task = (typeof TASKS)[number];

export interface Sizes {
  readonly symbols: number;
  readonly length: number;
}

/** A sequence and what it should become: tokens 0 … symbols − 1. */
export function draw(task: Task, { symbols, length }: Sizes, generator: Generator): Pair & { source: number[]; target: number[] } {
  const source = Array.from({ length }, () => generator.integer(symbols));
  return { source, target: task === "copy" ? [...source] : source.toReversed() };
}

export interface Score {
  /** Share of tokens that are right where they stand. */
  readonly tokens: number;
  /** Share of sequences that are right as a whole, their end included. */
  readonly sequences: number;
}

/** What was said beside what should have been. */
export function scoreOf(said: readonly (readonly number[])[], wanted: readonly (readonly number[])[]): Score {
  let [right, tokens, whole] = [0, 0, 0];
  for (const [n, target] of wanted.entries()) {
    const own = said[n] as readonly number[];
    const hits = target.filter((token, t) => own[t] === token).length;
    right += hits;
    tokens += target.length;
    whole += Number(hits === target.length && own.length === target.length);
  }
  return { tokens: right / tokens, sequences: whole / wanted.length };
}
