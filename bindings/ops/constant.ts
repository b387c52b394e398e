/** Tensors of a frame that no gradient goes to. */
import { show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { ViewTensor } from "../graph/view.js";
import { Tensor } from "../tensor.js";
import { type Operand, runtimeOf, tensorOf } from "./operands.js";
import { scopeOf } from "./operator.js";

/** @internal Integers [n] in the frame at work. @param beside a tensor of the runtime */
export function constantOf(name: string, beside: Tensor, values: readonly number[]): Tensor {
  const runtime = runtimeOf(name, [beside]);
  const { arena } = scopeOf(name, runtime);
  const ptr = arena.take(4 * values.length);
  runtime.view("i32", ptr, values.length).set(values);
  return new Tensor(runtime, ptr, Object.freeze([values.length]), "i32", arena.lease);
}

/**
 * The same elements, and no gradient goes through: what comes of it learns nothing from here.
 *
 * @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError}
 * @example
 * const target = frame.record(() => detach(teacher.forward(x)));
 * Source: torch.Tensor.detach.
 */
export function detach(x: Operand): Tensor {
  if (typeof x === "number") throw new ArgumentError("detach: x", "a Tensor, or a ParameterTensor", show(x));
  const runtime = runtimeOf("detach", [x]);
  const tensor = tensorOf("detach: x", x);
  return new ViewTensor(tensor, 0, tensor.shape, scopeOf("detach", runtime).arena.lease, tensor.batchFirst);
}
