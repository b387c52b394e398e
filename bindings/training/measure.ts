/** One batch through a model, and whole evaluations. */
import { checkOptions } from "../checks.js";
import { CrossEntropyLoss } from "../losses/cross-entropy.js";
import type { Loss } from "../losses/loss.js";
import { Generator } from "../random.js";
import type { Tensor } from "../tensor.js";
import { batchingOf, checkLoss, checkMetrics } from "./checks.js";
import { type Batching, batchesOf, checkSamples, inputOf, type Sample, type Samples, targetOf } from "./data.js";
import type { Evaluation, Trainable } from "./fit-options.js";
import { type Metric, Metrics } from "./metrics.js";
import { Pauses } from "./pause.js";

/**
 * Measures a model on samples, without changing it. Dropout is off meanwhile, and afterwards.
 *
 * @returns the mean loss and the metrics
 * @throws {ArgumentError} @throws {ShapeError}
 */
export async function evaluate(
  model: Trainable,
  options: { data: Samples; loss: Loss; metrics?: readonly Metric[]; batchSize?: number; features?: number },
): Promise<Evaluation> {
  checkOptions(options, ["data", "loss", "metrics", "batchSize", "features"]);
  const batching = batchingOf({ ...options, shuffle: false });
  const names = checkMetrics(options.metrics, checkLoss(options.loss));
  return evaluateIn(0, model, { ...options, batching, names });
}

/** @internal The same after the checks, in an epoch of `fit`. */
export async function evaluateIn(
  epoch: number,
  model: Trainable,
  { data, loss, batching, names }: { data: Samples; loss: Loss; batching: Batching; names: readonly Metric[] },
): Promise<Evaluation> {
  model.eval();
  const buffers = (model.namedBuffers?.() ?? []).map(([, tensor]) => ({ tensor, before: tensor.toArray() }));
  try {
    const metrics = new Metrics();
    const pauses = new Pauses();
    for await (const batch of batchesOf(checkSamples("data", data, batching), batching, new Generator(), { epoch, skip: 0 })) {
      measure(model, batch, batching, loss, names, metrics, undefined);
      await pauses.due();
    }
    return { loss: metrics.loss, ...metrics.values(names) };
  } finally {
    for (const { tensor, before } of buffers) tensor.set(before);
  }
}

/** @internal One batch forward, counted; `learn` gets the gradient while it is valid. @returns loss and weight of the batch */
export function measure(
  model: Trainable,
  batch: readonly Sample[],
  batching: Batching,
  loss: Loss,
  names: readonly Metric[],
  metrics: Metrics,
  learn: { divisor: number | undefined; use(result: { loss: number; gradient: Tensor }, forward: () => void): void } | undefined,
): { loss: number; weight: number } {
  const input = inputOf(model.runtime, loss.dtype, batch, batching);
  const forward = () => (input.lengths ? model.forward(input.x, { lengths: input.lengths }) : model.forward(input.x));
  try {
    const prediction = forward();
    const { target, overTime } = targetOf(model.runtime, batch, input, prediction, loss instanceof CrossEntropyLoss ? "i32" : loss.dtype);
    try {
      const padded = overTime && input.lengths ? { lengths: input.lengths } : {};
      const divided = learn?.divisor === undefined || loss.reduction === "sum" ? {} : { divisor: learn.divisor };
      const result = loss.forward(prediction, target, { ...padded, ...divided });
      const sum = loss.reduction === "sum" || divided.divisor === 1 ? result.loss : result.loss * result.weight;
      if (names.includes("accuracy") || names.includes("f1")) {
        const ignoreIndex = loss instanceof CrossEntropyLoss ? loss.ignoreIndex : undefined;
        metrics.addPredictions(prediction, target, { T: input.T, N: batch.length, lengths: input.lengths, overTime, ignoreIndex });
      }
      learn?.use(result, forward);
      metrics.addLoss(sum, result.weight);
      return { loss: sum / result.weight, weight: result.weight };
    } finally {
      target.dispose();
    }
  } finally {
    input.x.dispose();
  }
}
