import { checkBoolean } from "../../checks.js";
import { add, mul } from "../../ops/binary.js";
import { split } from "../../ops/move.js";
import type { Runtime } from "../../runtime.js";
import type { Tensor } from "../../tensor.js";
import { type Activation, type ActivationOptions, checkActivations, described, NAMES } from "./activations.js";
import type { CellSteps } from "./cell.js";
import { blend, weightsOf } from "./gates.js";
import type { CellPass } from "./pass.js";
import { ScanLayer } from "./scan-layer.js";

/** Options of ActivatedGRU. */
export interface ActivatedGRUOptions extends ActivationOptions {
  /** As GRU's: ONNX's `linear_before_reset`, whose default is `false` there. Default `true`. */
  resetAfter?: boolean;
}

/**
 * GRU with other activations: r and z by f, n by g, in both forms. Default: f = Sigmoid, g = Tanh. Weights are a GRU's, in PyTorch's order of the gates.
 *
 * @example
 * const gru = new ActivatedGRU(rt, { inputSize: 3, hiddenSize: 64, activations: ["HardSigmoid", "Softsign"], resetAfter: false });
 * const { output, state } = gru.forward(x); // state.h
 * @throws {ArgumentError} on options it cannot take, or a runtime without operators @throws {MemoryError}
 * Source: ONNX, operator GRU.
 */
export class ActivatedGRU extends ScanLayer {
  readonly resetAfter: boolean;
  readonly #activations: readonly [Activation, Activation];

  constructor(runtime: Runtime, options: ActivatedGRUOptions) {
    const { resetAfter = true } = options ?? {};
    checkBoolean("resetAfter", resetAfter);
    const [made, given] = checkActivations(options, ["Sigmoid", "Tanh"]);
    super(runtime, given, { name: "ActivatedGRU", states: ["h"], options: [...NAMES, "resetAfter"], parameters: weightsOf(3) });
    this.resetAfter = resetAfter;
    this.#activations = made as [Activation, Activation];
  }

  /** @internal */
  override describe() {
    return { ...super.describe(), ...described(this), resetAfter: this.resetAfter };
  }

  /** @internal */
  protected override cell(pass: CellPass, x: Tensor): CellSteps {
    const H = this.hiddenSize;
    const [gates, candidate] = [pass.linear("hh", [0, 2 * H]), pass.linear("hh", [2 * H, H])];
    const [f, g] = this.#activations;
    const step = (z: Tensor, { h }: { h: Tensor }) => {
      const [xg, xn] = split(z, [2 * H, H], -1) as [Tensor, Tensor];
      const [r, keep] = split(f(add(xg, gates(h))), 2, -1) as [Tensor, Tensor];
      const m = this.resetAfter ? mul(r, candidate(h)) : candidate(mul(r, h));
      return { h: blend(keep, h, g(add(xn, m))) };
    };
    return { x: pass.linear("ih")(x), step };
  }
}
