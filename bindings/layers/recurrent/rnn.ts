import { checkOneOf } from "../../checks.js";
import type { Runtime } from "../../runtime.js";
import type { Tensor } from "../../tensor.js";
import { type CellKind, hState, mainGroup, STACKED_GRADIENTS, stackedParameters } from "./cell-kind.js";
import type { RecurrentOptions } from "./options.js";
import { Recurrent } from "./recurrent.js";

/** Options of RNN. */
export interface RNNOptions extends RecurrentOptions {
  /** The activation. Default `"tanh"`. */
  nonlinearity?: "tanh" | "relu";
}

/** @internal */
export const kind = (variant: 0 | 1, H: number): CellKind => ({
  ...{ name: "RNN", H, P: H, K: H },
  states: [hState(H)],
  groups: [mainGroup(1, H)],
  parameters: stackedParameters(1, H),
  gradients: STACKED_GRADIENTS,
  constants: { variant },
  tape: () => ({}), // h is all its backward needs
  scratch: ({ chunkRows, Hp }) => ({ gates: chunkRows * Hp }),
  backwardScratch: ({ M, N, Hp }) => ({ dz: M * Hp, da: N * Hp }),
  forward: (runtime, storage, sequence) => runtime.kernels(storage).rnnForward(sequence),
  backward: (runtime, dtype, sequence) => runtime.kernels(dtype).rnnBackward(sequence),
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
    super(runtime, (H) => kind(nonlinearity === "relu" ? 1 : 0, H), options, ["nonlinearity"]);
    this.nonlinearity = nonlinearity;
  }

  override describe() {
    return { ...super.describe(), nonlinearity: this.nonlinearity };
  }
}
