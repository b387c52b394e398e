/** A model's weights as int8, in place, and what that does to them. */
import { checkOptions, isArray, show } from "../checks.js";
import { ArgumentError, ShapeError } from "../errors.js";
import { Layer } from "../layers/layer.js";
import { Model } from "../model.js";
import { Tensor } from "../tensor.js";
import { checkWeights, codesOf, isQuantizable, numbersOf, type Quantizable, store, weightsOf } from "./grid.js";
import { loadInt8 } from "./load.js";

/** Options of `quantize`. */
export interface QuantizeOptions {
  /** Full names of layers that stay f32, such as `["head"]`. */
  skip?: readonly string[];
  /**
   * What the model gives on data of yours, such as `() => model.forward(x)`, or a promise of it: it is run once as the model is, once with each layer
   * alone as int8, and once with all of them, and the report says how far each time the results are off. It chooses nothing: scales are of the weights.
   */
  calibration?: () => Calibrated | Promise<Calibrated>;
}

type Calibration = NonNullable<QuantizeOptions["calibration"]>;
/** What a calibration gives. */
export type Calibrated = Tensor | { readonly output: Tensor } | ArrayLike<number>;

/** What became of one layer. */
export interface QuantizedLayer {
  /** Its full name; empty for a layer by itself. */
  readonly name: string;
  readonly type: string;
  /** Weights that are int8 now. */
  readonly weights: number;
  /** Bytes of all its parameters in a file, before and after. */
  readonly bytes: { readonly before: number; readonly after: number };
  /** Root mean square of what rounding changed in the weights, over theirs. */
  readonly weightError: number;
  /** The same of the calibration's results where this layer alone is int8. */
  readonly outputError?: number;
}

/** What `quantize` has done. */
export interface QuantizeReport {
  readonly layers: readonly QuantizedLayer[];
  readonly bytes: { readonly before: number; readonly after: number };
  /** Of the calibration's results, with all of them. */
  readonly outputError?: number;
}

/**
 * Rounds the weights of all recurrent layers, `Dense` and `Embedding` to int8, one scale for each row, and has their products multiply
 * whole numbers from now on. In place: the model is for use, in `eval()` mode and frozen; its parameters are the rounded ones, so that `save()` and
 * exports give what is run. In streams that are there already recurrent layers go on with f32 products. Other layers stay as they are.
 *
 * @param model a model, or a layer
 * @throws {ArgumentError} on a layer that is not f32, a weight that is not finite, a name that is no layer's; what the calibration throws: then
 * the model is as it was @throws {FormatError} when the kernels cannot be loaded @throws {MemoryError} @throws {DisposedError}
 * @example
 * const { layers, bytes } = await quantize(model, { calibration: () => model.forward(x) });
 */
export async function quantize(model: Model | Layer, options: QuantizeOptions = {}): Promise<QuantizeReport> {
  if (!(model instanceof Model || model instanceof Layer)) throw new ArgumentError("model", "a model or a layer", show(model));
  const { skip = [], calibration } = checkOptions(options, ["skip", "calibration"]);
  if (calibration !== undefined && typeof calibration !== "function")
    throw new ArgumentError("calibration", "a function", show(calibration));
  const chosen = choose(model, skip);
  await loadInt8(model.runtime);
  model.assertAlive();
  for (const [name, layer] of chosen) checkWeights(name, layer);
  const was = model instanceof Model ? model.namedLayers() : ([["", model]] as [string, Layer][]);
  const modes = was.map(([, layer]) => layer.training);
  model.eval();
  const done: (() => void)[] = [];
  try {
    const before = calibration && (await resultOf(calibration));
    const alone: number[] = [];
    if (before && calibration) for (const [, layer] of chosen) alone.push(await errorAlone(layer, calibration, before));
    const layers = chosen.map(([name, layer], i): QuantizedLayer => {
      const { undo, ...what } = round(layer);
      done.push(undo);
      return { name, type: layer.name, ...what, ...(alone[i] !== undefined && { outputError: alone[i] }) };
    });
    const outputError = before && calibration ? { outputError: await errorOf(calibration, before) } : {};
    for (const [, layer] of chosen) layer.freeze();
    const sum = (of: "before" | "after") => layers.reduce((all, { bytes }) => all + bytes[of], 0);
    return { layers, bytes: { before: sum("before"), after: sum("after") }, ...outputError };
  } catch (error) {
    for (const undo of done) undo();
    for (const [i, [, layer]] of was.entries()) if (modes[i]) layer.train();
    throw error;
  }
}

function choose(model: Model | Layer, skip: readonly string[]): [string, Quantizable][] {
  if (!isArray(skip)) throw new ArgumentError("skip", "names of layers", show(skip));
  const all: [string, Layer][] = model instanceof Model ? model.namedLayers() : [["", model]];
  const stranger = skip.find((name) => !all.some(([known]) => known === name));
  if (stranger !== undefined) throw new ArgumentError("skip", `names of layers: ${all.map(([name]) => name).join(", ")}`, show(stranger));
  const chosen = all.filter((pair): pair is [string, Quantizable] => isQuantizable(pair[1]) && !skip.includes(pair[0]));
  if (chosen.length === 0) throw new ArgumentError("model", "a recurrent layer, a Dense or an Embedding", "none");
  return chosen;
}

/** Rounds a layer's weights and has it multiply by them. */
function round(layer: Quantizable): Omit<QuantizedLayer, "name" | "type" | "outputError"> & { undo: () => void } {
  const parameters = weightsOf(layer);
  const before = parameters.map((parameter) => parameter.toArray());
  const rounded = parameters.map((parameter) => numbersOf(codesOf(layer.runtime, parameter)));
  const was = layer.storage; // bf16 it may be, too
  for (const [i, parameter] of parameters.entries()) parameter.set(rounded[i] as Float32Array);
  store(layer, "int8");
  const weights = parameters.reduce((sum, { shape }) => sum + (shape[0] as number) * (shape[1] as number), 0);
  const rows = parameters.reduce((sum, { shape }) => sum + (shape[0] as number), 0);
  const all = 4 * layer.block.size;
  return {
    ...{ weights, bytes: { before: all, after: all - 3 * weights + 4 * rows } },
    weightError: relativeError(rounded, before),
    undo: () => {
      for (const [i, parameter] of parameters.entries()) parameter.set(before[i] as Float32Array);
      store(layer, was);
    },
  };
}

/** Root mean square of the difference over that of what should be, array by array; 0 where both are nothing. */
function relativeError(got: readonly ArrayLike<number>[], wanted: readonly ArrayLike<number>[]): number {
  let difference = 0;
  let size = 0;
  for (const [k, array] of wanted.entries()) {
    for (let i = 0; i < array.length; i++) {
      difference += ((got[k]?.[i] as number) - (array[i] as number)) ** 2;
      size += (array[i] as number) ** 2;
    }
  }
  return difference === 0 ? 0 : Math.sqrt(difference / size);
}

/** What the results are off by where this layer alone is rounded. */
async function errorAlone(layer: Quantizable, calibration: Calibration, wanted: ArrayLike<number>): Promise<number> {
  const { undo } = round(layer);
  try {
    return await errorOf(calibration, wanted);
  } finally {
    undo();
  }
}

/** What the results are off by now. */
async function errorOf(calibration: Calibration, wanted: ArrayLike<number>): Promise<number> {
  const got = await resultOf(calibration);
  if (got.length !== wanted.length) throw new ShapeError("calibration", `${wanted.length} numbers each time`, `${got.length}`);
  return relativeError([got], [wanted]);
}

async function resultOf(calibration: Calibration): Promise<ArrayLike<number>> {
  const result: unknown = await calibration();
  const output = result instanceof Tensor ? result : (result as { output?: unknown } | null | undefined)?.output;
  if (output instanceof Tensor) return output.toArray();
  if (isArray(result) || ArrayBuffer.isView(result)) return Array.from(result as ArrayLike<number>);
  throw new ArgumentError("calibration", "a function that gives a Tensor, or numbers", show(result));
}
