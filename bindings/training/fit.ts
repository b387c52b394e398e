/** The training loop. */
import { checkOneOf, checkOptions, checkPositive, show } from "../checks.js";
import { ArgumentError, NonFiniteError } from "../errors.js";
import { packCheckpoint } from "../io/checkpoint.js";
import { readFileIfAny, writeFileAtomically } from "../io/file.js";
import type { NamedArray } from "../io/safetensors.js";
import { clipGradNorm, scaleGrad } from "../optim/clip.js";
import type { Parameter } from "../parameters.js";
import { Generator } from "../random.js";
import { copyOf, type FloatArray } from "../tensor.js";
import { batchingOf, checkCheckpoint, checkLoss, checkMetrics, checkStopping } from "./checks.js";
import { batchesOf, checkSamples, isRestartable, type Sample } from "./data.js";
import type { Callbacks, EpochReport, FitOptions, History, Trainable } from "./fit-options.js";
import { evaluate, measure } from "./measure.js";
import { type Metric, Metrics } from "./metrics.js";
import { firstNonFinite, type Inspected } from "./non-finite.js";
import { Pauses } from "./pause.js";
import { type Fixed, type Position, readRun } from "./resume.js";

const OPTIONS = [
  ...["data", "loss", "optimizer", "epochs", "batchSize", "shuffle", "bucketByLength", "features", "seed", "accumulate", "clipNorm"],
  ...["schedule", "scheduleEvery", "validation", "metrics", "earlyStopping", "callbacks", "signal", "checkpoint", "resume"],
];

/**
 * Trains a model on samples; afterwards the model is in `eval()` mode, ready for use.
 *
 * @example
 * const data = [{ x: Int32Array.of(3, 1, 4), y: 1 }, { x: Int32Array.of(1, 5), y: 0 }];
 * const { epochs } = await fit(model, { data, loss: new CrossEntropyLoss(rt), optimizer: new Adam(model.parameters()), epochs: 5 });
 * @returns what each epoch gave
 * @throws {ArgumentError} on options that it cannot take, as a source that cannot be gone through again where it must be
 * @throws {ShapeError} when a sample does not fit the others or the model
 * @throws {NonFiniteError} when the loss or a gradient is no longer finite: the parameters are those before that step
 * @throws {FormatError} when a checkpoint is damaged, or of another run
 */
export async function fit(model: Trainable, options: FitOptions): Promise<History> {
  checkOptions(options, OPTIONS);
  const run = new Run(model, options);
  try {
    return await run.train();
  } finally {
    model.eval();
    for (const callback of run.callbacks) await callback.onEnd?.();
  }
}

class Run {
  readonly callbacks: readonly Callbacks[];
  readonly #model: Trainable;
  readonly #options: FitOptions;
  readonly #named: [string, Parameter][];
  readonly #parameters: Parameter[];
  readonly #generators: Generator[];
  readonly #fixed: Fixed;
  readonly #epochs: number;
  readonly #metricNames: readonly Metric[];
  readonly #order: Generator;
  readonly #pauses = new Pauses();
  #metrics = new Metrics();
  #at: Position;
  #best: Record<string, FloatArray> = {};
  #started = { at: 0, seen: 0 };
  #resumedFrom: History["resumedFrom"];

  constructor(model: Trainable, options: FitOptions) {
    for (const method of ["forward", "backward", "namedParameters", "train", "eval"] as const) {
      if (typeof model?.[method] !== "function")
        throw new ArgumentError("model", `a Sequential, or an object with ${method}()`, show(model));
    }
    this.#model = model;
    this.#options = options;
    checkLoss(options.loss);
    if (typeof options.optimizer?.step !== "function") throw new ArgumentError("optimizer", "an optimizer", show(options.optimizer));
    this.#epochs = checkPositive("epochs", options.epochs ?? 1);
    this.#fixed = {
      ...batchingOf({ ...options, shuffle: options.shuffle ?? Array.isArray(options.data) }),
      accumulate: checkPositive("accumulate", options.accumulate ?? 1),
    };
    if (options.clipNorm !== undefined && !(options.clipNorm > 0))
      throw new ArgumentError("clipNorm", "a number over 0", show(options.clipNorm));
    checkOneOf("scheduleEvery", options.scheduleEvery ?? "epoch", ["epoch", "step"]);
    this.#metricNames = checkMetrics(options.metrics, options.loss);
    this.#order = new Generator(options.seed ?? 0);
    checkSamples("data", options.data, this.#fixed);
    if (options.validation !== undefined)
      checkSamples("validation", options.validation, { ...this.#fixed, shuffle: false, bucketByLength: false });
    checkStopping(options.earlyStopping);
    checkCheckpoint(options);
    if (options.signal !== undefined && !(options.signal instanceof AbortSignal))
      throw new ArgumentError("signal", "an AbortSignal", show(options.signal));
    for (const name of ["data", "validation"] as const) {
      const source = options[name];
      const again = this.#epochs > 1 ? "more than one epoch" : options.checkpoint || options.resume ? "checkpoints" : undefined;
      if (source === undefined || !again || isRestartable(source)) continue;
      throw new ArgumentError(name, `an array or a function that begins anew, for ${again}`, "a source that cannot be restarted");
    }
    this.callbacks =
      options.callbacks === undefined ? [] : Array.isArray(options.callbacks) ? options.callbacks : [options.callbacks as Callbacks];
    this.#named = model.namedParameters();
    this.#parameters = this.#named.map(([, parameter]) => parameter);
    this.#generators = [...new Set(((model as Inspected).namedLayers?.() ?? []).map(([, layer]) => layer.generator))];
    const perEpoch = Array.isArray(options.data) ? options.data.length : undefined;
    this.#at = {
      ...{ step: 0, epoch: 0, batch: 0, seen: 0, before: 0, perEpoch, order: this.#order.state },
      ...{ generators: [], metrics: this.#metrics.state, reports: [], best: undefined },
    };
  }

  async train(): Promise<History> {
    this.#resume();
    this.#options.signal?.throwIfAborted();
    const at = this.#at;
    this.#started = { at: performance.now(), seen: at.before + at.seen };
    let stopped: History["stopped"] = at.best && this.#outOfPatience() ? "early" : "finished";
    while (at.epoch < this.#epochs && stopped === "finished") {
      await this.#epoch();
      if (this.#outOfPatience()) stopped = "early";
      const { checkpoint } = this.#options;
      if (checkpoint && (checkpoint.every === undefined || stopped === "early" || at.epoch === this.#epochs)) await this.#save();
    }
    const history: History = { epochs: at.reports, steps: at.step, stopped };
    if (this.#options.earlyStopping && at.best) {
      for (const [name, parameter] of this.#named) parameter.set(this.#best[name] as FloatArray);
      history.bestEpoch = at.best.epoch;
    }
    if (this.#resumedFrom) history.resumedFrom = this.#resumedFrom;
    return history;
  }

  async #epoch(): Promise<void> {
    const { data, optimizer, schedule, scheduleEvery, checkpoint, signal } = this.#options;
    const at = this.#at;
    this.#model.train();
    if (at.batch === 0) this.#metrics = new Metrics();
    at.metrics = this.#metrics.state;
    at.order = this.#order.state;
    let pending: { batches: number; weight: number } = { batches: 0, weight: 0 };
    const finish = async () => {
      this.#apply(pending);
      pending = { batches: 0, weight: 0 };
      if (schedule && scheduleEvery === "step") schedule.step();
      if (checkpoint?.every !== undefined && at.step % checkpoint.every === 0) await this.#save();
    };
    optimizer.zeroGrad();
    for await (const batch of batchesOf(data, this.#fixed, this.#order, at.batch)) {
      const { loss, weight } = this.#learn(batch);
      at.batch++;
      at.seen += batch.length;
      pending.batches++;
      pending.weight += weight;
      if (pending.batches === this.#fixed.accumulate) await finish();
      await this.#report(loss);
      await this.#pauses.due();
      if (signal?.aborted) {
        if (checkpoint && pending.batches === 0) await this.#save();
        signal.throwIfAborted();
      }
    }
    if (pending.batches > 0) await finish();
    if (at.seen === 0) throw new ArgumentError("data", "at least one sample", "none");
    await this.#endEpoch();
  }

  /** Forward and backward of one batch; gradients add up. */
  #learn(batch: readonly Sample[]): { loss: number; weight: number } {
    const { loss, optimizer } = this.#options;
    const before = this.#generators.map((generator) => generator.state);
    const divisor = this.#fixed.accumulate > 1 ? 1 : undefined;
    return measure(this.#model, batch, this.#fixed, loss, this.#metricNames, this.#metrics, {
      divisor,
      use: (result, forward) => {
        if (!Number.isFinite(result.loss)) {
          for (const [i, generator] of this.#generators.entries()) generator.state = before[i] as number[];
          const layer = firstNonFinite(this.#model as Inspected, forward);
          optimizer.zeroGrad();
          throw this.#nonFinite(`the loss is ${result.loss}`, layer);
        }
        this.#model.backward(result.gradient, { dX: false });
      },
    });
  }

  /** One optimizer step over what has added up. */
  #apply({ weight }: { weight: number }): void {
    const { optimizer, clipNorm, loss } = this.#options;
    const at = this.#at;
    if (this.#fixed.accumulate > 1 && loss.reduction === "mean") scaleGrad(this.#parameters, 1 / weight);
    const norm = clipGradNorm(this.#parameters, clipNorm ?? Number.POSITIVE_INFINITY);
    if (!Number.isFinite(norm)) {
      const bad = this.#named.find(([, parameter]) => !parameter.grad.every(Number.isFinite))?.[0];
      optimizer.zeroGrad();
      throw this.#nonFinite(`the gradient of ${bad ?? "all parameters together"} is not finite`, bad?.replace(/\.[^.]*$/, ""), at.batch);
    }
    optimizer.step();
    optimizer.zeroGrad();
    at.step++;
  }

  #nonFinite(what: string, layer: string | undefined, batch = this.#at.batch + 1): NonFiniteError {
    const place = { step: this.#at.step + 1, batch, layer };
    const where = layer === undefined ? "every layer's output is finite: look at the targets" : `the first layer to blame is ${layer}`;
    return new NonFiniteError(
      `fit: expected finite numbers, got ${what} in step ${place.step} (batch ${place.batch} of epoch ${this.#at.epoch + 1}); ${where}`,
      place,
    );
  }

  async #report(loss: number): Promise<void> {
    if (this.callbacks.length === 0) return;
    const at = this.#at;
    const done = at.before + at.seen;
    const rate = (done - this.#started.seen) / Math.max((performance.now() - this.#started.at) / 1000, 1e-6);
    const total = at.perEpoch === undefined ? undefined : at.perEpoch * this.#epochs;
    const timeLeft = total === undefined ? undefined : (total - done) / rate;
    const progress = { epoch: at.epoch + 1, epochs: this.#epochs, step: at.step, done, total, rate, timeLeft, loss };
    for (const callback of this.callbacks) await callback.onProgress?.(progress);
  }

  async #endEpoch(): Promise<void> {
    const { validation, loss, schedule, scheduleEvery, earlyStopping, optimizer } = this.#options;
    const at = this.#at;
    const lr = optimizer.lr;
    const report: EpochReport = { epoch: at.epoch + 1, loss: this.#metrics.loss, lr, ...this.#metrics.values(this.#metricNames) };
    if (validation !== undefined) {
      const { batchSize, features } = this.#fixed;
      report.validation = await evaluate(this.#model, { data: validation, loss, metrics: this.#metricNames, batchSize, features });
    }
    const watched = report.validation?.loss ?? report.loss;
    if (earlyStopping && (at.best === undefined || watched < at.best.loss - (earlyStopping.minDelta ?? 0))) {
      at.best = { loss: watched, epoch: at.epoch + 1 };
      this.#best = Object.fromEntries(this.#named.map(([name, parameter]) => [name, parameter.toArray()]));
    }
    if (schedule && scheduleEvery !== "step") schedule.step(watched);
    at.reports.push(report);
    at.epoch++;
    at.batch = 0;
    at.perEpoch = at.seen;
    at.before += at.seen;
    at.seen = 0;
    this.#metrics = new Metrics();
    at.metrics = this.#metrics.state;
    at.order = this.#order.state;
    for (const callback of this.callbacks) await callback.onEpoch?.(report);
  }

  #outOfPatience(): boolean {
    const { earlyStopping } = this.#options;
    const { best, epoch } = this.#at;
    return earlyStopping !== undefined && best !== undefined && epoch - best.epoch >= earlyStopping.patience;
  }

  async #save(): Promise<void> {
    const { optimizer, schedule, checkpoint } = this.#options;
    const tensors: Record<string, NamedArray> = {};
    for (const [name, parameter] of this.#named) {
      const data = parameter.toArray();
      if (!data.every(Number.isFinite)) throw this.#nonFinite(`${name}, which`, name.replace(/\.[^.]*$/, "")); // the last good checkpoint stays
      tensors[`model.${name}`] = { shape: parameter.shape, data };
    }
    const { tensors: moments, ...rest } = optimizer.state();
    const dtype = this.#parameters[0]?.dtype ?? "f32";
    for (const [name, data] of Object.entries(moments))
      tensors[`optimizer.${name}`] = { shape: [data.length], data: copyOf(data instanceof Float64Array ? "f64" : dtype, data) };
    for (const [name, data] of Object.entries(this.#best)) tensors[`best.${name}`] = { shape: [data.length], data };
    const position = { ...this.#at, generators: this.#generators.map((generator) => generator.state) };
    const { build } = this.#model.runtime;
    const bytes = packCheckpoint(tensors, {
      build,
      fixed: this.#fixed,
      position,
      optimizer: { ...rest, lr: optimizer.lr },
      schedule: schedule?.state(),
    });
    if (checkpoint?.file !== undefined) writeFileAtomically(checkpoint.file, bytes);
    await checkpoint?.save?.(bytes);
  }

  /** Continues from a checkpoint, where one is given: everything is checked before anything is changed. */
  #resume(): void {
    const { resume = false, checkpoint, optimizer, schedule } = this.#options;
    const bytes = resume === true ? readFileIfAny(checkpoint?.file as string) : resume || undefined;
    if (!bytes) return;
    const { data } = this.#options;
    const { tensors, details } = readRun(bytes, {
      fixed: this.#fixed,
      named: this.#named,
      samples: Array.isArray(data) ? data.length : undefined,
      scheduled: schedule !== undefined,
      generators: this.#generators.length,
    });
    const { build, position, optimizer: rest, schedule: plan } = details;
    const part = (prefix: string) =>
      Object.fromEntries(
        Object.entries(tensors).flatMap(([name, { data }]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), data]] : [])),
      );
    optimizer.load({ ...rest, tensors: part("optimizer.") } as never);
    optimizer.lr = rest.lr;
    schedule?.load(plan as never);
    for (const [name, parameter] of this.#named) parameter.set((tensors[`model.${name}`] as NamedArray).data);
    for (const [i, generator] of this.#generators.entries()) generator.state = position.generators[i] as number[];
    this.#best = part("best.") as Record<string, FloatArray>;
    this.#order.state = position.order;
    this.#at = position;
    this.#metrics.state = position.metrics;
    this.#resumedFrom = { step: position.step, build };
  }
}
