/** Cumulative sums. */
import type { Tensor } from "../tensor.js";
import { alongAxis, sizesOf, type Walk } from "./axes.js";
import type { Operand } from "./operands.js";
import { apply, define, floatsOf } from "./operator.js";
import { gradientOfX } from "./single.js";

const CUMULATIVE_SUM = define<Walk>({
  name: "cumulativeSum",
  infer: ([x], { shape }) => ({ shape, dtype: floatsOf([x as Tensor]), batchFirst: (x as Tensor).batchFirst }),
  forward({ kernels, inputs: [x], output, attributes }) {
    kernels.opCumulativeSum({ y: output.pointer(), x: (x as Tensor).pointer(), ...sizesOf(attributes), back: 0 });
  },
  backward(call, gradients) {
    const { kernels, attributes } = call;
    gradientOfX(call, gradients, (y, x) => kernels.opCumulativeSum({ y, x, ...sizesOf(attributes), back: 1 }));
  },
  reads: "none",
});

/**
 * Sums along an axis from its beginning to each element, added up in f64.
 *
 * @param axis a negative one counts from the end
 * @throws {ArgumentError} when the axis is out of range @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const paths = frame.run(() => cumulativeSum(steps, 0)); // [T, N]: over time
 * Source: torch.cumsum.
 */
export function cumulativeSum(x: Operand, axis: number): Tensor {
  return apply(CUMULATIVE_SUM, [x], alongAxis("cumulativeSum", x, axis));
}
