import { checkBoolean, checkData, checkLengths, sameShape, show } from "../checks.js";
import { ArgumentError, ShapeError } from "../errors.js";
import { bindSequenceLearningKernels } from "../generated/sequence-learning.js";
import { Loss, type LossForwardOptions, type LossOptions, type LossResult, lossOptions, sequences } from "../losses/loss.js";
import { loadedKernels } from "../ops/load.js";
import type { Runtime } from "../runtime.js";
import { bytesPer, type Tensor } from "../tensor.js";

/** Options of CTCLoss. */
export interface CTCLossOptions extends LossOptions {
  /** The class that stands for no label. Default 0. */
  blank?: number;
  /** Whether a sequence that no path gives counts 0, with a gradient of +0, and not +∞ with one of NaN. Default false. */
  zeroInfinity?: boolean;
}

/** Options of a comparison by CTCLoss. */
export interface CTCForwardOptions extends LossForwardOptions {
  /** Labels of each of the N sequences, 0 … S: what lies behind may hold anything. Default: S each. */
  targetLengths?: ArrayLike<number> | undefined;
}

/**
 * Connectionist temporal classification on logits, in nats: the probability that steps, each giving a label or a blank, spell a label sequence once
 * repetitions are merged and blanks left out. It needs no alignment of labels with steps; loss and gradient in one call. Of a sequence of
 * T steps z and labels y,
 *
 *     l = −log Σ_π Π_t softmax(z_t)[π_t]   over the paths π of T classes with collapse(π) = y
 *
 * and the sum is Σ l, the mean, as PyTorch's, 1/N·Σ l/max(S, 1), S being the labels of each: `weight` is N, so that Σ loss·weight / Σ weight of
 * batches is exactly the mean over all sequences. `divisor` stands in the place of N.
 *
 * A sequence with fewer steps than its labels and the blanks between equal neighbours take, or whose paths all go through logits of −∞, has a loss of +∞
 * and a gradient of NaN, as in PyTorch, unless `zeroInfinity`. A logit of −∞ is a class that cannot be, with a gradient of +0 (PyTorch: NaN in its row). A
 * logit that is NaN or +∞ makes its sequence's loss and gradient NaN. A sequence's gradient has the same bits in any batch, but for the mean's divisor.
 *
 * In `fit` the target of a sample is its label sequence, of any length, and the logits are those of every step: docs/ctc.md.
 *
 * @example
 * await loadOperators(rt);
 * const criterion = new CTCLoss(rt);
 * const { loss, gradient } = criterion.forward(rt.zeros([6, 2, 3]), rt.tensor(Int32Array.of(1, 2, 1, 0), [2, 2]), { targetLengths: [2, 1] });
 *
 * Source: Graves et al. 2006, Connectionist temporal classification; torch.nn.CTCLoss.
 */
export class CTCLoss extends Loss {
  readonly blank: number;
  readonly zeroInfinity: boolean;

  /** @throws {ArgumentError} on an option that it cannot take, and where the operators have not been loaded @throws {DisposedError} */
  constructor(runtime: Runtime, options: CTCLossOptions = {}) {
    const given = lossOptions(runtime, options, ["blank", "zeroInfinity"]);
    super(runtime, "CTCLoss", given);
    const { blank = 0, zeroInfinity = false } = given;
    if (typeof blank !== "number" || blank !== (blank | 0) || blank < 0)
      throw new ArgumentError("blank", "a class, an integer from 0", show(blank));
    this.blank = blank + 0; // −0 is 0
    this.zeroInfinity = checkBoolean("zeroInfinity", zeroInfinity);
    this.#sequenceKernels;
  }

  /**
   * @param logits [T, N, C], or [N, T, C] as it or the targets say; [T, C] of one sequence
   * @param targets i32 [N, S], labels in 0 … C − 1 other than `blank`; [S] of one sequence
   * @returns the loss; `weight`, N; `gradient`, also by the name `dLogits`, valid until the next forward
   * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} when a target that counts is no label
   * @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  override forward(logits: Tensor, targets: Tensor, options: CTCForwardOptions = {}): LossResult & { dLogits: Tensor } {
    this.assertAlive();
    const given: CTCForwardOptions = this.checkForward(options, ["targetLengths"]);
    const { lengths, targetLengths } = given;
    this.address("logits", logits);
    this.address("targets", targets, "i32");
    const { shape } = logits;
    const batchFirst = this.layout("targets", logits, targets);
    const isOne = shape.length === 2;
    if (!isOne && shape.length !== 3)
      throw new ShapeError("logits", `${sequences(batchFirst, "C")}, or [T, C] of one sequence`, show([...shape]));
    const C = shape.at(-1) as number;
    if (this.blank >= C) throw new ShapeError("logits", `[…, C], C over ${this.blank}, the blank`, show([...shape]));
    const [T, N] = (isOne ? [shape[0], 1] : batchFirst ? [shape[1], shape[0]] : shape) as [number, number];
    const S = targets.shape.at(-1) as number;
    if (!sameShape(targets.shape, isOne ? [S] : [N, S]))
      throw new ShapeError("targets", isOne ? "[S]" : `[${N}, S]`, show([...targets.shape]));
    const steps = lengths === undefined ? Array.from({ length: N }, () => T) : checkLengths("lengths", lengths, N, T);
    const labels = labelCounts(targetLengths, N, S);
    this.assertAlive(); // reading lengths may have ended anything
    const [z, y] = [this.address("logits", logits), this.address("targets", targets, "i32")];
    this.#checkLabels(targets.data, labels, S, C);
    const { reduction, zeroInfinity, blank } = this;
    const kernels = this.#sequenceKernels;
    const result = this.buffers.attempt(() => {
      const size = bytesPer(this.dtype);
      const tape = this.buffers.get("tape", size * Math.max(...labels.map((S, n) => kernels.ctcTape({ T: steps[n] as number, C, S }))));
      const compared = { prediction: logits, target: targets, symmetric: false };
      return this.reduced(compared, N, given, (dz, scale) => {
        if (lengths !== undefined) this.runtime.memory.bytes.fill(0, dz, dz + size * logits.size);
        const impossible = zeroInfinity ? 0 : Number.NaN;
        let sum = 0;
        for (const [n, S_n] of labels.entries()) {
          const at = size * C * n * (batchFirst && !isOne ? T : 1);
          const share = reduction === "mean" ? 1 / Math.max(S_n, 1) : 1;
          const own = { T: steps[n] as number, C, S: S_n, ld: isOne || batchFirst ? C : N * C, labels: y + 4 * n * S };
          const loss = kernels.ctc({ dz: dz + at, z: z + at, tape, ...own, blank, scale: scale * share, impossible });
          sum += zeroInfinity && loss === Number.POSITIVE_INFINITY ? 0 : loss * share;
        }
        return sum;
      });
    });
    return { ...result, dLogits: result.gradient };
  }

  /** @internal */
  override get targets(): "labels" {
    return "labels";
  }

  get #sequenceKernels() {
    return loadedKernels(this.runtime, this.dtype, bindSequenceLearningKernels);
  }

  /** @throws {ArgumentError} on the first that counts and is no label */
  #checkLabels(targets: ArrayLike<number>, counts: readonly number[], S: number, C: number): void {
    const { blank } = this;
    for (const [n, count] of counts.entries()) {
      for (let i = n * S; i < n * S + count; i++) {
        const label = targets[i] as number;
        if (label >= 0 && label < C && label !== blank) continue;
        throw new ArgumentError(`targets[${i}]`, `a label in 0 … ${C - 1}, not the blank, ${blank}`, show(label));
      }
    }
  }
}

/** Labels of each of N sequences: a copy. @throws {ArgumentError} @throws {ShapeError} */
function labelCounts(lengths: ArrayLike<number> | undefined, N: number, S: number): readonly number[] {
  if (lengths === undefined) return Array.from({ length: N }, () => S);
  return Array.from(checkData("targetLengths", lengths, N), (length, n) => {
    if (!Number.isInteger(length) || length < 0 || length > S)
      throw new ArgumentError(`targetLengths[${n}]`, `an integer in 0 … ${S}`, show(length));
    return length;
  });
}
