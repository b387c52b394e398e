import { add, mul } from "../../ops/binary.js";
import { split } from "../../ops/move.js";
import type { Runtime } from "../../runtime.js";
import type { Tensor } from "../../tensor.js";
import { type Activation, type ActivationOptions, checkActivations, described, NAMES } from "./activations.js";
import type { CellState, CellSteps } from "./cell.js";
import { weightsOf } from "./gates.js";
import type { CellPass } from "./pass.js";
import { ScanLayer } from "./scan-layer.js";

/**
 * LSTM with other activations: c⟨t⟩ = f(zf)·c⟨t−1⟩ + f(zi)·g(zg), h⟨t⟩ = f(zo)·h(c⟨t⟩). Default: f = Sigmoid, g = h = Tanh. Weights are an LSTM's, in PyTorch's
 * order of the gates.
 *
 * @example
 * const lstm = new ActivatedLSTM(rt, { inputSize: 3, hiddenSize: 64, activations: ["HardSigmoid", "Softsign", "Tanh"] });
 * const { output, state } = lstm.forward(x); // state.h, state.c
 * @throws {ArgumentError} on options it cannot take, or a runtime without operators @throws {MemoryError}
 * Source: ONNX, operator LSTM.
 */
export class ActivatedLSTM extends ScanLayer {
  readonly #activations: readonly [Activation, Activation, Activation];

  constructor(runtime: Runtime, options: ActivationOptions) {
    const [made, given] = checkActivations(options, ["Sigmoid", "Tanh", "Tanh"]);
    super(runtime, given, { name: "ActivatedLSTM", states: ["h", "c"], options: NAMES, parameters: weightsOf(4) });
    this.#activations = made as [Activation, Activation, Activation];
  }

  /** @internal */
  override describe() {
    return { ...super.describe(), ...described(this) };
  }

  /** @internal */
  protected override cell(pass: CellPass, x: Tensor): CellSteps {
    const recurrent = pass.linear("hh");
    const [f, g, h] = this.#activations;
    const step = (z: Tensor, state: CellState & { c: Tensor }) => {
      const [zi, zf, zg, zo] = split(add(z, recurrent(state.h)), 4, -1) as [Tensor, Tensor, Tensor, Tensor];
      const c = add(mul(f(zf), state.c), mul(f(zi), g(zg)));
      return { h: mul(f(zo), h(c)), c };
    };
    return { x: pass.linear("ih")(x), step };
  }
}
