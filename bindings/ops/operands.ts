/** What operators are given: tensors, parameters, numbers. */
import { show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import type { Arena } from "../graph/arena.js";
import { ParameterTensor } from "../layers/parameter-tensor.js";
import { Runtime } from "../runtime.js";
import { bytesPer, type DType, Tensor } from "../tensor.js";

/** What an operator takes: a tensor, a parameter of one's own, or a number. */
export type Operand = Tensor | ParameterTensor | number;

/** @internal The runtime of the first that has one. @throws {ArgumentError} when none has */
export function runtimeOf(name: string, operands: readonly Operand[]): Runtime {
  for (const operand of operands) {
    if (operand instanceof ParameterTensor) return operand.runtime;
    if (operand instanceof Tensor && operand.home instanceof Runtime) return operand.home;
  }
  throw new ArgumentError(name, "a Tensor, or a ParameterTensor", show(operands[0]));
}

/** @internal Where numbers become tensors. */
export interface Place {
  readonly runtime: Runtime;
  readonly arena: Arena;
  /** What numbers are that stand beside integers alone. */
  readonly integers: DType;
}

/** @internal As tensors of this runtime. @throws {ArgumentError} @throws {StaleError} @throws {DisposedError} */
export function operandsOf(name: string, operands: readonly Operand[], { runtime, arena, integers }: Place): Tensor[] {
  const tensors = operands.map((operand, i) => {
    if (typeof operand === "number") return operand;
    const argument = operands.length === 1 ? `${name}: x` : `${name}: input ${i}`;
    const tensor = tensorOf(argument, operand);
    if (tensor.home !== runtime) throw new ArgumentError(argument, "a tensor of one runtime with the others", "one of another");
    return tensor;
  });
  const dtype = tensors.find((tensor): tensor is Tensor => tensor instanceof Tensor && tensor.dtype !== "i32")?.dtype ?? integers;
  return tensors.map((tensor) => (typeof tensor === "number" ? constant(tensor, dtype, runtime, arena) : tensor));
}

/** @internal @throws {ArgumentError} when it is none @throws {StaleError} @throws {DisposedError} */
export function tensorOf(argument: string, operand: Exclude<Operand, number>): Tensor {
  const tensor: unknown = operand instanceof ParameterTensor ? operand.tensor : operand;
  if (!(tensor instanceof Tensor)) throw new ArgumentError(argument, "a Tensor, a ParameterTensor or a number", show(operand));
  tensor.pointer(argument);
  return tensor;
}

function constant(value: number, dtype: DType, runtime: Runtime, arena: Arena): Tensor {
  if (dtype === "i32" && value !== (value | 0)) throw new ArgumentError("number", "a 32-bit integer beside tensors of i32", show(value));
  const ptr = arena.take(bytesPer(dtype));
  runtime.view(dtype, ptr, 1)[0] = value;
  return new Tensor(runtime, ptr, [1], dtype, arena.lease);
}
