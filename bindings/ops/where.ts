/** A choice, element by element. */
import { DTypeError } from "../errors.js";
import type { Gradients } from "../graph/node.js";
import { bytesPer, type Tensor } from "../tensor.js";
import { broadcastShape, giveSum, gridOf } from "./broadcast.js";
import type { Operand } from "./operands.js";
import { apply, type Call, define, floatsOf } from "./operator.js";

/** Its number in assembly/ops/where.ts. */
const CHOICE = 0;

interface Place {
  readonly ptr: number;
  readonly shape: readonly number[];
}

/** y = a where the condition holds, else b. */
function choose({ kernels, inputs, output }: Call, scratch: number, y: number, a: Place, b: Place): void {
  const [condition] = inputs as [Tensor];
  const { R, C, strides, starts } = gridOf(output.shape, [condition.shape, a.shape, b.shape]);
  const [o, p, q] = strides as [{ row: number; col: number }, { row: number; col: number }, { row: number; col: number }];
  const size = bytesPer(output.dtype);
  for (const [to, from, left, right] of starts as [number, number, number, number][]) {
    kernels.opTernary({
      ...{
        op: CHOICE,
        scratch,
        y: y + to * size,
        c: condition.pointer() + from * 4,
        a: a.ptr + left * size,
        b: b.ptr + right * size,
        R,
        C,
      },
      ...{ cRow: o.row, cCol: o.col, aRow: p.row, aCol: p.col, bRow: q.row, bCol: q.col },
    });
  }
}

const placeOf = (tensor: Tensor): Place => ({ ptr: tensor.pointer(), shape: tensor.shape });

/** What reaches the output where the operand was chosen, else zeros; summed over what was broadcast. */
function part(call: Call, gradients: Gradients, which: 1 | 2): void {
  const { inputs, output, kernels, runtime } = call;
  const operand = inputs[which] as Tensor;
  if (!gradients.wants(operand)) return;
  const size = bytesPer(output.dtype);
  const slot = which === 1 ? "da" : "db";
  const full = gradients.slots.get(slot, output.size * size);
  const [scratch, zero] = [gradients.slots.get("scratch", 192), gradients.slots.get("zero", size)];
  const dy = { ptr: gradients.of(output), shape: output.shape };
  const none = { ptr: zero, shape: [1] };
  gradients.run(() => {
    runtime.memory.bytes.fill(0, zero, zero + size);
    if (which === 1) choose(call, scratch, full, dy, none);
    else choose(call, scratch, full, none, dy);
  });
  giveSum(kernels, gradients, output.shape, operand, full, slot);
}

const WHERE = define<undefined>({
  name: "where",
  infer([condition, a, b]) {
    const [c, left, right] = [condition as Tensor, a as Tensor, b as Tensor];
    if (c.dtype !== "i32") throw new DTypeError("condition", "i32, as comparisons give it", c.dtype);
    const dtype = floatsOf([left, right]);
    return {
      shape: broadcastShape([c.shape, left.shape, right.shape], ["condition", "a", "b"]),
      dtype,
      batchFirst: left.batchFirst ?? right.batchFirst,
    };
  },
  forward(call) {
    const [, a, b] = call.inputs as [Tensor, Tensor, Tensor];
    choose(call, call.slots.get("scratch", 192), call.output.pointer(), placeOf(a), placeOf(b));
  },
  backward(call, gradients) {
    part(call, gradients, 1);
    part(call, gradients, 2);
  },
  reads: "inputs",
});

/**
 * a where the condition is not 0, else b. Shapes broadcast as NumPy's; a and b may be numbers, one of them. What is not chosen may hold anything, NaN too, and
 * gets a gradient of 0.
 *
 * @param condition i32, as comparisons give it
 * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => where(greater(x, 0), x, 0));
 * Source: torch.where.
 */
export function where(condition: Operand, a: Operand, b: Operand): Tensor {
  return apply(WHERE, [condition, a, b], undefined);
}
