import type { Runtime } from "../../runtime.js";
import type { Tensor } from "../../tensor.js";
import { type CellKind, cState, hState, mainGroup, STACKED_GRADIENTS, stackedParameters } from "./cell-kind.js";
import type { RecurrentOptions } from "./options.js";
import { Recurrent } from "./recurrent.js";

/** @internal */
export const kind = (H: number): CellKind => ({
  ...{ name: "LSTM", H, P: H, K: H },
  states: [hState(H), cState(H)],
  groups: [mainGroup(4, H)],
  parameters: stackedParameters(4, H),
  gradients: STACKED_GRADIENTS,
  tape: ({ M, Hp }) => ({ gates: M * 4 * Hp }),
  scratch: ({ chunkRows, Hp }) => ({ gates: chunkRows * 4 * Hp }),
  backwardScratch: ({ M, N, Hp }) => ({ dz: M * 4 * Hp, da: N * Hp, dc: N * Hp }),
  forward: (runtime, storage, sequence) => runtime.kernels(storage).lstmForward(sequence),
  backward: (runtime, dtype, sequence) => runtime.kernels(dtype).lstmBackward(sequence),
});

/**
 * Long short-term memory: gates i f g o, weights by PyTorch's names and shapes (`weight_ih_l0` [4H, I], …), drawn
 * uniformly from ±1/√H. With a projection (PyTorch's proj_size), peepholes or a bounded state: `LSTMP` of wasm-rnn/cells.
 *
 * @example
 * const lstm = new LSTM(rt, { inputSize: 3, hiddenSize: 64 });
 * const { output, state } = lstm.forward(rt.tensor(samples, [T, N, 3]));
 * @throws {ArgumentError} on options it cannot take, @throws {MemoryError}
 * Source: Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000; torch.nn.LSTM.
 */
export class LSTM extends Recurrent<{ h: Tensor; c: Tensor }> {
  constructor(runtime: Runtime, options: RecurrentOptions) {
    super(runtime, kind, options);
  }
}
