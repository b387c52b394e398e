import { checkBoolean } from "../../checks.js";
import type { Runtime } from "../../runtime.js";
import type { Tensor } from "../../tensor.js";
import { type CellKind, type GateGroup, mainGroup } from "./cell-kind.js";
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

const n = (twoBiases: boolean): GateGroup => ({
  first: 2,
  gates: 1,
  twoBiases,
  fields: { weights: "weightsN", bias: "biasN", weightsHT: "weightsNHT", weightsXT: "weightsNXT" },
});

/** @internal */
export const kind = (resetAfter: boolean): CellKind => ({
  name: "GRU",
  gates: 3,
  hasCell: false,
  variant: resetAfter ? 0 : 1,
  groups: [mainGroup(2), n(resetAfter)],
  tape: ({ M, H, Hp }) => ({ gates: M * 2 * Hp, n: M * Hp, m: M * (resetAfter ? Hp : H) }),
  scratch: ({ chunkRows, N, H, Hp }) => ({ gates: chunkRows * 2 * Hp, n: chunkRows * Hp, m: N * (resetAfter ? Hp : H) }),
  backwardScratch: ({ M, N, Hp }) => ({ dz: M * 2 * Hp, dn: M * Hp, dm: (resetAfter ? M : N) * Hp, da: N * Hp }),
  forward: (kernels, sequence) => kernels.gruForward(sequence),
  backward: (kernels, sequence) => kernels.gruBackward(sequence),
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
    super(runtime, kind(resetAfter), options, ["resetAfter"]);
    this.resetAfter = resetAfter;
  }

  override describe() {
    return { ...super.describe(), resetAfter: this.resetAfter };
  }
}
