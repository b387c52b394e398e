/** What the passes of a recurrent layer work with. */
import type { Runtime } from "../../runtime.js";
import { bytesPer, type FloatType, type WeightStorage } from "../../tensor.js";
import type { CellKind, StatePart } from "./cell-kind.js";
import type { Descriptors } from "./descriptors.js";
import type { PackedWeights } from "./packed.js";
import type { RowMover } from "./row-mover.js";

/** @internal Of one layer. */
export interface Core {
  readonly runtime: Runtime;
  readonly dtype: FloatType;
  readonly storage: WeightStorage;
  readonly kind: CellKind;
  readonly packed: PackedWeights;
  readonly descriptors: Descriptors;
  readonly mover: RowMover;
  /** Features in, stacked layers, directions. */
  readonly I: number;
  readonly L: number;
  readonly D: 1 | 2;
  readonly batchFirst: boolean;
  readonly dropout: number;
  /** Whether each layer but the first adds what it reads to what it gives. */
  readonly residual: boolean;
}

/** @internal How many steps of how many sequences. */
export interface Dims {
  readonly T: number;
  readonly N: number;
  readonly batched: boolean;
}

/** @internal Bytes of n elements. */
export function bytesOf({ dtype }: Core, n: number): number {
  return n * bytesPer(dtype);
}

/** @internal Of a checked x. */
export function dimsOf(shape: readonly number[], batchFirst: boolean): Dims {
  const batched = shape.length === 3;
  const [first, second] = [shape[0] as number, batched ? (shape[1] as number) : 1];
  return batched && batchFirst ? { T: second, N: first, batched } : { T: first, N: second, batched };
}

/** @internal Shape of a tensor laid out as x. */
export function shapeOf({ T, N, batched }: Dims, batchFirst: boolean, features: number): number[] {
  if (!batched) return [T, features];
  return batchFirst ? [N, T, features] : [T, N, features];
}

/** @internal Shape of a part of the state. */
export function stateShapeOf({ L, D }: Core, { N, batched }: Dims, { size }: StatePart): number[] {
  return batched ? [L * D, N, size] : [L * D, size];
}
