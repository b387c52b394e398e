/** What can go wrong while a graph is laid out. */
import { ArgumentError, DTypeError, FormatError, ShapeError } from "../errors.js";
import type { OnnxNode } from "./node.js";

/** Numbers of inputs have to be known, not their shapes alone. */
export class NumbersNeeded extends Error {
  constructor(
    readonly inputs: ReadonlySet<string>,
    message: string,
  ) {
    super(message);
  }
}

/** What a node did not like, with its name. */
export function inNode({ label }: OnnxNode, error: unknown): unknown {
  if (error instanceof NumbersNeeded || error instanceof FormatError || !(error instanceof ArgumentError)) return error;
  const Kind = error instanceof ShapeError ? ShapeError : error instanceof DTypeError ? DTypeError : ArgumentError;
  return new Kind(`${label}: ${error.argument}`, error.expected, error.got, { cause: error });
}
