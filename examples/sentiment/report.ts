/** All systems beside each other, and where each sentence came from. */
import pc from "picocolors";
import { pairedInterval, sumOver } from "../shared/interval.js";
import type { Baseline, Measure, Result } from "../shared/results.js";
import { FOLDS, type Sentence } from "./data.js";
import { type Judged, SYSTEMS } from "./folds.js";

/** What the one network of this example had before, of one fold of 600: the goal is to be above it for sure. */
const FORMER = 83.7;

export function resultOf(sentences: readonly Sentence[], judged: Judged, { seed, seconds }: { seed: number; seconds: number }): Result {
  const [own, ...others] = SYSTEMS;
  const groups = [...new Set(sentences.map(({ group }) => group))];
  const places = new Map(groups.map((group, i) => [group, i]));
  const byGroup = (values: readonly number[]) => {
    const sums = new Float64Array(groups.length);
    for (const [i, { group }] of sentences.entries()) {
      const place = places.get(group) as number;
      sums[place] = (sums[place] as number) + (values[i] as number);
    }
    return sums;
  };
  const sizes = byGroup(sentences.map(() => 1));
  const ours = byGroup(judged[own]);
  const percent = (values: readonly number[]) => (100 * values.reduce((a, b) => a + b, 0)) / values.length;
  const former = (drawn: Int32Array) => (100 * sumOver(drawn, ours)) / sumOver(drawn, sizes) - FORMER;
  const baselines = others.map((name): Baseline => {
    const theirs = byGroup(judged[name]);
    const better = (drawn: Int32Array) => (100 * (sumOver(drawn, ours) - sumOver(drawn, theirs))) / sumOver(drawn, sizes);
    return { name, value: percent(judged[name]), interval: pairedInterval(groups.length, better, seed) };
  });
  const measure: Measure = {
    ...{ name: "accuracy", unit: "%", digits: 1, better: "higher", value: percent(judged[own]) },
    baselines: [{ name: "the figure to be beaten", value: FORMER, interval: pairedInterval(groups.length, former, seed) }, ...baselines],
    goal: FORMER,
  };
  return {
    ...{ example: "sentiment", data: "sentences of reviews, Amazon, IMDb, Yelp" },
    split: `${FOLDS} folds, what is nearly the same in one; each sentence tested once`,
    ...{ seed, seconds, measures: [measure] },
  };
}

/** Accuracy by where the sentences come from. */
export function sourceLine(sentences: readonly Sentence[], judged: Judged): string {
  const sources = [...new Set(sentences.map(({ source }) => source))];
  const parts = sources.map((source) => {
    const own = judged[SYSTEMS[0]].filter((_, i) => sentences[i]?.source === source);
    return `${source} ${((100 * own.reduce((a, b) => a + b, 0)) / own.length).toFixed(1)} %`;
  });
  return `  ${pc.dim(`ours by source: ${parts.join(", ")}`)}`;
}
