/**
 * Weights as safetensors: eight bytes of header length (little-endian), a JSON header of names, types, shapes and
 * offsets, then the data. Nothing is executed when one is read.
 * Source: github.com/huggingface/safetensors, "Format".
 */
import { show, sizeOf } from "../checks.js";
import { ArgumentError, FormatError, ShapeError } from "../errors.js";
import type { Parameter } from "../parameters.js";
import { bytesPer, type DType, type TypedArray } from "../tensor.js";

const NAMES = { f32: "F32", f64: "F64", i32: "I32" } as const;
const DTYPES = new Map<unknown, DType>([
  ["F32", "f32"],
  ["F64", "f64"],
  ["I32", "i32"],
]);
/** The format's own bound on the header. */
const MOST_HEADER = 100_000_000;

/** An array with its shape, or a layer's Parameter. */
export type Savable = NamedArray | Pick<Parameter, "shape" | "toArray">;

/** An array with its shape. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/** An array of a file: with its element type. */
export interface LoadedArray extends NamedArray {
  readonly dtype: DType;
}

/**
 * Packs arrays by name into one file's bytes.
 *
 * @param metadata strings by name, kept in the header
 * @throws {ShapeError} when an array does not fill its shape
 */
export function saveSafetensors(tensors: Readonly<Record<string, Savable>>, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const entries: [string, unknown][] = Object.keys(metadata).length > 0 ? [["__metadata__", metadata]] : [];
  let end = 0;
  const arrays: TypedArray[] = [];
  checkNamed("tensors", tensors);
  checkNamed("metadata", metadata);
  for (const [name, value] of Object.entries(metadata)) {
    if (typeof value !== "string") throw new ArgumentError(`metadata.${name}`, "a string", show(value));
  }
  for (const [name, tensor] of Object.entries(tensors)) {
    checkNamed(name, tensor);
    const { shape } = tensor;
    const data = "toArray" in tensor ? tensor.toArray() : tensor.data;
    if (name === "__metadata__") throw new ArgumentError("tensors", "another name", '"__metadata__", which the format keeps for itself');
    const dtype = NAMES[dtypeOfArray(name, data)];
    if (!isShape(shape) || sizeOf(shape) !== data.length) throw new ShapeError(name, `a shape of ${data.length} elements`, show(shape));
    entries.push([name, { dtype, shape, data_offsets: [end, end + data.byteLength] }]);
    arrays.push(data);
    end += data.byteLength;
  }
  const header = JSON.stringify(Object.fromEntries(entries));
  const unpadded = new TextEncoder().encode(header).length;
  const headerBytes = new TextEncoder().encode(header + " ".repeat(-unpadded & 7)); // the data begins on a multiple of eight
  const file = new Uint8Array(8 + headerBytes.length + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes.length), true);
  file.set(headerBytes, 8);
  let at = 8 + headerBytes.length;
  for (const data of arrays) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/** Reads such bytes; the arrays are copies. @throws {FormatError} when they are no whole, well-formed safetensors file */
export function loadSafetensors(bytes: Uint8Array): {
  tensors: Record<string, LoadedArray>;
  metadata: Record<string, string>;
} {
  if (!(bytes instanceof Uint8Array)) throw new ArgumentError("bytes", "a Uint8Array", show(bytes));
  const { header, data } = splitFile(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)); // a Buffer's slice would be a view
  const { __metadata__: metadata = {}, ...entries } = header;
  const isMetadata =
    typeof metadata === "object" && metadata !== null && Object.values(metadata).every((value) => typeof value === "string");
  if (!isMetadata) throw new FormatError(`safetensors: __metadata__: expected strings by name, got ${show(metadata)}`);
  const read = Object.entries(entries).map(([name, entry]) => ({ name, ...readTensor(name, entry, data) }));
  checkCovered(read, data.length);
  const tensors = Object.fromEntries(read.map(({ name, dtype, shape, data: array }) => [name, { dtype, shape, data: array }]));
  return { tensors, metadata: metadata as Record<string, string> };
}

/** The format allows neither holes nor overlaps. @throws {FormatError} */
function checkCovered(tensors: readonly { name: string; begin: number; data: TypedArray }[], length: number): void {
  let end = 0;
  for (const { name, begin, data } of [...tensors].sort((a, b) => a.begin - b.begin || a.data.length - b.data.length)) {
    if (begin !== end) throw new FormatError(`safetensors: ${name}: expected data from byte ${end} on, got ${begin}`);
    end += data.byteLength;
  }
  if (end !== length) throw new FormatError(`safetensors: expected ${end} bytes of data, got ${length}`);
}

function isShape(shape: unknown): shape is readonly number[] {
  return Array.isArray(shape) && shape.every((d) => Number.isInteger(d) && d >= 0);
}

function splitFile(bytes: Uint8Array): { header: Record<string, unknown>; data: Uint8Array } {
  if (bytes.length < 8) throw new FormatError(`safetensors: expected at least 8 bytes, got ${bytes.length}`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > MOST_HEADER || 8 + length > bytes.length) {
    throw new FormatError(`safetensors: expected a header within the file's ${bytes.length} bytes, got one of ${length}`);
  }
  try {
    const header: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, 8 + length)));
    if (typeof header === "object" && header !== null && !Array.isArray(header)) {
      return { header: header as Record<string, unknown>, data: bytes.subarray(8 + length) };
    }
  } catch (cause) {
    throw new FormatError("safetensors: expected a JSON header, got text that does not parse", { cause });
  }
  throw new FormatError("safetensors: expected a JSON object as header, got something else");
}

function readTensor(name: string, entry: unknown, data: Uint8Array): LoadedArray & { begin: number } {
  const { dtype: foreign, shape, data_offsets: offsets } = (entry ?? {}) as { dtype?: string; shape?: number[]; data_offsets?: number[] };
  const dtype = DTYPES.get(foreign);
  if (!dtype) throw new FormatError(`safetensors: ${name}: expected dtype F32, F64 or I32, got ${show(foreign)}`);
  if (!isShape(shape)) throw new FormatError(`safetensors: ${name}: expected a shape, got ${show(shape)}`);
  const [begin = -1, end = -1] = Array.isArray(offsets) ? offsets : [];
  const wanted = sizeOf(shape) * bytesPer(dtype);
  const isInside = Number.isInteger(begin) && begin >= 0 && end - begin === wanted && end <= data.length;
  if (!isInside)
    throw new FormatError(`safetensors: ${name}: expected ${wanted} bytes inside the file's ${data.length}, got offsets ${show(offsets)}`);
  const copy = data.slice(begin, end).buffer as ArrayBuffer;
  const array = dtype === "f32" ? new Float32Array(copy) : dtype === "f64" ? new Float64Array(copy) : new Int32Array(copy);
  return { dtype, shape, data: array, begin };
}

/** An object, and no list: its names are the tensors'. */
function checkNamed(argument: string, value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ArgumentError(argument, "an object", show(value));
}

function dtypeOfArray(name: string, data: unknown): DType {
  if (data instanceof Float32Array) return "f32";
  if (data instanceof Float64Array) return "f64";
  if (data instanceof Int32Array) return "i32";
  throw new ArgumentError(name, "{ shape, data } with a Float32Array, Float64Array or Int32Array, or a parameter", show(data));
}
