import { checkNumber, checkOptions } from "../checks.js";
import type { Parameter } from "../parameters.js";
import { Optimizer, type Run } from "./optimizer.js";

/** Options of Adagrad, by PyTorch's names. */
export interface AdagradOptions {
  /** η. Default 1e-2. */
  lr?: number;
  /** δ: step k uses η/(1 + (k − 1)·δ). Default 0. */
  lrDecay?: number;
  /** λ: adds λ·p to the gradient. Default 0. */
  weightDecay?: number;
  /** Where the sums of squares begin. Default 0. */
  initialAccumulatorValue?: number;
  /** ε. Default 1e-10. */
  eps?: number;
}

/**
 * Adagrad: s ← s + g²; p ← p − η·g/(√s + ε).
 *
 * @example
 * const adagrad = new Adagrad(embedding.parameters(), { lr: 0.1 });
 * Source: torch.optim.Adagrad; Duchi, Hazan & Singer, JMLR 12 (2011).
 */
export class Adagrad extends Optimizer {
  readonly kind = "Adagrad";
  readonly lrDecay: number;
  readonly weightDecay: number;
  readonly eps: number;

  /** @throws {ArgumentError} when a number is negative */
  constructor(parameters: readonly Parameter[], options: AdagradOptions = {}) {
    checkOptions(options, ["lr", "lrDecay", "weightDecay", "initialAccumulatorValue", "eps"]);
    super(parameters, options.lr ?? 1e-2, ["sum"]);
    this.lrDecay = checkNumber("lrDecay", options.lrDecay ?? 0, 0);
    this.weightDecay = checkNumber("weightDecay", options.weightDecay ?? 0, 0);
    this.eps = checkNumber("eps", options.eps ?? 1e-10, 0);
    const start = checkNumber("initialAccumulatorValue", options.initialAccumulatorValue ?? 0, 0);
    if (start > 0) this.fill("sum", start);
  }

  protected update(run: Run, parameters: number, gradients: number): void {
    const rate = this.lr / (1 + (this.steps - 1) * this.lrDecay);
    this.kernels(run).adagrad({
      p: parameters,
      v: this.moment(run, "sum"),
      g: gradients,
      n: run.size,
      lr: rate,
      epsilon: this.eps,
      decay: this.weightDecay,
    });
  }
}
