/** Operators of two tensors that broadcast, element by element. */
import type { Gradients } from "../graph/node.js";
import { bytesPer, type Tensor } from "../tensor.js";
import { broadcastShape, giveSum, gridOf } from "./broadcast.js";
import type { Operand } from "./operands.js";
import { apply, type Call, define, floatsOf, type Operator } from "./operator.js";

/** Numbers in assembly/ops/binary.ts and where.ts. */
const [ADD, SUB, MUL, DIV, MAXIMUM, MINIMUM] = [0, 1, 2, 3, 4, 5];
const [GREATER_PART, QUOTIENT_PART] = [1, 2];

/** Where an operand or a result lies. */
interface Place {
  readonly ptr: number;
  readonly shape: readonly number[];
}

const place = (tensor: Tensor): Place => ({ ptr: tensor.pointer(), shape: tensor.shape });

function infer([a, b]: readonly Tensor[]) {
  const [left, right] = [a as Tensor, b as Tensor];
  const shape = broadcastShape([left.shape, right.shape]);
  return { shape, dtype: floatsOf([left, right]), batchFirst: left.batchFirst ?? right.batchFirst };
}

/** y = op(a, b), or a comparison, over all that the kernels do not walk themselves. */
function run({ kernels, dtype }: Call, kernel: "opBinary" | "opCompare", op: number, scratch: number, y: Place, a: Place, b: Place): void {
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

/** d = a gradient that needs dy and both. */
function runTernary({ kernels, dtype }: Call, op: number, scratch: number, y: Place, c: Place, a: Place, b: Place): void {
  const { R, C, strides, starts } = gridOf(y.shape, [c.shape, a.shape, b.shape]);
  const [o, p, q] = strides as [{ row: number; col: number }, { row: number; col: number }, { row: number; col: number }];
  const size = bytesPer(dtype);
  for (const [to, from, left, right] of starts as [number, number, number, number][]) {
    kernels.opTernary({
      ...{ op, scratch, y: y.ptr + to * size, c: c.ptr + from * size, a: a.ptr + left * size, b: b.ptr + right * size, R, C },
      ...{ cRow: o.row, cCol: o.col, aRow: p.row, aCol: p.col, bRow: q.row, bCol: q.col },
    });
  }
}

/** The gradient for an operand in the result's shape, before it is summed: writes it to d. null: dy itself. */
type Part = ((call: Call, d: Place, dy: Place, scratch: number) => void) | null;

function binary(name: string, op: number, reads: Operator["reads"], left: Part, right: Part): Operator {
  return define<undefined>({
    name,
    infer,
    forward(call) {
      const [a, b] = call.inputs as [Tensor, Tensor];
      run(call, "opBinary", op, call.slots.get("scratch", 192), place(call.output), place(a), place(b));
    },
    backward(call, gradients) {
      part(call, gradients, call.inputs[0] as Tensor, left, "da");
      part(call, gradients, call.inputs[1] as Tensor, right, "db");
    },
    reads,
  }) as Operator;
}

function part(call: Call, gradients: Gradients, operand: Tensor, rule: Part, slot: string): void {
  if (!gradients.wants(operand)) return;
  const { output, kernels } = call;
  const dy = { ptr: gradients.of(output), shape: output.shape };
  let full = dy.ptr;
  if (rule) {
    full = gradients.slots.get(slot, output.size * bytesPer(output.dtype));
    const [d, scratch] = [{ ptr: full, shape: output.shape }, gradients.slots.get("scratch", 192)];
    gradients.run(() => rule(call, d, dy, scratch));
  }
  giveSum(kernels, gradients, output.shape, operand, full, slot);
}

/** dy times the other, or over it. */
const by =
  (op: number, other: 0 | 1): Part =>
  (call, d, dy, scratch) =>
    run(call, "opBinary", op, scratch, d, dy, place(call.inputs[other] as Tensor));

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

/** @param turned whether it is the other of a pair: a > b is b < a */
function comparison(name: string, op: number, turned = false): Operator {
  return define<undefined>({
    name,
    infer: (inputs) => ({ ...infer(inputs), dtype: "i32" }),
    forward(call) {
      const [a, b] = (turned ? [...call.inputs].reverse() : call.inputs) as [Tensor, Tensor];
      run(call, "opCompare", op, call.slots.get("scratch", 192), place(call.output), place(a), place(b));
    },
    reads: "none",
  }) as Operator;
}

const comparisons = {
  equal: comparison("equal", 0),
  notEqual: comparison("notEqual", 1),
  less: comparison("less", 2),
  lessEqual: comparison("lessEqual", 3),
  greater: comparison("greater", 2, true),
  greaterEqual: comparison("greaterEqual", 3, true),
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

/**
 * 1 where a = b, else 0, as i32; no gradient goes through. Shapes broadcast as NumPy's; a number may stand on either side.
 *
 * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => equal(x, 0.5));
 * Source: torch.eq.
 */
export function equal(a: Operand, b: Operand): Tensor {
  return apply(comparisons.equal, [a, b], undefined as never);
}

/**
 * 1 where a ≠ b, else 0, as i32; no gradient goes through. Shapes broadcast as NumPy's; a number may stand on either side.
 *
 * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => notEqual(x, 0.5));
 * Source: torch.ne.
 */
export function notEqual(a: Operand, b: Operand): Tensor {
  return apply(comparisons.notEqual, [a, b], undefined as never);
}

/**
 * 1 where a < b, else 0, as i32; no gradient goes through. Shapes broadcast as NumPy's; a number may stand on either side.
 *
 * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => less(x, 0.5));
 * Source: torch.lt.
 */
export function less(a: Operand, b: Operand): Tensor {
  return apply(comparisons.less, [a, b], undefined as never);
}

/**
 * 1 where a ≤ b, else 0, as i32; no gradient goes through. Shapes broadcast as NumPy's; a number may stand on either side.
 *
 * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => lessEqual(x, 0.5));
 * Source: torch.le.
 */
export function lessEqual(a: Operand, b: Operand): Tensor {
  return apply(comparisons.lessEqual, [a, b], undefined as never);
}

/**
 * 1 where a > b, else 0, as i32; no gradient goes through. Shapes broadcast as NumPy's; a number may stand on either side.
 *
 * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => greater(x, 0.5));
 * Source: torch.gt.
 */
export function greater(a: Operand, b: Operand): Tensor {
  return apply(comparisons.greater, [a, b], undefined as never);
}

/**
 * 1 where a ≥ b, else 0, as i32; no gradient goes through. Shapes broadcast as NumPy's; a number may stand on either side.
 *
 * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => greaterEqual(x, 0.5));
 * Source: torch.ge.
 */
export function greaterEqual(a: Operand, b: Operand): Tensor {
  return apply(comparisons.greaterEqual, [a, b], undefined as never);
}
