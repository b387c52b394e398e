/** One batch through a model, and whole evaluations. */
import { checkOptions } from "../checks.js";
import { Frame } from "../graph/frame.js";
import { isBatchFirst } from "../layout.js";
import type { Loss, LossResult } from "../losses/loss.js";
import { Generator } from "../random.js";
import type { Scaler } from "../series/scaler.js";
import type { AbortSignalLike } from "../signal.js";
import type { Tensor } from "../tensor.js";
import { type Batch, inputOf, readBatch, type Target, targetOf } from "./batch.js";
import { type Counted, count, targetsOf } from "./count.js";
import { type Batching, batchesOf, checkSamples, type Picked, type Samples } from "./data.js";
import { batchingOf, checkLoss, checkModel } from "./doors.js";
import { explainingInput, explainingSource, explainingTarget, sourceOf } from "./explain.js";
import type { Evaluation, Trainable } from "./fit-options.js";
import { checkMetrics, checkTargetScaler } from "./metric-doors.js";
import { type MetricChoice, Metrics, type NamesOf } from "./metrics.js";
import { evalPassesOf } from "./modes.js";
import { Pauses } from "./pause.js";

/**
 * Measures a model on samples, without changing it: dropout is off in its passes, and between them every layer's mode and the model's
 * buffers are as they were. It may run beside others of the same model; beside a `fit` it measures what has been learned by then, batch by batch.
 *
 * @param options data: of a function, the samples of epoch 0
 * @returns the mean loss and the metrics; NaN where nothing counts, all targets being ignored or of weight 0
 * @throws {ArgumentError} @throws {ShapeError} @throws {DTypeError} naming the sample by its place in the data
 * @throws {DisposedError} @throws {MemoryError}
 */
export async function evaluate<const Choice extends MetricChoice>(
  model: Trainable,
  options: EvaluateOptions<Choice>,
): Promise<Evaluation & Record<NamesOf<Choice>, number>> {
  const given = checkOptions(options, ["data", "loss", "metrics", "targetScaler", "batchSize", "features"]);
  const { data, metrics, targetScaler, batchSize, features } = given;
  checkModel(model, ["forward", "eval", "train"]);
  const batching = batchingOf({ batchSize, features });
  const loss = checkLoss(given.loss, model.runtime);
  const scaler = checkTargetScaler(targetScaler, loss);
  using frame = new Frame(model.runtime);
  const subject = { model, loss, frame, batching, batchFirst: isBatchFirst(model), scaler, ...checkMetrics(metrics, loss) };
  const samples = checkSamples("data", data, batching);
  return (await evaluateIn(0, "data", samples, subject, new Pauses())) as Evaluation & Record<NamesOf<Choice>, number>;
}

/** Options of `evaluate`. */
export interface EvaluateOptions<Choice extends MetricChoice = MetricChoice> {
  /** Samples; of a function, those of epoch 0. */
  data: Samples;
  loss: Loss;
  /** Beside the loss. */
  metrics?: readonly Choice[];
  /** The scaler of the targets: metrics are in the units of the data, the loss is as it is learned. */
  targetScaler?: Scaler;
  /** Default 32. */
  batchSize?: number;
  /** Features of a step in samples that are flat. Default 1. */
  features?: number;
}

/** @internal What is measured, and how. */
export interface Subject extends Counted {
  readonly model: Trainable;
  /** Where its passes run. */
  readonly frame: Frame;
  readonly batching: Batching;
  readonly batchFirst: boolean;
}

/** @internal An evaluation after the checks, in an epoch of `fit`. @returns undefined when a signal has ended it */
export async function evaluateIn(
  epoch: number,
  argument: string,
  samples: Samples,
  subject: Subject,
  pauses: Pauses,
  signal?: AbortSignalLike,
): Promise<Evaluation | undefined> {
  const metrics = new Metrics();
  const pass = evalPassesOf(subject.model);
  const source = sourceOf(argument, argument === "data" ? undefined : samples, epoch); // evaluate's data are those of one epoch alone
  try {
    for await (const picked of batchesOf(argument, samples, subject.batching, new Generator(), { epoch, skip: 0, signal, pauses })) {
      pass(() => explainingSource(source, () => measure(subject, picked, metrics, undefined)));
      await pauses.due();
      if (signal?.aborted) break;
    }
  } catch (error) {
    if (!signal?.aborted || error !== signal.reason) throw error;
  }
  if (signal?.aborted) return undefined;
  return { loss: metrics.loss, ...metrics.values(subject) };
}

/** @internal What learns from a batch. */
export interface Learner {
  /** What the loss is divided by, where that is not the batch's weight. */
  readonly divisor: number | undefined;
  /** The samples have been read and are in order. */
  begin(): void;
  /** Gets the loss, if anything counts: the frame has recorded how it was made. */
  use(result: LossResult): void;
}

/** @internal One batch forward, counted. @returns mean loss and weight of the batch; of weight 0 it changes nothing, and its loss is NaN */
export function measure(
  subject: Subject,
  picked: readonly Picked[],
  metrics: Metrics,
  learner: Learner | undefined,
): { loss: number; weight: number } {
  const { model, loss, frame, batching, batchFirst } = subject;
  const { runtime } = model;
  const targets = targetsOf(loss);
  const batch = readBatch(picked, { features: batching.features, batchFirst, targets });
  learner?.begin();
  const divisor = loss.reduction === "sum" ? undefined : learner?.divisor;
  const x = inputOf(runtime, loss.dtype, batch);
  let target: Target | undefined;
  const pass = () => {
    const forward = () => (batch.lengths ? model.forward(x, { lengths: batch.lengths }) : model.forward(x));
    const prediction = explainingInput(model, batch, forward);
    const wanted = targetOf(runtime, targets === "classes" ? "i32" : loss.dtype, batch, prediction);
    target = wanted;
    const result = explainingTarget(batch, wanted, () => compare(loss, prediction, wanted, batch, divisor));
    return { prediction, target: wanted, result };
  };
  try {
    const { prediction, target, result } = learner ? frame.record(pass) : frame.run(pass);
    if (result.weight === 0) return { loss: Number.NaN, weight: 0 };
    const sum = loss.reduction === "sum" || divisor === 1 ? result.loss : result.loss * result.weight;
    learner?.use(result);
    count(subject, metrics, batch, prediction, target);
    metrics.addLoss(sum, result.weight);
    return { loss: sum / result.weight, weight: result.weight };
  } finally {
    target?.tensor.dispose();
    x.dispose();
  }
}

function compare(
  loss: Loss,
  prediction: Tensor,
  { tensor, overTime }: Target,
  { lengths }: Batch,
  divisor: number | undefined,
): LossResult {
  return loss.forward(prediction, tensor, { ...(overTime && lengths ? { lengths } : {}), ...(divisor === undefined ? {} : { divisor }) });
}
