import { add } from "../../ops/binary.js";
import type { Runtime } from "../../runtime.js";
import type { Tensor } from "../../tensor.js";
import { type Activation, type ActivationOptions, checkActivations, described, NAMES } from "./activations.js";
import type { CellSteps } from "./cell.js";
import { weightsOf } from "./gates.js";
import type { CellPass } from "./pass.js";
import { ScanLayer } from "./scan-layer.js";

/**
 * RNN with another activation: h⟨t⟩ = f(W_ih·x⟨t⟩ + b_ih + W_hh·h⟨t−1⟩ + b_hh). Default: f = Tanh. Weights are an RNN's.
 *
 * @example
 * const rnn = new ActivatedRNN(rt, { inputSize: 3, hiddenSize: 64, activations: ["LeakyRelu"], activationAlpha: [0.1] });
 * const { output, state } = rnn.forward(x); // state.h
 * @throws {ArgumentError} on options it cannot take, or a runtime without operators @throws {MemoryError}
 * Source: ONNX, operator RNN.
 */
export class ActivatedRNN extends ScanLayer {
  readonly #f: Activation;

  constructor(runtime: Runtime, options: ActivationOptions) {
    const [made, given] = checkActivations(options, ["Tanh"]);
    super(runtime, given, { name: "ActivatedRNN", states: ["h"], options: NAMES, parameters: weightsOf(1) });
    this.#f = made[0] as Activation;
  }

  /** @internal */
  override describe() {
    return { ...super.describe(), ...described(this) };
  }

  /** @internal */
  protected override cell(pass: CellPass, x: Tensor): CellSteps {
    const recurrent = pass.linear("hh");
    return { x: pass.linear("ih")(x), step: (z, { h }) => ({ h: this.#f(add(z, recurrent(h))) }) };
  }
}
