/** What a CRF learns by. */
import { checkOptions, sameShape, show } from "../checks.js";
import { ArgumentError, ShapeError, StaleError } from "../errors.js";
import type { Gradients, Node } from "../graph/node.js";
import { isTruly } from "../heir.js";
import { placeOfRow, rowOf } from "../layout.js";
import { Loss, type LossForwardOptions, type LossResult } from "../losses/loss.js";
import { bytesPer, type Tensor } from "../tensor.js";
import { CRF } from "./crf.js";
import { checkEmissions, type Sequences, sequencesOf, withOwnLengths } from "./emissions.js";

/** Options of CRFLoss. */
export interface CRFLossOptions {
  /** `"mean"`, over the sequences whatever their lengths, or `"sum"`. Default `"mean"`. */
  reduction?: "mean" | "sum";
}

/**
 * The negative log-likelihood of sequences of tags under a CRF, in nats: log Z − score(y) of each. The mean is over sequences, not over steps:
 * `weight` is N, so that means of batches of different sizes make the exact mean.
 *
 * Its gradient is that of the emissions; that of the CRF's own parameters is added up by the backward pass that follows, once: by
 * `frame.backward` and so in `fit`, and outside of frames by `crf.backward(gradient)`. A forward that no backward follows changes nothing.
 *
 * Every row counts but padding: no tag is ignored, and one that the constraints forbid is refused. A sequence with NaN or +∞, or with −∞ for all tags
 * of a step, has the loss NaN and that gradient; tags with −∞ have the loss ∞.
 *
 * @example
 * const criterion = new CRFLoss(crf);
 * const { loss, gradient } = criterion.forward(crf.forward(emissions), tags, { lengths });
 * head.backward(crf.backward(gradient)); // crf is the layer after head
 * @throws {ArgumentError} when crf is none, or an option is wrong @throws {DisposedError}
 * Source: torchcrf.CRF of pytorch-crf, whose forward is the negative of this; its reductions "mean" and "sum".
 */
export class CRFLoss extends Loss {
  readonly crf: CRF;
  readonly #own = true;

  /** Whether it truly is one: a Proxy of one, or an heir, is not. */
  static override [Symbol.hasInstance]<T>(this: { readonly prototype: T }, value: unknown): value is T {
    return isTruly(this, value, (value) => #own in value);
  }

  constructor(crf: CRF, options: CRFLossOptions = {}) {
    if (!(crf instanceof CRF)) throw new ArgumentError("crf", "a CRF", show(crf));
    crf.block.assertAlive();
    super(crf.runtime, "CRFLoss", { ...checkOptions(options, ["reduction"]), dtype: crf.dtype });
    this.crf = crf;
  }

  /** @internal */
  override get targets(): "classes" {
    return "classes";
  }

  /**
   * @param emissions [T, N, K], or [N, T, K] as they say themselves, or [T, K]: what the CRF's forward gave
   * @param targets i32 [T, N], [N, T] or [T]: tags in 0 … K − 1; padding may hold anything
   * @returns the loss; `weight`, N; `gradient`, ∂loss/∂emissions, valid until the next forward
   * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} when a tag is none, or is forbidden where it is
   * @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  override forward(emissions: Tensor, targets: Tensor, options: LossForwardOptions = {}): LossResult {
    this.assertAlive();
    const given = withOwnLengths(this.checkForward(options));
    this.assertAlive();
    const { crf, buffers, runtime } = this;
    const { crfKernels, numTags: K } = crf;
    const scores = crf.scores();
    const e = checkEmissions("emissions", emissions, crf);
    if (crf.isOfAnother(emissions)) throw new ArgumentError("emissions", "those of this loss's CRF", "what another CRF handed through");
    const y = this.address("targets", targets, "i32");
    const rows = emissions.shape.slice(0, -1);
    if (!sameShape(targets.shape, rows)) throw new ShapeError("targets", show([...rows]), show([...targets.shape]));
    const batchFirst = this.layout("targets", emissions, targets);
    const { scope } = runtime;
    const bytes = crf.block.size * bytesPer(this.dtype);
    return buffers.attempt(() => {
      const { steps, ...where } = sequencesOf("emissions", emissions.shape, { batchFirst, lengths: given.lengths }, { runtime, buffers });
      this.#checkTags(targets, y, steps, where);
      const scratch = buffers.get("scratch", crfKernels.crfScratch({ T: where.T, K, gradient: 1 }));
      const dw = scope ? (scope.nodes ? scope.arena.take(bytes) : 0) : buffers.get("parts", bytes); // 0: nobody will learn from it
      const result = this.reduced({ prediction: emissions, target: targets, symmetric: false }, where.N, given, (de, scale) =>
        crfKernels.crfLoss({ de, dw, scores, e, targets: y, ...where, K, scale, scratch }),
      );
      if (!scope) crf.await(result.gradient, dw);
      else if (scope.nodes) this.#learn(scope.nodes, result.tensor as Tensor, dw);
      return result;
    });
  }

  /** Adds the parameters' part, at `dw`, to what the loss's node does. */
  #learn(nodes: Node[], tensor: Tensor, dw: number): void {
    const { crf, kernels, runtime, dtype } = this;
    const { block } = crf;
    const { version } = block;
    const node = nodes.pop() as Node;
    const plan = (gradients: Gradients) => {
      node.plan(gradients);
      if (block.version !== version)
        throw new StaleError("backward: expected the parameters of the CRF that its loss used, got parameters that have changed since");
      if (!block.requiresGrad) return;
      const factor = gradients.isOne(tensor) ? 0 : gradients.of(tensor);
      const y = block.gradient();
      gradients.run(() => {
        if (factor) kernels.scale({ x: dw, n: block.size, s: runtime.view(dtype, factor, 1)[0] as number });
        kernels.addTo({ y, x: dw, n: block.size });
      });
    };
    nodes.push({ ...node, learns: () => block.requiresGrad, plan });
  }

  /** @throws {ArgumentError} at the first tag, sequence by sequence, that is none or is forbidden where it is */
  #checkTags(targets: Tensor, y: number, steps: readonly number[], where: Omit<Sequences, "steps">): void {
    const { crf } = this;
    const { numTags: K, crfKernels } = crf;
    const row = crfKernels.crfCheck({ targets: y, forbidden: crf.forbidden(), ...where, K });
    if (row < 0) return;
    const layout = { ...where, batchFirst: where.batchFirst === 1 };
    const { t, n } = placeOfRow(layout, row);
    const tag = targets.at(row);
    const throws = (expected: string): never => {
      throw new ArgumentError(`targets[${row}]`, expected, show(tag));
    };
    if (!(tag >= 0 && tag < K)) throws(`a tag in 0 … ${K - 1}${tag === K ? " (tags count from 0)" : ""}`);
    const before = t > 0 ? targets.at(rowOf(layout, t - 1, n)) : undefined;
    if (crf.forbids(tag, before))
      throws(`a tag that the constraints let ${before === undefined ? "a sequence begin with" : `follow ${before}`}`);
    throws(`a tag that the constraints let a sequence of ${steps[n]} steps end with`);
  }
}
