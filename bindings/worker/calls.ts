/** The functions of the package, for models in a worker: the same names and options, with promises. */
import { show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import type { Scaler } from "../series/scaler.js";
import { checkSignal } from "../signal.js";
import type { FloatArray } from "../tensor.js";
import type { Sample } from "../training/data.js";
import type { Callbacks, Evaluation, FitOptions, History, Progress, Training } from "../training/fit-options.js";
import type { Metric } from "../training/metrics.js";
import type { LossData, OptimizerData, ScheduleData } from "./descriptions.js";
import { checkModel, WorkerData, type WorkerModel } from "./model.js";
import { assertHere, buffersIn } from "./moving.js";
import type { RemoteHome } from "./remote.js";
import { Newest, type Run } from "./run.js";
import { checkObject, hold } from "./runtime.js";
import { describeScaler } from "./scalers.js";

/** Samples for a model in a worker: an array, whose arrays are moved, or what `rt.data()` gave. */
export type WorkerSamples = readonly Sample[] | WorkerData;

/** Options of `fit` of `wasm-rnn/worker`: those of `fit`, where what cannot be sent is a description. A module's own need not be given. */
export interface WorkerFitOptions<Choice extends Metric = Metric>
  extends Omit<FitOptions<Choice>, "data" | "validation" | "loss" | "optimizer" | "schedule"> {
  /** Default: the module's. */
  data?: WorkerSamples;
  /** Default: the module's. */
  validation?: WorkerSamples;
  /** Default: the module's. */
  loss?: LossData;
  /** Made anew for this run; to go on with its state, `resume`. Default: the module's. */
  optimizer?: OptimizerData;
  /** Default: the module's. */
  schedule?: ScheduleData;
}

/** Options of `predict` of `wasm-rnn/worker`. */
export interface WorkerPredictOptions {
  /** Default 32. A sample's bits do not depend on it. */
  batchSize?: number;
  /** Features of a step in samples that are flat. Default 1. */
  features?: number;
  /** The scaler of the targets: predictions come in the units of the data. Default: the module's. */
  targetScaler?: Scaler;
}

/** Options of `evaluate` of `wasm-rnn/worker`. */
export interface WorkerEvaluateOptions<Asked extends Metric> {
  /** Default: the module's. */
  data?: WorkerSamples;
  /** Default: the module's. */
  loss?: LossData;
  /** Beside the loss. */
  metrics?: readonly Asked[];
  /** Default 32. */
  batchSize?: number;
  /** Features of a step in samples that are flat. Default 1. */
  features?: number;
  /** The scaler of the targets: metrics of numbers are in the units of the data. Default: the module's. */
  targetScaler?: Scaler;
}

/**
 * Trains a model in its worker, as `fit` does. `onProgress` and the loop over the run are told of the newest batch, and training does not wait for
 * them; it waits for `onEpoch` and for `checkpoint.save`. What a callback throws ends the training. `checkpoint.file` is the worker's.
 *
 * @param options data, validation and resume are moved: their arrays are empty afterwards
 * @returns the run: awaited it gives the history, gone through its progress
 * @throws as `fit`, and {WorkerError} when the worker ends
 *
 * @example
 * const run = fit(model, { data, loss: ["MSELoss"], optimizer: ["Adam", { lr: 0.01 }], epochs: 20 });
 * for await (const { step, loss } of run) console.log(step, loss);
 * const { epochs } = await run;
 */
export function fit<Choice extends Metric>(model: WorkerModel, options: WorkerFitOptions<Choice>): Run<Choice> {
  const progress = new Newest<Progress>();
  const history = train(model, options as WorkerFitOptions, progress) as Promise<History<Choice>>;
  return Object.assign(history, { [Symbol.asyncIterator]: () => progress.until(history) });
}

async function train(model: WorkerModel, options: WorkerFitOptions, progress: Newest<Progress>): Promise<History> {
  const { callbacks, signal, checkpoint, data, validation, resume, ...rest } = readOptions(options);
  const { connection } = checkModel(model);
  const told = readCallbacks(callbacks);
  checkSignal(signal);
  for (const buffer of buffersIn(resume)) assertHere("resume", buffer); // before the samples are moved
  const { save, ...kept } = checkpoint === undefined ? {} : checkObject("checkpoint", checkpoint);
  if (save !== undefined && typeof save !== "function") throw new ArgumentError("checkpoint.save", "a function", show(save));
  let isUnderWay = false;
  const listen = async (name: string, value: unknown, training: Training) => {
    isUnderWay = name !== "onEnd";
    if (name === "save") return save?.call(checkpoint, value as Uint8Array<ArrayBuffer>);
    if (name === "onProgress") progress.put(value as Progress);
    if (name === "onEnd") return endAll(told);
    for (const callback of told) await (callback as Record<string, Callback | undefined>)[name]?.(value, training);
  };
  return withHeld(model.runtime, { data, validation }, async (held) => {
    const inWorker = {
      ...{ ...rest, ...held },
      ...(checkpoint === undefined ? {} : { checkpoint: { ...kept, save: save !== undefined } }),
      ...(resume === undefined ? {} : { resume }),
    };
    const args = [model.id, inWorker, signal !== undefined, signal?.aborted ?? false];
    try {
      return (await connection.call("fit", args, { move: { resume }, signal, listen, holder: model })) as History;
    } catch (error) {
      if (isUnderWay) await endAll(told).catch(() => {}); // the worker ended: its error goes before theirs
      throw error;
    }
  });
}

/** `onProgress`, or `onEpoch`. */
type Callback = (news: unknown, training: Training) => unknown;

/** Every callback's end, whatever others throw. */
async function endAll(callbacks: readonly Callbacks[]): Promise<void> {
  const errors: unknown[] = [];
  for (const callback of callbacks) {
    try {
      await callback.onEnd?.();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

/**
 * Measures a model in its worker, as `evaluate` does.
 *
 * @param options data: moved
 * @throws as `evaluate`, and {WorkerError} when the worker ends
 */
export async function evaluate<Asked extends Metric = never>(
  model: WorkerModel,
  options: WorkerEvaluateOptions<Asked> = {},
): Promise<Evaluation & Record<Asked, number>> {
  const { data, ...rest } = readOptions(options);
  checkModel(model);
  return withHeld(model.runtime, { data }, (held) => model.ask("evaluate", [{ ...rest, ...held }])) as Promise<
    Evaluation & Record<Asked, number>
  >;
}

/**
 * What a model in its worker predicts for each sample, as `predict` does.
 *
 * @param inputs samples, or their x alone: moved; or what `rt.data()` gave
 * @returns for each its numbers, flat, and their shape without the axis of the batch
 * @throws as `predict`, and {WorkerError} when the worker ends
 */
export async function predict(
  model: WorkerModel,
  inputs: readonly (Sample["x"] | Pick<Sample, "x">)[] | WorkerData,
  options: WorkerPredictOptions = {},
): Promise<{ data: FloatArray; shape: number[] }[]> {
  const rest = readOptions(options);
  checkModel(model);
  const answer = withHeld(model.runtime, { inputs: inputs as WorkerSamples }, ({ inputs }) => model.ask("predict", [inputs, rest]));
  return answer as Promise<{ data: FloatArray; shape: number[] }[]>;
}

/** Options with their scaler described. */
function readOptions<Options extends { targetScaler?: Scaler }>(options: Options): Options {
  const own = checkObject("options", options);
  if (own.targetScaler === undefined) return own;
  return { ...own, targetScaler: describeScaler("targetScaler", own.targetScaler) as Scaler };
}

/** Runs with samples that the worker holds: an array is moved there for this call alone. */
async function withHeld<R>(
  runtime: RemoteHome,
  sources: Readonly<Record<string, WorkerSamples | undefined>>,
  run: (held: Record<string, number>) => Promise<R>,
): Promise<R> {
  const held: Record<string, number> = {};
  const moved: [name: string, samples: readonly Sample[]][] = [];
  for (const [name, samples] of Object.entries(sources)) {
    if (samples === undefined) continue;
    if (samples instanceof WorkerData) {
      if (samples.runtime !== runtime) throw new ArgumentError(name, "samples of the model's runtime", "those of another");
      samples.assertAlive();
      held[name] = samples.id;
    } else if (Array.isArray(samples)) moved.push([name, samples]);
    else throw new ArgumentError(name, "an array of samples, or what rt.data() gave", show(samples));
  }
  const mine = await hold(
    runtime,
    moved.map(([, samples]) => samples),
  );
  try {
    return await run({ ...held, ...Object.fromEntries(moved.map(([name], i) => [name, mine[i] as number])) });
  } finally {
    for (const id of mine) runtime.connection.tell("release", id);
  }
}

function readCallbacks(callbacks: FitOptions["callbacks"]): readonly Callbacks[] {
  const list: readonly unknown[] = callbacks === undefined ? [] : Array.isArray(callbacks) ? [...callbacks] : [callbacks];
  for (const callback of list) {
    const known = ["onProgress", "onEpoch", "onEnd"].map((name) => (callback as Record<string, unknown> | null | undefined)?.[name]);
    if (typeof callback !== "object" || callback === null || known.some((each) => each !== undefined && typeof each !== "function"))
      throw new ArgumentError("callbacks", "objects with functions onProgress, onEpoch or onEnd", show(callbacks));
    const stranger = Object.keys(callback).find((name) => /^on[A-Z]/.test(name) && !/^on(Progress|Epoch|End)$/.test(name));
    if (stranger !== undefined)
      throw new ArgumentError(`callbacks.${stranger}`, "onProgress, onEpoch or onEnd", "a name that nobody calls");
  }
  return list as readonly Callbacks[];
}
