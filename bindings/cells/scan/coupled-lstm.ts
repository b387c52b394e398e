import { checkOneOf } from "../../checks.js";
import { add, mul, sub } from "../../ops/binary.js";
import { split } from "../../ops/move.js";
import { sigmoid, tanh } from "../../ops/unary.js";
import type { Runtime } from "../../runtime.js";
import type { Tensor } from "../../tensor.js";
import type { CellState, CellSteps, ScanLayerOptions } from "./cell.js";
import { weightsOf } from "./gates.js";
import type { CellPass } from "./pass.js";
import { ScanLayer } from "./scan-layer.js";

/** Options of CoupledLSTM. */
export interface CoupledLSTMOptions extends ScanLayerOptions {
  /**
   * The gate that has weights: `"forget"` (default), then i = 1 − f; or `"input"`, then f = 1 − i: the paper's form, and ONNX's `input_forget`. Weights of one
   * form fit the other with the gate's rows negated.
   */
  gate?: "input" | "forget";
}

/**
 * LSTM with coupled input and forget gates (CIFG): what is forgotten makes room for what is new, c⟨t⟩ = f·c⟨t−1⟩ + (1 − f)·tanh(g). Three gates in place of
 * four: rows of `weight_ih_l0` [3H, I] are [f or i, g, o].
 *
 * @example
 * const lstm = new CoupledLSTM(rt, { inputSize: 3, hiddenSize: 64 });
 * const { output, state } = lstm.forward(x); // state.h, state.c
 * @throws {ArgumentError} on options it cannot take, or a runtime without operators @throws {MemoryError}
 * Source: Greff et al., "LSTM: A Search Space Odyssey", arXiv:1503.04069, variant CIFG.
 */
export class CoupledLSTM extends ScanLayer {
  readonly gate: "input" | "forget";

  constructor(runtime: Runtime, options: CoupledLSTMOptions) {
    const { gate = "forget" } = options ?? {};
    checkOneOf("gate", gate, ["input", "forget"]);
    super(runtime, options, { name: "CoupledLSTM", states: ["h", "c"], options: ["gate"], parameters: weightsOf(3) });
    this.gate = gate;
  }

  /** @internal */
  override describe() {
    return { ...super.describe(), gate: this.gate };
  }

  /** @internal */
  protected override cell(pass: CellPass, x: Tensor): CellSteps {
    const recurrent = pass.linear("hh");
    const step = (z: Tensor, { h, c }: CellState & { c: Tensor }) => {
      const [gate, g, o] = split(add(z, recurrent(h)), 3, -1) as [Tensor, Tensor, Tensor];
      const [own, other] = [sigmoid(gate), sub(1, sigmoid(gate))];
      const [i, f] = this.gate === "input" ? [own, other] : [other, own];
      const next = add(mul(f, c), mul(i, tanh(g)));
      return { h: mul(sigmoid(o), tanh(next)), c: next };
    };
    return { x: pass.linear("ih")(x), step };
  }
}
