/** Operators of one tensor, element by element. */
import type { Tensor } from "../tensor.js";
import type { Operand } from "./operands.js";
import { apply, define, floatsOf } from "./operator.js";

const TANH = define({
  name: "tanh",
  infer: ([x]) => ({ shape: (x as Tensor).shape, dtype: floatsOf([x as Tensor]), batchFirst: (x as Tensor).batchFirst }),
  forward: ({ kernels, inputs: [x], output }) => kernels.opTanh({ y: output.pointer(), x: (x as Tensor).pointer(), n: output.size }),
  backward({ kernels, inputs: [x], output }, gradients) {
    if (!gradients.wants(x as Tensor)) return;
    const n = output.size;
    const dx = gradients.slots.get("dx", n * (output.dtype === "f64" ? 8 : 4));
    const dy = gradients.of(output);
    gradients.run(() => kernels.opTanhBackward({ dx, dy, y: output.pointer(), n }));
    gradients.give(x as Tensor, dx);
  },
  reads: "output",
});

/**
 * tanh x, element by element.
 *
 * @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => tanh(x));
 * Source: torch.tanh.
 */
export function tanh(x: Operand): Tensor {
  return apply(TANH, [x], undefined);
}
