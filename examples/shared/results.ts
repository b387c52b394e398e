/** The figures of a run: shown beside the baselines', and kept where `npm run examples:report` finds them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pc from "picocolors";
import { width } from "./text.js";

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

/** One block for each measure: ours first. @param ours what the network is, in a few words */
export function show({ measures, split }: Result, ours: string): void {
  for (const measure of measures) {
    const rows = [{ name: ours, value: measure.value }, ...measure.baselines];
    const longest = Math.min(width() - 46, Math.max(...rows.map(({ name }) => name.length)));
    console.log(`\n  ${pc.bold(measure.name)} ${pc.dim(`${measure.better} is better; ${split}`)}`);
    for (const [i, row] of rows.entries()) {
      const text = `${row.name.padEnd(longest)}  ${formatted(measure, row.value).padStart(8)}`;
      console.log(i === 0 ? `  ${pc.bold(pc.cyan(text))}${goalOf(measure)}` : `  ${text}${pc.dim(intervalOf(measure, row))}`);
    }
  }
}

function goalOf(measure: Measure): string {
  const met = isMet(measure);
  if (met === undefined) return "";
  const text = `goal ${measure.better === "higher" ? "≥" : "≤"} ${formatted(measure, measure.goal as number)}`;
  return met ? pc.green(`  ${text}: met`) : pc.yellow(`  ${text}: missed`);
}

function intervalOf({ digits }: Measure, { interval }: Baseline): string {
  return interval ? `  ours is better by ${interval.map((end) => end.toFixed(digits)).join(" to ")}` : "";
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
