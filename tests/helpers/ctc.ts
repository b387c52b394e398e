import type { draws } from "./compare.js";

/** T steps of C logits against labels. */
export interface CtcCase {
  readonly z: number[][];
  readonly labels: number[];
  readonly blank: number;
}

/** One whose paths can be counted, Cᵀ ≤ 729: any number of labels up to T + 1, any blank, logits up to ±8. */
export function smallCase(draw: ReturnType<typeof draws>): CtcCase {
  const upTo = (n: number) => Math.floor((draw(1)[0] / 2 + 0.5) * n);
  const C = 1 + upTo(4);
  const T = 1 + upTo(C > 3 ? 4 : C > 2 ? 6 : 7);
  const blank = upTo(C);
  const others = Array.from({ length: C }, (_, k) => k).filter((k) => k !== blank);
  const scale = [1, 8][upTo(2)];
  return {
    z: Array.from({ length: T }, () => [...draw(C, scale)]),
    labels: C === 1 ? [] : Array.from({ length: upTo(T + 2) }, () => others[upTo(C - 1)]),
    blank,
  };
}

/** A score as a model of pairs gives it: of the last label and the next, and always the same. */
export function pairScore(prefix: readonly number[], label: number): number {
  return Math.sin(7 * (prefix.at(-1) ?? -1) + 3 * label) - 0.5;
}

/** Refuses a decoding that is not all labellings, best first, each with its probability. */
export function wrongHypotheses(
  got: readonly { labels: number[]; logProbability: number; score: number }[],
  all: readonly { labels: number[]; logProbability: number; score: number }[],
): string | undefined {
  const possible = all.filter(({ score }) => score > -Infinity);
  if (got.length !== possible.length) return `${got.length} labellings in the place of ${possible.length}`;
  const byText = new Map(possible.map((one) => [one.labels.join(), one]));
  let last = Infinity;
  for (const { labels, logProbability, score } of got) {
    const want = byText.get(labels.join());
    byText.delete(labels.join());
    if (!want) return `${labels} is none, or there twice`;
    const off = Math.max(Math.abs(want.logProbability - logProbability), Math.abs(want.score - score));
    if (!(off <= 1e-9)) return `${labels} is off by ${off}`;
    if (score > last) return `${labels} comes too late`;
    last = score;
  }
  return undefined;
}
