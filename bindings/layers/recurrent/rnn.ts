import { checkOneOf } from "../../checks.js";
import type { Runtime } from "../../runtime.js";
import type { Tensor } from "../../tensor.js";
import { type CellKind, mainGroup } from "./cell-kind.js";
import type { RecurrentOptions } from "./options.js";
import { Recurrent } from "./recurrent.js";

/** Options of RNN. */
export interface RNNOptions extends RecurrentOptions {
  /** The activation. Default `"tanh"`. */
  nonlinearity?: "tanh" | "relu";
}

/** @internal */
export const kind = (variant: 0 | 1): CellKind => ({
  name: "RNN",
  gates: 1,
  hasCell: false,
  variant,
  groups: [mainGroup(1)],
  tape: () => ({}), // h is all its backward needs
  scratch: ({ chunkRows, Hp }) => ({ gates: chunkRows * Hp }),
  backwardScratch: ({ M, N, Hp }) => ({ dz: M * Hp, da: N * Hp }),
  forward: (kernels, sequence) => kernels.rnnForward(sequence),
  backward: (kernels, sequence) => kernels.rnnBackward(sequence),
});

/**
 * The plain recurrent layer, h⟨t⟩ = tanh(W_ih·x⟨t⟩ + b_ih + W_hh·h⟨t−1⟩ + b_hh), or relu in place of tanh. Weights by PyTorch's
 * names and shapes (`weight_ih_l0` [H, I], …), drawn uniformly from ±1/√H.
 *
 * @example
 * const rnn = new RNN(rt, { inputSize: 3, hiddenSize: 64, nonlinearity: "relu" });
 * const { output, state } = rnn.forward(rt.tensor(samples, [T, N, 3]));
 * @throws {ArgumentError} on options it cannot take, @throws {MemoryError}
 * Source: Elman 1990; torch.nn.RNN.
 */
export class RNN extends Recurrent<{ h: Tensor }> {
  readonly nonlinearity: "tanh" | "relu";

  constructor(runtime: Runtime, options: RNNOptions) {
    const { nonlinearity = "tanh" } = options ?? {};
    checkOneOf("nonlinearity", nonlinearity, ["tanh", "relu"]);
    super(runtime, kind(nonlinearity === "relu" ? 1 : 0), options, ["nonlinearity"]);
    this.nonlinearity = nonlinearity;
  }

  override describe() {
    return { ...super.describe(), nonlinearity: this.nonlinearity };
  }
}
