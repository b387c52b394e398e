/** What was said beside what a dictionary says, word by word, and how sure a difference is. */
import { editDistance } from "wasm-rnn/sequence";
import { pairedInterval, sumOver } from "../shared/interval.js";
import type { Word } from "./data.js";
import { familyOf } from "./family.js";

/** Of one word, against the nearest of the ways it is said: right is one of them, and nothing else. */
export interface Score {
  readonly edits: number;
  readonly phones: number;
}

export function scoreOf(word: Word, phones: readonly number[]): Score {
  const way = nearest(word, phones);
  return { edits: editDistance(way, phones).distance, phones: way.length };
}

/** Of the ways a word is said the one with the fewest edits. */
export function nearest({ said }: Word, phones: readonly number[]): readonly number[] {
  const edits = said.map((way) => editDistance(way, phones).distance);
  return said[edits.indexOf(Math.min(...edits))] as readonly number[];
}

/** A rate is a sum over words divided by another one. */
export interface Rate {
  readonly name: string;
  above(score: Score): number;
  below(score: Score): number;
}

export const WORD_ERRORS: Rate = { name: "word error rate", above: ({ edits }) => Number(edits > 0), below: () => 1 };
export const PHONE_ERRORS: Rate = { name: "phone error rate", above: ({ edits }) => edits, below: ({ phones }) => phones };

/** In percent. */
export function rateOf(scores: readonly Score[], { above, below }: Rate): number {
  const sum = (of: (score: Score) => number) => scores.reduce((total, score) => total + of(score), 0);
  return (100 * sum(above)) / sum(below);
}

/** How much greater the rate of others is than ours, in points: the middle 95 % over families drawn anew, their words not being independent witnesses. */
export function intervalOf(
  words: readonly Word[],
  ours: readonly Score[],
  others: readonly Score[],
  rate: Rate,
  seed: number,
): [number, number] {
  const places = new Map<string, number>();
  const family = words.map(({ spelling }) => {
    const name = familyOf(spelling);
    const place = places.get(name) ?? places.size;
    places.set(name, place);
    return place;
  });
  const sums = (scores: readonly Score[], of: (score: Score) => number) => {
    const values = new Float64Array(places.size);
    for (const [w, score] of scores.entries()) (values[family[w] as number] as number) += of(score);
    return values;
  };
  const [a, n, b, m] = [sums(ours, rate.above), sums(ours, rate.below), sums(others, rate.above), sums(others, rate.below)];
  const share = (drawn: Int32Array, above: Float64Array, below: Float64Array) => (100 * sumOver(drawn, above)) / sumOver(drawn, below);
  return pairedInterval(places.size, (drawn) => share(drawn, b, m) - share(drawn, a, n), seed);
}
