/** What a file says that it holds, without its numbers. */
import { listHeader } from "../io/safetensors-header.js";
import type { FileFormat } from "./formats.js";

/** An array that a file lists. */
export interface ListedArray {
  readonly name: string;
  /** Its element type, as the file has it, of those that are not read here, too: "BF16", "F8_E4M3". */
  readonly type: string;
  readonly shape: readonly number[];
}

/**
 * The arrays that a file lists in its beginning: of one whose numbers are not read here, too, or that was cut short behind it.
 *
 * @param format as `fileFormat` tells it
 * @returns nothing of a format that has no such list: of all but safetensors
 * @example
 * const list = listedIn(fileFormat(bytes), bytes); // [{ name: "lstm.weight_ih_l0", type: "BF16", shape: [64, 3] }]
 * @throws {FormatError} when the list itself is none
 */
export function listedIn(format: FileFormat, bytes: Uint8Array): readonly ListedArray[] | undefined {
  return format === "safetensors" ? listHeader(bytes) : undefined;
}
