/** Arrays as NumPy keeps them. Source: numpy.org/neps/nep-0001-npy-format; numpy.lib.format. */
import { checkOneOf, checkOptions, MOST_AXES, show, sizeOf, typedKind } from "../checks.js";
import { ArgumentError, FormatError } from "../errors.js";
import { charactersOf, utf8Of } from "../host.js";
import { bytesOf, dtypeRead, elementsOf, type Stored } from "../io/elements.js";
import { foreignFile } from "../io/foreign-files.js";
import { checkSavable, type LoadedArray, type NamedArray, rounded } from "../io/safetensors.js";
import { copyStrided } from "../io/strided.js";
import type { TypedArray } from "../tensor.js";

const MAGIC = "\x93NUMPY";
/** By the kind and the bytes of an element. */
const STORED: Readonly<Record<string, Stored>> = {
  ...{ f8: "F64", f4: "F32", f2: "F16", b1: "BOOL", i8: "I64", i4: "I32", i2: "I16", i1: "I8" },
  ...{ u8: "U64", u4: "U32", u2: "U16", u1: "U8" },
};
/** What is refused by its name. */
const FOREIGN: Readonly<Record<string, string>> = {
  ...{ O: "objects of Python, which are pickled and not read", S: "strings", U: "strings", a: "strings", c: "complex numbers" },
  ...{ V: "raw bytes, as bfloat16 is saved (astype(numpy.float32) first)", M: "dates", m: "differences of dates" },
};
/** What floats can be written as. */
const FLOATS = ["F64", "F32", "F16"] as const;
const DESCR = { F64: "<f8", F32: "<f4", F16: "<f2", I32: "<i4" } as const;
const OWN = { f64: "F64", f32: "F32", i32: "I32" } as const;
/** Bytes of a header: longer ones are of structured arrays. */
const MOST_HEADER = 2 ** 16;
/** The data begin on a multiple of so many bytes. */
const ALIGN = 64;

/** Options of saveNpy. */
export interface SaveNpyOptions {
  /** What floats are written as, each rounded to the nearest, ties to even; integers stay int32. Default: as they are. */
  dtype?: (typeof FLOATS)[number];
}

/**
 * Reads a .npy file: a copy, row-major, whatever the file's order. float16 becomes f32; integers of all widths and bool become i32.
 *
 * @example
 * const { shape, data } = loadNpy(readFileSync("x.npy"));
 * @throws {FormatError} when it is none, holds other things than numbers, or an integer beyond 32 bits @throws {ArgumentError} when they are no bytes
 */
export function loadNpy(bytes: Uint8Array): LoadedArray {
  if (typedKind(bytes) !== "Uint8Array") throw new ArgumentError("bytes", "a Uint8Array", show(bytes));
  return npyIn(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), "npy");
}

/** @internal @param what the file is called in messages @throws {FormatError} */
export function npyIn(bytes: Uint8Array, what: string): LoadedArray {
  const { text, at } = headerOf(bytes, what);
  const { stored, isBig, isFortran, shape } = described(text, what);
  const size = bytesOf(stored);
  const wanted = sizeOf(shape) * size;
  if (bytes.length - at !== wanted)
    throw new FormatError(`${what}: expected ${wanted} bytes of [${shape.join(", ")}], got ${bytes.length - at}`);
  const data = bytes.subarray(at);
  const values = elementsOf(isBig ? turned(data, size) : data, stored, "array", 0, what);
  return { dtype: dtypeRead(stored), shape, data: isFortran ? rowMajor(values, shape) : values };
}

function headerOf(bytes: Uint8Array, what: string): { text: string; at: number } {
  if (bytes.length < 10 || charactersOf(bytes.subarray(0, 6)) !== MAGIC)
    throw new FormatError(
      `${what}: expected an array of NumPy, got ${bytes.length < 10 ? `${bytes.length} bytes` : (foreignFile(bytes) ?? "other bytes")}`,
    );
  const major = bytes[6] as number;
  if (major < 1 || major > 3) throw new FormatError(`${what}: expected format 1, 2 or 3, got ${major}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const from = major === 1 ? 10 : 12;
  if (bytes.length < from) throw new FormatError(`${what}: expected a header, got ${bytes.length} bytes`);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (from + length > bytes.length) throw new FormatError(`${what}: expected a header within ${bytes.length} bytes, got one of ${length}`);
  if (length > MOST_HEADER) throw new FormatError(`${what}: expected a header of numbers, got one of ${length} bytes`);
  return { text: charactersOf(bytes.subarray(from, from + length)), at: from + length };
}

interface Described {
  readonly stored: Stored;
  readonly isBig: boolean;
  readonly isFortran: boolean;
  readonly shape: readonly number[];
}

/** Of a dictionary of Python's with these three members. */
function described(text: string, what: string): Described {
  const refuse = (expected: string, got: string): never => {
    throw new FormatError(`${what}: expected ${expected}, got ${got.slice(0, 200)}`);
  };
  const descr = /'descr'\s*:\s*('[^']*'|[[(])/.exec(text)?.[1] ?? refuse("a header with 'descr'", text);
  if (!descr.startsWith("'")) refuse("an array of numbers", "a structured one, of records");
  const [, order = "", kind = "", size = ""] =
    /^'([<>|=]?)([a-zA-Z?])(\d*(?:\[\w*\])?)'$/.exec(descr) ?? refuse("a type of numbers", descr);
  if (kind in FOREIGN) refuse("numbers", FOREIGN[kind] as string);
  const stored = STORED[kind === "?" ? "b1" : `${kind}${size}`] ?? refuse(`one of ${Object.keys(STORED).join(", ")}`, descr);
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1] ?? refuse("a header with 'fortran_order'", text);
  const inside = /'shape'\s*:\s*\(([\d,\sL]*)\)/.exec(text)?.[1] ?? refuse("a header with 'shape'", text);
  const shape = inside
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => (/^\d+L?$/.test(part) ? Number.parseInt(part, 10) : Number.NaN));
  const most = shape.reduce((product, d) => product * Math.max(d, 1), 1);
  if (shape.length > MOST_AXES || !Number.isSafeInteger(8 * most))
    refuse(`a shape of at most ${MOST_AXES} axes, and a size that is exact`, `(${inside})`);
  return { stored: stored as Stored, isBig: order === ">", isFortran: fortran === "True", shape };
}

/** The other order of bytes. */
function turned(bytes: Uint8Array, size: number): Uint8Array {
  const copy = new Uint8Array(bytes.length);
  for (let at = 0; at < copy.length; at += size) {
    for (let k = 0; k < size; k++) copy[at + k] = bytes[at + size - 1 - k] as number;
  }
  return copy;
}

/** From the order in which the first index goes fastest. */
function rowMajor(values: TypedArray, shape: readonly number[]): TypedArray {
  const result = values.slice() as TypedArray;
  const steps = shape.map((_, d) => sizeOf(shape.slice(0, d)));
  copyStrided(values, 0, shape, steps, result);
  return result;
}

/**
 * Writes a .npy file, for `numpy.load`.
 *
 * @param array of f64, f32 or i32
 * @example
 * writeFileSync("x.npy", saveNpy({ shape: [2], data: Float32Array.of(1, 2) }));
 * @throws {ShapeError} when it does not fill its shape
 * @throws {DTypeError} when a finite number would be infinite in `dtype`, as 70000 in F16 @throws {ArgumentError}
 */
export function saveNpy(array: NamedArray, options: SaveNpyOptions = {}): Uint8Array<ArrayBuffer> {
  const asked = checkOptions(options, ["dtype"]).dtype;
  if (asked !== undefined) checkOneOf("dtype", asked, FLOATS);
  return npyOf("array", array, asked);
}

/** @internal @param name of the array, for messages */
export function npyOf(name: string, array: NamedArray, asked?: (typeof FLOATS)[number]): Uint8Array<ArrayBuffer> {
  const { dtype, shape, data } = checkSavable(name, array);
  const stored = dtype === "i32" ? "I32" : (asked ?? OWN[dtype]);
  const written = stored === OWN[dtype] ? data : rounded(name, data, stored as (typeof FLOATS)[number]);
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${DESCR[stored]}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const start = Math.ceil((10 + text.length + 1) / ALIGN) * ALIGN;
  const file = new Uint8Array(start + written.byteLength).fill(0x20, 10, start);
  file.set(Uint8Array.from(MAGIC, (character) => character.charCodeAt(0)));
  file.set([1, 0, (start - 10) & 0xff, (start - 10) >> 8], 6);
  file.set(utf8Of(text), 10);
  file[start - 1] = 0x0a;
  file.set(new Uint8Array(written.buffer, written.byteOffset, written.byteLength), start);
  return file;
}
