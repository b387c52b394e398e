/** What files of R are packed with: gzip, xz, and the raw LZMA2 of lazy-load databases. */
import { crc32, gunzipSync, inflateSync } from "node:zlib";
import xz from "xz-decompress";
import { UserError } from "./program.js";

/** A file of R that is damaged, or has in it what is not read here. */
export class RDataError extends UserError {}

const XZ = Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00);
/** How far back LZMA2 may refer, as xz codes it: 64 MiB, as far as R's best preset. */
const DICTIONARY = 28;
const NO_CHECK = [0x00, 0x00];

/** A whole file's bytes; one that is not packed is as it was. @throws {RDataError} when it is damaged, or packed with bzip2 */
export async function unpacked(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return orDamaged("gzip", () => gunzipSync(bytes));
  if (XZ.every((byte, i) => bytes[i] === byte)) return orDamaged("xz", () => unxz(bytes));
  if (Buffer.from(bytes.subarray(0, 3)).toString("latin1") === "BZh") throw new RDataError("R data: packed with bzip2, which is not read");
  return bytes;
}

/**
 * An object's bytes in a lazy-load database.
 *
 * @param kind the index's word for all of them: 0 as they are, 1 by zlib, 2 and 3 by what a letter says
 * @throws {RDataError} when it is damaged, or packed with bzip2
 */
export async function unpackedChunk(chunk: Uint8Array, kind: number): Promise<Uint8Array> {
  if (kind === 0) return chunk;
  if (chunk.length < 5) throw new RDataError("R data: a chunk ends before it begins");
  const length = new DataView(chunk.buffer, chunk.byteOffset).getUint32(0);
  const letter = kind === 1 ? "1" : String.fromCharCode(chunk[4] as number);
  const packed = chunk.subarray(kind === 1 ? 4 : 5);
  const bytes = await orDamaged("chunk", async () => {
    if (letter === "0") return packed;
    if (letter === "1") return inflateSync(packed);
    if (letter === "Z") return await unxz(inContainer(packed, length));
    throw new RDataError(`R data: a chunk packed as ${JSON.stringify(letter)}, which is not read`);
  });
  if (bytes.length !== length) throw new RDataError(`R data: expected a chunk of ${length} bytes, got ${bytes.length}`);
  return bytes;
}

async function orDamaged(what: string, read: () => Uint8Array | Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof RDataError) throw error;
    throw new RDataError(`R data: damaged (${what}: ${(error as Error).message})`);
  }
}

async function unxz(bytes: Uint8Array): Promise<Uint8Array> {
  const packed = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
  return new Uint8Array(await new Response(new xz.XzReadableStream(packed)).arrayBuffer());
}

/**
 * Raw LZMA2 as a file of xz, of one block and without a checksum of the data, for a decoder that knows files alone.
 * Format: https://tukaani.org/xz/xz-file-format.txt
 */
function inContainer(lzma2: Uint8Array, length: number): Uint8Array {
  const blockHeader = withCrc([0x02, 0x00, 0x21, 0x01, DICTIONARY, 0, 0, 0]); // 12 bytes, one filter: LZMA2
  const index = withCrc(padded([0x00, 0x01, ...variable(blockHeader.length + lzma2.length), ...variable(length)]));
  const backward = [...littleEndian(index.length / 4 - 1), ...NO_CHECK];
  return Buffer.concat([
    ...[XZ, withCrc(NO_CHECK), blockHeader, lzma2, new Uint8Array(-lzma2.length & 3), index],
    Uint8Array.of(...littleEndian(crc32(Uint8Array.from(backward))), ...backward, 0x59, 0x5a),
  ]);
}

function withCrc(bytes: readonly number[]): Uint8Array {
  return Uint8Array.of(...bytes, ...littleEndian(crc32(Uint8Array.from(bytes))));
}

function padded(bytes: readonly number[]): number[] {
  return [...bytes, ...new Array<number>(-bytes.length & 3).fill(0)];
}

function littleEndian(value: number): number[] {
  return [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
}

/** Seven bits a byte, the lowest first. */
function variable(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...variable(value >>> 7)];
}
