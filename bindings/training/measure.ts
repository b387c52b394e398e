/** One batch through a model, and whole evaluations. */
import { checkOptions } from "../checks.js";
import { isBatchFirst } from "../layout.js";
import { CrossEntropyLoss } from "../losses/cross-entropy.js";
import type { Loss, LossResult } from "../losses/loss.js";
import { Generator } from "../random.js";
import type { AbortSignalLike } from "../signal.js";
import type { Tensor } from "../tensor.js";
import { type Batch, inputOf, readBatch, type Target, targetOf } from "./batch.js";
import { type Batching, batchesOf, checkSamples, type Picked, type Samples } from "./data.js";
import { batchingOf, checkLoss, checkMetrics, checkModel } from "./doors.js";
import { explainingInput, explainingSource, explainingTarget, sourceOf } from "./explain.js";
import type { Evaluation, Trainable } from "./fit-options.js";
import { type Metric, Metrics } from "./metrics.js";
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
export async function evaluate<Asked extends Metric = never>(
  model: Trainable,
  options: { data: Samples; loss: Loss; metrics?: readonly Asked[]; batchSize?: number; features?: number },
): Promise<Evaluation & Record<Asked, number>> {
  const { data, loss, metrics, batchSize, features } = checkOptions(options, ["data", "loss", "metrics", "batchSize", "features"]);
  checkModel(model, ["forward", "eval", "train"]);
  const batching = batchingOf({ batchSize, features });
  const subject = { model, loss: checkLoss(loss, model.runtime), batching, batchFirst: isBatchFirst(model) };
  const samples = checkSamples("data", data, batching);
  const asked = { ...subject, names: checkMetrics(metrics, loss) };
  return (await evaluateIn(0, "data", samples, asked, new Pauses())) as Evaluation & Record<Asked, number>;
}

/** @internal What is measured, and how. */
export interface Subject {
  readonly model: Trainable;
  readonly loss: Loss;
  readonly batching: Batching;
  readonly batchFirst: boolean;
  readonly names: readonly Metric[];
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
  return { loss: metrics.loss, ...metrics.values(subject.names) };
}

/** @internal What learns from a batch. */
export interface Learner {
  /** What the loss is divided by, where that is not the batch's weight. */
  readonly divisor: number | undefined;
  /** The samples have been read and are in order. */
  begin(): void;
  /** Gets the gradient while it is valid, if anything counts. */
  use(result: LossResult, forward: () => unknown): void;
}

/** @internal One batch forward, counted. @returns mean loss and weight of the batch; of weight 0 it changes nothing, and its loss is NaN */
export function measure(
  subject: Subject,
  picked: readonly Picked[],
  metrics: Metrics,
  learner: Learner | undefined,
): { loss: number; weight: number } {
  const { model, loss, batching, batchFirst } = subject;
  const { runtime } = model;
  const classes = loss instanceof CrossEntropyLoss;
  const batch = readBatch(picked, { features: batching.features, batchFirst, classes });
  learner?.begin();
  const x = inputOf(runtime, loss.dtype, batch);
  try {
    const forward = () => (batch.lengths ? model.forward(x, { lengths: batch.lengths }) : model.forward(x));
    const prediction = explainingInput(model, batch, forward);
    const target = targetOf(runtime, classes ? "i32" : loss.dtype, batch, prediction);
    try {
      const divisor = loss.reduction === "sum" ? undefined : learner?.divisor;
      const result = explainingTarget(batch, target, () => compare(loss, prediction, target, batch, divisor));
      if (result.weight === 0) return { loss: Number.NaN, weight: 0 };
      const sum = loss.reduction === "sum" || divisor === 1 ? result.loss : result.loss * result.weight;
      if (subject.names.some((name) => name !== "perplexity")) {
        metrics.addPredictions(prediction, { ...target, lengths: batch.lengths, counts: countsIn(loss) });
      }
      learner?.use(result, forward);
      metrics.addLoss(sum, result.weight);
      return { loss: sum / result.weight, weight: result.weight };
    } finally {
      target.tensor.dispose();
    }
  } finally {
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

/** Whether a row of a class counts in the loss: then it does in the metrics. */
function countsIn(loss: Loss): (target: number) => boolean {
  if (!(loss instanceof CrossEntropyLoss)) return () => true;
  const { ignoreIndex, weight } = loss;
  return (target) => target !== ignoreIndex && weight?.[target] !== 0;
}
