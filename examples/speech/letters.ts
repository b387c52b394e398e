/** How likely a letter is behind others, by counting in what was read for training: what the beam search asks beside the network. */
import { NgramModel } from "../char-lstm/ngram.js";
import { ALPHABET, labelsOf } from "./prompts-model.js";

/** Letters that are looked at, the last one with them. */
const ORDER = 6;
/** Where a text begins; the search's blank, which is never a letter. */
const BEGIN = 0;

export type Score = (prefix: readonly number[], label: number) => number;

/** @param weight of the logarithm of the probability @param bonus of each letter, against a search that likes few */
export function letterScore(texts: readonly string[], weight: number, bonus: number): Score {
  const model = new NgramModel(Int32Array.from(texts.flatMap((text) => [BEGIN, ...labelsOf(text)])), ORDER, 1 + ALPHABET.length);
  const known = new Map<string, number>();
  return (prefix, label) => {
    const recent = [BEGIN, ...prefix, label].slice(-ORDER);
    const key = recent.join(" ");
    const score = known.get(key) ?? weight * Math.log(model.probability(recent, recent.length - 1, ORDER)) + bonus;
    known.set(key, score);
    return score;
  };
}
