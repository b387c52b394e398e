/** One step of a cell whose state is h alone. */
import type { ChainOptions } from "../layers/passes.js";
import { withoutDX } from "../layers/recurrent/parts.js";
import type { Tensor } from "../tensor.js";
import { alone, RecurrentCell } from "./recurrent-cell.js";

/** What RNNCell and GRUCell share. */
export abstract class HiddenCell extends RecurrentCell {
  /**
   * @param x [N, I], or [I] for one row without a batch
   * @param h before the step, [N, H] or [H]; default zeros
   * @returns h after it; valid until the next forward (in a frame, until that runs again). That of one forward may be given to the next.
   * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  forward(x: Tensor, h?: Tensor): Tensor {
    return this.stepForward(x, { h }, alone("h")).h as Tensor;
  }

  /**
   * Back over the last forward outside of frames. Adds to the gradients of the parameters.
   *
   * @param dH ∂L/∂h after the step
   * @param options dX: false leaves dX out, and reading it throws
   * @returns dX, of x's shape, and the gradient of h before the step; valid until the next backward
   * @throws {StaleError} when there is no such forward, or the parameters have changed or x was replaced since
   * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} @throws {DisposedError} @throws {MemoryError}
   */
  backward(dH: Tensor, options: ChainOptions = {}): { dX: Tensor; dState: Tensor } {
    const { dX, dState } = this.stepBack({ h: dH }, options, alone("dH"));
    return dX ? { dX, dState: dState.h as Tensor } : withoutDX(dState.h as Tensor);
  }
}
