/** BLEU and chrF of a system, and how much better one is than another on pages drawn anew. Both times 100, as they are written in papers. */
import { bleu, chrf } from "wasm-rnn/sequence";
import { pairedInterval, sumOver } from "../shared/interval.js";
import type { HelpPair } from "./help.js";

/** Longest n-grams of BLEU. */
const ORDER = 4;

/** What adds up, page by page. */
export interface Sums {
  /** For each page. */
  readonly chrf: Float64Array;
  readonly sentences: Float64Array;
  /** For each number that BLEU is made of, for each page. */
  readonly bleu: readonly Float64Array[];
}

/** @param said a translation of each pair's English */
export function sumsOf(pairs: readonly HelpPair[], said: readonly string[]): Sums {
  const pages = [...new Set(pairs.map(({ page }) => page))];
  const number = new Map(pages.map((page, i) => [page, i]));
  const zeros = () => new Float64Array(pages.length);
  const sums = { chrf: zeros(), sentences: zeros(), bleu: Array.from({ length: 2 * ORDER + 2 }, zeros) };
  for (const [i, { de, page }] of pairs.entries()) {
    const p = number.get(page) as number;
    const hypothesis = said[i] as string;
    (sums.chrf[p] as number) += chrf().of([{ reference: de, hypothesis }]).chrf;
    (sums.sentences[p] as number) += 1;
    for (const [k, value] of bleuSums(de, hypothesis).entries()) ((sums.bleu[k] as Float64Array)[p] as number) += value;
  }
  return sums;
}

/** As the metric adds them up: matches and n-grams of each length, tokens said and tokens of the reference. */
function bleuSums(reference: string, hypothesis: string): number[] {
  const one = bleu({ order: ORDER }).of([{ references: [spaced(reference)], hypothesis: spaced(hypothesis) }]);
  const all = one.precisions.map((_, n) => Math.max(0, one.hypothesisLength - n));
  const matches = one.precisions.map((precision, n) => Math.round(precision * (all[n] as number)));
  return [...matches, ...all, one.hypothesisLength, one.referenceLength];
}

/** Signs stand by themselves, as in sacreBLEU's tokens (13a), or else a word at the end of a sentence would be another one. */
export function spaced(text: string): string {
  return text
    .replace(/[^\p{L}\p{N}\s'’-]/gu, " $& ")
    .replace(/\s+/g, " ")
    .trim();
}

export const MEASURES = { chrF: chrfOf, BLEU: bleuOf } as const;

function chrfOf(sums: Sums, pages: Int32Array): number {
  return (100 * sumOver(pages, sums.chrf)) / sumOver(pages, sums.sentences);
}

function bleuOf({ bleu: numbers }: Sums, pages: Int32Array): number {
  return 100 * bleu({ order: ORDER }).value(numbers.map((each) => sumOver(pages, each)));
}

/** On all pages. */
export function scoreOf(measure: keyof typeof MEASURES, sums: Sums): number {
  return MEASURES[measure](sums, Int32Array.from(sums.chrf.keys()));
}

/** How much better `a` is than `b`, the middle 95 %. */
export function intervalOf(measure: keyof typeof MEASURES, a: Sums, b: Sums, seed: number): [number, number] {
  const score = MEASURES[measure];
  return pairedInterval(a.chrf.length, (pages) => score(a, pages) - score(b, pages), seed);
}
