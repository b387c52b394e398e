/** Passes through a frame, called one after the other. */
import { Frame, type Runtime, type Tensor } from "../../bindings/index.js";

interface Subject<Options extends unknown[]> {
  readonly runtime: Runtime;
  forward(x: Tensor, ...options: Options): Tensor;
}

/** A model's forward, recorded, and the backward over it. */
export function passesOf<Options extends unknown[]>(model: Subject<Options>) {
  const frame = new Frame(model.runtime);
  let last: { x: Tensor; y: Tensor } | undefined;
  return {
    frame,
    forward(x: Tensor, ...options: Options): Tensor {
      const y = frame.record(() => model.forward(x, ...options));
      last = { x, y };
      return y;
    },
    /** @returns ∂L/∂x, where it is asked for and x is of real numbers */
    backward(gradient: Tensor, { dX = true }: { dX?: boolean } = {}): Tensor | undefined {
      if (!last) throw new Error("no forward yet");
      const { x, y } = last;
      const asked = dX && x.dtype !== "i32";
      frame.backward(y, { gradient, inputs: asked ? [x] : [] });
      return asked ? frame.gradient(x) : undefined;
    },
  };
}
