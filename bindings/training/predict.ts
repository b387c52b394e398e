/** What a model says of samples. */

import { isPlain } from "../by-name.js";
import { checkOptions, lengthOf, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { Frame } from "../graph/frame.js";
import { isBatchFirst } from "../layout.js";
import { Generator } from "../random.js";
import { type Affine, checkScaler } from "../series/fitted.js";
import type { Scaler } from "../series/scaler.js";
import { type FloatArray, type FloatType, Tensor } from "../tensor.js";
import { aloneOf, give, type Samples as Read, readBatch } from "./batch.js";
import { backIn, checkWidth } from "./count.js";
import { batchesOf, checkSamples, type Picked, type Sample, type SampleByName, type Samples } from "./data.js";
import { batchingOf, checkModel } from "./doors.js";
import { explainingInput } from "./explain.js";
import { evalPassesOf } from "./modes.js";
import { Pauses } from "./pause.js";
import { Rows } from "./rows.js";
import { differ, ownPart, placementsOf, widthOf } from "./targets.js";
import type { TrainableByName } from "./trainable.js";

/** What is predicted from: x alone, or a sample, whose y is not looked at. */
export type Input = Sample["x"] | Pick<SampleByName, "x">;

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

/** What is predicted for one sample by a model whose forward gives this: where it gives several tensors, each prediction by its name. */
export type PredictionOf<Output> = Output extends Tensor ? Prediction : { [Name in keyof Output]: Prediction };

/**
 * What the model predicts for each sample, in their order; dropout is off, and the modes and buffers of the model stay as they are. A prediction
 * has the bits that `forward` gives the sample alone, where the model heeds `lengths`, as the package's layers do.
 *
 * @param data samples, or their x alone; one x is handed over as `[x]`, several inputs by name as `[{ x: { source, target } }]`
 * @throws {ArgumentError} @throws {ShapeError} @throws {DTypeError} naming the sample by its place in the data
 * @throws {DisposedError} @throws {MemoryError}
 * @example
 * const [{ data }] = await predict(model, [Float32Array.of(0.1, 0.2, 0.3)]);
 */
export async function predict<Model extends TrainableByName>(
  model: Model,
  data: Inputs,
  options: PredictOptions = {},
): Promise<PredictionOf<ReturnType<Model["forward"]>>[]> {
  const { batchSize, features, targetScaler } = checkOptions(options, ["batchSize", "features", "targetScaler"]);
  checkModel(model, ["forward", "eval", "train"]);
  const batching = batchingOf({ batchSize, features });
  const scaler = targetScaler === undefined ? undefined : checkScaler("targetScaler", targetScaler);
  const samples = checkSamples("data", data, batching, "x, or { x } (data is an array of them, of one too)");
  using frame = new Frame(model.runtime);
  const predictor = predictorOf(model, frame, batching.features, scaler);
  const pauses = new Pauses();
  const predictions: Predicted[] = [];
  for await (const picked of batchesOf("data", samples as Samples, batching, new Generator(), { epoch: 0, skip: 0, pauses })) {
    predictions.push(...predictBatch(predictor, picked));
    await pauses.due();
  }
  return predictions as PredictionOf<ReturnType<Model["forward"]>>[];
}

/** @internal */
export type Predicted = Prediction | Record<string, Prediction>;

/** @internal What predicts, batch by batch. */
export interface Predictor {
  readonly features: number;
  /** Runs a pass in `eval()` mode. */
  readonly pass: ReturnType<typeof evalPassesOf>;
  readonly rows: Rows;
  readonly model: TrainableByName;
  readonly frame: Frame;
  readonly dtype: FloatType;
  readonly scaler: Affine | undefined;
}

/** @internal */
export function predictorOf(model: TrainableByName, frame: Frame, features: number, scaler: Affine | undefined): Predictor {
  return { features, pass: evalPassesOf(model), rows: new Rows(), model, frame, dtype: floatTypeOf(model), scaler };
}

/** @internal What the model predicts for some samples. */
export function predictBatch(predictor: Predictor, picked: readonly Picked[]): Predicted[] {
  const { model, features } = predictor;
  const { inputs } = readBatch(picked.map(asSample), { features, batchFirst: isBatchFirst(model), outputs: [] });
  return predictor.pass(() => forward(predictor, inputs));
}

/** With y left out, which may be anything. */
function asSample({ index, sample }: Picked): Picked {
  const x: unknown = lengthOf(sample) === undefined ? (sample as Partial<Sample> | null | undefined)?.x : sample;
  if (x === undefined) throw new ArgumentError(`sample ${index}`, "x, or { x }", show(sample));
  return { index, sample: { x: x as SampleByName["x"], y: [] } };
}

function forward(predictor: Predictor, inputs: Read["inputs"]): Predicted[] {
  const { rows, model, frame, dtype } = predictor;
  rows.look(model, frame, dtype, inputs);
  const given = give(model.runtime, dtype, inputs);
  try {
    return partsIn(
      predictor,
      inputs,
      frame.run(() => explainingInput(model, inputs, () => given.through(model))),
    );
  } finally {
    given.dispose();
  }
}

/** By sample, what the model has given for a batch. */
function partsIn(predictor: Predictor, inputs: Read["inputs"], output: unknown): Predicted[] {
  const { rows, scaler } = predictor;
  if (output instanceof Tensor || !isPlain(output)) {
    const parts = partsOf(inputs, output, { label: "prediction", overTime: rows.overTime(undefined), scaler });
    return parts ?? oneByOne(predictor, inputs);
  }
  if (scaler) throw new ArgumentError("targetScaler", "none, the model giving several predictions", "one");
  const named: [string, Prediction[]][] = [];
  for (const [name, prediction] of Object.entries(output)) {
    const parts = partsOf(inputs, prediction, { label: `prediction.${name}`, overTime: rows.overTime(name), scaler });
    if (!parts) return oneByOne(predictor, inputs);
    named.push([name, parts]);
  }
  return inputs[0].rows.map((_, n) => Object.fromEntries(named.map(([name, parts]) => [name, parts[n] as Prediction])));
}

function oneByOne(predictor: Predictor, inputs: Read["inputs"]): Predicted[] {
  return inputs[0].rows.flatMap((_, n) => forward(predictor, aloneOf(inputs, n)));
}

/** By sample, without padding; undefined where it cannot be told along which of several inputs they go: of one sample alone it can. */
function partsOf(
  inputs: Read["inputs"],
  prediction: unknown,
  { label, overTime, scaler }: { label: string; overTime: boolean | undefined; scaler: Affine | undefined },
): Prediction[] | undefined {
  const placements = placementsOf(inputs, prediction, { label, classes: false, overTime });
  if (placements.length > 1 && differ(placements)) return undefined;
  const [placement] = placements;
  const tensor = prediction as Tensor;
  if (scaler) checkWidth(scaler, widthOf(tensor, placement));
  const values = tensor.toArray() as FloatArray;
  return placement.along.rows.map((_, n) => {
    const { data, shape } = ownPart(values, tensor.shape, placement, n);
    return { data: backIn(scaler, data), shape };
  });
}

/** What the model computes in: its parameters say so. */
function floatTypeOf(model: TrainableByName): FloatType {
  const [first] = model.namedParameters();
  return first?.[1].dtype ?? model.runtime.dtype;
}
