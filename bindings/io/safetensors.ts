/**
 * Weights as safetensors: eight bytes of header length (little-endian), a JSON header of names, types, shapes and
 * offsets, then the data. Nothing is executed when one is read.
 * Source: github.com/huggingface/safetensors, "Format".
 */

import { checkByName, put } from "../by-name.js";
import { asItIs, checkOneOf, checkOptions, lengthOf, show, sizeOf, typedKind } from "../checks.js";
import { ArgumentError, DTypeError, FormatError, ShapeError } from "../errors.js";
import { utf8Of } from "../host.js";
import type { Parameter } from "../parameters.js";
import { bytesPer, type DType, type TypedArray } from "../tensor.js";
import { bytesOf, elementsOf } from "./elements.js";
import { isHalf, narrowed } from "./half.js";
import { type Entry, isShape, readFile } from "./safetensors-header.js";

const NAMES = { f32: "F32", f64: "F64", i32: "I32" } as const;
const NAMES_OF_ARRAYS = { f32: "Float32", f64: "Float64", i32: "Int32" } as const;
const INFINITE = { F16: 0x7c00, BF16: 0x7f80 } as const;
const ARRAYS = { f32: Float32Array, f64: Float64Array, i32: Int32Array } as const;

/** An array with its shape, or a layer's Parameter. */
export type Savable = NamedArray | Pick<Parameter, "shape" | "toArray">;

/** An array with its shape. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/** An array of a file: with its element type, `"f32"` where the file has F16 or BF16. */
export interface LoadedArray extends NamedArray {
  readonly dtype: DType;
}

/** Element types that a file can have its floats in. */
export type SavedDType = (typeof FLOATS)[number];

const FLOATS = ["F64", "F32", "F16", "BF16"] as const;

/** Options of `saveSafetensors` and of a model's `save`. */
export interface SaveOptions {
  /** What the floats are written as, each rounded to the nearest, ties to even; integers stay I32. Default: each array as it is. */
  dtype?: SavedDType;
}

/**
 * Packs arrays by name into one file's bytes.
 *
 * @param metadata strings by name, kept in the header
 * @throws {ShapeError} when an array does not fill its shape
 * @throws {DTypeError} when a finite number would be infinite in `dtype`, as 70000 in F16 @throws {ArgumentError}
 * @example
 * const bytes = saveSafetensors({ x: { shape: [2], data: Float32Array.of(1, 2) } }, { made: "here" }, { dtype: "F16" });
 */
export function saveSafetensors(
  tensors: Readonly<Record<string, Savable>>,
  metadata: Readonly<Record<string, string>> = {},
  options: SaveOptions = {},
): Uint8Array<ArrayBuffer> {
  const { dtype } = checkOptions(options, ["dtype"]);
  if (dtype !== undefined) checkOneOf("dtype", dtype, FLOATS);
  const { file, writes } = beginSafetensors(tensors, metadata, dtype);
  for (const writeOne of writes) writeOne();
  return file;
}

/** @internal A file with its header, and what writes the arrays into it, one each: for whoever has other work between them. */
export function beginSafetensors(
  tensors: Readonly<Record<string, Savable>>,
  metadata: Readonly<Record<string, string>>,
  saved?: SavedDType,
): { file: Uint8Array<ArrayBuffer>; writes: (() => void)[] } {
  checkByName("tensors", tensors);
  checkByName("metadata", metadata);
  for (const [name, value] of Object.entries(metadata)) {
    if (typeof value !== "string") throw new ArgumentError(`metadata.${name}`, "a string", show(value));
  }
  const members = Object.keys(metadata).length > 0 ? [`"__metadata__":${JSON.stringify({ ...metadata })}`] : [];
  const arrays: { name: string; data: TypedArray; bytes: number; stored: (typeof NAMES)[DType] | SavedDType }[] = [];
  let end = 0;
  for (const [name, tensor] of Object.entries(tensors)) {
    const { dtype, shape, data } = checkSavable(name, tensor);
    const stored = dtype === "i32" ? "I32" : (saved ?? NAMES[dtype]);
    const bytes = data.length * bytesOf(stored);
    members.push(`${JSON.stringify(name)}:{"dtype":"${stored}","shape":[${shape.join()}],"data_offsets":[${end},${end + bytes}]}`);
    arrays.push({ name, data, bytes, stored });
    end += bytes;
  }
  const header = utf8Of(`{${members.join(",")}}`);
  let at = 8 + header.length + (-header.length & 7); // the data begins on a multiple of eight
  const file = new Uint8Array(at + end).fill(0x20, 8, at);
  new DataView(file.buffer).setBigUint64(0, BigInt(at - 8), true);
  file.set(header, 8);
  const writes = arrays.map(({ name, data, bytes, stored }) => {
    const to = at;
    at += bytes;
    return () => write(file, to, stored === NAMES[dtypeOf(data) as DType] ? data : rounded(name, data, stored as SavedDType));
  });
  return { file, writes };
}

/**
 * Reads such bytes; the arrays are copies. F16 and BF16 become f32, exactly; integers of every width, and BOOL, become i32.
 *
 * @throws {FormatError} when they are no whole, well-formed safetensors file; a file of PyTorch, NumPy, Keras or ONNX is named;
 * when they hold an integer beyond 32 bits, or elements of a type that is not read, such as F8_E4M3
 * @throws {ArgumentError} when they are no bytes
 */
export function loadSafetensors(bytes: Uint8Array): {
  tensors: Record<string, LoadedArray>;
  metadata: Record<string, string>;
} {
  if (typedKind(bytes) !== "Uint8Array") throw new ArgumentError("bytes", "a Uint8Array", show(bytes));
  if (bytes.length === 0)
    throw new FormatError("safetensors: expected at least 8 bytes, got 0 (those of an array that was moved are gone)");
  const { entries, metadata, data } = readFile(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)); // a Buffer's slice would be a view
  const read = readerOf(data);
  const tensors: Record<string, LoadedArray> = {};
  for (const entry of entries) {
    const { name, dtype, shape } = entry;
    put(tensors, name, { dtype, shape, data: read(entry) });
  }
  return { tensors, metadata };
}

/** @internal Floats as another type has them. @throws {DTypeError} on one that would be infinite there */
export function rounded(name: string, data: TypedArray, dtype: SavedDType): TypedArray | Uint16Array {
  if (dtype === "F64") return Float64Array.from(data);
  const values = isHalf(dtype) ? narrowed(data, dtype) : Float32Array.from(data);
  const isInfinite = isHalf(dtype)
    ? (value: number) => (value & 0x7fff) === INFINITE[dtype]
    : (value: number) => Math.abs(value) === Infinity;
  for (let i = 0; i < data.length; i++) {
    if (isInfinite(values[i] as number) && Number.isFinite(data[i]))
      throw new DTypeError(`${name}[${i}]`, `a number that is finite in ${dtype}`, `${data[i]}`);
  }
  return values;
}

/** Through a view where the place allows it: an array of few elements then needs no buffer of its own. */
function write(file: Uint8Array, at: number, data: TypedArray | Uint16Array): void {
  if (data instanceof Uint16Array || at % data.BYTES_PER_ELEMENT !== 0) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    return;
  }
  new ARRAYS[dtypeOf(data) as DType](file.buffer as ArrayBuffer, at, data.length).set(data);
}

/** Copies arrays out of the data: one view of all of it for each type, since there may be a great many small arrays. */
function readerOf(data: Uint8Array): (entry: Entry) => TypedArray {
  const views: Partial<Record<DType, TypedArray>> = {};
  return ({ name, dtype, stored, begin, end }) => {
    const [at, bytes] = [data.byteOffset + begin, bytesPer(dtype)];
    if (stored !== NAMES[dtype] || at % bytes !== 0) return elementsOf(data.subarray(begin, end), stored, name);
    views[dtype] ??= viewOf(data, dtype);
    const view = views[dtype];
    return view.slice((at - view.byteOffset) / bytes, (at - view.byteOffset + end - begin) / bytes);
  };
}

/** From the first element on that lies on a multiple of its size. */
function viewOf(data: Uint8Array, dtype: DType): TypedArray {
  const bytes = bytesPer(dtype);
  const from = data.byteOffset + (-data.byteOffset & (bytes - 1));
  return new ARRAYS[dtype](data.buffer as ArrayBuffer, from, Math.max(0, Math.floor((data.byteOffset + data.length - from) / bytes)));
}

/** By what the array is, wherever it was made: a frame, or a test's own world, has classes of its own. */
function dtypeOf(data: unknown): DType | undefined {
  const kind = typedKind(data);
  return (["f32", "f64", "i32"] as const).find((dtype) => `${NAMES_OF_ARRAYS[dtype]}Array` === kind);
}

/** @internal What is saved under a name: its parts, each read once. @throws {ArgumentError} @throws {ShapeError} */
export function checkSavable(name: string, tensor: Savable): { dtype: DType; shape: readonly number[]; data: TypedArray } {
  checkByName(name, tensor);
  const { shape } = tensor;
  const data: unknown = "toArray" in tensor ? tensor.toArray() : tensor.data;
  if (name === "__metadata__") throw new ArgumentError("tensors", "another name", '"__metadata__", which the format keeps for itself');
  const dtype = dtypeOf(data);
  if (!dtype) throw new ArgumentError(name, "{ shape, data } with a Float32Array, Float64Array or Int32Array, or a parameter", show(data));
  const length = lengthOf(data);
  if (!isShape(shape) || sizeOf(shape) !== length) throw new ShapeError(name, `a shape of ${length} elements`, show(shape));
  const own = asItIs(data as TypedArray);
  return { dtype, shape: [...shape], data: own === data ? (data as TypedArray) : (ARRAYS[dtype].from(own) as TypedArray) };
}
