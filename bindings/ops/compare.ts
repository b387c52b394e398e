/** Comparisons of two tensors that broadcast, element by element. */
import type { Tensor } from "../tensor.js";
import { infer, place, runBinary, scratchOf } from "./grids.js";
import { operatorKernels } from "./load.js";
import type { Operand } from "./operands.js";
import { apply, define, type Operator } from "./operator.js";

/** The numbers of comparisons of integers, in the kernels of f32, begin here. */
const INTEGERS = 4;

const areIntegers = (inputs: readonly Tensor[]) => inputs.every(({ dtype }) => dtype === "i32");

/** @param turned whether it is the other of a pair: a > b is b < a */
function comparison(name: string, op: number, turned = false): Operator {
  return define<undefined>({
    name,
    infer: (inputs) => ({ ...infer(inputs, areIntegers(inputs)), dtype: "i32" }),
    forward(call) {
      const [a, b] = (turned ? [...call.inputs].reverse() : call.inputs) as [Tensor, Tensor];
      const places = [scratchOf(call.slots), place(call.output), place(a), place(b)] as const;
      if (!areIntegers(call.inputs)) return runBinary(call, "opCompare", op, ...places);
      runBinary({ dtype: "f32", kernels: operatorKernels(call.runtime, "f32") }, "opCompare", op + INTEGERS, ...places);
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
 * 1 where a = b, else 0, as i32; no gradient goes through. Both are real numbers, or both i32, such as tokens. Shapes broadcast as NumPy's; a number may stand on either side.
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
 * 1 where a ≠ b, else 0, as i32; no gradient goes through. Both are real numbers, or both i32, such as tokens. Shapes broadcast as NumPy's; a number may stand on either side.
 *
 * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const isWord = frame.run(() => notEqual(tokens, 0));
 * Source: torch.ne.
 */
export function notEqual(a: Operand, b: Operand): Tensor {
  return apply(comparisons.notEqual, [a, b], undefined as never);
}

/**
 * 1 where a < b, else 0, as i32; no gradient goes through. Both are real numbers, or both i32, such as tokens. Shapes broadcast as NumPy's; a number may stand on either side.
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
 * 1 where a ≤ b, else 0, as i32; no gradient goes through. Both are real numbers, or both i32, such as tokens. Shapes broadcast as NumPy's; a number may stand on either side.
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
 * 1 where a > b, else 0, as i32; no gradient goes through. Both are real numbers, or both i32, such as tokens. Shapes broadcast as NumPy's; a number may stand on either side.
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
 * 1 where a ≥ b, else 0, as i32; no gradient goes through. Both are real numbers, or both i32, such as tokens. Shapes broadcast as NumPy's; a number may stand on either side.
 *
 * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => greaterEqual(x, 0.5));
 * Source: torch.ge.
 */
export function greaterEqual(a: Operand, b: Operand): Tensor {
  return apply(comparisons.greaterEqual, [a, b], undefined as never);
}
