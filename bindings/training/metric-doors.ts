/** What is measured, in which units, and what of it ends a training: checked at the door. */

import { isPlain } from "../by-name.js";
import { checkNumber, checkOneOf, checkOptions, checkPositive, namesOf, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { Loss } from "../losses/loss.js";
import type { Runtime } from "../runtime.js";
import { checkScaler } from "../series/fitted.js";
import { classifies, type Output, targetsOf } from "./count.js";
import { checkLoss } from "./doors.js";
import { REGRESSION } from "./errors-of-numbers.js";
import type { FitOptions } from "./fit-options.js";
import { type Asked, CLASSIFICATION, METRICS, type Metric } from "./metrics.js";
import { type CorpusMetric, meanOf, type Own, type OwnMetric } from "./own-metrics.js";
import { named } from "./sample.js";

/** Names that a report has itself; nor may it be one that every object has. */
const TAKEN: readonly string[] = [...METRICS, "loss", "epoch", "lr", "validation", "prototype", ""];

/** What is learned or measured: one output, or one for each of the losses by name. @throws {ArgumentError} @throws {DisposedError} */
export function outputsOf(
  { loss, metrics, targetScaler }: { loss: unknown; metrics?: unknown; targetScaler?: unknown },
  runtime: Runtime,
): readonly [Output, ...Output[]] {
  if (loss instanceof Loss || !isPlain(loss)) return [outputOf({ key: undefined, suffix: "", loss, metrics, targetScaler }, runtime)];
  const keys = namesOf("loss", loss);
  if (keys.length === 0) throw new ArgumentError("loss", "a loss, or one or more by name", "none");
  // The dot is the reports', as in "tags.accuracy".
  const bad = keys.find((key) => key === "" || key === "__proto__" || key.includes("."));
  if (bad !== undefined) throw new ArgumentError("loss", "names of one character or more, without a dot, and not __proto__", show(bad));
  const lists = forOutputs("metrics", metrics, keys);
  const scalers = forOutputs("targetScaler", targetScaler, keys);
  return keys.map((key) =>
    outputOf({ key, suffix: `.${key}`, loss: loss[key], metrics: lists.get(key), targetScaler: scalers.get(key) }, runtime),
  ) as [Output, ...Output[]];
}

/** What is given for some of the outputs, each read once. @throws {ArgumentError} */
function forOutputs(argument: string, given: unknown, outputs: readonly string[]): ReadonlyMap<string, unknown> {
  if (given === undefined) return new Map();
  if (!isPlain(given))
    throw new ArgumentError(argument, `an object with some of ${outputs.join(", ")}, as the losses are named`, show(given));
  const names = namesOf(argument, given);
  const stranger = names.find((name) => !outputs.includes(name));
  if (stranger !== undefined) throw new ArgumentError(argument, `only ${outputs.join(", ")}`, show(stranger).slice(1, -1));
  return new Map(names.map((name) => [name, given[name]]));
}

function outputOf(
  given: { key: string | undefined; suffix: string; loss: unknown; metrics: unknown; targetScaler: unknown },
  runtime: Runtime,
): Output {
  const { key, suffix } = given;
  const loss = checkLoss(`loss${suffix}`, given.loss, runtime);
  const scaler = checkTargetScaler(`targetScaler${suffix}`, given.targetScaler, loss);
  return { ...named("y", key), targets: targetsOf(loss), loss, scaler, ...checkMetrics(`metrics${suffix}`, given.metrics, loss) };
}

function checkMetrics(argument: string, metrics: unknown, loss: Loss): Asked {
  if (metrics === undefined) return { names: [], own: [] };
  if (!Array.isArray(metrics)) throw new ArgumentError(argument, `an array of ${METRICS.join(", ")}, or functions by name`, show(metrics));
  const fitting: readonly Metric[] = loss.targets === "labels" ? [] : classifies(loss) ? CLASSIFICATION : REGRESSION;
  const asked = new Set<Metric>();
  const own = new Map<string, Own>();
  const { length } = metrics;
  for (let i = 0; i < length; i++) {
    const metric: unknown = metrics[i];
    if (typeof metric === "object" && metric !== null) {
      readOwn(`${argument}[${i}]`, metric, own);
      continue;
    }
    if (typeof metric === "function") throw new ArgumentError(`${argument}[${i}]`, "a function by name, { name: function }", show(metric));
    const name = checkOneOf(`${argument}[${i}]`, metric, METRICS);
    if (!fitting.includes(name)) {
      const expected = `${fitting.join(", ") || "your own"}, the targets being ${loss.targets}`;
      throw new ArgumentError(`${argument}[${i}]`, expected, show(name));
    }
    asked.add(name);
  }
  return { names: METRICS.filter((name) => asked.has(name)), own: [...own.values()] }; // in one order, which a checkpoint keeps
}

/** Adds metrics of one's own, each read once. @throws {ArgumentError} */
function readOwn(argument: string, metric: object, own: Map<string, Own>): void {
  const names = namesOf(argument, metric);
  if (names.length === 0) throw new ArgumentError(argument, "a function by name", "none");
  for (const name of names) {
    if (TAKEN.includes(name) || name in Object.prototype || own.has(name))
      throw new ArgumentError(argument, "a name of its own", show(name));
    const of: unknown = (metric as Record<string, unknown>)[name];
    const { count, value } = (typeof of === "function" ? meanOf(of as OwnMetric) : Object(of)) as CorpusMetric;
    if (typeof count !== "function" || typeof value !== "function")
      throw new ArgumentError(`${argument}.${name}`, "a function, or { count, value }", show(of));
    own.set(name, [name, count.bind(of), value.bind(of)]);
  }
}

/** A scaler is one of numbers. */
function checkTargetScaler(argument: string, scaler: unknown, loss: Loss): ReturnType<typeof checkScaler> | undefined {
  if (scaler === undefined) return undefined;
  if (classifies(loss)) throw new ArgumentError(argument, "none, the loss being a classifier's", show(scaler));
  return checkScaler(argument, scaler);
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

export function checkStopping(stopping: FitOptions["earlyStopping"], outputs: readonly Output[]): Stopping | undefined {
  if (stopping === undefined) return undefined;
  const given = checkOptions(stopping, ["patience", "minDelta", "monitor", "mode"], "earlyStopping");
  const { patience, minDelta = 0, monitor: watched = "loss", mode: said } = given;
  const [functions, rising]: [string[], string[]] = [[], []];
  const all = ["loss"];
  for (const { key, names, own } of outputs) {
    const full = (name: string) => (key === undefined ? name : `${key}.${name}`);
    const mine = own.map(([name]) => full(name));
    functions.push(...mine);
    rising.push(...names.filter((name) => RISING.includes(name)).map(full));
    all.push(...(key === undefined ? [] : [full("loss")]), ...names.map(full), ...mine);
  }
  if (!all.includes(watched)) throw new ArgumentError("earlyStopping.monitor", `one of ${all.join(", ")} (of metrics)`, show(watched));
  const monitor = watched;
  if (said === undefined && functions.includes(monitor))
    throw new ArgumentError("earlyStopping.mode", `"min" or "max", ${show(monitor)} being a metric of your own`, "none");
  const mode = checkOneOf("earlyStopping.mode", said === undefined ? (rising.includes(monitor) ? "max" : "min") : said, ["min", "max"]);
  return {
    ...{ patience: checkPositive("earlyStopping.patience", patience), minDelta: checkNumber("earlyStopping.minDelta", minDelta, 0) },
    ...{ monitor, mode },
  };
}
