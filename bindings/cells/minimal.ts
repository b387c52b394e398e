/** What MinGRU and MinLSTM share: layers without a recurrent product, whose tape is their gates. */
import { checkOneOf } from "../checks.js";
import { bindMoreCellKernels } from "../generated/more-cells.js";
import { dtypeOf } from "../layers/doors.js";
import { type CellKind, hState } from "../layers/recurrent/cell-kind.js";
import type { RecurrentOptions } from "../layers/recurrent/options.js";
import { Recurrent } from "../layers/recurrent/recurrent.js";
import { loadedKernels } from "../ops/load.js";
import type { Runtime } from "../runtime.js";
import type { Tensor, WeightStorage } from "../tensor.js";

/** Options of MinGRU and MinLSTM. */
export interface MinimalOptions extends RecurrentOptions {
  /**
   * What becomes of the candidate's linear form v: `"linear"` (default: the paper's algorithms 1 and 3) v itself; `"positive"` (its algorithms 5 and 7) v + ½ where v ≥ 0,
   * else σ(v), so that states that begin at zero or above stay there.
   */
  activation?: "linear" | "positive";
}

/** @internal What distinguishes one of them from the other. */
export interface MinimalCell {
  readonly name: string;
  readonly gates: number;
  readonly forward: "minGruForward" | "minLstmForward";
  readonly backward: "minGruBackward" | "minLstmBackward";
}

/** A layer of such cells. */
export abstract class Minimal extends Recurrent<{ h: Tensor }> {
  readonly activation: "linear" | "positive";

  protected constructor(runtime: Runtime, cell: MinimalCell, options: MinimalOptions) {
    let activation: "linear" | "positive" = "linear";
    super(
      runtime,
      (H, given) => {
        ({ activation = "linear" } = given as MinimalOptions);
        checkOneOf("activation", activation, ["linear", "positive"]);
        kernelsOf(runtime, given.weights ?? dtypeOf(runtime, given)); // rather here than in the first forward
        return kindOf(cell, H, activation === "positive");
      },
      options,
      ["activation"],
    );
    this.activation = activation;
    for (const { suffix, I } of this.packed.cells) {
      for (const parameter of this.parameters()) {
        if (!parameter.name.endsWith(suffix)) continue;
        const drawn = parameter.toArray(); // from ±1/√H, as of layers whose gates read H units
        parameter.set(drawn.map((value) => value * Math.sqrt(this.hiddenSize / I)));
      }
    }
  }

  /** @internal */
  override describe() {
    return { ...super.describe(), activation: this.activation };
  }
}

/** Asked at each call: a layer that outlives its runtime must not keep the binary. */
const kernelsOf = (runtime: Runtime, storage: WeightStorage) => loadedKernels(runtime, storage, bindMoreCellKernels);

function kindOf({ name, gates, ...calls }: MinimalCell, H: number, positive: boolean): CellKind {
  return {
    ...{ name, H, P: H, K: 0 },
    states: [hState(H)],
    groups: [{ first: 0, gates, units: H, weights: "weights", transposed: { weight_ih: "weightsXT" }, biases: { bias: ["bias_ih"] } }],
    parameters: (I) => ({ weight_ih: [gates * H, I], bias_ih: [gates * H] }),
    gradients: { weight_ih: "dWx", bias_ih: "dbx" },
    constants: { variant: positive ? 1 : 0 },
    tape: ({ M, Hp }) => ({ gates: M * gates * Hp }),
    scratch: ({ chunkRows, Hp }) => ({ gates: chunkRows * gates * Hp }),
    backwardScratch: ({ M, N, Hp }) => ({ dz: M * gates * Hp, da: N * Hp }),
    forward: (rt, type, sequence) => kernelsOf(rt, type)[calls.forward](sequence),
    backward: (rt, dtype, sequence) => kernelsOf(rt, dtype)[calls.backward](sequence),
  };
}
