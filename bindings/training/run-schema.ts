/** The form of a saved run, for nothing in a file is believed. It imports nothing of the package: a bundle holds it apart, loaded where a run is resumed. */
import * as v from "valibot";
import type { ErrorState } from "./errors-of-numbers.js";
import type { EpochReport } from "./fit-options.js";

/** What the package knows of a run. */
export interface Known {
  /** In the order of a report. */
  readonly metricNames: readonly string[];
  /** Names of the model's outputs, where they have any. */
  readonly outputs: readonly string[];
  readonly noErrors: () => ErrorState;
  readonly monitored: (report: EpochReport, monitor: string) => number;
}

/** What is wrong: where (null: all of it), what belongs there and what stands there. */
export interface Misfit {
  readonly path: string | null;
  readonly expected: string;
  readonly input: unknown;
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
const word = v.pipe(v.number(), v.integer(), v.minValue(-(2 ** 31)), v.maxValue(2 ** 31 - 1));
const generator = v.pipe(
  v.array(word),
  v.length(4),
  v.check((words) => words.some(Boolean), "four words, not all zero"),
);

/** By column, as many of each. */
const errors = v.pipe(
  v.object({
    ...{ count: v.array(count), absolute: v.array(measured), squared: v.array(measured), relative: v.array(measured) },
    ...{ mean: v.array(measured), spread: v.array(measured) },
  }),
  v.check(({ count: { length }, ...rest }) => Object.values(rest).every((list) => list.length === length), "as many of each sum"),
);
/** Sums by place; those of a mean had names once. */
const named = v.pipe(
  v.object({ sum: measured, count: positive }),
  v.transform(({ sum, count }) => [sum, count]),
);
const own = v.record(v.string(), v.union([v.array(measured), named]));

function metricsOf(noErrors: Known["noErrors"]) {
  return v.pipe(
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
}

/** Metrics of one's own may stand beside the package's. */
function positionOf({ metricNames, outputs, noErrors, monitored }: Known) {
  const figures = Object.fromEntries(metricNames.map((name) => [name, v.optional(SHARES.includes(name) ? fraction : measured)]));
  const counted = metricsOf(noErrors);
  const metrics = outputs.length === 0 ? counted : v.strictObject(Object.fromEntries(outputs.map((name) => [name, counted])));
  const evaluation = v.objectWithRest({ loss: measured, ...figures }, measured);
  return v.pipe(
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
}

function runOf(known: Known) {
  return v.pipe(
    v.object({
      build: v.string(),
      fixed: v.object({
        ...{ batchSize: positive, shuffle: v.boolean(), bucketByLength: v.boolean(), features: positive, accumulate: positive },
        ...{
          validationSplit: v.optional(v.pipe(rate, v.ltValue(1)), 0),
          targetScaler: v.optional(v.string()),
          microBatch: v.optional(positive),
        },
      }),
      architecture: v.array(v.tuple([v.string(), v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]))])),
      frozen: v.array(v.string()),
      position: positionOf(known),
      optimizer: v.looseObject({ lr: rate }),
      schedule: v.optional(v.unknown()),
    }),
    v.check(
      ({ position: { batch, seen }, fixed: { batchSize } }) => seen <= batch * batchSize && (batch === 0 || seen > (batch - 1) * batchSize),
      "as many samples as its batches hold",
    ),
  );
}

/** The run in it, its figures in order; or the first thing that does not fit. */
export function readRun(details: unknown, known: Known): { output: unknown; misfit?: undefined } | { output?: undefined; misfit: Misfit } {
  const result = v.safeParse(runOf(known), details, { abortEarly: true });
  if (result.success) return { output: result.output };
  const [issue] = result.issues;
  return { misfit: { path: v.getDotPath(issue), expected: issue.expected ?? issue.message, input: issue.input } };
}
