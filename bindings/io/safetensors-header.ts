/** The header of a safetensors file: nothing in it is believed. */

import { MOST_AXES, show, sizeOf } from "../checks.js";
import { FormatError } from "../errors.js";
import { textOf } from "../host.js";
import type { DType } from "../tensor.js";
import { bytesOf, dtypeRead, isStored, STORED, type Stored } from "./elements.js";
import { foreignFile } from "./foreign-files.js";

/** What a header says of one tensor, and that is true. */
export interface Entry {
  readonly name: string;
  /** What it is read as. */
  readonly dtype: DType;
  /** What the file has. */
  readonly stored: Stored;
  readonly shape: readonly number[];
  /** Bytes of the data. */
  readonly begin: number;
  readonly end: number;
}

/** The format's own bound on the header. */
const MOST_HEADER = 100_000_000;
/** The header, a tensor in it, its shape. */
const DEEPEST = 3;
const NO_OFFSETS: readonly unknown[] = [];

/** What a header says, and how many bytes of data it wants. */
export interface Header {
  readonly entries: Entry[];
  readonly metadata: Record<string, string>;
  readonly end: number;
}

/** A file's header and data. @throws {FormatError} */
export function readFile(bytes: Uint8Array): Header & { data: Uint8Array } {
  const start = 8 + headerLength(bytes, bytes.length);
  const data = bytes.subarray(start);
  return { ...readHeader(bytes.subarray(0, start), data.length), data };
}

/** The length of the header, as a file's first eight bytes say. @param whole bytes of the file, where they are known @throws {FormatError} */
export function headerLength(bytes: Uint8Array, whole?: number): number {
  if (bytes.length < 8) refuseFile(bytes, `expected at least 8 bytes, got ${bytes.length}`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length <= MOST_HEADER && (whole === undefined || 8 + length <= whole)) return length;
  const most = whole === undefined ? `of at most ${MOST_HEADER} bytes` : `within the file's ${whole} bytes`;
  return refuseFile(bytes, `expected a header ${most}, got one of ${length}`);
}

/** @param bytes of the file, up to the header's end @param whole bytes of the data, where they are known @throws {FormatError} */
export function readHeader(bytes: Uint8Array, whole?: number): Header {
  const { header, members } = parsed(bytes);
  const entries: Entry[] = [];
  let metadata: Record<string, string> = {};
  const names = Object.keys(header);
  let inner = 0;
  for (const name of names) {
    const value = header[name];
    if (typeof value === "object" && value !== null && !Array.isArray(value)) for (const _ in value) inner++;
    if (name === "__metadata__") metadata = readMetadata(value);
    else entries.push(readEntry(name, value, whole));
  }
  // What JSON.parse has thrown away: of two members of one name it keeps the last.
  if ((members[1] ?? 0) !== names.length || (members[2] ?? 0) !== inner)
    throw new FormatError("safetensors: expected each name once, got one twice");
  return { entries, metadata, end: checkCovered(entries, whole) };
}

/** An array as a header says it, of an element type that is read here or not. */
export interface HeaderLine {
  readonly name: string;
  /** As the format has it: "BF16". */
  readonly type: string;
  readonly shape: readonly number[];
}

/** Characters of an element type's name. */
const MOST_TYPE = 20;

/** What a file's header lists; whether the data is there is not asked. @throws {FormatError} */
export function listHeader(bytes: Uint8Array): HeaderLine[] {
  const { header } = parsed(bytes.subarray(0, 8 + headerLength(bytes, bytes.length)));
  return Object.entries(header).flatMap(([name, entry]) => (name === "__metadata__" ? [] : [lineOf(name, entry)]));
}

function lineOf(name: string, entry: unknown): HeaderLine {
  const { dtype: type, shape } = (entry ?? {}) as Record<string, unknown>;
  if (typeof type === "string" && type.length <= MOST_TYPE && isShape(shape)) return { name, type, shape };
  throw new FormatError(`safetensors: ${name.slice(0, 200)}: expected a dtype and a shape, got ${show(type)}, ${show(shape)}`);
}

/** What it is instead, where that is known. */
function refuseFile(bytes: Uint8Array, message: string, cause?: unknown): never {
  const foreign = foreignFile(bytes);
  throw new FormatError(`safetensors: ${foreign ? `expected a safetensors file, got ${foreign}` : message}`, { cause });
}

function parsed(bytes: Uint8Array): { header: Record<string, unknown>; members: readonly number[] } {
  const text = bytes.subarray(8);
  const members = membersByDepth(text);
  if (members.length > DEEPEST + 1) refuseFile(bytes, `expected a JSON header at most ${DEEPEST} deep, got a deeper one`);
  let header: unknown;
  try {
    header = JSON.parse(textOf(text));
  } catch (cause) {
    refuseFile(bytes, "expected a JSON header, got text that does not parse", cause);
  }
  if (typeof header !== "object" || header === null || Array.isArray(header))
    refuseFile(bytes, "expected a JSON object as header, got something else");
  return { header: header as Record<string, unknown>, members };
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

function readEntry(name: string, entry: unknown, whole?: number): Entry {
  const refuse = (expected: string, got: unknown): never => {
    throw new FormatError(`safetensors: ${name.slice(0, 200)}: expected ${expected}, got ${show(got)}`);
  };
  const { dtype: stored, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (!isStored(stored)) return refuse(`dtype ${STORED.join(", ")}`, stored);
  if (!isShape(shape)) return refuse("a shape", shape);
  const wanted = sizeOf(shape) * bytesOf(stored);
  const pair: readonly unknown[] = Array.isArray(offsets) && offsets.length === 2 ? offsets : NO_OFFSETS;
  const begin = pair[0];
  const end = pair[1];
  const isInside = isOffset(begin) && isOffset(end) && end - begin === wanted && end <= (whole ?? end);
  if (!isInside) {
    throw new FormatError(
      `safetensors: ${name.slice(0, 200)}: expected ${wanted} bytes${whole === undefined ? "" : ` inside the file's ${whole}`}, got offsets ${show(offsets)}`,
    );
  }
  const most = shape.reduce((product, d) => product * Math.max(d, 1), 1); // a 0 does not hide an overflow
  if (!Number.isSafeInteger(most)) return refuse("a shape whose product is exact", shape);
  return { name, dtype: dtypeRead(stored), stored, shape, begin, end };
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

/** The format allows neither holes nor overlaps. @returns bytes of the data */
function checkCovered(entries: readonly Entry[], whole?: number): number {
  const inOrder = entries.every(({ begin }, i) => i === 0 || begin >= (entries[i - 1] as Entry).end);
  const sorted = inOrder ? entries : [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const entry of sorted) {
    if (entry.begin !== end)
      throw new FormatError(`safetensors: ${entry.name.slice(0, 200)}: expected data from byte ${end} on, got ${entry.begin}`);
    end = entry.end;
  }
  if (whole !== undefined && end !== whole) throw new FormatError(`safetensors: expected ${end} bytes of data, got ${whole}`);
  return end;
}
