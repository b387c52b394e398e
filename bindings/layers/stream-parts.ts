/** What the stream of several layers is made of. */
import { ShapeError } from "../errors.js";
import type { FloatArray } from "../tensor.js";
import type { Rowwise } from "./stream-rows.js";

/** A copy of a recurrent stream's state, flat: [L, N, H], or of one row [L, H]. */
export interface StreamStateCopy {
  readonly h: FloatArray;
  readonly c?: FloatArray;
}

/** @internal The stream of one layer. */
export interface StreamPart {
  readonly input: FloatArray | Int32Array;
  readonly output: FloatArray;
  state?: StreamStateCopy;
  step(): void;
  reset?(row?: number): void;
  getState?(row: number): unknown;
  /** Checks a state, of all rows or of one; what is returned takes it. */
  accept?(state: unknown, argument: string, row?: number): () => void;
  select?(rows: readonly number[]): void;
  dispose(): void;
}

/** @internal A part that takes rows through a step apart from the others; the output of those at work has an address after the step. */
export interface RowwisePart extends StreamPart, Rowwise {
  readonly workInput: number;
  readonly workOutput: number;
  assertAlive(): void;
}

/** Whether it is one of this package, and nobody has put a step of their own into it. */
function isRowwise(part: StreamPart): part is RowwisePart {
  return "workInput" in part && !Object.hasOwn(part, "step") && (part as { isRowwise?: boolean }).isRowwise !== false;
}

/** Whether each reads what the one before it gives as it is. */
function sameTypes(parts: readonly StreamPart[]): boolean {
  return parts.every(({ input }, i) => i === 0 || input.constructor === parts[i - 1]?.output.constructor);
}

/** @internal The parts, where all of them take rows through a step apart from the others; else none. */
export function rowwise(parts: readonly StreamPart[]): readonly RowwisePart[] {
  return parts.every(isRowwise) && sameTypes(parts) ? parts : [];
}

/** @internal @throws {ShapeError} unless each reads as much as the one before it gives */
export function checkWidths(parts: readonly StreamPart[], N: number): void {
  for (const [i, { input }] of parts.entries()) {
    const given = parts[i - 1]?.output.length ?? input.length;
    if (given !== input.length)
      throw new ShapeError("layers", `one of ${given / N} inputs after one of as many outputs`, `${input.length / N}`);
  }
}
