/** One batch through a model, and whole evaluations. */

import { type ByName, isPlain } from "../by-name.js";
import { checkOptions, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { Frame } from "../graph/frame.js";
import { isBatchFirst } from "../layout.js";
import type { Loss, LossResult } from "../losses/loss.js";
import { Generator } from "../random.js";
import type { Scaler } from "../series/scaler.js";
import type { AbortSignalLike } from "../signal.js";
import type { Tensor } from "../tensor.js";
import { type Answer, give, readBatch } from "./batch.js";
import { count, type Output } from "./count.js";
import { type Batching, batchesOf, checkSamples, type Picked, type Samples } from "./data.js";
import { batchingOf, checkModel } from "./doors.js";
import { explainingInput, explainingSource, explainingTarget, sourceOf } from "./explain.js";
import type { ByOutput, Evaluation, EvaluationByName } from "./fit-options.js";
import { outputsOf } from "./metric-doors.js";
import type { MetricChoice, Metrics, NamesOf } from "./metrics.js";
import { evalPassesOf } from "./modes.js";
import { Pauses } from "./pause.js";
import { Rows } from "./rows.js";
import { Scores } from "./scores.js";
import { type Target, targetOf } from "./targets.js";
import type { TrainableByName } from "./trainable.js";

/**
 * Measures a model on samples, without changing it: dropout is off in its passes, and between them every layer's mode and the model's
 * buffers are as they were. It may run beside others of the same model; beside a `fit` it measures what has been learned by then, batch by batch.
 *
 * @param options data: of a function, the samples of epoch 0
 * @returns the mean loss and the metrics; NaN where nothing counts, all targets being ignored or of weight 0
 * @throws {ArgumentError} @throws {ShapeError} @throws {DTypeError} naming the sample by its place in the data
 * @throws {DisposedError} @throws {MemoryError}
 */
export async function evaluate<const Losses extends ByName<Loss>>(
  model: TrainableByName,
  options: EvaluateOptionsByName<Losses>,
): Promise<EvaluationByName<Losses>>;
export async function evaluate<const Choice extends MetricChoice>(
  model: TrainableByName,
  options: EvaluateOptions<Choice>,
): Promise<Evaluation & Record<NamesOf<Choice>, number>>;
export async function evaluate(model: TrainableByName, options: EvaluateOptions | EvaluateOptionsByName): Promise<Evaluation> {
  const given = checkOptions(options, ["data", "loss", "metrics", "targetScaler", "batchSize", "features"]);
  const { data, batchSize, features } = given;
  checkModel(model, ["forward", "eval", "train"]);
  const batching = batchingOf({ ...(batchSize !== undefined && { batchSize }), ...(features !== undefined && { features }) });
  const outputs = outputsOf(given, model.runtime);
  const samples = checkSamples("data", data, batching);
  const subject = subjectOf(model, outputs, batching);
  using _ = subject.frame;
  return (await evaluateIn(0, "data", samples, subject, new Pauses())) as Evaluation;
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

/** Options of `evaluate` where the model has several outputs, by their names. */
export interface EvaluateOptionsByName<Losses extends ByName<Loss> = ByName<Loss>>
  extends Omit<EvaluateOptions, "loss" | "metrics" | "targetScaler">,
    ByOutput<Losses> {}

/** @internal What is measured, and how. */
export interface Subject {
  readonly model: TrainableByName;
  readonly outputs: readonly [Output, ...Output[]];
  /** Where its passes run. */
  readonly frame: Frame;
  readonly batching: Batching;
  readonly batchFirst: boolean;
  /** What has been found out of its predictions. */
  readonly rows: Rows;
}

/** @internal */
export function subjectOf(model: TrainableByName, outputs: Subject["outputs"], batching: Batching): Subject {
  return { model, outputs, batching, frame: new Frame(model.runtime), batchFirst: isBatchFirst(model), rows: new Rows() };
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
  const scores = new Scores(subject.outputs);
  const pass = evalPassesOf(subject.model);
  const source = sourceOf(argument, argument === "data" ? undefined : samples, epoch); // evaluate's data are those of one epoch alone
  try {
    for await (const picked of batchesOf(argument, samples, subject.batching, new Generator(), { epoch, skip: 0, signal, pauses })) {
      pass(() => explainingSource(source, () => measure(subject, picked, scores, undefined)));
      await pauses.due();
      if (signal?.aborted) break;
    }
  } catch (error) {
    if (!signal?.aborted || error !== signal.reason) throw error;
  }
  if (signal?.aborted) return undefined;
  return { loss: scores.loss, ...scores.values() };
}

/** @internal What learns from a batch. */
export interface Learner {
  /** What the loss is divided by, where that is not the batch's weight. */
  readonly divisor: number | undefined;
  /** The samples have been read and are in order. */
  begin(): void;
  /** Gets the losses of the outputs in which something counts, if there are any: the frame has recorded how they were made. */
  use(results: readonly LossResult[]): void;
}

/** @internal Of a batch: the sum of the outputs' mean losses, and of their weights. Of weight 0 the loss is NaN. */
export interface Measured {
  readonly loss: number;
  readonly weight: number;
}

/** @internal One batch forward, counted; of weight 0 it changes nothing. */
export function measure(subject: Subject, picked: readonly Picked[], scores: Scores, learner: Learner | undefined): Measured {
  const { model, outputs, frame, batching, batchFirst, rows } = subject;
  const { runtime } = model;
  const samples = readBatch(picked, { features: batching.features, batchFirst, outputs });
  const { dtype } = outputs[0].loss;
  rows.look(model, frame, dtype, samples.inputs);
  learner?.begin();
  const targets: Target[] = [];
  const given = give(runtime, dtype, samples.inputs);
  const pass = () => {
    const predictions = explainingInput(model, samples.inputs, () => given.through(model));
    return outputs.map((output, i): Compared => {
      const prediction = predictionOf(predictions, output);
      const answers = samples.answers[i] as readonly Answer[];
      const overTime = rows.overTime(output.key);
      const type = output.targets === "numbers" ? output.loss.dtype : "i32";
      const target = targetOf(runtime, type, { inputs: samples.inputs, answers, prediction, output, overTime });
      targets.push(target);
      const divisor = output.loss.reduction === "sum" ? undefined : learner?.divisor;
      const result = explainingTarget(output, target, () => compare(output.loss, prediction, target, divisor));
      return { output, metrics: scores.of[i] as Metrics, prediction, target, result, divisor };
    });
  };
  try {
    const counted = (learner ? frame.record(pass) : frame.run(pass)).filter(({ result }) => result.weight !== 0);
    if (counted.length === 0) return { loss: Number.NaN, weight: 0 };
    learner?.use(counted.map(({ result }) => result));
    return counted.map(counting).reduce((a, b) => ({ loss: a.loss + b.loss, weight: a.weight + b.weight }));
  } finally {
    for (const { tensor } of targets) tensor.dispose();
    given.dispose();
  }
}

interface Compared {
  readonly output: Output;
  readonly metrics: Metrics;
  readonly prediction: Tensor;
  readonly target: Target;
  readonly result: LossResult;
  readonly divisor: number | undefined;
}

function counting({ output, metrics, prediction, target, result, divisor }: Compared): Measured {
  const { loss, weight } = result;
  const sum = output.loss.reduction === "sum" || divisor === 1 ? loss : loss * weight;
  count(output, metrics, prediction, target);
  metrics.addLoss(sum, weight);
  return { loss: sum / weight, weight };
}

/** What the model predicts for an output. */
function predictionOf(predictions: unknown, { key }: Output): Tensor {
  if (key === undefined) return predictions as Tensor;
  if (isPlain(predictions)) return (Object.hasOwn(predictions, key) ? predictions[key] : undefined) as Tensor;
  throw new ArgumentError("prediction", "tensors by the losses' names, from model.forward", show(predictions));
}

function compare(loss: Loss, prediction: Tensor, target: Target, divisor: number | undefined): LossResult {
  const { tensor, overTime, along, counts } = target;
  const lengths = overTime ? along.lengths : undefined;
  return loss.forward(prediction, tensor, { lengths, divisor, ...(counts && { targetLengths: counts }) });
}
