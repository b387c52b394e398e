/**
 * Files of quantized models: safetensors whose matrices of int8 are I8 [R, K], each with its scales beside it, `<name>.scale` F32 [R]; all other
 * arrays are F32. Row r of a matrix is scale[r] · codes[r], exactly.
 */
import { checkOptions, show } from "../checks.js";
import { ArgumentError, FormatError } from "../errors.js";
import { utf8Of } from "../host.js";
import { type LoadedArray, loadSafetensors, saveSafetensors } from "../io/safetensors.js";
import type { Layer } from "../layers/layer.js";
import { type LoadModelOptions, loadModel } from "../load-model.js";
import { Model } from "../model.js";
import type { Runtime } from "../runtime.js";
import type { Scaler } from "../series/scaler.js";
import { byName, describeLayers } from "../weights.js";
import { codesOf, isQuantizable, numbersOf, store, weightsOf } from "./grid.js";
import { loadInt8 } from "./load.js";

/** Behind a matrix's name: its scales. */
const SCALE = ".scale";

interface Entry {
  readonly name: string;
  readonly dtype: "F32" | "I8";
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer> | Int8Array<ArrayBuffer>;
}

/**
 * A quantized model as a file: about a quarter of what `save()` writes. `loadQuantized` makes the model again, with the same bits.
 *
 * @param metadata as of `save()`
 * @throws {ArgumentError} when nothing of it is quantized
 */
export function saveQuantized(model: Model, metadata: Readonly<Record<string, string | Scaler>> = {}): Uint8Array<ArrayBuffer> {
  if (!(model instanceof Model)) throw new ArgumentError("model", "a model", show(model));
  const parameters = byName(model.namedParameters());
  const stored = model.namedLayers().filter(([, layer]) => isQuantizable(layer) && layer.storage === "int8");
  if (stored.length === 0) throw new ArgumentError("model", "a model that quantize has rounded", "one of which nothing is int8");
  const matrices = new Map(stored.flatMap(([name, layer]) => namesOf(name, layer)));
  const entries = Object.entries(parameters).flatMap(([name, parameter]): Entry[] => {
    const { shape } = parameter;
    if (!matrices.has(name)) return [{ name, dtype: "F32", shape, data: Float32Array.from(parameter.toArray()) }];
    const { codes, scales } = codesOf(model.runtime, parameter);
    return [
      { name, dtype: "I8", shape, data: codes },
      { name: `${name}${SCALE}`, dtype: "F32", shape: [scales.length], data: scales },
    ];
  });
  return fileOf(entries, describeLayers(model.namedLayers(), model.config(), metadata));
}

/** Full names of its matrices. */
function namesOf(name: string, layer: Layer): [string, true][] {
  return isQuantizable(layer) ? weightsOf(layer).map((parameter) => [`${name}.${parameter.name}`, true]) : [];
}

/** F32 first, so that all of it is aligned. */
function fileOf(entries: readonly Entry[], metadata: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
  const sorted = [...entries].sort((a, b) => Number(a.dtype === "I8") - Number(b.dtype === "I8"));
  let end = 0;
  const members = sorted.map(({ name, dtype, shape, data }) => {
    const begin = end;
    end += data.byteLength;
    return `${JSON.stringify(name)}:{"dtype":"${dtype}","shape":[${shape.join()}],"data_offsets":[${begin},${end}]}`;
  });
  const header = utf8Of(`{"__metadata__":${JSON.stringify(metadata)},${members.join(",")}}`);
  const at = 8 + header.length + (-header.length & 7);
  const file = new Uint8Array(at + end).fill(0x20, 8, at);
  new DataView(file.buffer).setBigUint64(0, BigInt(at - 8), true);
  file.set(header, 8);
  let to = at;
  for (const { data } of sorted) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), to);
    to += data.byteLength;
  }
  return file;
}

/**
 * The model of such a file, as it was: in `eval()` mode, its matrices int8. Brings the kernels of int8 to the runtime.
 *
 * @param options classes: as of `loadModel`
 * @throws {FormatError} when the bytes are no such file @throws as `loadModel`
 * @example
 * const model = await loadQuantized(rt, bytes);
 */
export async function loadQuantized<Loaded extends Model = Model>(
  runtime: Runtime,
  bytes: Uint8Array,
  options: LoadModelOptions = {},
): Promise<Loaded> {
  checkOptions(options, ["classes"]);
  await loadInt8(runtime);
  const { tensors, metadata } = loadSafetensors(bytes);
  const scaled = Object.keys(scaledIn(tensors));
  if (scaled.length === 0)
    throw new FormatError(`int8: expected matrices with their scales (<name>${SCALE}), got none (loadModel takes what save() wrote)`);
  const plain = Object.entries(tensors).filter(([name]) => !(name.endsWith(SCALE) && scaled.includes(name.slice(0, -SCALE.length))));
  const arrays = plain.map(([name, array]) => [name, scaled.includes(name) ? matrixOf(name, tensors) : array]);
  const model = loadModel<Loaded>(runtime, saveSafetensors(Object.fromEntries(arrays), metadata), options);
  for (const [name, layer] of model.namedLayers()) {
    if (!isQuantizable(layer) || !namesOf(name, layer).every(([matrix]) => scaled.includes(matrix))) continue;
    if (layer.dtype !== "f32") {
      model.dispose();
      throw new FormatError(`${name}: expected a layer of f32 for int8, got ${layer.dtype}`);
    }
    store(layer, "int8");
    layer.freeze();
  }
  return model;
}

/** @internal Of a file's arrays those that have scales beside them. */
export function scaledIn<Array>(tensors: Readonly<Record<string, Array>>): Record<string, Array> {
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => Object.hasOwn(tensors, `${name}${SCALE}`)));
}

/** @throws {FormatError} */
function matrixOf(name: string, tensors: Readonly<Record<string, LoadedArray>>) {
  const { dtype, shape, data: codes } = tensors[name] as LoadedArray;
  const { dtype: type, shape: rows, data: scales } = tensors[`${name}${SCALE}`] as LoadedArray;
  const areCodes = dtype === "i32" && shape.length === 2 && codes.every((code) => Math.abs(code) <= 127);
  if (!areCodes || type !== "f32" || rows.length !== 1 || rows[0] !== shape[0])
    throw new FormatError(
      `${name}: expected I8 [R, K] in −127 … 127 and ${name}${SCALE} F32 [R], got ${dtype} ${show([...shape])} and ${type} ${show([...rows])}`,
    );
  return { shape, data: numbersOf({ codes, scales }) };
}
