/** The network beside what has no time, or no pictures; family by family; and what it takes for what. */
import pc from "picocolors";
import type { Measure, Result } from "../shared/results.js";
import { grouped } from "../shared/text.js";
import { ACTIONS, type Clip, FAMILY_NAMES, type Family } from "./clips.js";
import { accuracyOf, SYSTEMS, type System, type Tested } from "./folds.js";
import { intervalOf } from "./scores.js";

/** Points above the best of all others. */
const AHEAD = 15;
const [OURS, ...OTHERS] = SYSTEMS;
/** On which the settings were chosen. */
const WATCHED: readonly Family[] = ["goblin", "zombie", "wyvern"];

export function resultOf(tested: readonly Tested[], { seed, seconds }: { seed: number; seconds: number }): Result {
  const unseen = tested.filter(({ clip }) => !WATCHED.includes(clip.family));
  const [all, fresh] = [measureOf("accuracy", tested, seed), measureOf("accuracy, families that nothing was chosen on", unseen, seed)];
  const goal = Math.max(...all.baselines.map(({ value }) => value)) + AHEAD;
  return {
    ...{ example: "video", data: `${grouped(tested.length)} clips of the game Flare, ${ACTIONS.length} actions` },
    ...{ split: "each family of creatures tested by what learned from the others", seed, seconds, measures: [{ ...all, goal }, fresh] },
  };
}

function measureOf(name: string, tested: readonly Tested[], seed: number): Measure {
  const baselines = OTHERS.map((other) => ({
    name: other,
    value: accuracyOf(tested, other),
    interval: intervalOf(tested, OURS, other, seed),
  }));
  return { name, unit: "%", digits: 1, better: "higher", value: accuracyOf(tested, OURS), baselines };
}

/** How many clips of each action there are, by family. */
export function countLines(clips: readonly Clip[]): string[] {
  return table(
    "clips",
    [...ACTIONS, "all"],
    FAMILY_NAMES.map((family) => {
      const own = clips.filter((clip) => clip.family === family);
      return { name: family, values: [...ACTIONS.map((action) => own.filter((clip) => clip.action === action).length), own.length] };
    }).filter(({ values }) => values.at(-1) !== 0),
  );
}

/** Accuracies. */
export function familyLines(tested: readonly Tested[]): string[] {
  const columns: readonly (readonly [string, System])[] = [
    ["network", OURS],
    ["shuffled", "same network, frames shuffled"],
    ["one", "same network, one frame"],
    ["nearest", "nearest mean frame"],
    ["timing", "timing alone"],
  ];
  const rows = FAMILY_NAMES.flatMap((family) => {
    const own = tested.filter(({ clip }) => clip.family === family);
    return own.length === 0 ? [] : [{ name: family, values: columns.map(([, system]) => Math.round(accuracyOf(own, system))) }];
  });
  return table("right, %", columns.map(([head]) => head), rows); // biome-ignore format: one thought
}

/** Rows are what was to be seen, columns what the network said. */
export function confusionLines(tested: readonly Tested[]): string[] {
  const rows = ACTIONS.map((name) => {
    const own = tested.filter(({ clip }) => clip.action === name);
    return { name, values: ACTIONS.map((_, a) => own.filter(({ guesses }) => guesses[OURS] === a).length) };
  });
  return table("taken for", ACTIONS, rows);
}

/** Columns of a name, and of a number. */
const [NAME, NUMBER] = [10, 5];

function table(title: string, heads: readonly string[], rows: readonly { name: string; values: readonly number[] }[]): string[] {
  const column = Math.max(NUMBER, ...heads.map(({ length }) => length)) + 1;
  const head = `  ${title.padEnd(NAME)}${heads.map((name) => name.padStart(column)).join("")}`;
  const lines = rows.map(({ name, values }) => {
    const cells = values.map((value) => (value === 0 ? pc.dim("·".padStart(column)) : String(value).padStart(column)));
    return `  ${name.padEnd(NAME)}${cells.join("")}`;
  });
  return [pc.bold(head), ...lines];
}
