/** Arrays by name, out of a file of any format that holds such, and into one. */
import { basename, extname } from "node:path";
import { type LoadedArray, loadSafetensors, type SaveOptions, saveSafetensors } from "../io/safetensors.js";
import { loadNpy, loadNpz, saveNpy, saveNpz } from "../numpy.js";
import { loadPyTorch } from "../pytorch.js";
import { CommandError } from "./command-error.js";
import { type Format, writeFile } from "./formats.js";

export type Arrays = Readonly<Record<string, LoadedArray>>;

/** @returns nothing of a format that holds more than arrays @throws {FormatError} */
export function arraysIn(format: Format, bytes: Uint8Array, path: string): Arrays | undefined {
  if (format === "safetensors") return loadSafetensors(bytes).tensors;
  if (format === "npy") return { [basename(path, ".npy")]: loadNpy(bytes) };
  if (format === "npz") return loadNpz(bytes);
  return format === "pytorch" ? loadPyTorch(bytes) : undefined;
}

/** @throws {CommandError} when the name does not say how */
export function writeArrays(path: string, arrays: Arrays, options: SaveOptions): void {
  const end = extname(path);
  if (end !== ".safetensors" && options.dtype) throw new CommandError("--dtype: only a .safetensors file has one");
  if (end === ".safetensors") writeFile(path, saveSafetensors(arrays, {}, options));
  else if (end === ".npz") writeFile(path, saveNpz(arrays));
  else if (end === ".npy") writeFile(path, saveNpy(single(arrays)));
  else throw new CommandError(`${path}: expected a name that ends in .safetensors, .npz or .npy`);
}

function single(arrays: Arrays): LoadedArray {
  const [array, ...others] = Object.values(arrays);
  if (array && others.length === 0) return array;
  throw new CommandError(`a .npy file holds one array, and there are ${others.length + (array ? 1 : 0)}: write a .npz file`);
}
