/** chrF: how many runs of characters a translation and its reference share. */
import { checkNumber, checkOptions, checkPositive } from "../checks.js";
import { DECODE_OPTIONS, decoderOf } from "./decoding.js";
import { type SequenceMetric, sequenceMetric } from "./metric.js";
import { ngramsOf, overlap } from "./ngrams.js";
import { checkText, type TextOptions } from "./text.js";
import { numbered, type ReferencePair, type Token } from "./tokens.js";

/** Options of `chrf`. */
export interface ChrfOptions extends TextOptions {
  /** Longest n-grams. Default 6. */
  order?: number;
  /** How much more recall weighs than precision. Default 3; chrF2 is that of 2. */
  beta?: number;
}

/** Of all pairs together. */
export interface Chrf {
  /** In 0 … 1. */
  chrf: number;
  pairs: number;
}

/** More would be a mistake. */
const MOST_ORDER = 100;
const MOST_BETA = 1e6;

/**
 * chrF, the mean over pairs, and over n = 1 … N, of the F-score of character n-grams, as NLTK's `corpus_chrf`. With precision P and recall R of the
 * n-grams of one pair:
 *
 * F = (1 + β²) P R/(β² P + R), and 0 where they share none
 *
 * Characters are Unicode code points, white space left out. A list's strings give theirs, and each of its numbers is one. In `fit` each token
 * is a character, or each code point of `text`.
 *
 * @throws {ArgumentError}
 * @example
 * chrf().of([{ reference: "the cat is on the mat", hypothesis: "the cat sat on the mat" }]).chrf;
 *
 * Source: Popović 2015, aclanthology.org/W15-3049
 */
export function chrf(options: ChrfOptions = {}): SequenceMetric<ReferencePair, Chrf> {
  const given = checkOptions(options, [...DECODE_OPTIONS, "text", "order", "beta"]);
  const { order = 6, beta = 3 } = given;
  const N = checkPositive("order", order, MOST_ORDER);
  const weight = checkNumber("beta", beta, 0, MOST_BETA) ** 2;
  const text = checkText(given.text);
  return sequenceMetric({
    ...{ places: 2, several: false, cut: (text) => [text], decoder: decoderOf(given) },
    units: (tokens) => (text ? [text(tokens)] : tokens),
    tally: (hypothesis, [reference = []]) => [score(lettersOf(reference), lettersOf(hypothesis), N, weight), 1],
    report: ({ 0: sum = 0, 1: pairs = 0 }) => ({ chrf: sum / pairs, pairs }),
    figure: (report) => report.chrf,
  });
}

function lettersOf(tokens: readonly Token[]): Token[] {
  return tokens.flatMap((token): Token[] => (typeof token === "string" ? [...token.replace(/\s+/g, "")] : [token]));
}

/** @param weight β² */
function score(reference: readonly Token[], hypothesis: readonly Token[], N: number, weight: number): number {
  const [truth = [], said = []] = numbered([reference, hypothesis]);
  let sum = 0;
  for (let n = 1; n <= N; n++) {
    const shared = overlap(ngramsOf(said, n), ngramsOf(truth, n));
    if (shared === 0) continue;
    const [precision, recall] = [shared / (said.length - n + 1), shared / (truth.length - n + 1)];
    sum += ((1 + weight) * precision * recall) / (weight * precision + recall);
  }
  return sum / N;
}
