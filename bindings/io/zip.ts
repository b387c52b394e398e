/**
 * Zip archives, by their directory. Each member is inflated when it is read, and no further than the directory says: sizes are checked first.
 * Source: PKWARE, "APPNOTE.TXT - .ZIP File Format Specification"; RFC 1951.
 */
import { Inflate } from "fflate";
import { show } from "../checks.js";
import { FormatError } from "../errors.js";
import { charactersOf, textOf } from "../host.js";

/** A file in an archive. */
export interface Member {
  /** Bytes once it is inflated. */
  readonly size: number;
  /** Its bytes, a copy. @throws {FormatError} */
  read(): Uint8Array;
}

interface Entry {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly packed: number;
  readonly size: number;
  readonly crc: number;
  /** Of the local header. */
  readonly at: number;
}

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
/** Bytes of each of these records without what varies. */
const [END_SIZE, CENTRAL_SIZE, LOCAL_SIZE] = [22, 46, 30];
const MOST_COMMENT = 0xffff;
/** Deflate makes at most so many bytes of one. */
const MOST_RATIO = 1032;
/** Bytes that are inflated at once. */
const PIECE = 2 ** 14;
/** The flag of a name in UTF-8. */
const UTF8 = 0x800;
/** A field of 32 bits that is kept elsewhere, in a zip64 record. */
const ELSEWHERE = 0xffffffff;

/** CRC-32 of each byte. */
const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc;
});

function crcOf(bytes: Uint8Array): number {
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ (CRC[(crc ^ (bytes[i] as number)) & 0xff] as number);
  return ~crc >>> 0;
}

/**
 * The files of an archive by name; folders are left out.
 *
 * @param what the archive is called in messages
 * @throws {FormatError} when it is no whole archive, has a name twice, or sizes that it cannot hold
 */
export function readZip(bytes: Uint8Array, what: string): Map<string, Member> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const members = new Map<string, Member>();
  let packed = 0;
  for (const entry of directory(view, bytes, what)) {
    packed += entry.packed;
    if (packed > bytes.length) throw new FormatError(`${what}: expected members that lie apart, got more bytes than the archive has`);
    if (entry.name.endsWith("/")) continue;
    if (members.has(entry.name)) throw new FormatError(`${what}: expected each name once, got ${show(entry.name)} twice`);
    members.set(entry.name, { size: entry.size, read: () => memberOf(view, bytes, entry, what) });
  }
  return members;
}

function* directory(view: DataView, bytes: Uint8Array, what: string): Iterable<Entry> {
  let end = bytes.length - END_SIZE;
  const last = Math.max(0, end - MOST_COMMENT);
  while (end >= last && view.getUint32(end, true) !== END) end--;
  if (end < last) throw new FormatError(`${what}: expected a zip archive, got no end of its directory`);
  const [count, from] = [view.getUint16(end + 10, true), view.getUint32(end + 16, true)];
  if (from === ELSEWHERE || count === 0xffff)
    throw new FormatError(`${what}: expected an archive of less than 4 GB, got a zip64 directory`);
  let at = from;
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_SIZE > end || view.getUint32(at, true) !== CENTRAL)
      throw new FormatError(`${what}: expected entry ${i} of ${count} at ${at}, got other bytes`);
    const [length, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true)) as [number, number, number];
    const begin = at + CENTRAL_SIZE;
    const entry = entryAt(view, at, nameOf(bytes.slice(begin, begin + length), view.getUint16(at + 8, true), what));
    at = begin + length + extra + comment;
    if (at > end) throw new FormatError(`${what}: expected entry ${i} of ${count} inside the directory, got one beyond it`);
    checkEntry(entry, what);
    yield entry;
  }
}

function entryAt(view: DataView, at: number, name: string): Entry {
  const field = (offset: number) => view.getUint32(at + offset, true);
  const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
  return { name, flags, method, crc: field(16), packed: field(20), size: field(24), at: field(42) };
}

/** In UTF-8 where the entry says so. */
function nameOf(bytes: Uint8Array, flags: number, what: string): string {
  if (!(flags & UTF8)) return charactersOf(bytes);
  try {
    return textOf(bytes);
  } catch (cause) {
    throw new FormatError(`${what}: expected names in UTF-8, got ${show(charactersOf(bytes))}`, { cause });
  }
}

function checkEntry({ name, flags, method, packed, size, at }: Entry, what: string): void {
  const member = `${what}: ${show(name)}`;
  if (flags & 1) throw new FormatError(`${member}: expected plain data, got encrypted ones`);
  if (method !== 0 && method !== 8) throw new FormatError(`${member}: expected stored or deflated data, got method ${method}`);
  if ([packed, size, at].includes(ELSEWHERE)) throw new FormatError(`${member}: expected less than 4 GB, got a zip64 entry`);
  if (method === 0 ? size !== packed : size > packed * MOST_RATIO)
    throw new FormatError(`${member}: expected a size that ${packed} bytes can hold, got ${size}`);
}

function memberOf(view: DataView, bytes: Uint8Array, { name, method, packed, size, crc, at }: Entry, what: string): Uint8Array {
  const member = `${what}: ${show(name)}`;
  if (at + LOCAL_SIZE > bytes.length || view.getUint32(at, true) !== LOCAL)
    throw new FormatError(`${member}: expected its header at ${at}, got other bytes`);
  const begin = at + LOCAL_SIZE + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
  if (begin + packed > bytes.length) throw new FormatError(`${member}: expected ${packed} bytes at ${begin}, got ${bytes.length - begin}`);
  const data = bytes.slice(begin, begin + packed);
  const whole = method === 0 ? data : inflated(data, size, member);
  if (crcOf(whole) !== crc) throw new FormatError(`${member}: expected data of its checksum, got others`);
  return whole;
}

/** As much memory as there are bytes in truth, whatever is said. @throws {FormatError} when it is not exactly so many */
function inflated(data: Uint8Array, size: number, member: string): Uint8Array {
  const pieces: Uint8Array[] = [];
  let length = 0;
  let isOver = false;
  const stream = new Inflate((piece, final) => {
    length += piece.length;
    if (length <= size) pieces.push(piece);
    isOver = final;
  });
  try {
    for (let at = 0; at < data.length && length <= size; at += PIECE) stream.push(data.subarray(at, at + PIECE), at + PIECE >= data.length);
  } catch (cause) {
    throw new FormatError(`${member}: expected deflated data, got others`, { cause });
  }
  if (length === size && isOver) return joined(pieces, size, member);
  throw new FormatError(`${member}: expected ${size} bytes, got ${length > size ? "more" : length}`);
}

/** @throws {FormatError} when the host has not so much memory */
function joined(pieces: readonly Uint8Array[], size: number, member: string): Uint8Array {
  try {
    const whole = new Uint8Array(size);
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  } catch (cause) {
    throw new FormatError(`${member}: expected a size that memory can hold, got ${size}`, { cause });
  }
}
