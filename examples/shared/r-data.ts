/**
 * Data of R: files of save() (.rda, .RData) and objects of a package's lazy-load database (.rdx, .rdb).
 * Read are vectors, factors, lists and data frames, with their attributes; what else R can serialize is refused.
 * Format: "R Internals", 1.8 Serialization Formats; https://cran.r-project.org/doc/manuals/r-release/R-ints.html
 */
import { RDataError, unpacked, unpackedChunk } from "./r-compression.js";

export { RDataError };

/** Of logical and integer vectors NA is NA_INTEGER, of texts null, of doubles a NaN. */
type Values =
  | { readonly type: "logical" | "integer"; readonly values: Int32Array }
  | { readonly type: "double"; readonly values: Float64Array }
  | { readonly type: "character"; readonly values: readonly (string | null)[] }
  | { readonly type: "list"; readonly values: readonly RValue[] };
export type RVector = Values & { readonly attributes: ReadonlyMap<string, RValue> };
/** NULL is null. */
export type RValue = RVector | null;

export const NA_INTEGER = -(2 ** 31);

/** The objects of a file of save(), by name. @throws {RDataError} when it is none, is damaged, or has in it what is not read */
export async function readRData(file: Uint8Array): Promise<Map<string, RValue>> {
  const bytes = await unpacked(file);
  const magic = Buffer.from(bytes.subarray(0, 5)).toString("latin1");
  if (!/^RDX[23]\n$/.test(magic)) throw new RDataError("R data: no binary file of R's save()");
  return new Reader(bytes.subarray(5)).pairs();
}

/** An object of a lazy-load database. @throws {RDataError} when it has none of the name, is damaged, or has in it what is not read */
export async function readLazyData(index: Uint8Array, database: Uint8Array, name: string): Promise<RValue> {
  const entries = columnsOf(new Reader(await unpacked(index)).one());
  const place = columnsOf(entries.get("variables")).get(name);
  if (place === undefined) throw new RDataError(`R data: the database has no object ${name}`);
  const [offset = -1, length = -1] = numbersOf(place);
  const isInside = offset >= 0 && length >= 0 && offset + length <= database.length;
  if (!isInside) throw new RDataError(`R data: the object ${name} is not inside of the database`);
  const [kind = 0] = numbersOf(entries.get("compressed"));
  return new Reader(await unpackedChunk(database.subarray(offset, offset + length), kind)).one();
}

/** What a data frame or a list has, by name. @throws {RDataError} when it is none, or has no names */
export function columnsOf(frame: RValue | undefined): Map<string, RValue> {
  if (frame?.type !== "list") throw new RDataError(`R data: expected a list, got ${frame?.type ?? "NULL"}`);
  const names = frame.attributes.get("names");
  if (names?.type !== "character") throw new RDataError("R data: a list without names");
  return new Map(frame.values.map((value, i) => [String(names.values[i]), value]));
}

/** Of each item of a factor its level; NA is null. @throws {RDataError} when it is no factor */
export function levelsOf(factor: RValue | undefined): (string | null)[] {
  const levels = factor?.attributes.get("levels");
  if (factor?.type !== "integer" || levels?.type !== "character") throw new RDataError("R data: expected a factor");
  return Array.from(factor.values, (code) => levels.values[code - 1] ?? null);
}

/** A numeric or logical vector's numbers; NA is NaN. @throws {RDataError} when it is of another type */
export function numbersOf(vector: RValue | undefined): Float64Array {
  if (vector?.type === "double") return vector.values;
  if (vector?.type === "integer" || vector?.type === "logical")
    return Float64Array.from(vector.values, (value) => (value === NA_INTEGER ? Number.NaN : value));
  throw new RDataError(`R data: expected numbers, got ${vector?.type ?? "NULL"}`);
}

/** Codes of what follows, as R's serialize.c has them. */
const CODE = { symbol: 1, pairs: 2, text: 9, logical: 10, integer: 13, double: 14, character: 16, list: 19, null: 254, reference: 255 };
const [HAS_ATTRIBUTES, HAS_TAG] = [1 << 9, 1 << 10];
/** Of a text's bytes, among a code's upper bits. */
const IS_LATIN1 = 1 << 14;
/** Lists in lists: no data frame has so many, and each takes a piece of the stack. */
const DEEPEST = 64;

/** One serialized value after another: each is a code of 32 bits, which says what it is, and its data. */
class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #depth = 0;
  /** Names that were met: later they are numbers of this list. */
  readonly #symbols: string[] = [];

  /** @throws {RDataError} when it is not in the binary format (XDR), or in a version that is not known */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes[0] !== 0x58 || bytes[1] !== 0x0a) throw new RDataError("R data: not in the binary format of serialize()");
    this.#at = 2;
    const version = this.#int();
    if (version !== 2 && version !== 3) throw new RDataError(`R data: expected version 2 or 3 of the format, got ${version}`);
    this.#take(8); // versions of R that wrote it, and that can read it
    if (version === 3) this.#take(this.#int()); // the encoding of texts that do not say theirs
  }

  one(): RValue {
    return this.#value(this.#int());
  }

  pairs(): Map<string, RValue> {
    return this.#pairs(this.#int());
  }

  #value(code: number): RValue {
    const type = code & 0xff;
    if (type === CODE.null) return null;
    if (++this.#depth > DEEPEST) throw new RDataError(`R data: lists in lists, more than ${DEEPEST} deep`);
    const vector = this.#vector(type);
    const attributes = code & HAS_ATTRIBUTES ? this.#pairs(this.#int()) : new Map<string, RValue>();
    this.#depth--;
    return { ...vector, attributes };
  }

  #vector(type: number): Values {
    switch (type) {
      case CODE.logical:
        return { type: "logical", values: this.#ints() };
      case CODE.integer:
        return { type: "integer", values: this.#ints() };
      case CODE.double:
        return { type: "double", values: Float64Array.from({ length: this.#length(8) }, () => this.#view.getFloat64(this.#move(8))) };
      case CODE.character:
        return { type: "character", values: Array.from({ length: this.#length(4) }, () => this.#text()) };
      case CODE.list:
        return { type: "list", values: Array.from({ length: this.#length(4) }, () => this.#value(this.#int())) };
      default:
        throw new RDataError(`R data: a value of the kind ${type}, which is not read`);
    }
  }

  /** A pairlist: of attributes, or of what a file has. Each pair is followed by a code, the last one by that of NULL. */
  #pairs(first: number): Map<string, RValue> {
    const pairs = new Map<string, RValue>();
    for (let code = first; (code & 0xff) !== CODE.null; code = this.#int()) {
      const isPair = (code & 0xff) === CODE.pairs && (code & HAS_TAG) !== 0 && (code & HAS_ATTRIBUTES) === 0;
      if (!isPair) throw new RDataError(`R data: expected a pair with a name, got the kind ${code & 0xff}`);
      const name = this.#symbol();
      pairs.set(name, this.#value(this.#int()));
    }
    return pairs;
  }

  #symbol(): string {
    const code = this.#int();
    const type = code & 0xff;
    if (type === CODE.symbol) {
      this.#symbols.push(this.#text() ?? "NA");
      return this.#symbols.at(-1) as string;
    }
    const symbol = type === CODE.reference ? this.#symbols[(code >>> 8 || this.#int()) - 1] : undefined;
    if (symbol === undefined) throw new RDataError(`R data: expected a name, got the kind ${type}`);
    return symbol;
  }

  #text(): string | null {
    const code = this.#int();
    if ((code & 0xff) !== CODE.text) throw new RDataError(`R data: expected a text, got the kind ${code & 0xff}`);
    const length = this.#int();
    if (length === -1) return null;
    return Buffer.from(this.#take(length)).toString(code & IS_LATIN1 ? "latin1" : "utf8");
  }

  #ints(): Int32Array {
    return Int32Array.from({ length: this.#length(4) }, () => this.#int());
  }

  /** Of a vector. @param least bytes of each of its items */
  #length(least: number): number {
    const length = this.#int();
    if (length < 0 || length * least > this.#bytes.length - this.#at)
      throw new RDataError(`R data: it ends inside of a vector of ${length}`);
    return length;
  }

  #int(): number {
    return this.#view.getInt32(this.#move(4));
  }

  #take(count: number): Uint8Array {
    const from = this.#move(count);
    return this.#bytes.subarray(from, from + count);
  }

  /** @returns where it was */
  #move(count: number): number {
    const from = this.#at;
    if (count < 0 || from + count > this.#bytes.length) throw new RDataError("R data: it ends too early");
    this.#at = from + count;
    return from;
  }
}
