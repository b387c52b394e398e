import type { ChainOptions } from "../layers/passes.js";
import { kind } from "../layers/recurrent/lstm.js";
import { withoutDX } from "../layers/recurrent/parts.js";
import type { Runtime } from "../runtime.js";
import type { Tensor } from "../tensor.js";
import { pairOf, RecurrentCell, type RecurrentCellOptions } from "./recurrent-cell.js";

/** The states of an LSTM's cell, [N, H] each, or [H]. */
export interface LSTMCellState {
  h: Tensor;
  c: Tensor;
}

/**
 * One step of an LSTM, for loops of your own; the bits of an `LSTM` that goes the same steps. Weights by PyTorch's names and shapes (`weight_ih` [4H, I],
 * `weight_hh`, `bias_ih`, `bias_hh`; gates i f g o), drawn uniformly from ±1/√H.
 *
 * @example
 * const cell = new LSTMCell(rt, { inputSize: 3, hiddenSize: 64 });
 * let state = cell.forward(x); // zeros before
 * state = cell.forward(next, state); // { h, c }
 * @throws {ArgumentError} on options it cannot take, @throws {MemoryError}
 * Source: torch.nn.LSTMCell.
 */
export class LSTMCell extends RecurrentCell {
  constructor(runtime: Runtime, options: RecurrentCellOptions) {
    super(runtime, kind, options);
  }

  /**
   * @param x [N, I], or [I] for one row without a batch
   * @param state before the step, [N, H] each, or [H]; default zeros
   * @returns the state after it; valid until the next forward (in a frame, until that runs again). The state of one forward may be given to the next.
   * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  forward(x: Tensor, state?: LSTMCellState): LSTMCellState {
    const parts = state === undefined ? {} : pairOf("state", state, true);
    return this.stepForward(x, parts, (part) => `state.${part}`) as LSTMCellState;
  }

  /**
   * Back over the last forward outside of frames. Adds to the gradients of the parameters.
   *
   * @param dState ∂L/∂h and ∂L/∂c, each optional
   * @param options dX: false leaves dX out, and reading it throws
   * @returns dX, of x's shape, and the gradient of the state before the step; valid until the next backward
   * @throws {StaleError} when there is no such forward, or the parameters have changed or x was replaced since
   * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} @throws {DisposedError} @throws {MemoryError}
   */
  backward(dState: Partial<LSTMCellState>, options: ChainOptions = {}): { dX: Tensor; dState: LSTMCellState } {
    const { dX, dState: start } = this.stepBack(pairOf("dState", dState, false), options, (part) => `dState.${part}`);
    return dX ? { dX, dState: start as LSTMCellState } : withoutDX(start as LSTMCellState);
  }
}
