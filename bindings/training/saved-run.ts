/** What a checkpoint of a run holds beside tensors: the form of it, for nothing in a file is believed. */
import * as v from "valibot";
import { show } from "../checks.js";
import { FormatError } from "../errors.js";
import type { Batching } from "./data.js";
import { noErrors } from "./errors-of-numbers.js";
import type { EpochReport } from "./fit-options.js";
import { METRICS, type MetricState } from "./metrics.js";

/** All of the loop that a checkpoint keeps beside tensors. */
export interface Position {
  step: number;
  /** Epochs done. */
  epoch: number;
  /** Batches of the running epoch done. */
  batch: number;
  /** Samples of the running epoch, and of all before, done. */
  seen: number;
  before: number;
  /** Samples of an epoch, once known. */
  perEpoch: number | undefined;
  /** Of the order, at the start of the running epoch. */
  order: number[];
  /** Of the model: dropout. */
  generators: number[][];
  metrics: MetricState;
  reports: EpochReport[];
  /** What is watched of it: the loss, or another metric. */
  best: { loss: number; epoch: number; monitor: string } | undefined;
  /** Epochs since the best one, those left out whose loss is NaN. */
  worse: number;
}

/** What must be the same when a run is resumed. */
export interface Fixed extends Batching {
  readonly accumulate: number;
  /** 0: none. */
  readonly validationSplit: number;
  /** What it was, as text. */
  readonly targetScaler?: string;
}

/** What is watched of a report, of its validation where there is one. */
export function monitored(report: EpochReport, monitor: string): number {
  return (report.validation ?? report)[monitor as "loss"];
}

/** What the weights of a layer mean: its name and its description. */
export type Architecture = [string, Readonly<Record<string, string | number | boolean>>][];

export interface SavedRun {
  build: string;
  fixed: Fixed;
  architecture: Architecture;
  /** Full names of the parameters that are not trained. */
  frozen: string[];
  position: Position;
  optimizer: { lr: number };
  schedule: unknown;
}

const count = v.pipe(
  v.number(),
  v.safeInteger(),
  v.minValue(0),
  v.check((value) => !Object.is(value, -0), "a count"),
);
const positive = v.pipe(count, v.minValue(1));
const finite = v.pipe(v.number(), v.finite());
const rate = v.pipe(finite, v.minValue(0));
const measured = v.union([v.number(), v.nan()]);
const fraction = v.union([v.pipe(v.number(), v.minValue(0), v.maxValue(1)), v.nan()]);
const SHARES: readonly string[] = ["accuracy", "f1", "f1Micro", "f1Weighted"];
const figures = Object.fromEntries(METRICS.map((name) => [name, v.optional(SHARES.includes(name) ? fraction : measured)]));
const word = v.pipe(v.number(), v.integer(), v.minValue(-(2 ** 31)), v.maxValue(2 ** 31 - 1));
const generator = v.pipe(
  v.array(word),
  v.length(4),
  v.check((words) => words.some(Boolean), "four words, not all zero"),
);
/** With metrics of one's own beside it. */
const evaluation = v.objectWithRest({ loss: measured, ...figures }, measured);

/** By column, as many of each. */
const errors = v.pipe(
  v.object({
    ...{ count: v.array(count), absolute: v.array(measured), squared: v.array(measured), relative: v.array(measured) },
    ...{ mean: v.array(measured), spread: v.array(measured) },
  }),
  v.check(({ count: { length }, ...rest }) => Object.values(rest).every((list) => list.length === length), "as many of each sum"),
);
const own = v.record(v.string(), v.object({ sum: measured, count: positive }));

const metrics = v.pipe(
  v.object({
    ...{ loss: finite, weight: v.pipe(finite, v.minValue(0)), right: count, counted: count, classes: count },
    ...{ truePositive: v.array(count), falsePositive: v.array(count), falseNegative: v.array(count) },
    ...{ errors: v.optional(errors, noErrors), own: v.optional(own, {}) },
  }),
  v.check(({ right, counted, classes, truePositive, falsePositive, falseNegative }) => {
    const lists = [truePositive, falsePositive, falseNegative];
    const [hits, ...others] = lists.map((list) => list.reduce((a, b) => a + b, 0));
    return hits === right && others.every((sum) => sum === counted - right) && lists.every(({ length }) => length <= classes);
  }, "counts that agree"),
);

const position = v.pipe(
  v.object({
    ...{ step: count, epoch: count, batch: count, seen: count, before: count, perEpoch: v.optional(positive) },
    ...{ order: generator, generators: v.array(generator), worse: count },
    metrics,
    reports: v.array(
      v.pipe(
        v.objectWithRest({ epoch: positive, loss: finite, lr: rate, ...figures, validation: v.optional(evaluation) }, measured),
        v.transform(({ validation, ...report }) => ({ ...report, ...(validation && { validation }) })), // in the order of a report
      ),
    ),
    best: v.optional(v.object({ loss: finite, epoch: positive, monitor: v.optional(v.string(), "loss") })),
  }),
  v.check(
    ({ reports, epoch }) => reports.length === epoch && reports.every((report, i) => report.epoch === i + 1),
    "a report of every epoch",
  ),
  v.check(({ best, epoch, worse }) => (best?.epoch ?? 0) + worse <= epoch, "a best epoch that is over"),
  v.check(({ best, reports }) => {
    const report = reports[(best?.epoch ?? 0) - 1] as EpochReport | undefined;
    return best === undefined || (report !== undefined && best.loss === monitored(report, best.monitor));
  }, "the loss of the best epoch's report"),
  v.check(({ step, before, seen }) => step <= before + seen, "a sample or more of every step"),
  v.check(({ batch, seen }) => seen >= batch && (batch > 0 || seen === 0), "a sample or more of every batch"),
);

const run = v.pipe(
  v.object({
    build: v.string(),
    fixed: v.object({
      ...{ batchSize: positive, shuffle: v.boolean(), bucketByLength: v.boolean(), features: positive, accumulate: positive },
      ...{ validationSplit: v.optional(v.pipe(rate, v.ltValue(1)), 0), targetScaler: v.optional(v.string()) },
    }),
    architecture: v.array(v.tuple([v.string(), v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]))])),
    frozen: v.array(v.string()),
    position,
    optimizer: v.looseObject({ lr: rate }),
    schedule: v.optional(v.unknown()),
  }),
  v.check(
    ({ position: { batch, seen }, fixed: { batchSize } }) => seen <= batch * batchSize && (batch === 0 || seen > (batch - 1) * batchSize),
    "as many samples as its batches hold",
  ),
);

/** @throws {FormatError} unless it is a run, in all its parts */
export function checkSavedRun(details: unknown): SavedRun {
  const result = v.safeParse(run, details, { abortEarly: true });
  if (result.success) return result.output as SavedRun; // with its figures in the order above, which is that of a report
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  // The name itself is expected: it is missing.
  if (path !== null && issue.expected === JSON.stringify(path.split(".").at(-1)))
    throw new FormatError(`checkpoint: expected ${path.slice(0, 100)}, got a run without it`);
  const where = path === null ? "a run" : `${path.slice(0, 100)} to be`;
  throw new FormatError(`checkpoint: expected ${where} ${issue.expected ?? issue.message}, got ${show(issue.input)}`);
}
