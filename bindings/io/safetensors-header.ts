/** The header of a safetensors file: nothing in it is believed. */

import { MOST_AXES, show, sizeOf } from "../checks.js";
import { FormatError } from "../errors.js";
import { textOf } from "../host.js";
import { bytesPer, type DType } from "../tensor.js";
import { foreignFile } from "./foreign-files.js";
import type { Half } from "./half.js";

/** What a header says of one tensor, and that is true. */
export interface Entry {
  readonly name: string;
  /** What it is read as. */
  readonly dtype: DType;
  /** Whether the file has the numbers in two bytes each: they become f32, exactly. */
  readonly half: Half | undefined;
  readonly shape: readonly number[];
  /** Bytes of the data. */
  readonly begin: number;
  readonly end: number;
}

const DTYPES = new Map<unknown, { dtype: DType; half?: Half }>([
  ["F32", { dtype: "f32" }],
  ["F64", { dtype: "f64" }],
  ["I32", { dtype: "i32" }],
  ["F16", { dtype: "f32", half: "F16" }],
  ["BF16", { dtype: "f32", half: "BF16" }],
]);
/** The format's own bound on the header. */
const MOST_HEADER = 100_000_000;
/** The header, a tensor in it, its shape. */
const DEEPEST = 3;
const NO_OFFSETS: readonly unknown[] = [];

/** A file's header and data. @throws {FormatError} */
export function readFile(bytes: Uint8Array): { entries: Entry[]; metadata: Record<string, string>; data: Uint8Array } {
  const { header, members, data } = splitFile(bytes);
  const entries: Entry[] = [];
  let metadata: Record<string, string> = {};
  const names = Object.keys(header);
  let inner = 0;
  for (const name of names) {
    const value = header[name];
    if (typeof value === "object" && value !== null && !Array.isArray(value)) for (const _ in value) inner++;
    if (name === "__metadata__") metadata = readMetadata(value);
    else entries.push(readEntry(name, value, data.length));
  }
  // What JSON.parse has thrown away: of two members of one name it keeps the last.
  if ((members[1] ?? 0) !== names.length || (members[2] ?? 0) !== inner)
    throw new FormatError("safetensors: expected each name once, got one twice");
  checkCovered(entries, data.length);
  return { entries, metadata, data };
}

function splitFile(bytes: Uint8Array): { header: Record<string, unknown>; members: readonly number[]; data: Uint8Array } {
  const refuse = (message: string, cause?: unknown): never => {
    const foreign = foreignFile(bytes);
    throw new FormatError(`safetensors: ${foreign ? `expected a safetensors file, got ${foreign}` : message}`, { cause });
  };
  if (bytes.length < 8) refuse(`expected at least 8 bytes, got ${bytes.length}`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > MOST_HEADER || 8 + length > bytes.length)
    refuse(`expected a header within the file's ${bytes.length} bytes, got one of ${length}`);
  const text = bytes.subarray(8, 8 + length);
  const members = membersByDepth(text);
  if (members.length > DEEPEST + 1) refuse(`expected a JSON header at most ${DEEPEST} deep, got a deeper one`);
  let header: unknown;
  try {
    header = JSON.parse(textOf(text));
  } catch (cause) {
    refuse("expected a JSON header, got text that does not parse", cause);
  }
  if (typeof header !== "object" || header === null || Array.isArray(header))
    refuse("expected a JSON object as header, got something else");
  return { header: header as Record<string, unknown>, members, data: bytes.subarray(8 + length) };
}

/** Colons by depth, from 0: the members of objects, those of one name counted each. Stops where it is too deep. */
function membersByDepth(json: Uint8Array): number[] {
  const members = [0];
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    const byte = json[i];
    if (byte === 0x22) {
      for (i++; i < json.length && json[i] !== 0x22; i++) if (json[i] === 0x5c) i++; // a string, and what is escaped in it
    } else if (byte === 0x3a) {
      members[depth] = (members[depth] ?? 0) + 1;
    } else if (byte === 0x7b || byte === 0x5b) {
      depth++;
      if (members.length <= depth) members.push(0);
      if (depth > DEEPEST) return members;
    } else if (byte === 0x7d || byte === 0x5d) {
      depth--;
    }
  }
  return members;
}

function readMetadata(metadata: unknown): Record<string, string> {
  const isMetadata =
    typeof metadata === "object" &&
    metadata !== null &&
    !Array.isArray(metadata) &&
    Object.values(metadata).every((value) => typeof value === "string");
  if (!isMetadata) throw new FormatError(`safetensors: __metadata__: expected strings by name, got ${show(metadata)}`);
  return metadata as Record<string, string>;
}

function readEntry(name: string, entry: unknown, bytes: number): Entry {
  const refuse = (expected: string, got: unknown): never => {
    throw new FormatError(`safetensors: ${name.slice(0, 200)}: expected ${expected}, got ${show(got)}`);
  };
  const { dtype: foreign, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const { dtype, half } = DTYPES.get(foreign) ?? refuse("dtype F32, F64, I32, F16 or BF16", foreign);
  if (!isShape(shape)) return refuse("a shape", shape);
  const wanted = sizeOf(shape) * (half ? 2 : bytesPer(dtype));
  const pair: readonly unknown[] = Array.isArray(offsets) && offsets.length === 2 ? offsets : NO_OFFSETS;
  const begin = pair[0];
  const end = pair[1];
  const isInside = isOffset(begin) && isOffset(end) && end - begin === wanted && end <= bytes;
  if (!isInside) {
    throw new FormatError(
      `safetensors: ${name.slice(0, 200)}: expected ${wanted} bytes inside the file's ${bytes}, got offsets ${show(offsets)}`,
    );
  }
  const most = shape.reduce((product, d) => product * Math.max(d, 1), 1); // a 0 does not hide an overflow
  if (!Number.isSafeInteger(most)) return refuse("a shape whose product is exact", shape);
  return { name, dtype, half, shape, begin, end };
}

export function isShape(shape: unknown): shape is readonly number[] {
  if (!Array.isArray(shape) || shape.length > MOST_AXES) return false;
  const isSize = (d: unknown) => Number.isInteger(d) && (d as number) >= 0 && !Object.is(d, -0);
  for (let i = 0; i < shape.length; i++) if (!isSize(shape[i])) return false; // a hole too
  return true;
}

function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);
}

/** The format allows neither holes nor overlaps. */
function checkCovered(entries: readonly Entry[], length: number): void {
  const inOrder = entries.every(({ begin }, i) => i === 0 || begin >= (entries[i - 1] as Entry).end);
  const sorted = inOrder ? entries : [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const entry of sorted) {
    if (entry.begin !== end)
      throw new FormatError(`safetensors: ${entry.name.slice(0, 200)}: expected data from byte ${end} on, got ${entry.begin}`);
    end = entry.end;
  }
  if (end !== length) throw new FormatError(`safetensors: expected ${end} bytes of data, got ${length}`);
}
