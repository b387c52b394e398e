/** The results of the seeds taken together: one row for each measure. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Baseline, formatted, isMet, type Measure, type Result } from "./results.js";

export interface Row {
  readonly title: string;
  readonly data: string;
  readonly split: string;
  readonly metric: string;
  readonly baselines: readonly string[];
  /** The mean, and the standard deviation where there are several seeds. */
  readonly ours: string;
  readonly goal: string;
  readonly time: string;
  readonly seeds: string;
}

/** Of all examples, by name. @param folder of the examples */
export function recorded(folder: string): Result[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /^[\w-]+[\\/]results[\\/].+\.json$/.test(name));
  return names.sort().map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")));
}

export function rowsOf(results: readonly Result[]): Row[] {
  const titles = [...new Set(results.map(titleOf))];
  return titles.flatMap((title) => {
    const runs = results.filter((result) => titleOf(result) === title);
    const [first] = runs as [Result];
    return first.measures.map((measure, i) => rowOf(title, runs, measure, i));
  });
}

function titleOf({ example, task }: Result): string {
  return task ? `${example}: ${task}` : example;
}

function rowOf(title: string, runs: readonly Result[], measure: Measure, i: number): Row {
  const of = runs.map((run) => run.measures[i] as Measure);
  const { mean, deviation } = momentsOf(of.map(({ value }) => value));
  const minutes = momentsOf(runs.map(({ seconds, processorSeconds = seconds }) => processorSeconds / 60)).mean;
  return {
    title,
    data: (runs[0] as Result).data,
    split: (runs[0] as Result).split,
    metric: `${measure.name}${measure.better === "lower" ? " ↓" : ""}`,
    baselines: measure.baselines.map((baseline, b) =>
      baselineOf(
        measure,
        of.map(({ baselines }) => baselines[b] ?? baseline),
      ),
    ),
    ours: deviation === undefined ? formatted(measure, mean) : `${formatted(measure, mean)} ± ${deviation.toFixed(measure.digits + 1)}`,
    goal: goalOf(of),
    time: minutes < 1 ? `${Math.round(60 * minutes)} s` : `${minutes.toFixed(1)} min`,
    seeds: runs.map(({ seed }) => seed).join(", "),
  };
}

/** Its value, and by how much ours is better: of the seeds, the interval that begins lowest. */
function baselineOf(measure: Measure, of: readonly Baseline[]): string {
  const { mean } = momentsOf(of.map(({ value }) => value));
  const [surest] = of.flatMap(({ interval }) => (interval ? [interval] : [])).sort((a, b) => a[0] - b[0]);
  const by = surest ? ` (${surest.map((end) => end.toFixed(measure.digits)).join(" to ")})` : "";
  return `${(of[0] as Baseline).name} ${formatted(measure, mean)}${by}`;
}

function goalOf(of: readonly Measure[]): string {
  const measure = of[0] as Measure;
  if (measure.goal === undefined) return "";
  const met = of.filter(isMet).length;
  const { mean } = momentsOf(of.map(({ goal }) => goal as number)); // that of a baseline may differ between seeds
  const sign = measure.better === "higher" ? "≥" : "≤";
  return `${sign} ${formatted(measure, mean)}: ${met === of.length ? "met" : met === 0 ? "missed" : `met by ${met} of ${of.length} seeds`}`;
}

/** The deviation is that of a sample. */
function momentsOf(values: readonly number[]): { mean: number; deviation?: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1) return { mean };
  return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)) };
}
