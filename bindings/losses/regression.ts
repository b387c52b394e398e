/** Losses on real numbers, by element. */

import { sameShape, show } from "../checks.js";
import { ArgumentError, ShapeError } from "../errors.js";
import { checkFits, inDType } from "../fits.js";
import type { Runtime } from "../runtime.js";
import type { Tensor } from "../tensor.js";
import { type Comparison, Loss, type LossForwardOptions, type LossOptions, type LossResult, lossOptions } from "./loss.js";

/** What the three have in common: tensors of one shape, and a kernel. */
abstract class RegressionLoss extends Loss {
  /**
   * @param prediction of any shape; [T, N, …] where there are lengths, or [N, T, …] as it says itself
   * @param target of the same shape and element type
   * @returns the loss; `weight`, the number of elements that count; `gradient`, valid until the next forward
   * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  override forward(prediction: Tensor, target: Tensor, options: LossForwardOptions = {}): LossResult {
    this.assertAlive();
    const given = this.checkForward(options);
    const x = this.address("prediction", prediction);
    const y = this.address("target", target);
    if (!sameShape(target.shape, prediction.shape)) throw new ShapeError("target", show([...prediction.shape]), show([...target.shape]));
    const batchFirst = this.layout("target", prediction, target);
    return this.buffers.attempt(() => {
      const comparison = this.comparison("prediction", prediction, batchFirst, given.lengths);
      return this.reduced({ prediction, target, symmetric: true }, comparison.counted * comparison.D, given, (dx, scale) =>
        this.run(dx, x, y, comparison, scale),
      );
    });
  }

  protected abstract run(dx: number, x: number, y: number, comparison: Comparison, scale: number): number;
}

/**
 * Squared error: l = (x − y)², ∂l/∂x = 2·(x − y).
 *
 * @example
 * const { loss, gradient } = new MSELoss(rt).forward(rt.tensor([1, 2], [2]), rt.tensor([0, 4], [2])); // loss 2.5
 *
 * Source: torch.nn.MSELoss.
 */
export class MSELoss extends RegressionLoss {
  /** @throws {ArgumentError} on an option that it cannot take @throws {DisposedError} */
  constructor(runtime: Runtime, options: LossOptions = {}) {
    super(runtime, "MSELoss", lossOptions(runtime, options));
  }

  protected override run(dx: number, x: number, y: number, { lengths, rows, N, T, D }: Comparison, scale: number): number {
    return this.kernels.mse({ dx, x, y, lengths, rows, N, T, D, scale });
  }
}

/**
 * Absolute error (MAE): l = |x − y|, ∂l/∂x = sign(x − y), 0 where they are equal.
 *
 * @example
 * const { loss, gradient } = new L1Loss(rt).forward(rt.tensor([1, 2], [2]), rt.tensor([0, 4], [2])); // loss 1.5
 *
 * Source: torch.nn.L1Loss.
 */
export class L1Loss extends RegressionLoss {
  /** @throws {ArgumentError} on an option that it cannot take @throws {DisposedError} */
  constructor(runtime: Runtime, options: LossOptions = {}) {
    super(runtime, "L1Loss", lossOptions(runtime, options));
  }

  protected override run(dx: number, x: number, y: number, { lengths, rows, N, T, D }: Comparison, scale: number): number {
    return this.kernels.l1({ dx, x, y, lengths, rows, N, T, D, scale });
  }
}

/** Options of HuberLoss. */
export interface HuberLossOptions extends LossOptions {
  /** Where the square passes into the line, a number over 0 and finite in the element type. Default 1. */
  delta?: number;
}

/**
 * Huber's loss: of d = x − y, l = d²/2 where |d| ≤ δ, else δ·(|d| − δ/2); ∂l/∂x = d, limited to [−δ, δ].
 *
 * @example
 * const { loss, gradient } = new HuberLoss(rt, { delta: 1 }).forward(rt.tensor([1, 2], [2]), rt.tensor([0, 4], [2])); // loss 1
 *
 * Source: torch.nn.HuberLoss; Huber, Annals of Mathematical Statistics 35 (1964), 73–101.
 */
export class HuberLoss extends RegressionLoss {
  readonly delta: number;

  /** @throws {ArgumentError} on an option that it cannot take @throws {DisposedError} */
  constructor(runtime: Runtime, options: HuberLossOptions = {}) {
    const given = lossOptions(runtime, options, ["delta"]);
    super(runtime, "HuberLoss", given);
    const { delta = 1 } = given;
    if (!(typeof delta === "number" && delta > 0 && Number.isFinite(delta)))
      throw new ArgumentError("delta", "a finite number over 0", show(delta));
    if (inDType(checkFits("delta", delta, this.dtype), this.dtype) === 0)
      throw new ArgumentError("delta", `a number over 0 in ${this.dtype}`, show(delta));
    this.delta = delta;
  }

  protected override run(dx: number, x: number, y: number, { lengths, rows, N, T, D }: Comparison, scale: number): number {
    return this.kernels.huber({ dx, x, y, lengths, rows, N, T, D, scale, delta: this.delta });
  }
}
