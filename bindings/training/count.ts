/** A batch's predictions, counted in the metrics. */
import { ShapeError } from "../errors.js";
import type { Loss } from "../losses/loss.js";
import type { Affine, checkScaler } from "../series/fitted.js";
import type { Tensor } from "../tensor.js";
import type { Asking } from "./batch.js";
import { isOfNumbers } from "./errors-of-numbers.js";
import type { Asked, Metrics } from "./metrics.js";
import { addOwn, type SampleArray } from "./own-metrics.js";
import { ownPart, type Target, widthOf } from "./targets.js";

/** @internal An output of a model: what is counted of it, and in which units. */
export interface Output extends Asked, Asking {
  readonly loss: Loss;
  /** Of the targets; undefined: they are in the units of the data. */
  readonly scaler: ReturnType<typeof checkScaler> | undefined;
}

/** @internal Whether a loss compares with classes, a row or a sequence at a time, or with numbers. */
export function classifies(loss: Loss): boolean {
  return loss.targets !== "numbers";
}

/** @internal What a loss reads as targets. */
export function targetsOf({ targets }: Loss): Asking["targets"] {
  return targets === "sides" ? "numbers" : targets;
}

/** @internal Counts a batch. @throws {ShapeError} where the scaler is of another number of features; what metrics of one's own throw */
export function count(output: Output, metrics: Metrics, prediction: Tensor, target: Target): void {
  const { names, own, loss, scaler } = output;
  const ofNumbers = names.some(isOfNumbers);
  const counts = (target: number) => loss.counts(target);
  if (names.some((name) => name !== "perplexity" && !isOfNumbers(name))) {
    metrics.addPredictions(prediction, { ...target, lengths: target.along.lengths, counts });
  }
  if (!ofNumbers && own.length === 0) return;
  const isClass = output.targets === "classes";
  const width = widthOf(prediction, target);
  if (scaler) checkWidth(scaler, width);
  const z = Float64Array.from(prediction.toArray());
  // Sample by sample, step by step: the sums are then those of any other batch size, to the bit.
  for (const [n, answer] of target.answers.entries()) {
    const part = ownPart(z, prediction.shape, target, n);
    const y = Float64Array.from(answer.y);
    if (isClass && !y.some(counts)) continue; // a batch of such samples alone is never counted
    const predicted = { data: backIn(scaler, part.data), shape: part.shape };
    const shape = isClass ? part.shape.slice(0, -1) : output.targets === "labels" ? [y.length] : part.shape;
    const truth = { data: backIn(scaler, y), shape };
    for (let i = 0; ofNumbers && i < y.length; i++) metrics.addError(i % width, predicted.data[i] as number, truth.data[i] as number);
    for (const metric of own) addOwn(metrics.state.own, metric, answer.index, copyOf(predicted), copyOf(truth)); // a metric may sort them
  }
}

/** @internal Whether a scaler fits rows of so many numbers. @throws {ShapeError} */
export function checkWidth({ offset }: Affine, width: number): void {
  if (width % offset.length === 0) return;
  throw new ShapeError("targetScaler", `a scaler of ${width} features, as the model predicts`, `one of ${offset.length}`);
}

/** @internal In place: in the units of the data. */
export function backIn<V extends Float32Array | Float64Array>(scaler: Affine | undefined, values: V): V {
  if (!scaler) return values;
  const { offset, scale } = scaler;
  const F = offset.length;
  for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * (scale[i % F] as number) + (offset[i % F] as number);
  return values;
}

function copyOf({ data, shape }: SampleArray): SampleArray {
  return { data: data.slice(), shape: [...shape] };
}
