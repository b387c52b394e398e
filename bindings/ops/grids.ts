/** What operators that broadcast, element by element, have in common. */
import type { Gradients } from "../graph/node.js";
import { bytesPer, type Tensor } from "../tensor.js";
import { broadcastShape, giveSum, gridOf } from "./broadcast.js";
import { type Call, floatsOf, layoutOf } from "./operator.js";

/** Bytes of scratch that the kernels take: a block (assembly/ops/grid.ts) for each of three operands. */
const SCRATCH = 3 * 64;

/** Where an operand or a result lies. */
export interface Place {
  readonly ptr: number;
  readonly shape: readonly number[];
}

interface Stride {
  readonly row: number;
  readonly col: number;
}

/** Memory of a call, by name. */
type Memory = Pick<Call["slots"], "get">;

export const place = (tensor: Tensor): Place => ({ ptr: tensor.pointer(), shape: tensor.shape });

export const scratchOf = (slots: Memory): number => slots.get("scratch", SCRATCH);

/** @internal Of a and b. @param integers whether both are known to be i32 */
export function infer([a, b]: readonly Tensor[], integers = false) {
  const [left, right] = [a as Tensor, b as Tensor];
  const shape = broadcastShape([left.shape, right.shape]);
  return { shape, dtype: integers ? ("i32" as const) : floatsOf([left, right]), batchFirst: layoutOf([left, right]) };
}

/** What the kernel of two operands is called with, over all that it does not walk itself. @param size bytes of an element of y */
export function callsOf(
  { dtype }: Pick<Call, "dtype">,
  { op, scratch }: { readonly op: number; readonly scratch: number },
  y: Place,
  a: Place,
  b: Place,
  size = bytesPer(dtype),
) {
  const { R, C, strides, starts } = gridOf(y.shape, [a.shape, b.shape]);
  const [p, q] = strides as [Stride, Stride];
  const own = bytesPer(dtype);
  return (starts as [number, number, number][]).map(([to, from, other]) => ({
    ...{ op, scratch, y: y.ptr + to * size, a: a.ptr + from * own, b: b.ptr + other * own, R, C },
    ...{ aRow: p.row, aCol: p.col, bRow: q.row, bCol: q.col },
  }));
}

/** y = op(a, b), or a comparison, over all that the kernels do not walk themselves. */
export function runBinary(
  { kernels, dtype }: Pick<Call, "kernels" | "dtype">,
  kernel: "opBinary" | "opCompare",
  op: number,
  scratch: number,
  y: Place,
  a: Place,
  b: Place,
): void {
  const size = kernel === "opCompare" ? 4 : bytesPer(dtype);
  for (const args of callsOf({ dtype }, { op, scratch }, y, a, b, size)) kernels[kernel](args);
}

/** y = op(c, a, b), likewise. @param cSize bytes of an element of c */
export function runTernary(
  { kernels, dtype }: Call,
  op: number,
  scratch: number,
  y: Place,
  c: Place,
  a: Place,
  b: Place,
  cSize = bytesPer(dtype),
): void {
  const { R, C, strides, starts } = gridOf(y.shape, [c.shape, a.shape, b.shape]);
  const [o, p, q] = strides as [Stride, Stride, Stride];
  const size = bytesPer(dtype);
  for (const [to, from, left, right] of starts as [number, number, number, number][]) {
    kernels.opTernary({
      ...{ op, scratch, y: y.ptr + to * size, c: c.ptr + from * cSize, a: a.ptr + left * size, b: b.ptr + right * size, R, C },
      ...{ cRow: o.row, cCol: o.col, aRow: p.row, aCol: p.col, bRow: q.row, bCol: q.col },
    });
  }
}

/** The gradient for an operand in the result's shape, before it is summed: writes it to d. null: dy itself. */
export type Part = ((call: Call, d: Place, dy: Place, scratch: number) => void) | null;

/** Gives an operand, where it is wanted, its gradient by a rule, summed over what was broadcast. @param slot its name of memory */
export function givePart(call: Call, gradients: Gradients, operand: Tensor, rule: Part, slot: string): void {
  if (!gradients.wants(operand)) return;
  const { output, kernels } = call;
  const { shape, size, dtype } = output;
  const dy = { ptr: gradients.of(output), shape };
  let full = dy.ptr;
  if (rule) {
    full = gradients.slots.get(slot, size * bytesPer(dtype));
    const [d, scratch] = [{ ptr: full, shape }, scratchOf(gradients.slots)];
    gradients.run(() => rule(call, d, dy, scratch));
  }
  giveSum(kernels, gradients, shape, operand, full, slot);
}
