import { sameShape, show } from "../checks.js";
import { ArgumentError, ShapeError } from "../errors.js";
import type { Runtime } from "../runtime.js";
import { bytesPer, type Tensor } from "../tensor.js";
import { Loss, type LossForwardOptions, type LossOptions, type LossResult, lossOptions, sequences } from "./loss.js";
import { checkWeights } from "./weights.js";

/** Options of BCEWithLogitsLoss. */
export interface BCEWithLogitsLossOptions extends LossOptions {
  /** What the positive share of a target counts: C numbers for a last axis of C, none below 0, or one for all. Default 1. */
  posWeight?: ArrayLike<number>;
}

/**
 * Binary cross-entropy on logits, in nats; loss and gradient in one pass. Of a logit x with the target y and the weight p,
 *
 *     l = −p·y·log σ(x) − (1 − y)·log(1 − σ(x)),   σ(x) = 1/(1 + e⁻ˣ)
 *
 * computed from log1p(e^−|x|), so that neither great logits overflow nor small losses vanish.
 *
 * @example
 * const criterion = new BCEWithLogitsLoss(rt, { posWeight: [3] });
 * const { loss, gradient } = criterion.forward(rt.tensor([0.5, -2], [2]), rt.tensor([1, 0], [2]));
 *
 * Source: torch.nn.BCEWithLogitsLoss.
 */
export class BCEWithLogitsLoss extends Loss {
  /** What the positive share of a target counts; one number: for all. */
  readonly posWeight: readonly number[];
  readonly #classes: number;
  readonly #weights: number;
  readonly #weight: number;

  /** @throws {ArgumentError} on an option that it cannot take @throws {MemoryError} @throws {DisposedError} */
  constructor(runtime: Runtime, options: BCEWithLogitsLossOptions = {}) {
    const given = lossOptions(runtime, options, ["posWeight"]);
    super(runtime, "BCEWithLogitsLoss", given);
    const posWeight = given.posWeight === undefined ? [1] : checkWeights("posWeight", given.posWeight, this.dtype);
    this.posWeight = posWeight;
    const C = posWeight.length;
    this.#classes = C;
    this.#weight = posWeight[0];
    this.#weights = C > 1 ? this.buffers.get("posWeight", C * bytesPer(this.dtype)) : 0;
    if (C > 1) runtime.view(this.dtype, this.#weights, C).set(posWeight);
  }

  /**
   * @param logits of any shape; [T, N, …] where there are lengths, or [N, T, …] as it says itself
   * @param targets of the same shape and element type, numbers in [0, 1]; padding may hold anything
   * @returns the loss; `weight`, the number of elements that count; `gradient`, also by the name `dLogits`, valid until the next forward
   * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} when a target that counts is not in [0, 1]
   * @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  override forward(logits: Tensor, targets: Tensor, options: LossForwardOptions = {}): LossResult & { dLogits: Tensor } {
    this.assertAlive();
    const given = this.checkForward(options);
    const x = this.address("logits", logits);
    const y = this.address("targets", targets);
    const { shape } = logits;
    if (!sameShape(targets.shape, shape)) throw new ShapeError("targets", show([...shape]), show([...targets.shape]));
    const batchFirst = this.layout("targets", logits, targets);
    const C = this.#classes;
    if (C > 1 && shape.at(-1) !== C) throw new ShapeError("logits", `[…, ${C}], as there are weights`, show([...shape]));
    if (C > 1 && given.lengths !== undefined && shape.length < 3)
      throw new ShapeError("logits", `${sequences(batchFirst, "…, C")}, there being lengths and weights`, show([...shape]));
    const { kernels } = this;
    const result = this.buffers.attempt(() => {
      const { rows, N, T, D, counted, lengths } = this.comparison("logits", logits, batchFirst, given.lengths);
      const bad = kernels.bceCheck({ y, lengths, rows, N, T, D });
      if (bad >= 0) throw new ArgumentError(`targets[${bad}]`, "a number in [0, 1]", show(targets.at(bad)));
      return this.reduced({ prediction: logits, target: targets, symmetric: false }, counted * D, given, (dx, scale) =>
        kernels.bce({ dx, x, y, weights: this.#weights, lengths, rows, N, T, D, C, weight: this.#weight, scale }),
      );
    });
    return { ...result, dLogits: result.gradient };
  }

  /** @internal */
  override get targets(): "sides" {
    return "sides";
  }
}
