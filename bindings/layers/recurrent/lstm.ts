import type { Runtime } from "../../runtime.js";
import type { Tensor } from "../../tensor.js";
import { type CellKind, mainGroup } from "./cell-kind.js";
import type { RecurrentOptions } from "./options.js";
import { Recurrent } from "./recurrent.js";

/** @internal */
export const kind: CellKind = {
  name: "LSTM",
  gates: 4,
  hasCell: true,
  variant: 0,
  groups: [mainGroup(4)],
  tape: ({ M, Hp }) => ({ gates: M * 4 * Hp }),
  scratch: ({ chunkRows, Hp }) => ({ gates: chunkRows * 4 * Hp }),
  backwardScratch: ({ M, N, Hp }) => ({ dz: M * 4 * Hp, da: N * Hp, dc: N * Hp }),
  forward: (kernels, sequence) => kernels.lstmForward(sequence),
  backward: (kernels, sequence) => kernels.lstmBackward(sequence),
};

/**
 * Long short-term memory: gates i f g o, weights by PyTorch's names and shapes (`weight_ih_l0` [4H, I], …), drawn
 * uniformly from ±1/√H.
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
