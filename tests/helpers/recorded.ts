import { Frame, type Runtime, type Tensor } from "../../bindings/index.js";

/** One forward in a frame, and back from ∂L/∂y: y and, where it is asked for, ∂L/∂x, copied. Gradients of parameters add up as ever. */
export function recorded(forward: (x: Tensor) => Tensor, x: Tensor, dY: Tensor, { dX = true } = {}) {
  using frame = new Frame(x.home as Runtime);
  const y = frame.record(() => forward(x));
  const inputs = dX ? [x] : [];
  frame.backward(y, { gradient: dY, inputs });
  const [given] = inputs.map((input) => frame.gradient(input).toArray());
  return { y: y.toArray(), dX: given };
}
