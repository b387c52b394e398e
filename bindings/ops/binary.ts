/** Operators of two tensors that broadcast, element by element. */
import type { Tensor } from "../tensor.js";
import { callsOf, givePart, infer, type Part, place, runBinary, runTernary, scratchOf } from "./grids.js";
import type { Operand } from "./operands.js";
import { apply, define, type Operator } from "./operator.js";

/** Numbers in assembly/ops/binary.ts and where.ts. */
const [ADD, SUB, MUL, DIV, MAXIMUM, MINIMUM] = [0, 1, 2, 3, 4, 5];
const [GREATER_PART, QUOTIENT_PART] = [1, 2];

function binary(name: string, op: number, reads: Operator["reads"], left: Part, right: Part): Operator {
  return define<undefined>({
    name,
    infer,
    forward(call) {
      const [a, b] = call.inputs as [Tensor, Tensor];
      runBinary(call, "opBinary", op, scratchOf(call.slots), place(call.output), place(a), place(b));
    },
    again(call) {
      const [a, b] = call.inputs as [Tensor, Tensor];
      const { opBinary } = call.kernels;
      const calls = callsOf(call, { op, scratch: scratchOf(call.slots) }, place(call.output), place(a), place(b));
      const [first] = calls;
      return calls.length === 1 && first ? () => opBinary(first) : () => calls.forEach(opBinary);
    },
    backward(call, gradients) {
      givePart(call, gradients, call.inputs[0] as Tensor, left, "da");
      givePart(call, gradients, call.inputs[1] as Tensor, right, "db");
    },
    reads,
  }) as Operator;
}

/** dy times the other, or over it. */
const by =
  (op: number, other: 0 | 1): Part =>
  (call, d, dy, scratch) =>
    runBinary(call, "opBinary", op, scratch, d, dy, place(call.inputs[other] as Tensor));

/** Where the first of these is the greater, dy. */
const where =
  (greater: 0 | 1): Part =>
  (call, d, dy, scratch) =>
    runTernary(call, GREATER_PART, scratch, d, dy, place(call.inputs[greater] as Tensor), place(call.inputs[1 - greater] as Tensor));

const minus: Part = ({ kernels, output }, d, dy) => kernels.opNeg({ y: d.ptr, x: dy.ptr, n: output.size });

const quotient: Part = (call, d, dy, scratch) =>
  runTernary(call, QUOTIENT_PART, scratch, d, dy, place(call.output), place(call.inputs[1] as Tensor));

const arithmetic = {
  add: binary("add", ADD, "none", null, null),
  sub: binary("sub", SUB, "none", null, minus),
  mul: binary("mul", MUL, "inputs", by(MUL, 1), by(MUL, 0)),
  div: binary("div", DIV, "both", by(DIV, 1), quotient),
  maximum: binary("maximum", MAXIMUM, "inputs", where(0), where(1)),
  minimum: binary("minimum", MINIMUM, "inputs", where(1), where(0)),
};

/**
 * a + b. Shapes broadcast as NumPy's; a number may stand on either side.
 *
 * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => add(x, 0.5));
 * Source: torch.add.
 */
export function add(a: Operand, b: Operand): Tensor {
  return apply(arithmetic.add, [a, b], undefined as never);
}

/**
 * a − b. Shapes broadcast as NumPy's; a number may stand on either side.
 *
 * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => sub(x, 0.5));
 * Source: torch.sub.
 */
export function sub(a: Operand, b: Operand): Tensor {
  return apply(arithmetic.sub, [a, b], undefined as never);
}

/**
 * a·b, element by element (a product of matrices: `matmul`). Shapes broadcast as NumPy's; a number may stand on either side.
 *
 * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => mul(x, 0.5));
 * Source: torch.mul.
 */
export function mul(a: Operand, b: Operand): Tensor {
  return apply(arithmetic.mul, [a, b], undefined as never);
}

/**
 * a/b. Shapes broadcast as NumPy's; a number may stand on either side.
 *
 * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => div(x, 0.5));
 * Source: torch.div.
 */
export function div(a: Operand, b: Operand): Tensor {
  return apply(arithmetic.div, [a, b], undefined as never);
}

/**
 * The greater of a and b; NaN where either is. At ties each gets half of the gradient. Shapes broadcast as NumPy's; a number may stand on either side.
 *
 * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => maximum(x, 0.5));
 * Source: torch.maximum.
 */
export function maximum(a: Operand, b: Operand): Tensor {
  return apply(arithmetic.maximum, [a, b], undefined as never);
}

/**
 * The lesser of a and b; NaN where either is. At ties each gets half of the gradient. Shapes broadcast as NumPy's; a number may stand on either side.
 *
 * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => minimum(x, 0.5));
 * Source: torch.minimum.
 */
export function minimum(a: Operand, b: Operand): Tensor {
  return apply(arithmetic.minimum, [a, b], undefined as never);
}
