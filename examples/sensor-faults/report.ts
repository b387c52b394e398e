/** The alarms of all systems beside each other, and place by place. */
import pc from "picocolors";
import type { Measure, Result } from "../shared/results.js";
import { allOf, SYSTEMS, type System, type Tested } from "./folds.js";
import { f1Of, intervalOf, precisionOf, recallOf } from "./scores.js";

const MINUTE = 12; // readings
/** Of the terminal: for a place, and for a figure. */
const COLUMNS = [15, 8] as const;

export function resultOf(tested: readonly Tested[], { seed, seconds }: { seed: number; seconds: number }): Result {
  const [own, ...others] = SYSTEMS;
  const ours = allOf(tested, own);
  const measure: Measure = {
    ...{ name: "F1 of faulty readings", unit: "", digits: 3, better: "higher", value: f1Of(ours) },
    baselines: others.map((name) => {
      const theirs = allOf(tested, name);
      return { name, value: f1Of(theirs), interval: intervalOf(ours, theirs, seed) };
    }),
  };
  return {
    ...{
      example: "sensor-faults",
      data: "eight motes, four places, four faults",
      split: "each place tested by what learned in the others",
    },
    ...{ seed, seconds, measures: [measure] },
  };
}

/** F1 in each place, and how soon each fault was noticed. */
export function placeLines(tested: readonly Tested[]): string[] {
  const columns: readonly System[] = SYSTEMS.slice(0, -1);
  const heads = ["GRU", "linear", "chosen", "plain"];
  const head = `  ${"F1".padEnd(COLUMNS[0])}${heads.map((name) => name.padStart(COLUMNS[1])).join("")}  the GRU's alarms`;
  const lines = tested.map((each) => {
    const f1s = columns.map((system) => f1Of(each.counts[system]).toFixed(3).padStart(COLUMNS[1])).join("");
    return `  ${each.place.name.padEnd(COLUMNS[0])}${f1s}  ${pc.dim(noticed(each))}`;
  });
  const all = allOf(tested, "GRU");
  return [pc.bold(head), ...lines, pc.dim(`  the GRU's precision ${precisionOf(all).toFixed(3)}, recall ${recallOf(all).toFixed(3)}`)];
}

/** When the first alarm of a fault came, and for how long there were alarms without one. */
function noticed({ place: { motes }, logits, threshold }: Tested): string {
  const isAlarm = (mote: number, i: number) => (logits[mote]?.[i] as number) > threshold;
  const delays: string[] = [];
  let falseAlarms = 0;
  for (const [m, mote] of motes.entries()) {
    const begin = mote.findIndex(({ label }) => label === 1);
    const end = mote.findLastIndex(({ label }) => label === 1);
    const first = mote.findIndex((_, i) => i >= begin && isAlarm(m, i));
    if (begin >= 0) delays.push(first >= 0 && first <= end ? `after ${5 * (first - begin)} s` : "missed");
    falseAlarms += mote.filter(({ label }, i) => label === 0 && isAlarm(m, i)).length;
  }
  return `${delays.join(", ")}, false ${(falseAlarms / MINUTE).toFixed(1)} min`;
}
