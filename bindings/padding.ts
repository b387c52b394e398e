/** What lies behind the ends of sequences of different lengths. */
import { checkLengths } from "./checks.js";
import type { Arena } from "./graph/arena.js";
import { type Layout, rowOf } from "./layout.js";
import { bytesPer, Tensor, viewOf } from "./tensor.js";

/**
 * @internal A copy of a batch with zeros in its padding, for layers that do not heed lengths: their weights' gradients multiply what lies
 * there with gradients of 0, which makes NaN of NaN and ∞. Yours to dispose of.
 * @param usual whether it is batch-first, where it does not say itself
 * @returns makes the copy; undefined where all padding is finite, and of what is no batch of numbers [T, N, I] or [N, T, I]
 * @throws {ArgumentError} @throws {ShapeError} on lengths that do not fit @throws {MemoryError}
 */
export function finitelyPadded(x: Tensor, lengths: ArrayLike<number>, usual: boolean): ((arena: Arena) => Tensor) | undefined {
  if (!(x instanceof Tensor) || x.dtype === "i32" || x.shape.length !== 3) return undefined;
  const [first = 0, second = 0, I = 0] = x.shape;
  const batchFirst = x.batchFirst ?? usual;
  const layout: Layout = batchFirst ? { N: first, T: second, batchFirst } : { T: first, N: second, batchFirst };
  const steps = checkLengths("lengths", lengths, layout.N, layout.T);
  const rows = steps.flatMap((length, n) => Array.from({ length: layout.T - length }, (_, i) => rowOf(layout, length + i, n) * I));
  if (rows.length === 0) return undefined;
  const values = x.toArray();
  if (rows.every((at) => values.subarray(at, at + I).every(Number.isFinite))) return undefined;
  for (const at of rows) values.fill(0, at, at + I);
  return (arena) => {
    const ptr = arena.take(x.size * bytesPer(x.dtype));
    viewOf(x.home.memory, x.dtype, ptr, x.size).set(values);
    return new Tensor(x.home, ptr, x.shape, x.dtype, arena.lease, x.batchFirst);
  };
}
