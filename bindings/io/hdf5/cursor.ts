/** The bytes of an HDF5 file, each read within bounds and within a budget: whatever the bytes say, reading ends. */
import { FormatError } from "../../errors.js";
import { textOf } from "../../host.js";

/** No address. */
const UNDEFINED = 0xffffffff;
/** A structure takes about so many bytes at least; one that is read again and again is a loop. */
const LEAST = 16;
/** Bytes of a name. */
export const MOST_NAME = 1024;
/** Structures that the smallest file may have. */
const SPARE = 1000;

export class Cursor {
  readonly bytes: Uint8Array;
  readonly #what: string;
  readonly #view: DataView;
  /** Structures that may still be read. */
  #left: number;
  /** Bytes of data that may still be read. */
  #data: number;

  constructor(bytes: Uint8Array, what: string) {
    this.bytes = bytes;
    this.#what = what;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#left = SPARE + bytes.length / LEAST;
    this.#data = bytes.length;
  }

  fail(text: string): never {
    throw new FormatError(`${this.#what}: ${text}`);
  }

  /** Counts a structure. @throws {FormatError} when there are more than the file can hold */
  spend(count = 1): void {
    this.#left -= count;
    if (this.#left < 0) this.fail("expected structures that the file can hold, got loops");
  }

  /** Counts data: each byte may be read once. @throws {FormatError} */
  spendData(bytes: number): void {
    this.#data -= bytes;
    if (this.#data < 0) this.fail("expected each byte of data once, got more data than the file holds");
  }

  /** @throws {FormatError} unless so many bytes lie there */
  within(at: number, length: number): void {
    if (!(at >= 0 && length >= 0 && at + length <= this.bytes.length))
      this.fail(`expected ${length} bytes at ${at}, got a file of ${this.bytes.length}`);
  }

  u8(at: number): number {
    this.within(at, 1);
    return this.#view.getUint8(at);
  }

  u16(at: number): number {
    this.within(at, 2);
    return this.#view.getUint16(at, true);
  }

  u32(at: number): number {
    this.within(at, 4);
    return this.#view.getUint32(at, true);
  }

  /** An address or a length; beyond 2⁵³ some number that is too large. */
  u64(at: number): number {
    return this.u32(at) + 2 ** 32 * this.u32(at + 4);
  }

  /** An address, or undefined where there is none. */
  address(at: number): number | undefined {
    return this.u32(at) === UNDEFINED && this.u32(at + 4) === UNDEFINED ? undefined : this.u64(at);
  }

  /** A number of 1, 2, 4 or 8 bytes. */
  sized(at: number, bytes: number): number {
    if (bytes === 1) return this.u8(at);
    if (bytes === 2) return this.u16(at);
    return bytes === 4 ? this.u32(at) : this.u64(at);
  }

  /** A view of some bytes. */
  slice(at: number, length: number): Uint8Array {
    this.within(at, length);
    return this.bytes.subarray(at, at + length);
  }

  /** Four letters that a structure begins with. */
  expect(at: number, signature: string): void {
    const found = String.fromCharCode(...this.slice(at, signature.length));
    if (found !== signature) this.fail(`expected ${signature} at ${at}, got other bytes`);
  }

  /** A text of so many bytes, up to its first zero. */
  text(at: number, length: number): string {
    const bytes = this.slice(at, length);
    const end = bytes.indexOf(0);
    try {
      return textOf(end < 0 ? bytes : bytes.subarray(0, end));
    } catch {
      this.fail(`expected UTF-8 at ${at}, got other bytes`);
    }
  }

  /** A name up to its zero, within so many bytes. */
  zeroTerminated(at: number, most: number): string {
    const bytes = this.slice(at, Math.min(most, MOST_NAME));
    const end = bytes.indexOf(0);
    if (end < 0) this.fail(`expected a name that ends, at ${at}`);
    return this.text(at, end);
  }
}
