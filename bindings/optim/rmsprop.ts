import { checkBoolean, checkNumber, checkOptions } from "../checks.js";
import type { Parameter } from "../parameters.js";
import { Optimizer, type Run } from "./optimizer.js";

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
  readonly momentum: number;
  readonly centered: boolean;

  /** @throws {ArgumentError} on numbers out of range */
  constructor(parameters: readonly Parameter[], options: RMSpropOptions = {}) {
    checkOptions(options, ["lr", "alpha", "eps", "weightDecay", "momentum", "centered"]);
    const momentum = checkNumber("momentum", options.momentum ?? 0, 0, 1);
    const centered = checkBoolean("centered", options.centered ?? false);
    super(parameters, options.lr ?? 1e-2, ["v", ...(centered ? ["mean"] : []), ...(momentum > 0 ? ["velocity"] : [])]);
    this.alpha = checkNumber("alpha", options.alpha ?? 0.99, 0, 1);
    this.eps = checkNumber("eps", options.eps ?? 1e-8, 0);
    this.weightDecay = checkNumber("weightDecay", options.weightDecay ?? 0, 0);
    this.momentum = momentum;
    this.centered = centered;
  }

  protected update(run: Run, parameters: number, gradients: number): void {
    const v = this.moment(run, "v");
    const mean = this.centered ? this.moment(run, "mean") : 0;
    const velocity = this.momentum > 0 ? this.moment(run, "velocity") : 0;
    const { lr, alpha, eps, momentum, weightDecay } = this;
    this.kernels(run).rmsprop({
      p: parameters,
      v,
      mean,
      b: velocity,
      g: gradients,
      n: run.size,
      lr,
      alpha,
      epsilon: eps,
      momentum,
      decay: weightDecay,
    });
  }
}
