/** Broadcasting, as NumPy's: shapes are set side by side from their last axes, and an axis of 1 serves any number. */
import { show, sizeOf } from "../checks.js";
import { ShapeError } from "../errors.js";
import type { OperatorKernels } from "../generated/operators.js";
import type { Gradients } from "../graph/node.js";
import { bytesPer, type Tensor } from "../tensor.js";
import { type Axis, broadcastStrides, joined } from "./strides.js";

/** @internal The common shape. @throws {ShapeError} where axes differ and neither is 1 */
export function broadcastShape(shapes: readonly (readonly number[])[], names: readonly string[] = ["a", "b", "c"]): readonly number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const common = new Array<number>(rank).fill(1);
  for (const [k, shape] of shapes.entries()) {
    for (const [i, size] of shape.entries()) {
      const axis = rank - shape.length + i;
      if (size === 1) continue;
      if (common[axis] !== 1 && common[axis] !== size) {
        throw new ShapeError(names[k] ?? `inputs[${k}]`, `axes that are 1 or those of ${show(common)}, from the last`, show([...shape]));
      }
      common[axis] = size;
    }
  }
  return common;
}

/** One call of a kernel: rows, columns, and each operand's strides in elements. */
export interface Grid {
  readonly R: number;
  readonly C: number;
  readonly strides: readonly { readonly row: number; readonly col: number }[];
  /** Where each call begins, in elements: of the result, then of each operand. */
  readonly starts: readonly (readonly number[])[];
}

/** @internal How the operands' shapes are walked: axes that go on alike in all of them become one; the last two are the kernel's, others are looped over. */
export function gridOf(shape: readonly number[], operands: readonly (readonly number[])[]): Grid {
  const own = operands.map((operand) => broadcastStrides(operand, shape.length, 1));
  const axes = joined(shape.map((size, axis) => [size, ...own.map((list) => list[axis] as number)]));
  const columns = axes.pop() ?? [1, ...operands.map(() => 1)];
  const rows = axes.pop() ?? [1, ...operands.map(() => 0)];
  const [R, C] = [rows[0], columns[0]];
  const starts: number[][] = [];
  const outer = sizeOf(axes.map(([size]) => size));
  for (let i = 0; i < outer; i++) {
    const start = [i * R * C, ...operands.map(() => 0)];
    let rest = i;
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      const along = axes[axis] as Axis;
      const index = rest % along[0];
      for (let k = 1; k < along.length; k++) (start[k] as number) += index * (along[k] as number);
      rest = Math.floor(rest / along[0]);
    }
    starts.push(start);
  }
  const strides = operands.map((_, k) => ({ row: rows[k + 1] as number, col: columns[k + 1] as number }));
  return { R, C, strides, starts };
}

/** One sum of sumTo: over R of [outer, R, inner]. */
interface Sum {
  readonly outer: number;
  readonly R: number;
  readonly inner: number;
}

/** Sums that bring a shape back to that of an operand, from the last axes on. */
function sumsTo(shape: readonly number[], operand: readonly number[]): Sum[] {
  const sums: Sum[] = [];
  let inner = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] as number;
    const kept = operand[axis - shape.length + operand.length] ?? 1;
    if (kept === size) {
      inner *= size;
      continue;
    }
    let R = size;
    for (; axis > 0 && (operand[axis - 1 - shape.length + operand.length] ?? 1) === 1; axis--) R *= shape[axis - 1] as number;
    sums.push({ outer: sizeOf(shape.slice(0, axis)), R, inner });
  }
  return sums;
}

/**
 * @internal Gives an operand its gradient, summed over what was broadcast.
 *
 * @param shape of the result @param full address of the gradient in that shape; taken from `gradients.slots`, or that of the output
 */
export function giveSum(
  kernels: OperatorKernels,
  gradients: Gradients,
  shape: readonly number[],
  operand: Tensor,
  full: number,
  slot: string,
): void {
  let x = full;
  for (const [i, { outer, R, inner }] of sumsTo(shape, operand.shape).entries()) {
    const from = x;
    const y = gradients.slots.get(`${slot} sum ${i}`, outer * inner * bytesPer(operand.dtype));
    gradients.run(() => kernels.opSum({ y, x: from, outer, R, inner, divisor: 1 }));
    x = y;
  }
  gradients.give(operand, x);
}
