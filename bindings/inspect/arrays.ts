/** Arrays by name, out of a file of any format that holds such. */
import { type LoadedArray, loadSafetensors } from "../io/safetensors.js";
import { loadNpy } from "../numpy/npy.js";
import { loadNpz } from "../numpy/npz.js";
import { loadPyTorch } from "../pytorch/load.js";
import type { FileFormat } from "./formats.js";

/**
 * The arrays of a file, by name.
 *
 * @param format as `fileFormat` tells it @param name of the file: a .npy file has none for its array
 * @returns nothing of a format that holds more than arrays
 * @example
 * const arrays = arraysIn(fileFormat(bytes), bytes, "weights.npz");
 * @throws {FormatError}
 */
export function arraysIn(format: FileFormat, bytes: Uint8Array, name: string): Readonly<Record<string, LoadedArray>> | undefined {
  if (format === "safetensors") return loadSafetensors(bytes).tensors;
  if (format === "npy") return { [name.replace(/^.*[\\/]|\.npy$/g, "")]: loadNpy(bytes) };
  if (format === "npz") return loadNpz(bytes);
  return format === "pytorch" ? loadPyTorch(bytes) : undefined;
}
