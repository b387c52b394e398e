import { checkBoolean } from "../checks.js";
import { kind } from "../layers/recurrent/gru.js";
import type { Runtime } from "../runtime.js";
import { HiddenCell } from "./hidden-cell.js";
import type { RecurrentCellOptions } from "./recurrent-cell.js";

/** Options of GRUCell. */
export interface GRUCellOptions extends RecurrentCellOptions {
  /** As GRU's: whether the reset gate is applied after the product with h (`true`, default) or before it. */
  resetAfter?: boolean;
}

/**
 * One step of a GRU, for loops of your own; the bits of a `GRU` that goes the same steps. Weights by PyTorch's names and shapes (`weight_ih` [3H, I],
 * `weight_hh`, `bias_ih`, `bias_hh`; gates r z n), drawn uniformly from ±1/√H.
 *
 * @example
 * const cell = new GRUCell(rt, { inputSize: 3, hiddenSize: 64 });
 * let h = cell.forward(x); // zeros before
 * h = cell.forward(next, h);
 * @throws {ArgumentError} on options it cannot take, @throws {MemoryError}
 * Source: torch.nn.GRUCell.
 */
export class GRUCell extends HiddenCell {
  readonly resetAfter: boolean;

  constructor(runtime: Runtime, options: GRUCellOptions) {
    const { resetAfter = true } = options ?? {};
    checkBoolean("resetAfter", resetAfter);
    super(runtime, (H) => kind(resetAfter, H), options, ["resetAfter"]);
    this.resetAfter = resetAfter;
  }

  /** @internal */
  override describe() {
    return { ...super.describe(), resetAfter: this.resetAfter };
  }
}
