/** Several arrays of NumPy in one archive. */
import { zipSync } from "fflate";
import { isPlain } from "../by-name.js";
import { namesOf, show, typedKind } from "../checks.js";
import { ArgumentError, FormatError } from "../errors.js";
import { textOf, utf8Of } from "../host.js";
import { foreignFile } from "../io/foreign-files.js";
import type { LoadedArray, NamedArray } from "../io/safetensors.js";
import { readZip } from "../io/zip.js";
import { npyIn, npyOf } from "./npy.js";

/** An archive without zip64 counts its files in 16 bits, a name's bytes too, and its own bytes in 32. */
const [MOST_SHORT, MOST_BYTES] = [0xffff, 0xffffffff];

/**
 * Reads the arrays of a .npz file, of `numpy.savez` or `numpy.savez_compressed`: copies, by their names.
 *
 * @example
 * const { x, y } = loadNpz(readFileSync("data.npz"));
 * @throws {FormatError} when it is none, or an array is not one of numbers @throws {ArgumentError} when they are no bytes
 */
export function loadNpz(bytes: Uint8Array): Record<string, LoadedArray> {
  if (typedKind(bytes) !== "Uint8Array") throw new ArgumentError("bytes", "a Uint8Array", show(bytes));
  const own = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const foreign = own[0] === 0x50 ? undefined : foreignFile(own);
  if (foreign) throw new FormatError(`npz: expected a zip archive, got ${foreign}`);
  const arrays: [string, LoadedArray][] = [];
  for (const [file, member] of readZip(own, "npz")) {
    if (!file.endsWith(".npy")) throw new FormatError(`npz: expected arrays alone, got ${show(file.slice(0, 200))}`);
    arrays.push([file.slice(0, -4), npyIn(member.read(), `npz: ${file.slice(0, 200)}`)]);
  }
  return Object.fromEntries(arrays);
}

/**
 * Writes a .npz file, for `numpy.load`, not compressed.
 *
 * @param arrays of f64, f32 or i32, by their names
 * @example
 * writeFileSync("data.npz", saveNpz({ x: { shape: [2], data: Float32Array.of(1, 2) } }));
 * @throws {ShapeError} when an array does not fill its shape @throws {ArgumentError}
 */
export function saveNpz(arrays: Readonly<Record<string, NamedArray>>): Uint8Array<ArrayBuffer> {
  if (!isPlain(arrays)) throw new ArgumentError("arrays", "arrays by name", show(arrays));
  const names = namesOf("arrays", arrays);
  if (names.length >= MOST_SHORT)
    throw new ArgumentError("arrays", `fewer than ${MOST_SHORT}, as many as an archive has`, `${names.length}`);
  const files: [string, Uint8Array][] = [];
  let bytes = 0;
  for (const name of names) {
    const file = `${name}.npy`;
    if (textOf(utf8Of(file)) !== file) throw new ArgumentError("arrays", "names of whole characters", show(name));
    if (utf8Of(file).length > MOST_SHORT)
      throw new ArgumentError("arrays", "names that an archive can hold", `one of ${name.length} characters`);
    const array = npyOf(`arrays.${name.slice(0, 200)}`, arrays[name] as NamedArray);
    bytes += array.length + 3 * MOST_SHORT;
    if (bytes > MOST_BYTES) throw new ArgumentError("arrays", "less than 4 GB, as much as an archive has", `more, at ${show(name)}`);
    files.push([file, array]);
  }
  return zipSync(Object.fromEntries(files), { level: 0, mtime: new Date(1980, 0, 1) }) as Uint8Array<ArrayBuffer>;
}
