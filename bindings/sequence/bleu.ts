/** BLEU: how many n-grams of a translation are in one of its references. */
import { checkOneOf, checkOptions, checkPositive } from "../checks.js";
import { DECODE_OPTIONS, decoderOf } from "./decoding.js";
import { type SequenceMetric, sequenceMetric } from "./metric.js";
import { ngramsOf, overlap } from "./ngrams.js";
import { checkText, type TextOptions } from "./text.js";
import { numbered, type Token, type Tokens, wordsOf } from "./tokens.js";

/** A translation, and one or more that are right. */
export interface Translation {
  references: readonly Tokens[];
  hypothesis: Tokens;
}

const SMOOTHINGS = ["none", "epsilon", "add-one", "halving"] as const;

/** Options of `bleu`. */
export interface BleuOptions extends TextOptions {
  /** Longest n-grams. Default 4. */
  order?: number;
  /**
   * Where n-grams of a length have no match, the product is 0. `"epsilon"`: 0.1 matches then; `"add-one"`: one match and one n-gram more of each length but the
   * first; `"halving"`: ½, ¼ … matches for the first such length, the second … (NIST). In NLTK method1, method2 and method3. Default `"none"`.
   */
  smoothing?: "none" | "epsilon" | "add-one" | "halving";
}

/** Of all pairs together. */
export interface Bleu {
  /** In 0 … 1. */
  bleu: number;
  /** By length of the n-grams, smoothed. */
  precisions: number[];
  brevityPenalty: number;
  /** Tokens of the hypotheses. */
  hypothesisLength: number;
  /** Tokens of the references, of each pair's the one nearest in length. */
  referenceLength: number;
}

/** More would be a mistake: sentences are hardly longer. */
const MOST_ORDER = 100;

/**
 * Corpus BLEU, without a tokeniser: the tokens of a text stand between white space, of a list each item is one. With matches mₙ, each n-gram counted as
 * often as in the reference that has it most, and lₙ n-grams in all, over all pairs:
 *
 * BLEU = BP · exp(1/N Σ log pₙ),  pₙ = mₙ/lₙ,  BP = min(1, exp(1 − r/c))
 *
 * c tokens are in the hypotheses, r in the references nearest in length, the shorter of two as near. Where no token matches it is 0. In `fit` a
 * target is the one reference; each token counts, or each word of `text`.
 *
 * @throws {ArgumentError}
 * @example
 * const { bleu: score } = bleu().of([{ references: ["the cat is on the mat"], hypothesis: "the cat sat on the mat" }]);
 *
 * Source: Papineni et al. 2002, aclanthology.org/P02-1040; smoothing: Chen and Cherry 2014, aclanthology.org/W14-3346
 */
export function bleu(options: BleuOptions = {}): SequenceMetric<Translation, Bleu> {
  const given = checkOptions(options, [...DECODE_OPTIONS, "text", "order", "smoothing"]);
  const { order = 4, smoothing = "none" } = given;
  const N = checkPositive("order", order, MOST_ORDER);
  checkOneOf("smoothing", smoothing, SMOOTHINGS);
  const text = checkText(given.text);
  return sequenceMetric({
    ...{ places: 2 * N + 2, several: true, cut: wordsOf, decoder: decoderOf(given) },
    units: (tokens) => (text ? wordsOf(text(tokens)) : tokens),
    tally: (hypothesis, references) => tally(hypothesis, references, N),
    report: (sums) => {
      const numbers = Array.from(sums);
      const [c, r] = numbers.slice(2 * N) as [number, number];
      const precisions = smoothed(numbers.slice(0, N), numbers.slice(N, 2 * N), smoothing);
      const brevityPenalty = c > r ? 1 : c === 0 ? 0 : Math.exp(1 - r / c);
      const mean = precisions.reduce((sum, p) => sum + Math.log(p), 0) / N;
      const score = numbers[0] === 0 ? 0 : brevityPenalty * Math.exp(mean);
      return { bleu: score, precisions, brevityPenalty, hypothesisLength: c, referenceLength: r };
    },
    figure: (report) => report.bleu,
  });
}

/** [m₁ … m_N, l₁ … l_N, c, r] */
function tally(hypothesis: readonly Token[], references: readonly (readonly Token[])[], N: number): number[] {
  const [said = [], ...truths] = numbered([hypothesis, ...references]);
  const [matches, all]: [number[], number[]] = [[], []];
  for (let n = 1; n <= N; n++) {
    const most = new Map<string, number>();
    for (const truth of truths) for (const [ngram, count] of ngramsOf(truth, n)) most.set(ngram, Math.max(count, most.get(ngram) ?? 0));
    matches.push(overlap(ngramsOf(said, n), most));
    all.push(Math.max(0, said.length - n + 1));
  }
  const c = said.length;
  const [r = 0] = truths.map(({ length }) => length).sort((a, b) => Math.abs(a - c) - Math.abs(b - c) || a - b);
  return [...matches, ...all, c, r];
}

/** pₙ. Of no n-grams at all there is one without a match, as in NLTK. */
function smoothed(matches: readonly number[], all: readonly number[], smoothing: BleuOptions["smoothing"]): number[] {
  let half = 1;
  return matches.map((m, i) => {
    const l = Math.max(1, all[i] as number);
    if (smoothing === "add-one" && i > 0) return (m + 1) / (l + 1);
    if (m !== 0 || smoothing === "none" || smoothing === "add-one") return m / l;
    if (smoothing === "epsilon") return 0.1 / l;
    half /= 2;
    return half / l;
  });
}
