/** What operators of two tensors that broadcast have in common. */
import { bytesPer, type Tensor } from "../tensor.js";
import { broadcastShape, gridOf } from "./broadcast.js";
import { type Call, floatsOf } from "./operator.js";

/** Where an operand or a result lies. */
export interface Place {
  readonly ptr: number;
  readonly shape: readonly number[];
}

export const place = (tensor: Tensor): Place => ({ ptr: tensor.pointer(), shape: tensor.shape });

/** @internal */
export function infer([a, b]: readonly Tensor[]) {
  const [left, right] = [a as Tensor, b as Tensor];
  const shape = broadcastShape([left.shape, right.shape]);
  return { shape, dtype: floatsOf([left, right]), batchFirst: left.batchFirst ?? right.batchFirst };
}

/** y = op(a, b), or a comparison, over all that the kernels do not walk themselves. */
export function run(
  { kernels, dtype }: Call,
  kernel: "opBinary" | "opCompare",
  op: number,
  scratch: number,
  y: Place,
  a: Place,
  b: Place,
): void {
  const { R, C, strides, starts } = gridOf(y.shape, [a.shape, b.shape]);
  const [p, q] = strides as [{ row: number; col: number }, { row: number; col: number }];
  const [size, out] = [bytesPer(dtype), kernel === "opCompare" ? 4 : bytesPer(dtype)];
  for (const [to, from, other] of starts as [number, number, number][]) {
    kernels[kernel]({
      ...{ op, scratch, y: y.ptr + to * out, a: a.ptr + from * size, b: b.ptr + other * size, R, C },
      ...{ aRow: p.row, aCol: p.col, bRow: q.row, bCol: q.col },
    });
  }
}
