import { checkNumber, checkOptions } from "../checks.js";
import type { Parameter } from "../parameters.js";
import { checkCoefficient, squares } from "./moments.js";
import { Optimizer, type Trained } from "./optimizer.js";

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

  /** @throws {ArgumentError} when a number is negative, or initialAccumulatorValue none of the parameters' element type */
  constructor(parameters: readonly Parameter[], options: AdagradOptions = {}) {
    const {
      lr = 1e-2,
      lrDecay = 0,
      weightDecay = 0,
      initialAccumulatorValue = 0,
      eps = 1e-10,
    } = checkOptions(options, ["lr", "lrDecay", "weightDecay", "initialAccumulatorValue", "eps"]);
    super(parameters, lr, [squares("sum", checkNumber("initialAccumulatorValue", initialAccumulatorValue, 0))]);
    checkCoefficient("initialAccumulatorValue", initialAccumulatorValue, this.parameters);
    this.lrDecay = checkNumber("lrDecay", lrDecay, 0);
    this.weightDecay = checkCoefficient("weightDecay", weightDecay, this.parameters);
    this.eps = checkCoefficient("eps", eps, this.parameters);
  }

  protected update(trained: Trained, parameters: number, gradients: number): void {
    const rate = this.lr / (1 + (trained.steps - 1) * this.lrDecay);
    this.kernels(trained).adagrad({
      p: parameters,
      v: this.moment(trained, "sum"),
      g: gradients,
      n: trained.size,
      lr: rate,
      epsilon: this.eps,
      decay: this.weightDecay,
    });
  }
}
