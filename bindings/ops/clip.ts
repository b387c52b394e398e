/** Bounds, element by element. */
import { show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import type { Tensor } from "../tensor.js";
import type { Operand } from "./operands.js";
import { apply, define } from "./operator.js";
import { gradientOfX, sameAs } from "./single.js";

const CLIP = define<{ readonly low: number; readonly high: number }>({
  name: "clip",
  infer: sameAs,
  forward: ({ kernels, inputs: [x], output, attributes }) =>
    kernels.opClip({ y: output.pointer(), x: (x as Tensor).pointer(), n: output.size, ...attributes }),
  backward(call, gradients) {
    const { kernels, inputs, output, attributes } = call;
    gradientOfX(call, gradients, (dx, dy) => {
      kernels.opClipBackward({ dx, dy, v: (inputs[0] as Tensor).pointer(), n: output.size, ...attributes });
    });
  },
  reads: "inputs",
});

/**
 * x within low … high; element by element, in the shape of x. The gradient is 1 within and at the bounds, else 0; NaN stays NaN.
 *
 * @param low −∞ for none @param high ∞ for none
 * @throws {ArgumentError} when a bound is no number, or low > high; outside of a frame
 * @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => clip(x, -1, 1));
 * Source: torch.clamp.
 */
export function clip(x: Operand, low: number, high: number): Tensor {
  if (typeof low !== "number" || Number.isNaN(low)) throw new ArgumentError("low", "a number", show(low));
  if (typeof high !== "number" || Number.isNaN(high) || high < low) throw new ArgumentError("high", `a number from ${low} on`, show(high));
  return apply(CLIP, [x], { low, high });
}
