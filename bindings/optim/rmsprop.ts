import { checkBoolean, checkNumber, checkOptions } from "../checks.js";
import type { Parameter } from "../parameters.js";
import { checkCoefficient, signed, squares } from "./moments.js";
import { Optimizer, type Trained } from "./optimizer.js";

/** Options of RMSprop, by PyTorch's names. */
export interface RMSpropOptions {
  /** η. Default 1e-2. */
  lr?: number;
  /** α in [0, 1): how much of the mean square is kept. Default 0.99. */
  alpha?: number;
  /** ε. Default 1e-8. */
  eps?: number;
  /** λ: adds λ·p to the gradient. Default 0. */
  weightDecay?: number;
  /** μ in [0, 1). Default 0. */
  momentum?: number;
  /** Divides by the standard deviation instead of the mean square's root. Default false. */
  centered?: boolean;
}

/**
 * RMSprop: v ← α·v + (1 − α)·g²; p ← p − η·g/(√v + ε); centered: √(v − ḡ²), ḡ ← α·ḡ + (1 − α)·g; with momentum b ← μ·b + g/(…),
 * p ← p − η·b.
 *
 * @example
 * const rmsprop = new RMSprop(rnn.parameters(), { lr: 1e-3 });
 * Source: torch.optim.RMSprop; Hinton, Neural Networks for Machine Learning, lecture 6.
 */
export class RMSprop extends Optimizer {
  readonly kind = "RMSprop";
  readonly alpha: number;
  readonly eps: number;
  readonly weightDecay: number;
  readonly centered: boolean;

  /** @throws {ArgumentError} on numbers out of range */
  constructor(parameters: readonly Parameter[], options: RMSpropOptions = {}) {
    const {
      lr = 1e-2,
      alpha = 0.99,
      eps = 1e-8,
      weightDecay = 0,
      momentum = 0,
      centered = false,
    } = checkOptions(options, ["lr", "alpha", "eps", "weightDecay", "momentum", "centered"]);
    checkNumber("momentum", momentum, 0, 1);
    checkBoolean("centered", centered);
    const moments = [squares("v"), ...(centered ? [signed("mean")] : []), ...(momentum > 0 ? [signed("velocity")] : [])];
    super(parameters, lr, moments, momentum > 0 ? momentum : undefined);
    this.alpha = checkNumber("alpha", alpha, 0, 1);
    this.eps = checkCoefficient("eps", eps, this.parameters);
    this.weightDecay = checkCoefficient("weightDecay", weightDecay, this.parameters);
    this.centered = centered;
  }

  /** μ, which a schedule may change. */
  get momentum(): number {
    return this.inertia ?? 0;
  }

  protected update(trained: Trained, parameters: number, gradients: number): void {
    const v = this.moment(trained, "v");
    const mean = this.centered ? this.moment(trained, "mean") : 0;
    const velocity = this.inertia !== undefined ? this.moment(trained, "velocity") : 0;
    const { lr, alpha, eps, momentum, weightDecay } = this;
    this.kernels(trained).rmsprop({
      p: parameters,
      v,
      mean,
      b: velocity,
      g: gradients,
      n: trained.size,
      lr,
      alpha,
      epsilon: eps,
      momentum,
      decay: weightDecay,
    });
  }
}
