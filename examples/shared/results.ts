/** The figures of a run: shown beside the baselines', and kept where `npm run examples:report` finds them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pc from "picocolors";
import { width, wrap } from "./text.js";

export interface Baseline {
  readonly name: string;
  readonly value: number;
  /** How much better ours is, the middle 95 %: above 0 throughout, it is better for sure. */
  readonly interval?: readonly [number, number];
}

export interface Measure {
  /** Such as "span F1" or "word error rate". */
  readonly name: string;
  readonly unit: "" | "%";
  readonly digits: number;
  readonly better: "higher" | "lower";
  readonly value: number;
  readonly baselines: readonly Baseline[];
  /** Reached when the value is as good or better. */
  readonly goal?: number;
}

export interface Result {
  /** The example's folder, and what it was of it, where there are several. */
  readonly example: string;
  readonly task?: string;
  /** In a few words: what was learned, and how it was parted. */
  readonly data: string;
  readonly split: string;
  readonly seed: number;
  /** Of training, on the clock: on a machine that has other work, too, more than the budget. */
  readonly seconds: number;
  /** Of the processor, for all of the run: data, training, evaluation. Added when it is recorded. */
  readonly processorSeconds?: number;
  readonly measures: readonly Measure[];
}

export function isMet({ goal, value, better }: Measure): boolean | undefined {
  if (goal === undefined) return undefined;
  return better === "higher" ? value >= goal : value <= goal;
}

export function formatted({ unit, digits }: Measure, value: number): string {
  return `${value.toFixed(digits)}${unit === "" ? "" : ` ${unit}`}`;
}

/** Columns of a name at least, and of a value. */
const [NAME, VALUE] = [16, 8];

/**
 * One block for each measure, ours first.
 *
 * @param ours what the network is, in a few words
 * @param quick whether the run was too short to be held to a goal
 */
export function show({ measures, split }: Result, ours: string, { quick = false } = {}): void {
  for (const [number, measure] of measures.entries()) {
    const note = `(${measure.better} is better)${number === 0 ? `: ${split}` : ""}`;
    const heading = wrap(`${measure.name} ${note}`, width() - 2);
    console.log();
    for (const [i, line] of heading.entries()) {
      const named = i === 0 && line.startsWith(measure.name) ? measure.name.length : 0;
      console.log(`  ${pc.bold(line.slice(0, named))}${pc.dim(line.slice(named))}`);
    }
    const rows = [
      { name: ours, value: measure.value, note: quick ? "" : goalOf(measure) },
      ...measure.baselines.map((baseline) => ({ ...baseline, note: intervalOf(measure, baseline) })),
    ];
    const noted = Math.max(...rows.map(({ note }) => note.length));
    const longest = Math.min(Math.max(...rows.map(({ name }) => name.length)), Math.max(NAME, width() - 6 - VALUE - noted));
    for (const [i, row] of rows.entries()) {
      const [first = "", ...others] = wrap(row.name, longest);
      const text = `${first.padEnd(longest)}  ${formatted(measure, row.value).padStart(VALUE)}`;
      const paintNote = i === 0 ? colourOf(measure) : pc.dim;
      const tail = row.note === "" ? "" : paintNote(`  ${row.note}`);
      const paint = i === 0 ? (name: string) => pc.bold(pc.cyan(name)) : (name: string) => name;
      console.log(`  ${paint(text)}${tail}`);
      for (const name of others) console.log(`  ${paint(name)}`);
    }
  }
  if (quick) console.log(`\n${pc.dim("  a quick run is too short to have learned: these figures say nothing")}`);
}

function goalOf(measure: Measure): string {
  const met = isMet(measure);
  if (met === undefined) return "";
  return `goal ${measure.better === "higher" ? "≥" : "≤"} ${formatted(measure, measure.goal as number)}: ${met ? "met" : "missed"}`;
}

function colourOf(measure: Measure): (text: string) => string {
  return isMet(measure) ? pc.green : pc.yellow;
}

/** In words: how much better or worse ours is, at least and at most. */
export function intervalOf({ digits }: Pick<Measure, "digits">, { interval }: Pick<Baseline, "interval">): string {
  if (interval === undefined) return "";
  const [least, most] = interval;
  const [low, high] = interval.map((end) => Math.abs(end).toFixed(digits)) as [string, string];
  if (least >= 0) return `ours is better by ${low} to ${high}`;
  if (most <= 0) return `ours is worse by ${high} to ${low}`;
  return `ours: ${low} worse to ${high} better`;
}

/** Keeps it beside the example, for the table of all. */
export function record(result: Result): void {
  const folder = join("examples", result.example, "results");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${result.task ? `${result.task}-` : ""}seed-${result.seed}.json`);
  const { user, system } = process.cpuUsage();
  const kept: Result = { ...result, processorSeconds: Math.round((user + system) / 1e6) };
  writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`);
  console.log(pc.dim(`\n  recorded in ${file}`));
}
