/** Several arrays of NumPy in one archive. */
import { zipSync } from "fflate";
import { isPlain } from "../by-name.js";
import { show, typedKind } from "../checks.js";
import { ArgumentError, FormatError } from "../errors.js";
import type { LoadedArray, NamedArray } from "../io/safetensors.js";
import { readZip } from "../io/zip.js";
import { npyIn, saveNpy } from "./npy.js";

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
 * @throws {ArgumentError} @throws {ShapeError}
 */
export function saveNpz(arrays: Readonly<Record<string, NamedArray>>): Uint8Array<ArrayBuffer> {
  if (!isPlain(arrays)) throw new ArgumentError("arrays", "arrays by name", show(arrays));
  const files = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, saveNpy(array)] as const);
  return zipSync(Object.fromEntries(files), { level: 0, mtime: new Date(1980, 0, 1) }) as Uint8Array<ArrayBuffer>;
}
