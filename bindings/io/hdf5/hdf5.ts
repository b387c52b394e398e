/**
 * HDF5 files as Keras writes them by h5py: groups, attributes that are texts, arrays of floats that are neither in chunks nor compressed. Nothing is
 * read twice, every address is checked, and a file that says otherwise is refused, so that it costs no more time or memory than its size.
 * Source: The HDF Group, "HDF5 File Format Specification Version 3.0".
 */
import { show } from "../../checks.js";
import { FormatError } from "../../errors.js";
import { widened } from "../half.js";
import { Cursor, MOST_NAME } from "./cursor.js";
import { readLinks } from "./groups.js";
import { countOf, type ElementType, MESSAGE, type Message, readMessages, readShape, readType } from "./messages.js";

const SIGNATURE = "\x89HDF\r\n\x1a\n";

/** An array of floats. */
export interface H5Array {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** A group or an array. */
export class H5Object {
  readonly #cursor: Cursor;
  readonly #path: string;
  readonly #messages: readonly Message[];
  readonly #children = new Map<string, H5Object>();
  #links: Map<string, number> | undefined;

  constructor(cursor: Cursor, path: string, address: number) {
    this.#cursor = cursor;
    this.#path = path;
    this.#messages = readMessages(cursor, address);
  }

  /** Names of what is in a group, in their order. @throws {FormatError} */
  get names(): string[] {
    return [...this.#linked().keys()];
  }

  /** Whether it is an array. */
  get isArray(): boolean {
    return this.#messages.some(({ type }) => type === MESSAGE.layout);
  }

  /** What lies at a path, "a/b"; undefined where there is nothing. @throws {FormatError} */
  at(path: string): H5Object | undefined {
    const names = path.split("/").filter((name) => name !== "");
    return names.reduce((object: H5Object | undefined, name) => (object ? object.#child(name) : undefined), this);
  }

  #child(name: string): H5Object | undefined {
    const known = this.#children.get(name);
    if (known) return known;
    const address = this.#linked().get(name);
    if (address === undefined) return undefined;
    const child = new H5Object(this.#cursor, `${this.#path}/${name}`, address);
    this.#children.set(name, child);
    return child;
  }

  #linked(): Map<string, number> {
    this.#links ??= readLinks(this.#cursor, this.#messages);
    return this.#links;
  }

  /** The texts of an attribute, one of a scalar; undefined where there is none of the name. @throws {FormatError} when it is no text */
  texts(name: string): string[] | undefined {
    for (const message of this.#messages) {
      if (message.type !== MESSAGE.attribute) continue;
      const found = this.#attribute(message, name);
      if (found) return found;
    }
    return undefined;
  }

  #attribute({ at, shared }: Message, wanted: string): string[] | undefined {
    const cursor = this.#cursor;
    const version = cursor.u8(at);
    if (shared || version < 1 || version > 3) return undefined;
    const [nameSize, typeSize, spaceSize] = [cursor.u16(at + 2), cursor.u16(at + 4), cursor.u16(at + 6)];
    const padded = (size: number) => (version === 1 ? Math.ceil(size / 8) * 8 : size);
    const nameAt = at + (version === 3 ? 9 : 8);
    cursor.spend();
    if (nameSize > MOST_NAME || cursor.text(nameAt, nameSize) !== wanted) return undefined;
    const typeAt = nameAt + padded(nameSize);
    const spaceAt = typeAt + padded(typeSize);
    if (version > 1 && cursor.u8(at + 1) !== 0) cursor.fail(`${this.#path}: expected ${wanted} with a type of its own, got a shared one`);
    return this.#textsAt(spaceAt + padded(spaceSize), readShape(cursor, spaceAt), readType(cursor, typeAt), wanted);
  }

  #textsAt(at: number, shape: readonly number[], { kind, size }: ElementType, name: string): string[] {
    const cursor = this.#cursor;
    if (kind !== "text" && kind !== "variable text") cursor.fail(`${this.#path}: expected texts in ${name}, got another type`);
    const count = countOf(cursor, shape, Math.max(size, 1));
    cursor.spend(count);
    const one = (from: number) => (kind === "text" ? cursor.text(from, size).trimEnd() : this.#variable(from));
    return Array.from({ length: count }, (_, i) => one(at + i * size));
  }

  /** A text in a global heap: its length, the heap's address, its place there. */
  #variable(at: number): string {
    const cursor = this.#cursor;
    const [length, heap, place] = [cursor.u32(at), cursor.u64(at + 4), cursor.u32(at + 12)];
    if (length === 0) return "";
    cursor.expect(heap, "GCOL");
    const end = heap + cursor.u64(heap + 8);
    for (let object = heap + 16; object + 16 <= end; ) {
      cursor.spend();
      const [index, size] = [cursor.u16(object), cursor.u64(object + 8)];
      if (index === 0) break;
      if (index === place) {
        const within = Math.min(length, size);
        cursor.spendData(within);
        return cursor.text(object + 16, within);
      }
      object += 16 + Math.ceil(size / 8) * 8;
    }
    return cursor.fail(`${this.#path}: expected text ${place} in the heap at ${heap}, got none`);
  }

  /** Sizes of an array. @throws {FormatError} */
  get shape(): readonly number[] {
    return readShape(this.#cursor, this.#message(MESSAGE.dataspace).at);
  }

  #message(wanted: number): Message {
    const found = this.#messages.find(({ type, shared }) => type === wanted && !shared);
    return found ?? this.#cursor.fail(`${this.#path}: expected an array with its shape, type and place, got none`);
  }

  /** The array of floats that it is. @throws {FormatError} */
  array(): H5Array {
    const cursor = this.#cursor;
    const shape = this.shape;
    const type = readType(cursor, this.#message(MESSAGE.datatype).at);
    if (type.kind !== "float") cursor.fail(`${this.#path}: expected floats of 2, 4 or 8 bytes, got another type`);
    const bytes = countOf(cursor, shape, type.size) * type.size;
    cursor.spendData(bytes);
    return { shape, data: floatsOf(cursor.slice(this.#dataAt(bytes), bytes), type) };
  }

  #dataAt(bytes: number): number {
    const cursor = this.#cursor;
    const { at } = this.#message(MESSAGE.layout);
    const [version, kind] = [cursor.u8(at), cursor.u8(at + 1)];
    if (version !== 3 && version !== 4) cursor.fail(`${this.#path}: expected a layout of version 3 or 4, got ${version}`);
    if (kind === 0 && cursor.u16(at + 2) >= bytes) return at + 4;
    const address = kind === 1 ? cursor.address(at + 2) : undefined;
    if (kind > 1) cursor.fail(`${this.#path}: expected an array in one piece, got one in chunks (written with compression, say)`);
    return address ?? (bytes === 0 ? 0 : cursor.fail(`${this.#path}: expected ${bytes} bytes of data, got none`));
  }
}

function floatsOf(bytes: Uint8Array, { size, littleEndian }: ElementType): Float32Array | Float64Array {
  const own = bytes.slice();
  if (!littleEndian) for (let at = 0; at < own.length; at += size) own.subarray(at, at + size).reverse();
  if (size === 2) return widened(own, "F16");
  return size === 4 ? new Float32Array(own.buffer) : new Float64Array(own.buffer);
}

/**
 * The root of a file.
 *
 * @param what the file is called in messages
 * @throws {FormatError} when it is no HDF5 file, or one of a form that Keras does not write
 */
export function openHDF5(bytes: Uint8Array, what: string): H5Object {
  const cursor = new Cursor(bytes, what);
  if (bytes.length < SIGNATURE.length || String.fromCharCode(...bytes.subarray(0, SIGNATURE.length)) !== SIGNATURE)
    throw new FormatError(`${what}: expected an HDF5 file, got other bytes`);
  const version = cursor.u8(8);
  const isOld = version < 2;
  if (version > 3) cursor.fail(`expected a superblock of version 0 to 3, got ${version}`);
  const [offsets, lengths] = isOld ? [cursor.u8(13), cursor.u8(14)] : [cursor.u8(9), cursor.u8(10)];
  if (offsets !== 8 || lengths !== 8) cursor.fail(`expected addresses of 8 bytes, got ${show(offsets)}`);
  const base = isOld ? 24 + 4 * version : 12;
  if (cursor.u64(base) !== 0) cursor.fail("expected a file that begins at its first byte, got one behind other data");
  return new H5Object(cursor, "", cursor.u64(isOld ? base + 40 : 36));
}
