/** The results of the seeds taken together: one row for each measure. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { readBytes, UserError } from "./program.js";
import { type Baseline, formatted, isMet, type Measure, type Result } from "./results.js";
import { printable } from "./text.js";

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

/** What a cell of the table can hold. */
const words = v.pipe(
  v.string(),
  v.check((text) => printable(text) === text && !/[\n\t|<]/.test(text)),
);
const figure = v.pipe(v.number(), v.gtValue(-1e12), v.ltValue(1e12));
const time = v.pipe(figure, v.minValue(0));
const BASELINE = v.object({ name: words, value: figure, interval: v.optional(v.tuple([figure, figure])) });
const MEASURE = v.object({
  ...{ name: words, unit: v.picklist(["", "%"]), better: v.picklist(["higher", "lower"]), value: figure },
  ...{ digits: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(20)), baselines: v.array(BASELINE), goal: v.optional(figure) },
});
const RESULT = v.object({
  ...{ example: words, task: v.optional(words), data: words, split: words, seed: v.pipe(v.number(), v.safeInteger()) },
  ...{ seconds: time, processorSeconds: v.optional(time), measures: v.array(MEASURE) },
}) satisfies v.GenericSchema<unknown, Result>;

/** Of all examples, by name. @param folder of the examples @throws {UserError} on a file that is not the result of a run like the others */
export function recorded(folder: string): Result[] {
  const names = readdirSync(folder).flatMap((example) => {
    const results = join(folder, example, "results");
    const files = existsSync(results) ? readdirSync(results).filter((name) => name.endsWith(".json")) : [];
    return files.map((name) => join(example, "results", name));
  });
  const files = names.sort().map((name) => ({ file: join(folder, name), result: resultIn(folder, name) }));
  const firsts = new Map<string, { file: string; result: Result }>();
  for (const each of files) {
    const title = titleOf(each.result);
    const first = firsts.get(title) ?? each;
    firsts.set(title, first);
    const missing = missingOf(first.result, each.result) ?? missingOf(each.result, first.result);
    if (missing !== undefined) throw new UserError(`${each.file} and ${first.file}: expected the same measures, only one has ${missing}`);
  }
  return files.map(({ result }) => result);
}

function resultIn(folder: string, name: string): Result {
  const file = join(folder, name);
  const refuse = (reason: string) => new UserError(`${file}: expected the result of a run, ${reason}`);
  let result: Partial<Result> | null;
  try {
    result = JSON.parse(new TextDecoder().decode(readBytes(file, "result")));
  } catch (error) {
    if (error instanceof SyntaxError) throw refuse("got what is no JSON");
    throw error;
  }
  const [example] = name.split(/[\\/]/);
  const said = result?.example;
  if (said !== example) throw refuse(`got one of the example ${typeof said === "string" ? JSON.stringify(said) : typeof said}`);
  const { success, output, issues } = v.safeParse(RESULT, result, { abortEarly: true });
  if (!success) throw refuse(`got one that is wrong at ${v.getDotPath(issues[0])} or without its time or measures`);
  return output;
}

/** What one result has and another lacks. */
function missingOf(one: Result, other: Result): string | undefined {
  for (const measure of one.measures) {
    const same = named(other.measures, measure.name);
    if (same === undefined) return measure.name;
    if (same.unit !== measure.unit || same.better !== measure.better)
      return `${measure.name}, ${measure.better} is better, in "${measure.unit}"`;
    if (measure.goal !== undefined && same.goal === undefined) return `the goal of ${measure.name}`;
    const baseline = measure.baselines.find(({ name }) => named(same.baselines, name) === undefined);
    if (baseline !== undefined) return `${measure.name} of "${baseline.name}"`;
  }
  return undefined;
}

function named<Of extends { readonly name: string }>(all: readonly Of[], name: string): Of | undefined {
  return all.find((each) => each.name === name);
}

export function rowsOf(results: readonly Result[]): Row[] {
  const titles = [...new Set(results.map(titleOf))];
  return titles.flatMap((title) => {
    const runs = results.filter((result) => titleOf(result) === title);
    const [first] = runs as [Result];
    return first.measures.map((measure) => rowOf(title, runs, measure));
  });
}

function titleOf({ example, task }: Result): string {
  return task ? `${example}: ${task}` : example;
}

function rowOf(title: string, runs: readonly Result[], measure: Measure): Row {
  const of = runs.map((run) => named(run.measures, measure.name) as Measure);
  const { mean, deviation } = momentsOf(of.map(({ value }) => value));
  const minutes = momentsOf(runs.map(({ seconds, processorSeconds = seconds }) => processorSeconds / 60)).mean;
  const isOfProcessor = runs.every(({ processorSeconds }) => processorSeconds !== undefined);
  return {
    title,
    data: (runs[0] as Result).data,
    split: (runs[0] as Result).split,
    metric: `${measure.name}${measure.better === "lower" ? " ↓" : ""}`,
    baselines: measure.baselines.map((baseline) =>
      baselineOf(
        measure,
        of.map(({ baselines }) => named(baselines, baseline.name) ?? baseline),
      ),
    ),
    ours: deviation === undefined ? formatted(measure, mean) : `${formatted(measure, mean)} ± ${deviation.toFixed(measure.digits + 1)}`,
    goal: goalOf(of),
    time: `${minutes < 1 ? `${Math.round(60 * minutes)} s` : `${minutes.toFixed(1)} min`}${isOfProcessor ? "" : " on the clock"}`,
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
