import { checkBoolean } from "../../checks.js";
import type { Runtime } from "../../runtime.js";
import type { Tensor } from "../../tensor.js";
import { type CellKind, type GateGroup, hState, mainGroup, STACKED_GRADIENTS, stackedParameters } from "./cell-kind.js";
import type { RecurrentOptions } from "./options.js";
import { Recurrent } from "./recurrent.js";

/** Options of GRU. */
export interface GRUOptions extends RecurrentOptions {
  /**
   * Whether the reset gate is applied after the product with h (`true`, default: PyTorch, cuDNN, Keras' default) or to h before
   * it (`false`: the papers, TF.js). Weights of one form do not fit the other.
   */
  resetAfter?: boolean;
}

const n = (resetAfter: boolean, H: number): GateGroup => ({
  ...{ first: 2, gates: 1, units: H, weights: "weightsN" },
  transposed: { weight_ih: "weightsNXT", weight_hh: "weightsNHT" },
  biases: resetAfter ? { biasN: ["bias_ih"], biasHN: ["bias_hh"] } : { biasN: ["bias_ih", "bias_hh"] },
});

/** @internal */
export const kind = (resetAfter: boolean, H: number): CellKind => ({
  ...{ name: "GRU", H, P: H, K: H },
  states: [hState(H)],
  groups: [mainGroup(2, H), n(resetAfter, H)],
  parameters: stackedParameters(3, H),
  gradients: STACKED_GRADIENTS,
  constants: { variant: resetAfter ? 0 : 1 },
  tape: ({ M, Hp }) => ({ gates: M * 2 * Hp, n: M * Hp, m: M * (resetAfter ? Hp : H) }),
  scratch: ({ chunkRows, N, Hp }) => ({ gates: chunkRows * 2 * Hp, n: chunkRows * Hp, m: N * (resetAfter ? Hp : H) }),
  backwardScratch: ({ M, N, Hp }) => ({ dz: M * 2 * Hp, dn: M * Hp, dm: (resetAfter ? M : N) * Hp, da: N * Hp }),
  forward: (runtime, storage, sequence) => runtime.kernels(storage).gruForward(sequence),
  backward: (runtime, dtype, sequence) => runtime.kernels(dtype).gruBackward(sequence),
});

/**
 * Gated recurrent unit: gates r z n, weights by PyTorch's names and shapes (`weight_ih_l0` [3H, I], …), drawn uniformly
 * from ±1/√H. z is the share of the old state that stays.
 *
 * @example
 * const gru = new GRU(rt, { inputSize: 3, hiddenSize: 64 });
 * const { output, state } = gru.forward(rt.tensor(samples, [T, N, 3]));
 * @throws {ArgumentError} on options it cannot take, @throws {MemoryError}
 * Source: Cho et al., arXiv:1406.1078 (reset before); torch.nn.GRU (reset after).
 */
export class GRU extends Recurrent<{ h: Tensor }> {
  readonly resetAfter: boolean;

  constructor(runtime: Runtime, options: GRUOptions) {
    const { resetAfter = true } = options ?? {};
    checkBoolean("resetAfter", resetAfter);
    super(runtime, (H) => kind(resetAfter, H), options, ["resetAfter"]);
    this.resetAfter = resetAfter;
  }

  override describe() {
    return { ...super.describe(), resetAfter: this.resetAfter };
  }
}
