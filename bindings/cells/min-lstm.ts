import type { Runtime } from "../runtime.js";
import { Minimal, type MinimalCell, type MinimalOptions } from "./minimal.js";

const CELL: MinimalCell = { name: "MinLSTM", gates: 3, forward: "minLstmForward", backward: "minLstmBackward" };

/**
 * An LSTM whose gates do not see the state, without an output gate: h⟨t⟩ = f′·h⟨t−1⟩ + i′·h̃, f′ = f/(f + i), i′ = i/(f + i), f and i = σ(W·x⟨t⟩ + b), h̃ = W_h·x⟨t⟩ + b_h.
 * All products are one product over all steps, at a fraction of an LSTM's cost. Gates f i h: `weight_ih_l0` [3H, I], `bias_ih_l0` [3H], …, drawn uniformly from
 * ±1/√(inputs); there is no `weight_hh`, and the state is h alone. Everything else is as of LSTM.
 *
 * @example
 * await loadOperators(rt);
 * const layer = new MinLSTM(rt, { inputSize: 3, hiddenSize: 64 });
 * const { output, state } = layer.forward(rt.tensor(samples, [T, N, 3]));
 * @throws {ArgumentError} on options it cannot take, or when the runtime has no operators, @throws {MemoryError}
 * Source: Feng et al., "Were RNNs All We Needed?", arXiv:2410.01201, section 3.2, algorithms 3 and 7.
 */
export class MinLSTM extends Minimal {
  constructor(runtime: Runtime, options: MinimalOptions) {
    super(runtime, CELL, options);
  }
}
