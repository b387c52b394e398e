import { checkBoolean, checkNumber, checkOptions, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import type { Parameter } from "../parameters.js";
import { checkCoefficient, signed } from "./moments.js";
import { Optimizer, type Trained } from "./optimizer.js";

/** Options of SGD, by PyTorch's names. */
export interface SGDOptions {
  lr: number;
  /** μ in [0, 1). Default 0. */
  momentum?: number;
  /** Looks ahead along the momentum. Default false. */
  nesterov?: boolean;
  /** λ: adds λ·p to the gradient. Default 0. */
  weightDecay?: number;
}

/**
 * Stochastic gradient descent (dampening 0): g ← g + λ·p; v ← μ·v + g; p ← p − η·v, or with Nesterov p ← p − η·(g + μ·v).
 *
 * @example
 * const sgd = new SGD(lstm.parameters(), { lr: 0.1, momentum: 0.9 });
 * sgd.zeroGrad(); lstm.backward(dOutput); sgd.step();
 * Source: torch.optim.SGD.
 */
export class SGD extends Optimizer {
  readonly kind = "SGD";
  readonly nesterov: boolean;
  readonly weightDecay: number;

  /** @throws {ArgumentError} unless lr ≥ 0, 0 ≤ momentum < 1, weightDecay ≥ 0, and there is momentum where nesterov is true */
  constructor(parameters: readonly Parameter[], options: SGDOptions) {
    const { lr, momentum = 0, nesterov = false, weightDecay = 0 } = checkOptions(options, ["lr", "momentum", "nesterov", "weightDecay"]);
    checkNumber("momentum", momentum, 0, 1);
    checkBoolean("nesterov", nesterov);
    if (nesterov && momentum === 0) throw new ArgumentError("momentum", "a number over 0 for nesterov", show(momentum));
    super(parameters, lr, momentum > 0 ? [signed("velocity")] : [], momentum > 0 ? momentum : undefined);
    this.nesterov = nesterov;
    this.weightDecay = checkCoefficient("weightDecay", weightDecay, this.parameters);
  }

  /** μ, which a schedule may change. */
  get momentum(): number {
    return this.inertia ?? 0;
  }

  protected update(trained: Trained, parameters: number, gradients: number): void {
    const velocity = this.inertia !== undefined ? this.moment(trained, "velocity") : 0;
    this.kernels(trained).sgd({
      p: parameters,
      v: velocity,
      g: gradients,
      n: trained.size,
      lr: this.lr,
      momentum: this.momentum,
      nesterov: Number(this.nesterov),
      decay: this.weightDecay,
    });
  }
}
