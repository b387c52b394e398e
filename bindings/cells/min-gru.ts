import type { Runtime } from "../runtime.js";
import { Minimal, type MinimalCell, type MinimalOptions } from "./minimal.js";

const CELL: MinimalCell = { name: "MinGRU", gates: 2, forward: "minGruForward", backward: "minGruBackward" };

/**
 * A GRU whose gates do not see the state: h⟨t⟩ = (1 − z)·h⟨t−1⟩ + z·h̃, z = σ(W_z·x⟨t⟩ + b_z), h̃ = W_h·x⟨t⟩ + b_h. All products are one product over all
 * steps, at a fraction of a GRU's cost. Gates z h: `weight_ih_l0` [2H, I], `bias_ih_l0` [2H], …, drawn uniformly from ±1/√(inputs); there is no `weight_hh`.
 * z is the share of what is new (of a GRU: of what stays). Everything else is as of GRU.
 *
 * @example
 * await loadOperators(rt);
 * const layer = new MinGRU(rt, { inputSize: 3, hiddenSize: 64 });
 * const { output, state } = layer.forward(rt.tensor(samples, [T, N, 3]));
 * @throws {ArgumentError} on options it cannot take, or when the runtime has no operators, @throws {MemoryError}
 * Source: Feng et al., "Were RNNs All We Needed?", arXiv:2410.01201, section 3.1, algorithms 1 and 5.
 */
export class MinGRU extends Minimal {
  constructor(runtime: Runtime, options: MinimalOptions) {
    super(runtime, CELL, options);
  }
}
