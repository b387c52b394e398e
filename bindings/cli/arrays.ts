/** Arrays by name into a file. */
import { extname } from "node:path";
import { type LoadedArray, type SaveOptions, saveSafetensors } from "../io/safetensors.js";
import { saveNpy, saveNpz } from "../numpy.js";
import { CommandError } from "./command-error.js";
import { writeFile } from "./files.js";

type Arrays = Readonly<Record<string, LoadedArray>>;

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
