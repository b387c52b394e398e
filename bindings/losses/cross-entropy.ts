import { sameShape, show } from "../checks.js";
import { ArgumentError, ShapeError } from "../errors.js";
import type { Runtime } from "../runtime.js";
import { bytesPer, type Tensor } from "../tensor.js";
import { Loss, type LossForwardOptions, type LossOptions, type LossResult, lossOptions, sequences } from "./loss.js";
import { checkWeights } from "./weights.js";

/** Options of CrossEntropyLoss. */
export interface CrossEntropyLossOptions extends LossOptions {
  /** C numbers, none below 0, finite in the element type: what a row of each class counts. Default: 1 each. */
  weight?: ArrayLike<number>;
  /** Share ε in [0, 1] of each target that is spread evenly over the C classes. Default 0. */
  labelSmoothing?: number;
  /** A row with this target counts nothing and gets a gradient of +0; it need not be a class. Default −100. */
  ignoreIndex?: number;
}

/**
 * Cross-entropy on logits, in nats; loss and gradient in one pass. Of a row z of C logits with the class y,
 *
 *     l = (1 − ε)·w_y·(−log p_y) + ε/C·Σ_c w_c·(−log p_c),   p = softmax(z)
 *
 * and the mean is Σ l / Σ w_y over the rows that count: those whose target is not `ignoreIndex`, and which are not padding. A
 * row that counts nothing, as with a weight of 0, is not read. Where no row
 * counts, the mean is NaN and the gradient zero, as in PyTorch; a sum is 0.
 *
 * @example
 * const criterion = new CrossEntropyLoss(rt, { labelSmoothing: 0.1 });
 * const { loss, gradient } = criterion.forward(rt.tensor([1, 2, 0, 0, 3, 1], [2, 3]), rt.tensor(Int32Array.of(1, 0), [2]));
 * // gradient, of the shape [2, 3], goes to the head's backward
 *
 * Source: torch.nn.CrossEntropyLoss.
 */
export class CrossEntropyLoss extends Loss {
  readonly labelSmoothing: number;
  readonly ignoreIndex: number;
  /** What a row of each class counts; undefined: 1 each. */
  readonly weight: readonly number[] | undefined;
  readonly #classes: number | undefined;
  readonly #weight: number;

  /** @throws {ArgumentError} on an option that it cannot take @throws {MemoryError} @throws {DisposedError} */
  constructor(runtime: Runtime, options: CrossEntropyLossOptions = {}) {
    const given = lossOptions(runtime, options, ["weight", "labelSmoothing", "ignoreIndex"]);
    super(runtime, "CrossEntropyLoss", given);
    const { labelSmoothing = 0, ignoreIndex = -100 } = given;
    if (!(typeof labelSmoothing === "number" && labelSmoothing >= 0 && labelSmoothing <= 1))
      throw new ArgumentError("labelSmoothing", "a number in [0, 1]", show(labelSmoothing));
    if (typeof ignoreIndex !== "number" || ignoreIndex !== (ignoreIndex | 0))
      throw new ArgumentError("ignoreIndex", "a 32-bit integer", show(ignoreIndex));
    this.labelSmoothing = labelSmoothing + 0; // −0 is 0
    this.ignoreIndex = ignoreIndex + 0;
    this.weight = given.weight === undefined ? undefined : checkWeights("weight", given.weight, this.dtype);
    this.#weight = this.weight === undefined ? 0 : this.#keep(this.weight);
    this.#classes = this.weight?.length;
  }

  /**
   * @param logits [..., C]; [T, N, C] where there are lengths, or [N, T, C] as they say themselves
   * @param targets i32 [...], classes in 0 … C − 1 or `ignoreIndex`; padding may hold anything
   * @returns the loss; `weight`, Σ w_y over the rows that count; `gradient`, also by the name `dLogits`, valid until the next forward
   * @throws {ShapeError} also when C is not the number of weights
   * @throws {DTypeError} @throws {ArgumentError} when a target that counts is no class
   * @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  override forward(logits: Tensor, targets: Tensor, options: LossForwardOptions = {}): LossResult & { dLogits: Tensor } {
    this.assertAlive();
    const given = this.checkForward(options);
    const z = this.address("logits", logits);
    const y = this.address("targets", targets, "i32");
    const C = logits.shape.at(-1) as number;
    const M = logits.size / C;
    const rows = logits.shape.length === 1 ? [1] : logits.shape.slice(0, -1);
    if (this.#classes !== undefined && this.#classes !== C)
      throw new ShapeError("logits", `[…, ${this.#classes}], as there are weights`, show([...logits.shape]));
    if (!sameShape(targets.shape, rows)) {
      const oneHot = sameShape(targets.shape, logits.shape);
      throw new ShapeError(
        "targets",
        `${show([...rows])}${oneHot ? " (classes by their numbers, not one-hot)" : ""}`,
        show([...targets.shape]),
      );
    }
    const batchFirst = this.layout("targets", logits, targets);
    if (given.lengths !== undefined && logits.shape.length !== 3)
      throw new ShapeError("logits", `${sequences(batchFirst, "C")}, there being lengths`, show([...logits.shape]));
    const { kernels, ignoreIndex } = this;
    const result = this.buffers.attempt(() => {
      const { N, T, lengths } = this.comparison("logits", logits, batchFirst, given.lengths);
      const weight = kernels.crossEntropyWeight({ targets: y, weights: this.#weight, lengths, M, N, T, C, ignored: ignoreIndex });
      if (weight < 0) {
        const row = -1 - weight;
        const got = targets.at(row);
        const cure = C === 1 ? " (of one logit: BCEWithLogitsLoss)" : got === C ? " (classes count from 0)" : "";
        throw new ArgumentError(`targets[${row}]`, `a class in 0 … ${C - 1} or ignoreIndex, ${ignoreIndex}${cure}`, show(got));
      }
      return this.reduced({ prediction: logits, target: targets, symmetric: false }, weight, given, (dz, scale) =>
        kernels.crossEntropy({
          dz,
          z,
          targets: y,
          weights: this.#weight,
          lengths,
          M,
          N,
          T,
          C,
          scale,
          smoothing: this.labelSmoothing,
          ignored: ignoreIndex,
        }),
      );
    });
    return { ...result, dLogits: result.gradient };
  }

  /** @internal */
  override get targets(): "classes" {
    return "classes";
  }

  /** @internal */
  override counts(target: number): boolean {
    return target !== this.ignoreIndex && this.weight?.[target] !== 0;
  }

  /** The weights in memory; their address. */
  #keep(weight: readonly number[]): number {
    const C = weight.length;
    const ptr = this.buffers.get("weight", C * bytesPer(this.dtype));
    this.runtime.view(this.dtype, ptr, C).set(weight);
    return ptr;
  }
}
