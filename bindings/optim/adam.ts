import { checkBoolean, checkNumber, checkOptions, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import type { Parameter } from "../parameters.js";
import { checkCoefficient, signed, squares } from "./moments.js";
import { Optimizer, type Trained } from "./optimizer.js";

/** Options of Adam and AdamW, by PyTorch's names. */
export interface AdamOptions {
  /** η. Default 1e-3. */
  lr?: number;
  /** β₁ and β₂, each in [0, 1). Default [0.9, 0.999]. */
  betas?: readonly [number, number];
  /** ε. Default 1e-8. */
  eps?: number;
  /** λ. Default 0 for Adam, which adds λ·p to the gradient; 1e-2 for AdamW, which shrinks p by 1 − η·λ instead. */
  weightDecay?: number;
  /** Divides by the root of the greatest v so far, so that no step grows as v falls. Default false. Source: Reddi, Kale & Kumar, arXiv:1904.09237. */
  amsgrad?: boolean;
}

abstract class Adaptive extends Optimizer {
  readonly eps: number;
  readonly weightDecay: number;
  readonly amsgrad: boolean;
  readonly #beta2: number;

  protected constructor(parameters: readonly Parameter[], options: AdamOptions, usualDecay: number) {
    const {
      lr = 1e-3,
      betas = [0.9, 0.999],
      eps = 1e-8,
      weightDecay = usualDecay,
      amsgrad = false,
    } = checkOptions(options, ["lr", "betas", "eps", "weightDecay", "amsgrad"]);
    const [beta1, beta2] = readBetas(betas);
    checkBoolean("amsgrad", amsgrad);
    super(parameters, lr, [signed("m"), squares("v"), ...(amsgrad ? [squares("vMax")] : [])], beta1);
    this.#beta2 = beta2;
    this.amsgrad = amsgrad;
    this.eps = checkCoefficient("eps", eps, this.parameters);
    this.weightDecay = checkCoefficient("weightDecay", weightDecay, this.parameters);
  }

  /** β₁, which a schedule may change, and β₂. */
  get betas(): readonly [number, number] {
    return Object.freeze([this.inertia as number, this.#beta2] as const);
  }

  /** @param decay added to the gradient, times p @param keep what p is multiplied by */
  protected move(trained: Trained, parameters: number, gradients: number, decay: number, keep: number): void {
    const [beta1, beta2] = [this.inertia as number, this.#beta2];
    const stepSize = this.lr / (1 - beta1 ** trained.steps);
    const root = Math.sqrt(1 - beta2 ** trained.steps);
    const [m, v] = [this.moment(trained, "m"), this.moment(trained, "v")];
    const kernels = this.kernels(trained);
    const rest = { p: parameters, m, v, g: gradients, n: trained.size, beta1, beta2, epsilon: this.eps, stepSize, root, decay, keep };
    if (this.amsgrad) kernels.amsgrad({ ...rest, top: this.moment(trained, "vMax") });
    else kernels.adam(rest);
  }
}

/** A copy, the elements looked at before their number. */
function readBetas(betas: unknown): readonly [number, number] {
  const given: readonly unknown[] = Array.isArray(betas) ? betas : [];
  const copy = Array.from({ length: Math.min(given.length, 2) }, (_, i) => checkNumber(`betas[${i}]`, given[i], 0, 1)); // holes too
  if (!Array.isArray(betas) || betas.length !== 2) throw new ArgumentError("betas", "two numbers in [0, 1)", show(betas));
  return [copy[0] as number, copy[1] as number];
}

/**
 * Adam; weight decay adds λ·p to the gradient.
 *
 * @example
 * const adam = new Adam([...lstm.parameters(), ...head.parameters()], { lr: 1e-3 });
 * Source: torch.optim.Adam; Kingma & Ba, arXiv:1412.6980.
 */
export class Adam extends Adaptive {
  readonly kind = "Adam";
  /** @throws {ArgumentError} unless lr ≥ 0, 0 ≤ betas < 1, eps ≥ 0 and weightDecay ≥ 0 */
  constructor(parameters: readonly Parameter[], options: AdamOptions = {}) {
    super(parameters, options, 0);
  }

  protected update(trained: Trained, parameters: number, gradients: number): void {
    this.move(trained, parameters, gradients, this.weightDecay, 1);
  }
}

/**
 * Adam with weight decay of its own: p ← p·(1 − η·λ) before the step.
 *
 * @example
 * const adamw = new AdamW(lstm.parameters(), { lr: 1e-3, weightDecay: 0.01 });
 * Source: torch.optim.AdamW; Loshchilov & Hutter, arXiv:1711.05101.
 */
export class AdamW extends Adaptive {
  readonly kind = "AdamW";
  /** @throws {ArgumentError} unless lr ≥ 0, 0 ≤ betas < 1, eps ≥ 0 and weightDecay ≥ 0 */
  constructor(parameters: readonly Parameter[], options: AdamOptions = {}) {
    super(parameters, options, 1e-2);
  }

  protected update(trained: Trained, parameters: number, gradients: number): void {
    this.move(trained, parameters, gradients, 0, 1 - this.lr * this.weightDecay);
  }
}
