import type { Runtime } from "../runtime.js";
import type { Tensor } from "../tensor.js";
import type { CellKind } from "./cell-kind.js";
import { Recurrent, type RecurrentOptions } from "./recurrent.js";

const kind: CellKind = {
  name: "RNN",
  gates: 1,
  hasCell: false,
  forward: (kernels, sequence) => kernels.rnnForward(sequence),
  backward: (kernels, sequence) => kernels.rnnBackward(sequence),
};

/**
 * The plain recurrent layer, h⟨t⟩ = tanh(W_ih·x⟨t⟩ + b_ih + W_hh·h⟨t−1⟩ + b_hh), by PyTorch's names and shapes, weights
 * drawn uniformly from ±1/√H.
 *
 * @example
 * const rnn = new RNN(rt, { inputSize: 3, hiddenSize: 32 });
 * const { output, state } = rnn.forward(rt.tensor(samples, [T, N, 3]));
 * @throws {ArgumentError} on options it cannot take, @throws {MemoryError}
 * Source: Elman 1990; torch.nn.RNN.
 */
export class RNN extends Recurrent<{ h: Tensor }> {
  constructor(runtime: Runtime, options: RecurrentOptions) {
    super(runtime, kind, options);
  }
}
