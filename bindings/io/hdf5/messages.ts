/**
 * Messages of an HDF5 object header: what an object is.
 * Source: The HDF Group, "HDF5 File Format Specification Version 3.0", IV.A.
 */
import type { Cursor } from "./cursor.js";

/** Types of messages that are read. */
export const MESSAGE = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  link: 0x06,
  layout: 0x08,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
} as const;

/** Where a message's data are. */
export interface Message {
  readonly type: number;
  readonly at: number;
  readonly size: number;
  /** The data lie elsewhere. */
  readonly shared: boolean;
}

interface Block {
  readonly at: number;
  readonly end: number;
}

/** All messages of the object header there. @throws {FormatError} */
export function readMessages(cursor: Cursor, address: number): Message[] {
  const isNew = cursor.u8(address) === 0x4f; // O of OHDR
  return isNew ? newMessages(cursor, address) : oldMessages(cursor, address);
}

/** Version 1: messages with a head of eight bytes. */
function oldMessages(cursor: Cursor, address: number): Message[] {
  if (cursor.u8(address) !== 1) cursor.fail(`expected an object header at ${address}, got other bytes`);
  const first = { at: address + 16, end: address + 16 + cursor.u32(address + 8) };
  return inBlocks(cursor, first, 8, (at) => ({
    type: cursor.u16(at),
    at: at + 8,
    size: cursor.u16(at + 2),
    shared: (cursor.u8(at + 4) & 2) !== 0,
  }));
}

/** Version 2: OHDR, and OCHK before each block that continues it. */
function newMessages(cursor: Cursor, address: number): Message[] {
  cursor.expect(address, "OHDR");
  const flags = cursor.u8(address + 5);
  const sizeAt = address + 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
  const width = 1 << (flags & 3);
  const begin = sizeAt + width;
  const head = flags & 4 ? 6 : 4; // with the order of creation
  const first = { at: begin, end: begin + cursor.sized(sizeAt, width) };
  const isNew = true;
  const read = (at: number) => ({ type: cursor.u8(at), at: at + head, size: cursor.u16(at + 1), shared: (cursor.u8(at + 3) & 2) !== 0 });
  return inBlocks(cursor, first, head, read, isNew);
}

function inBlocks(cursor: Cursor, first: Block, head: number, read: (at: number) => Message, isNew = false): Message[] {
  const blocks: Block[] = [first];
  const messages: Message[] = [];
  for (const { at: begin, end } of blocks) {
    cursor.within(begin, end - begin);
    for (let at = begin; at + head <= end; ) {
      cursor.spend();
      const message = read(at);
      cursor.within(message.at, message.size);
      at = message.at + message.size;
      if (message.type !== MESSAGE.continuation) messages.push(message);
      else blocks.push(continued(cursor, message.at, isNew));
    }
  }
  return messages;
}

function continued(cursor: Cursor, at: number, isNew: boolean): Block {
  const [begin, length] = [cursor.u64(at), cursor.u64(at + 8)];
  if (!isNew) return { at: begin, end: begin + length };
  cursor.expect(begin, "OCHK");
  return { at: begin + 4, end: begin + length - 4 }; // a checksum ends it
}

/** Sizes of a dataspace; of a scalar none. @throws {FormatError} */
export function readShape(cursor: Cursor, at: number): number[] {
  const [version, rank] = [cursor.u8(at), cursor.u8(at + 1)];
  if (version !== 1 && version !== 2) cursor.fail(`expected a dataspace of version 1 or 2 at ${at}, got ${version}`);
  if (version === 2 && cursor.u8(at + 3) === 2) return [0]; // no data at all
  cursor.spend(rank);
  return Array.from({ length: rank }, (_, d) => cursor.u64(at + (version === 1 ? 8 : 4) + 8 * d));
}

/** What elements are. */
export interface ElementType {
  readonly kind: "float" | "text" | "variable text" | "other";
  /** Bytes of one. */
  readonly size: number;
  readonly littleEndian: boolean;
}

/** Exponents and fractions of IEEE 754, by size. */
const IEEE: Readonly<Record<number, readonly [exponentBits: number, fractionBits: number]>> = { 2: [5, 10], 4: [8, 23], 8: [11, 52] };

export function readType(cursor: Cursor, at: number): ElementType {
  const kind = cursor.u8(at) & 0x0f;
  const bits = cursor.u8(at + 1);
  const size = cursor.u32(at + 4);
  const isIEEE = kind === 1 && cursor.u8(at + 13) === IEEE[size]?.[0] && cursor.u8(at + 15) === IEEE[size]?.[1];
  if (isIEEE && (bits & 0x40) === 0) return { kind: "float", size, littleEndian: (bits & 1) === 0 };
  if (kind === 3) return { kind: "text", size, littleEndian: true };
  if (kind === 9 && (bits & 0x0f) === 1) return { kind: "variable text", size: 16, littleEndian: true };
  return { kind: "other", size, littleEndian: true };
}

/** Elements of a shape, of so many bytes each. @throws {FormatError} when the file is smaller than that */
export function countOf(cursor: Cursor, shape: readonly number[], size: number): number {
  const count = shape.reduce((product, d) => product * d, 1);
  if (!(count * size <= cursor.bytes.length))
    cursor.fail(`expected ${shape.join("×")} elements inside the file's ${cursor.bytes.length} bytes`);
  return count;
}
