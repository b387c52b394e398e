/**
 * Weights as safetensors: eight bytes of header length (little-endian), a JSON header of names, types, shapes and
 * offsets, then the data. Nothing is executed when one is read.
 * Source: github.com/huggingface/safetensors, "Format".
 */
import { checkShape, show, sizeOf } from "../checks.js";
import { ArgumentError, FormatError, ShapeError } from "../errors.js";
import { bytesPer, type DType, type TypedArray } from "../tensor.js";

const NAMES = { f32: "F32", f64: "F64", i32: "I32" } as const;
const DTYPES: Record<string, DType> = { F32: "f32", F64: "f64", I32: "i32" };
/** The format's own bound on the header. */
const MOST_HEADER = 100_000_000;

/** An array with its shape. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/**
 * Packs arrays by name into one file's bytes.
 *
 * @param metadata strings by name, kept in the header
 * @throws {ShapeError} when an array does not fill its shape
 */
export function saveSafetensors(
  tensors: Readonly<Record<string, NamedArray>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  let end = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    if (name === "__metadata__") throw new ArgumentError("tensors", "another name", '"__metadata__", which the format keeps for itself');
    if (sizeOf(checkShape(`${name}.shape`, shape)) !== data.length)
      throw new ShapeError(name, `${sizeOf(shape)} elements`, `${data.length}`);
    header[name] = { dtype: NAMES[dtypeOfArray(name, data)], shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  let text = JSON.stringify(header);
  let headerBytes = new TextEncoder().encode(text);
  text += " ".repeat((8 - (headerBytes.length % 8)) % 8); // the data begins on a multiple of eight
  headerBytes = new TextEncoder().encode(text);
  const file = new Uint8Array(8 + headerBytes.length + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes.length), true);
  file.set(headerBytes, 8);
  let at = 8 + headerBytes.length;
  for (const { data } of Object.values(tensors)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/** Reads such bytes; the arrays are copies. @throws {FormatError} when they are no whole, well-formed safetensors file */
export function loadSafetensors(bytes: Uint8Array): {
  tensors: Record<string, NamedArray & { dtype: DType }>;
  metadata: Record<string, string>;
} {
  if (!(bytes instanceof Uint8Array)) throw new ArgumentError("bytes", "a Uint8Array", show(bytes));
  const { header, data } = splitFile(bytes);
  const tensors: Record<string, NamedArray & { dtype: DType }> = {};
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") metadata = entry as Record<string, string>;
    else tensors[name] = readTensor(name, entry, data);
  }
  return { tensors, metadata };
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

function readTensor(name: string, entry: unknown, data: Uint8Array): NamedArray & { dtype: DType } {
  const { dtype: foreign, shape, data_offsets: offsets } = (entry ?? {}) as { dtype?: string; shape?: number[]; data_offsets?: number[] };
  const dtype = DTYPES[foreign ?? ""];
  if (!dtype) throw new FormatError(`safetensors: ${name}: expected dtype F32, F64 or I32, got ${show(foreign)}`);
  if (!Array.isArray(shape) || !shape.every((d) => Number.isInteger(d) && d >= 0))
    throw new FormatError(`safetensors: ${name}: expected a shape, got ${show(shape)}`);
  const [begin, end] = Array.isArray(offsets) ? offsets : [];
  const wanted = sizeOf(shape) * bytesPer(dtype);
  if (
    !Number.isInteger(begin) ||
    !Number.isInteger(end) ||
    (begin as number) < 0 ||
    (end as number) - (begin as number) !== wanted ||
    (end as number) > data.length
  ) {
    throw new FormatError(`safetensors: ${name}: expected ${wanted} bytes inside the file's ${data.length}, got offsets ${show(offsets)}`);
  }
  const copy = data.slice(begin, end).buffer as ArrayBuffer;
  const array = dtype === "f32" ? new Float32Array(copy) : dtype === "f64" ? new Float64Array(copy) : new Int32Array(copy);
  return { dtype, shape, data: array };
}

function dtypeOfArray(name: string, data: unknown): DType {
  if (data instanceof Float32Array) return "f32";
  if (data instanceof Float64Array) return "f64";
  if (data instanceof Int32Array) return "i32";
  throw new ArgumentError(name, "a Float32Array, Float64Array or Int32Array", show(data));
}
