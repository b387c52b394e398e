/** How much a graph may make of nothing: a node of a few bytes asks for as many numbers as it likes, and they are kept to the end. */
import { FormatError } from "../errors.js";
import type { Constant } from "./constant.js";
import type { OnnxNode } from "./node.js";

/** Numbers of all constants that follow from a file and its shapes: a quarter of a gigabyte, or half of one of doubles. */
const MOST = 2 ** 26;

export class Budget {
  #used = 0;
  readonly #seen = new WeakSet<Constant["data"]>();

  /** Numbers that the file itself has: they cost nothing. */
  free(constant: Constant): void {
    this.#seen.add(constant.data);
  }

  /** @throws {FormatError} when it is spent */
  spend(node: OnnxNode, constants: readonly (Constant | undefined)[]): void {
    for (const constant of constants) {
      if (!constant || this.#seen.has(constant.data)) continue;
      this.#seen.add(constant.data);
      this.#used += constant.data.length;
    }
    if (this.#used > MOST)
      throw new FormatError(`onnx: ${node.label}: expected at most ${MOST} numbers that are known beforehand, in all, got more`);
  }
}
