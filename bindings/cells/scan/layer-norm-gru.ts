import { checkNumber } from "../../checks.js";
import { concat, split } from "../../ops/move.js";
import type { Runtime } from "../../runtime.js";
import type { Tensor } from "../../tensor.js";
import type { CellSteps } from "./cell.js";
import { gruStep } from "./gates.js";
import type { LayerNormCellOptions } from "./layer-norm-lstm.js";
import type { CellPass } from "./pass.js";
import { ScanLayer } from "./scan-layer.js";

/**
 * GRU with layer normalisation: of the 2H numbers of both gates together and of the H of the candidate, each for the input's product and for the recurrent
 * product, four norms.
 *
 *   [r z] = LN(W_ih,rz·x⟨t⟩) + LN(W_hh,rz·h⟨t−1⟩)
 *   n = tanh(LN(W_ih,n·x⟨t⟩) + σ(r)·LN(W_hh,n·h⟨t−1⟩))     h⟨t⟩ = (1 − σ(z))·n + σ(z)·h⟨t−1⟩
 *
 * z is the share of the old state that stays, as in GRU (the paper's is 1 − that). Each norm has a gain and a bias, `norm_ih_weight_l0` [2H], `norm_hh_…` [2H],
 * `norm_ihn_…` [H], `norm_hhn_…` [H], which take the place of the biases.
 *
 * @example
 * const gru = new LayerNormGRU(rt, { inputSize: 3, hiddenSize: 64 });
 * const { output, state } = gru.forward(x); // state.h
 * @throws {ArgumentError} on options it cannot take, or a runtime without operators @throws {MemoryError}
 * Source: Ba, Kiros & Hinton, arXiv:1607.06450, equations (26)–(29).
 */
export class LayerNormGRU extends ScanLayer {
  readonly eps: number;

  constructor(runtime: Runtime, options: LayerNormCellOptions) {
    const { eps = 1e-5 } = options ?? {};
    checkNumber("eps", eps, 0);
    const norm = (name: string, size: number) => ({ [`norm_${name}_weight`]: [size], [`norm_${name}_bias`]: [size] });
    const parameters = (I: number, H: number) => ({
      ...{ weight_ih: [3 * H, I], weight_hh: [3 * H, H] },
      ...{ ...norm("ih", 2 * H), ...norm("hh", 2 * H), ...norm("ihn", H), ...norm("hhn", H) },
    });
    super(runtime, options, { name: "LayerNormGRU", states: ["h"], options: ["eps"], parameters });
    this.eps = eps;
  }

  /** @internal */
  protected override cell(pass: CellPass, x: Tensor): CellSteps {
    const H = this.hiddenSize;
    const normed = (name: string) => {
      const [product, gates, candidate] = [pass.linear(name), pass.norm(name, this.eps), pass.norm(`${name}n`, this.eps)];
      return (x: Tensor) => {
        const [rz, n] = split(product(x), [2 * H, H], -1) as [Tensor, Tensor];
        return concat([gates(rz), candidate(n)], -1);
      };
    };
    const recurrent = normed("hh");
    return { x: normed("ih")(x), step: (z, { h }) => ({ h: gruStep(z, recurrent(h), h) }) };
  }
}
