/** What is measured, in which units, and what of it ends a training: checked at the door. */
import { checkNumber, checkOneOf, checkOptions, checkPositive, namesOf, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import type { Loss } from "../losses/loss.js";
import { checkScaler } from "../series/fitted.js";
import { classifies } from "./count.js";
import { REGRESSION } from "./errors-of-numbers.js";
import type { FitOptions } from "./fit-options.js";
import { type Asked, CLASSIFICATION, METRICS, type Metric, type MetricChoice } from "./metrics.js";
import type { OwnMetric } from "./own-metrics.js";

/** Names that a report has itself, or that no object keeps. */
const TAKEN: readonly string[] = [...METRICS, "loss", "epoch", "lr", "validation", "__proto__", "prototype", "constructor", ""];

export function checkMetrics(metrics: readonly MetricChoice[] | undefined, loss: Loss): Asked {
  if (metrics === undefined) return { names: [], own: [] };
  if (!Array.isArray(metrics)) throw new ArgumentError("metrics", `an array of ${METRICS.join(", ")}, or functions by name`, show(metrics));
  const fitting: readonly Metric[] = classifies(loss) ? CLASSIFICATION : REGRESSION;
  const asked = new Set<Metric>();
  const own = new Map<string, OwnMetric>();
  const { length } = metrics;
  for (let i = 0; i < length; i++) {
    const metric: unknown = metrics[i];
    if (typeof metric === "object" && metric !== null) {
      for (const [name, of] of ownOf(`metrics[${i}]`, metric)) own.set(name, of);
      continue;
    }
    if (typeof metric === "function") throw new ArgumentError(`metrics[${i}]`, "a function by name, { name: function }", show(metric));
    const name = checkOneOf(`metrics[${i}]`, metric, METRICS);
    if (!fitting.includes(name)) {
      const expected = `${fitting.join(", ")}, the loss being ${classifies(loss) ? "a" : "no"} classifier's`;
      throw new ArgumentError(`metrics[${i}]`, expected, show(name));
    }
    asked.add(name);
  }
  return { names: METRICS.filter((name) => asked.has(name)), own: [...own] }; // in one order, which a checkpoint keeps
}

function ownOf(argument: string, metric: object): [string, OwnMetric][] {
  const entries = namesOf(argument, metric).map((name): [string, unknown] => [name, (metric as Record<string, unknown>)[name]]); // each read once
  if (entries.length === 0) throw new ArgumentError(argument, "a function by name", "none");
  for (const [name, of] of entries) {
    if (TAKEN.includes(name)) throw new ArgumentError(argument, "a name of its own", show(name));
    if (typeof of !== "function") throw new ArgumentError(`${argument}.${name}`, "a function of prediction and target", show(of));
  }
  return entries as [string, OwnMetric][];
}

/** A scaler is one of numbers. */
export function checkTargetScaler(scaler: unknown, loss: Loss): ReturnType<typeof checkScaler> | undefined {
  if (scaler === undefined) return undefined;
  if (classifies(loss)) throw new ArgumentError("targetScaler", "none, the loss being a classifier's", show(scaler));
  return checkScaler("targetScaler", scaler);
}

/** @internal When to stop: what is watched, and whether more of it is better. */
export interface Stopping {
  readonly patience: number;
  readonly minDelta: number;
  readonly monitor: string;
  readonly mode: "min" | "max";
}

/** More of these is better. */
const RISING: readonly string[] = ["accuracy", "f1", "f1Micro", "f1Weighted", "r2"];

export function checkStopping(stopping: FitOptions["earlyStopping"], { names, own }: Asked): Stopping | undefined {
  if (stopping === undefined) return undefined;
  const given = checkOptions(stopping, ["patience", "minDelta", "monitor", "mode"], "earlyStopping");
  const { patience, minDelta = 0, monitor: watched = "loss", mode: said } = given;
  const functions = own.map(([name]) => name);
  const all = ["loss", ...names, ...functions];
  if (!all.includes(watched)) throw new ArgumentError("earlyStopping.monitor", `one of ${all.join(", ")} (of metrics)`, show(watched));
  const monitor = watched;
  if (said === undefined && functions.includes(monitor))
    throw new ArgumentError("earlyStopping.mode", `"min" or "max", ${show(monitor)} being a metric of your own`, "none");
  const mode = checkOneOf("earlyStopping.mode", said === undefined ? (RISING.includes(monitor) ? "max" : "min") : said, ["min", "max"]);
  return {
    ...{ patience: checkPositive("earlyStopping.patience", patience), minDelta: checkNumber("earlyStopping.minDelta", minDelta, 0) },
    ...{ monitor, mode },
  };
}
