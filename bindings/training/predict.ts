/** What a model says of samples. */
import { checkOptions, lengthOf, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { Frame } from "../graph/frame.js";
import { isBatchFirst } from "../layout.js";
import { Generator } from "../random.js";
import { type Affine, checkScaler } from "../series/fitted.js";
import type { Scaler } from "../series/scaler.js";
import type { FloatArray, FloatType, Tensor } from "../tensor.js";
import { type Batch, inputOf, ownPart, placementOf, readBatch, widthOf } from "./batch.js";
import { backIn, checkWidth } from "./count.js";
import { batchesOf, checkSamples, type Picked, type Sample, type Samples } from "./data.js";
import { batchingOf, checkModel } from "./doors.js";
import { explainingInput } from "./explain.js";
import type { Trainable } from "./fit-options.js";
import { evalPassesOf } from "./modes.js";
import { Pauses } from "./pause.js";

/** What is predicted from: x alone, or a sample, whose y is not looked at. */
export type Input = Sample["x"] | Pick<Sample, "x">;

/** An array, something to iterate over, or a function that returns either. */
export type Inputs = readonly Input[] | Iterable<Input> | AsyncIterable<Input> | (() => Iterable<Input> | AsyncIterable<Input>);

/** Options of `predict`. */
export interface PredictOptions {
  /** Default 32. A sample's bits do not depend on it. */
  batchSize?: number;
  /** Features of a step in samples that are flat. Default 1. */
  features?: number;
  /** The scaler of the targets: predictions come in the units of the data. */
  targetScaler?: Scaler;
}

/** What was predicted for one sample. */
export interface Prediction {
  /** Flat, step after step. */
  data: FloatArray;
  /** Without the axis of the batch: [steps, …] where every step is predicted, without padding. */
  shape: number[];
}

/**
 * What the model predicts for each sample, in their order; dropout is off, and the modes and buffers of the model stay as they are. A prediction
 * has the bits that `forward` gives the sample alone.
 *
 * @param data samples, or their x alone; one x is handed over as `[x]`
 * @throws {ArgumentError} @throws {ShapeError} @throws {DTypeError} naming the sample by its place in the data
 * @throws {DisposedError} @throws {MemoryError}
 * @example
 * const [{ data }] = await predict(model, [Float32Array.of(0.1, 0.2, 0.3)]);
 */
export async function predict(model: Trainable, data: Inputs, options: PredictOptions = {}): Promise<Prediction[]> {
  const { batchSize, features, targetScaler } = checkOptions(options, ["batchSize", "features", "targetScaler"]);
  checkModel(model, ["forward", "eval", "train"]);
  const batching = batchingOf({ batchSize, features });
  const batchFirst = isBatchFirst(model);
  const scaler = targetScaler === undefined ? undefined : checkScaler("targetScaler", targetScaler);
  const samples = checkSamples("data", data, batching, "x, or { x }");
  const dtype = floatTypeOf(model);
  const pass = evalPassesOf(model);
  using frame = new Frame(model.runtime);
  const pauses = new Pauses();
  const predictions: Prediction[] = [];
  for await (const picked of batchesOf("data", samples as Samples, batching, new Generator(), { epoch: 0, skip: 0, pauses })) {
    const batch = readBatch(picked.map(asSample), { features: batching.features, batchFirst, targets: undefined });
    for (const { data, shape } of pass(() => forward(model, frame, batch, dtype, scaler)))
      predictions.push({ data: backIn(scaler, data), shape });
    await pauses.due();
  }
  return predictions;
}

/** With y left out, which may be anything. */
function asSample({ index, sample }: Picked): Picked {
  const x: unknown = lengthOf(sample) === undefined ? (sample as Partial<Sample> | null | undefined)?.x : sample;
  if (x === undefined) throw new ArgumentError(`sample ${index}`, "x, or { x }", show(sample));
  return { index, sample: { x: x as Sample["x"], y: [] } };
}

function forward(model: Trainable, frame: Frame, batch: Batch, dtype: FloatType, scaler: Affine | undefined): Prediction[] {
  const x = inputOf(model.runtime, dtype, batch);
  try {
    const run = () => (batch.lengths ? model.forward(x, { lengths: batch.lengths }) : model.forward(x));
    const prediction: Tensor = frame.run(() => explainingInput(model, batch, run));
    const placement = placementOf(batch, prediction, false);
    if (scaler) checkWidth(scaler, widthOf(prediction, placement));
    const values = prediction.toArray() as FloatArray;
    return batch.rows.map((row, n) => ownPart(values, prediction.shape, placement, n, row.x.steps));
  } finally {
    x.dispose();
  }
}

/** What the model computes in: its parameters say so. */
function floatTypeOf(model: Trainable): FloatType {
  const [first] = model.namedParameters();
  return first?.[1].dtype ?? model.runtime.dtype;
}
