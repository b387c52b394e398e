/** The options of training, checked at the door. */
import { checkBoolean, checkNumber, checkOptions, checkPositive, namesOf, show, typedKind } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { isImpostor } from "../heir.js";
import { OWN_METADATA } from "../io/checkpoint.js";
import { checkFile } from "../io/file.js";
import { Loss } from "../losses/loss.js";
import { Optimizer } from "../optim/optimizer.js";
import { Steering } from "../optim/schedules/steering.js";
import { Runtime } from "../runtime.js";
import { Sequential } from "../sequential.js";
import { Tensor } from "../tensor.js";
import type { Batching } from "./data.js";
import type { Callbacks, CheckpointOptions, FitOptions } from "./fit-options.js";
import type { Scheduler, Stepper, TrainableByName } from "./trainable.js";

export function checkModel(model: TrainableByName, methods: readonly (keyof TrainableByName)[]): TrainableByName {
  if (isImpostor(Sequential, model)) throw new ArgumentError("model", "the model itself", "a Proxy or an heir of one");
  for (const method of methods) {
    if (typeof model?.[method] !== "function") throw new ArgumentError("model", `a Sequential, or an object with ${method}()`, show(model));
  }
  const { runtime } = model;
  if (!(runtime instanceof Runtime)) throw new ArgumentError("model.runtime", "a Runtime of createRuntime()", show(runtime));
  runtime.assertAlive();
  const known = model as { namedLayers?: unknown; namedBuffers?: unknown; namedParameters?: unknown };
  checkNamed(model, "namedParameters", known.namedParameters, "parameters", isObject);
  checkNamed(model, "namedLayers", known.namedLayers, "layers", isObject);
  checkNamed(model, "namedBuffers", known.namedBuffers, "tensors", (value) => value instanceof Tensor);
  return model;
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

/** What a model of someone else's says it is made of, where it says so: pairs of a name and such a value. */
function checkNamed(model: object, name: string, method: unknown, what: string, isOne: (value: unknown) => boolean): void {
  if (method === undefined) return;
  const argument = `model.${name}`;
  if (typeof method !== "function") throw new ArgumentError(argument, "a function", show(method));
  const pairs: unknown = method.call(model);
  const isPair = (pair: unknown) => Array.isArray(pair) && typeof pair[0] === "string" && isOne(pair[1]);
  if (!Array.isArray(pairs)) throw new ArgumentError(argument, `[name, …] pairs of ${what}`, show(pairs));
  const bad = pairs.findIndex((pair) => !isPair(pair));
  if (bad >= 0) throw new ArgumentError(`${argument}[${bad}]`, `a name and one of the ${what}`, show(pairs[bad]));
}

export function batchingOf(options: { batchSize?: number; shuffle?: boolean; bucketByLength?: boolean; features?: number }): Batching {
  const { batchSize = 32, shuffle = false, bucketByLength = false, features = 1 } = options;
  return {
    batchSize: checkPositive("batchSize", batchSize),
    shuffle: checkBoolean("shuffle", shuffle),
    bucketByLength: checkBoolean("bucketByLength", bucketByLength),
    features: checkPositive("features", features),
  };
}

export function checkLoss(argument: string, loss: unknown, runtime: Runtime): Loss {
  if (!(loss instanceof Loss)) throw new ArgumentError(argument, "a loss, such as new CrossEntropyLoss(rt)", show(loss));
  loss.assertAlive();
  if (loss.runtime !== runtime) throw new ArgumentError(argument, "a loss of the model's runtime", "one of another");
  return loss;
}

/** An object of someone else's, by what it can do. */
function checkMethods<V>(argument: string, what: string, value: V, methods: readonly string[]): V {
  const missing = methods.find((method) => typeof (value as Record<string, unknown> | null | undefined)?.[method] !== "function");
  if (missing !== undefined) throw new ArgumentError(argument, `${what}, with ${missing}()`, show(value));
  return value;
}

export function checkOptimizer(optimizer: Stepper, kept: boolean): Stepper {
  checkMethods("optimizer", "an optimizer, such as new Adam(model.parameters())", optimizer, [
    "step",
    "zeroGrad",
    ...(kept ? ["state", "load"] : []),
  ]);
  if (isImpostor(Optimizer, optimizer)) throw new ArgumentError("optimizer", "the optimizer itself", "a Proxy or an heir of one");
  checkNumber("optimizer.lr", optimizer.lr);
  const { parameters }: { parameters?: unknown } = optimizer;
  if (parameters !== undefined && !(Array.isArray(parameters) && parameters.every(isObject)))
    throw new ArgumentError("optimizer.parameters", "an array of parameters", show(parameters));
  return optimizer;
}

export function checkSchedule(
  schedule: Scheduler | undefined,
  every: "epoch" | "step",
  optimizer: Stepper,
  kept: boolean,
): Scheduler | undefined {
  if (schedule === undefined) return undefined;
  if (every === "step" && schedule instanceof Steering && schedule.byMetric)
    throw new ArgumentError("scheduleEvery", '"epoch", as ReduceLROnPlateau goes by the loss of an epoch', show(every));
  if (isImpostor(Steering, schedule)) throw new ArgumentError("schedule", "the schedule itself", "a Proxy or an heir of one");
  checkMethods("schedule", "a learning-rate schedule", schedule, ["step", ...(kept ? ["state", "load"] : [])]);
  const { optimizer: steered } = schedule as { optimizer?: unknown }; // of someone else's, or one that hands the rate on, it is not known
  if (steered instanceof Optimizer && optimizer instanceof Optimizer && steered !== optimizer)
    throw new ArgumentError("schedule", "a schedule of this optimizer", "one of another");
  return schedule;
}

export function checkCallbacks(callbacks: FitOptions["callbacks"]): readonly Callbacks[] {
  if (callbacks === undefined) return [];
  const given: readonly Callbacks[] = Array.isArray(callbacks) ? callbacks : [callbacks as Callbacks];
  const list: Callbacks[] = [];
  const { length } = given;
  for (let i = 0; i < length; i++) {
    const callback = given[i];
    const argument = Array.isArray(callbacks) ? `callbacks[${i}]` : "callbacks";
    if (typeof callback !== "object" || callback === null)
      throw new ArgumentError(argument, "an object with onProgress, onEpoch or onEnd", show(callback));
    for (const name of ["onProgress", "onEpoch", "onEnd"] as const) {
      const given: unknown = callback[name];
      if (given !== undefined && typeof given !== "function") throw new ArgumentError(`${argument}.${name}`, "a function", show(given));
    }
    const stranger = namesOf(argument, callback).find((name) => /^on[A-Z]/.test(name) && !/^on(Progress|Epoch|End)$/.test(name));
    if (stranger !== undefined)
      throw new ArgumentError(`${argument}.${stranger}`, "onProgress, onEpoch or onEnd", "a name that nobody calls");
    list.push(callback);
  }
  return list;
}

function checkMetadata(metadata: CheckpointOptions["metadata"]): void {
  if (metadata === undefined) return;
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata))
    throw new ArgumentError("checkpoint.metadata", "strings by name", show(metadata));
  for (const [name, value] of Object.entries(metadata)) {
    if (OWN_METADATA.includes(name))
      throw new ArgumentError("checkpoint.metadata", "other names", `${name}, which checkpoints use themselves`);
    if (typeof value !== "string") throw new ArgumentError(`checkpoint.metadata.${name}`, "a string", show(value));
  }
}

export function checkCheckpoint(checkpoint: CheckpointOptions | undefined): CheckpointOptions | undefined {
  if (checkpoint === undefined) return undefined;
  const { file, save, every, metadata } = checkOptions(checkpoint, ["file", "save", "every", "metadata"], "checkpoint");
  checkMetadata(metadata);
  if (file === undefined && save === undefined) throw new ArgumentError("checkpoint", "a file, or a function save", "neither");
  if (file !== undefined && (typeof file !== "string" || file === "" || file.includes("\0")))
    throw new ArgumentError("checkpoint.file", "a path", show(file));
  if (file !== undefined) checkFile("checkpoint.file", file);
  if (save !== undefined && typeof save !== "function") throw new ArgumentError("checkpoint.save", "a function", show(save));
  if (every !== undefined) checkPositive("checkpoint.every", every);
  const copy: CheckpointOptions = { ...(file !== undefined && { file }), ...(every !== undefined && { every }) };
  if (save) copy.save = (bytes) => save.call(checkpoint, bytes);
  if (metadata) copy.metadata = { ...metadata };
  return copy;
}

export function checkResume(resume: FitOptions["resume"], checkpoint: CheckpointOptions | undefined): boolean | Uint8Array {
  if (resume === undefined || resume === false) return false;
  if (typedKind(resume) === "Uint8Array" || (resume === true && checkpoint?.file !== undefined)) return resume as true | Uint8Array;
  throw new ArgumentError("resume", "the bytes of a checkpoint, or true beside checkpoint.file", show(resume));
}
