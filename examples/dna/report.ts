/** The ensemble beside the baselines: accuracy with intervals, and which class was taken for which. */
import pc from "picocolors";
import { pairedInterval, sumOver } from "../shared/interval.js";
import type { Baseline, Measure, Result } from "../shared/results.js";
import { grouped } from "../shared/text.js";
import { CLASSES, NAMES } from "./data.js";
import type { Tested } from "./tested.js";

/** Of others, on StatLog's sides: README.md says from where. */
const PUBLISHED: readonly Baseline[] = [
  { name: "RBF, StatLog", value: 95.9 },
  { name: "Dipol92, StatLog", value: 95.2 },
  { name: "naive Bayes, StatLog", value: 93.2 },
  { name: "C4.5, StatLog", value: 92.4 },
  { name: "backprop, StatLog", value: 91.2 },
];

type Said = "ours" | "bayes" | "most";

interface Sums {
  readonly windows: Float64Array;
  readonly right: Record<Said, Float64Array>;
}

/** Of each group: related windows are no independent witnesses. */
function sumsOf(tested: Tested): Sums {
  const places = new Map([...new Set(tested.windows.map(({ group }) => group))].map((group, i) => [group, i]));
  const zeros = () => new Float64Array(places.size);
  const sums = { windows: zeros(), right: { ours: zeros(), bayes: zeros(), most: zeros() } };
  for (const [i, { group, label }] of tested.windows.entries()) {
    const place = places.get(group) as number;
    sums.windows[place] = (sums.windows[place] as number) + 1;
    for (const said of ["ours", "bayes", "most"] as const) {
      sums.right[said][place] = (sums.right[said][place] as number) + Number(tested[said][i] === label);
    }
  }
  return sums;
}

/** Per cent. */
export function accuracyOf({ windows, ...said }: Tested, of: Said): number {
  return (100 * windows.filter(({ label }, i) => said[of][i] === label).length) / windows.length;
}

function measureOf(name: string, tested: Tested, seed: number): Measure {
  const { windows, right } = sumsOf(tested);
  const baseline = (name: string, of: Said): Baseline => {
    const difference = (drawn: Int32Array) => (100 * (sumOver(drawn, right.ours) - sumOver(drawn, right[of]))) / sumOver(drawn, windows);
    return { name, value: accuracyOf(tested, of), interval: pairedInterval(windows.length, difference, seed) };
  };
  return {
    ...{ name, unit: "%", digits: 1, better: "higher", value: accuracyOf(tested, "ours") },
    baselines: [baseline("naive Bayes", "bayes"), baseline("the most frequent class", "most")],
  };
}

/**
 * @param folds all windows, each tested by what learned none that is related to it
 * @param split the tested side, and what of it is new: there may be nothing
 * @param statLog whether the windows are StatLog's, and the sides its own
 */
export function resultOf(
  { folds, split, fresh }: { folds: Tested; split: Tested; fresh: Tested },
  { seed, seconds, folded, statLog }: { seed: number; seconds: number; folded: number; statLog: boolean },
): Result {
  const crossed = measureOf("accuracy", folds, seed);
  const all = folds.windows.length;
  const learned = `first ${grouped(all - split.windows.length)} windows learned`;
  const name = `accuracy on ${statLog ? "StatLog's" : "the"} split`;
  const parted = measureOf(name, split, seed);
  return {
    ...{
      example: "dna",
      data: `${grouped(all)} windows${statLog ? " of primates' genes" : ""}`,
      split: `${folded} folds, related windows together; ${statLog ? `StatLog's: its ${learned}` : `in an order by chance, the ${learned}`}`,
      seed,
      seconds,
    },
    measures: [
      { ...crossed, goal: accuracyOf(folds, "bayes") },
      { ...parted, baselines: [...parted.baselines, ...(statLog ? PUBLISHED : [])] },
      ...(fresh.windows.length > 0 ? [measureOf(`${name}, of what is related to nothing learned`, fresh, seed)] : []),
    ],
  };
}

/** What was said, of each class. */
export function confusionLines({ windows, ours }: Tested): string[] {
  const count = (label: number, said: number) => windows.filter((window, i) => window.label === label && ours[i] === said).length;
  const head = `  ${"is".padEnd(16)}${NAMES.map((name) => name.padStart(10)).join("")}${"found".padStart(10)}`;
  const lines = NAMES.map((name, label) => {
    const counts = CLASSES.map((_, said) => count(label, said));
    const total = counts.reduce((a, b) => a + b);
    const cells = counts.map((n, said) => (said === label ? pc.cyan : n > 0 ? pc.yellow : pc.dim)(String(n).padStart(10)));
    return `  ${name.padEnd(16)}${cells.join("")}${`${((100 * (counts[label] as number)) / Math.max(1, total)).toFixed(1)} %`.padStart(10)}`;
  });
  return [`  ${pc.bold("what was taken for what")}`, pc.dim(head), ...lines];
}
