import { checkOneOf } from "../checks.js";
import { kind } from "../layers/recurrent/rnn.js";
import type { Runtime } from "../runtime.js";
import { HiddenCell } from "./hidden-cell.js";
import type { RecurrentCellOptions } from "./recurrent-cell.js";

/** Options of RNNCell. */
export interface RNNCellOptions extends RecurrentCellOptions {
  /** The activation. Default `"tanh"`. */
  nonlinearity?: "tanh" | "relu";
}

/**
 * One step of a plain recurrent layer, for loops of your own; the bits of an `RNN` that goes the same steps. Weights by PyTorch's names and shapes (`weight_ih`
 * [H, I], `weight_hh`, `bias_ih`, `bias_hh`), drawn uniformly from ±1/√H.
 *
 * @example
 * const cell = new RNNCell(rt, { inputSize: 3, hiddenSize: 64 });
 * let h = cell.forward(x); // zeros before
 * h = cell.forward(next, h);
 * @throws {ArgumentError} on options it cannot take, @throws {MemoryError}
 * Source: torch.nn.RNNCell.
 */
export class RNNCell extends HiddenCell {
  readonly nonlinearity: "tanh" | "relu";

  constructor(runtime: Runtime, options: RNNCellOptions) {
    const { nonlinearity = "tanh" } = options ?? {};
    checkOneOf("nonlinearity", nonlinearity, ["tanh", "relu"]);
    super(runtime, (H) => kind(nonlinearity === "relu" ? 1 : 0, H), options, ["nonlinearity"]);
    this.nonlinearity = nonlinearity;
  }

  /** @internal */
  override describe() {
    return { ...super.describe(), nonlinearity: this.nonlinearity };
  }
}
