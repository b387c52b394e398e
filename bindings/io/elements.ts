/** Element types of files, beside those that the library has: narrower and wider integers become i32, two-byte floats f32. */
import { FormatError } from "../errors.js";
import type { DType, TypedArray } from "../tensor.js";
import { isHalf, widened } from "./half.js";

/** The types by their names in safetensors; F8 and below are not among them. */
export const STORED = ["F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8", "BOOL"] as const;

/** An element type of a file. */
export type Stored = (typeof STORED)[number];

const GETTERS = {
  I64: "getBigInt64",
  I16: "getInt16",
  I8: "getInt8",
  U64: "getBigUint64",
  U32: "getUint32",
  U16: "getUint16",
  U8: "getUint8",
  BOOL: "getUint8",
} as const;

export function isStored(type: unknown): type is Stored {
  return STORED.includes(type as Stored);
}

/** Bytes of an element. */
export function bytesOf(stored: Stored): number {
  return Number(/\d+/.exec(stored)?.[0] ?? 8) / 8;
}

/** What such elements are read as. */
export function dtypeRead(stored: Stored): DType {
  if (stored === "F64") return "f64";
  return stored === "F32" || isHalf(stored) ? "f32" : "i32";
}

/**
 * Copies elements out of little-endian bytes, exactly.
 *
 * @param name for messages @param first index of the first element, for messages @param what the file's format, for messages
 * @throws {FormatError} on an integer that is none of i32, on a BOOL that is neither 0 nor 1
 */
export function elementsOf(bytes: Uint8Array, stored: Stored, name: string, first = 0, what = "safetensors"): TypedArray {
  if (isHalf(stored)) return widened(bytes, stored);
  if (stored === "F64") return new Float64Array(bytes.slice().buffer);
  if (stored === "F32") return new Float32Array(bytes.slice().buffer);
  if (stored === "I32") return new Int32Array(bytes.slice().buffer);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const size = bytesOf(stored);
  const values = new Int32Array(bytes.length / size);
  for (let i = 0; i < values.length; i++) {
    const value = view[GETTERS[stored]](size * i, true);
    const number = Number(value);
    values[i] = number;
    if (values[i] === number && (stored !== "BOOL" || number <= 1)) continue;
    const expected = stored === "BOOL" ? "0 or 1" : "an integer that fits into 32 bits";
    throw new FormatError(`${what}: ${name.slice(0, 200)}[${first + i}]: expected ${expected}, got ${value}`);
  }
  return values;
}
