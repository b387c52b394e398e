/** PNG files, read with distrust: by pngjs, which makes 8-bit RGBA of all kinds, 16-bit, palette and interlaced. */
import { PNG } from "pngjs";
import { UserError } from "../shared/program.js";
import { printable } from "../shared/text.js";

/** RGBA, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** More pixels than any sheet has: a header may claim what it likes. */
export const MOST_PIXELS = 2 ** 24;
const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Bytes of the signature and of the first chunk, which holds the size. */
const HEAD = 33;

/** As its header says. @throws {UserError} when the bytes are no PNG, or of a greater one than is read */
export function sizeOf(bytes: Uint8Array, file: string): { width: number; height: number } {
  const name = printable(file);
  if (bytes.length < HEAD || SIGNATURE.some((byte, i) => bytes[i] !== byte)) throw new UserError(`${name}: expected a PNG file`);
  const head = new DataView(bytes.buffer, bytes.byteOffset, HEAD);
  const [width, height] = [head.getUint32(16), head.getUint32(20)];
  if (width * height > MOST_PIXELS) throw new UserError(`${name}: expected at most ${MOST_PIXELS} pixels, got ${width} × ${height}`);
  return { width, height };
}

/** @throws {UserError} when the bytes are no PNG that can be read */
export function readPng(bytes: Uint8Array, file: string): Picture {
  sizeOf(bytes, file);
  try {
    return PNG.sync.read(Buffer.from(bytes));
  } catch (error) {
    throw new UserError(`${printable(file)}: a PNG file that cannot be read: ${(error as Error).message}`);
  }
}

/** PNG's number of what a pixel holds. */
const KINDS = { colour: 6, grey: 4 } as const;

/** @param kind grey: of red, green and blue the first one says all; how clear it is goes along in both */
export function writePng({ width, height, data }: Picture, kind: keyof typeof KINDS = "colour"): Uint8Array {
  const png = new PNG({ width, height });
  png.data = Buffer.from(data);
  return PNG.sync.write(png, { colorType: KINDS[kind], deflateLevel: 9 });
}
