import { checkNumber } from "../../checks.js";
import { add, mul } from "../../ops/binary.js";
import { split } from "../../ops/move.js";
import { sigmoid, tanh } from "../../ops/unary.js";
import type { Runtime } from "../../runtime.js";
import type { Tensor } from "../../tensor.js";
import type { CellState, CellSteps, ScanLayerOptions } from "./cell.js";
import type { CellPass } from "./pass.js";
import { ScanLayer } from "./scan-layer.js";

/** Options of LayerNormLSTM and LayerNormGRU. */
export interface LayerNormCellOptions extends Omit<ScanLayerOptions, "bias"> {
  /** ε of every norm. Default 1e-5. */
  eps?: number;
}

/**
 * LSTM with layer normalisation: of all 4H numbers of the input's product, of all 4H of the recurrent product, and of c before its tanh; the state c itself is
 * not normalised.
 *
 *   [i f g o] = LN(W_ih·x⟨t⟩) + LN(W_hh·h⟨t−1⟩)
 *   c⟨t⟩ = σ(f)·c⟨t−1⟩ + σ(i)·tanh(g)     h⟨t⟩ = σ(o)·tanh(LN(c⟨t⟩))
 *
 * Each norm has a gain and a bias, `norm_ih_weight_l0` [4H], `norm_hh_…` [4H], `norm_c_…` [H], which take the place of the biases.
 *
 * @example
 * const lstm = new LayerNormLSTM(rt, { inputSize: 3, hiddenSize: 64 });
 * const { output, state } = lstm.forward(x); // state.h, state.c
 * @throws {ArgumentError} on options it cannot take, or a runtime without operators @throws {MemoryError}
 * Source: Ba, Kiros & Hinton, arXiv:1607.06450, equations (20)–(22).
 */
export class LayerNormLSTM extends ScanLayer {
  readonly eps: number;

  constructor(runtime: Runtime, options: LayerNormCellOptions) {
    const { eps = 1e-5 } = options ?? {};
    checkNumber("eps", eps, 0);
    const norm = (name: string, size: number) => ({ [`norm_${name}_weight`]: [size], [`norm_${name}_bias`]: [size] });
    const parameters = (I: number, H: number) => ({
      ...{ weight_ih: [4 * H, I], weight_hh: [4 * H, H] },
      ...{ ...norm("ih", 4 * H), ...norm("hh", 4 * H), ...norm("c", H) },
    });
    super(runtime, options, { name: "LayerNormLSTM", states: ["h", "c"], options: ["eps"], parameters });
    this.eps = eps;
  }

  /** @internal */
  protected override cell(pass: CellPass, x: Tensor): CellSteps {
    const recurrent = pass.linear("hh");
    const [normX, normH, normC] = ["ih", "hh", "c"].map((name) => pass.norm(name, this.eps)) as [Norm, Norm, Norm];
    const step = (z: Tensor, { h, c }: CellState & { c: Tensor }) => {
      const [i, f, g, o] = split(add(z, normH(recurrent(h))), 4, -1) as [Tensor, Tensor, Tensor, Tensor];
      const next = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)));
      return { h: mul(sigmoid(o), tanh(normC(next))), c: next };
    };
    return { x: normX(pass.linear("ih")(x)), step };
  }
}

type Norm = (x: Tensor) => Tensor;
