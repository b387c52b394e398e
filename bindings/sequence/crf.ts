/** The layer: scores of tags that follow one another, and what is found with them. */
import { checkList, checkOptions, checkPositive, isArray, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { bindSequenceLearningKernels, type SequenceLearningKernels } from "../generated/sequence-learning.js";
import { Arena } from "../graph/arena.js";
import type { Gradients } from "../graph/node.js";
import type { Slots } from "../graph/slots.js";
import { ViewTensor } from "../graph/view.js";
import { isTruly } from "../heir.js";
import { checkConstruction, dtypeOf } from "../layers/doors.js";
import { Layer } from "../layers/layer.js";
import type { BackwardPlan, ForwardOptions, LayerOptions } from "../layers/passes.js";
import type { Tape } from "../layers/tape.js";
import { loadedKernels } from "../ops/load.js";
import type { Runtime } from "../runtime.js";
import type { Tensor } from "../tensor.js";
import { type CRFConstraints, checkConstraints, maskOf } from "./constraints.js";
import { bestPaths } from "./crf-paths.js";
import { type CRFDecodeOptions, checkEmissions, type DecodedTags, type SampleEmissions, sequencesOf, withOwnLengths } from "./emissions.js";

/** What has been handed through, and by whom. */
const handed = new WeakMap<Tensor, object>();

/** Sequences of a list: more would be a mistake. */
const MOST = 2 ** 24;

/** Options of CRF. */
export interface CRFOptions extends LayerOptions {
  /** Tags, K. */
  numTags: number;
  /** What no sequence of tags may be, such as `bioConstraints(labels)`. Default: everything may be. */
  constraints?: CRFConstraints;
}

/** @internal What the last loss outside of frames gave, for `backward`. */
interface Pending {
  readonly gradient: Tensor;
  readonly version: number;
  /** Address of the parameters' part. */
  readonly parts: number;
}

/**
 * A linear-chain conditional random field: scores of the K tags at each step (emissions, from the layers before it) and of tags that follow one
 * another, so that a sequence of tags is learned and decoded as a whole. Of a path of tags y over T steps,
 *
 *     score(y) = start_y⟨0⟩ + Σ_t e⟨t⟩_y⟨t⟩ + Σ_t transitions_y⟨t−1⟩y⟨t⟩ + end_y⟨T−1⟩,   P(y) = exp(score(y))/Z
 *
 * `start_transitions` [K], `end_transitions` [K], `transitions` [K, K], from (row) to (column), drawn uniformly from ±0.1. As the last layer of a
 * model it hands the emissions through; `CRFLoss` is its loss, `decode` and `marginals` are its use. Its kernels are among the operators':
 * `await loadOperators(rt)` first.
 *
 * What the constraints forbid counts as −∞, whatever the parameter there holds: it is never decoded and has no gradient; it begins as 0, and
 * optimizers leave it as it is. A score of −∞ is as good as forbidden in `decode`.
 *
 * @example
 * const crf = new CRF(rt, { numTags: labels.length, constraints: bioConstraints(labels) });
 * const model = new Sequential(rt, { embedding, lstm, head, crf });
 * await fit(model, { data, loss: new CRFLoss(crf), optimizer: new Adam(model.parameters()), epochs: 10 });
 * const [{ tags }] = crf.decode(model.forward(x));
 * @throws {ArgumentError} on options it cannot take, and where the operators have not been loaded @throws {MemoryError} @throws {DisposedError}
 * Source: Lafferty, McCallum & Pereira, ICML 2001; pytorch-crf, whose names the parameters have.
 */
export class CRF extends Layer {
  readonly numTags: number;
  /** A copy, each list in full. */
  readonly constraints: CRFConstraints | undefined;
  /** @internal */
  readonly crfKernels: SequenceLearningKernels;
  readonly #mask: Uint8Array | undefined;
  /** Of marginals outside of frames. */
  readonly #chances: Arena;
  #prepared = 0;
  #pending: Pending | null = null;

  /** Whether it truly is one: a Proxy of one, or an heir, is not. */
  static override [Symbol.hasInstance]<T>(this: { readonly prototype: T }, value: unknown): value is T {
    return isTruly(this, value, (value) => #chances in value);
  }

  constructor(runtime: Runtime, options: CRFOptions) {
    const given = checkConstruction(runtime, options, ["numTags", "constraints", "generator"]);
    const K = checkPositive("numTags", given.numTags);
    const constraints = given.constraints === undefined ? undefined : checkConstraints(given.constraints, K);
    const kernels = loadedKernels(runtime, dtypeOf(runtime, given), bindSequenceLearningKernels);
    super(runtime, "CRF", constraints ? { ...given, constraints } : given, {
      start_transitions: [K],
      end_transitions: [K],
      transitions: [K, K],
    });
    this.numTags = K;
    this.constraints = constraints;
    this.#mask = constraints && maskOf(constraints, K);
    this.crfKernels = kernels;
    this.#chances = new Arena(runtime.memory, "the next marginals of this CRF", this);
    this.block.fillUniform(0.1, this.generator);
    const values = runtime.view(this.dtype, this.block.pointer(), this.block.size);
    for (const [i, forbidden] of this.#mask?.entries() ?? []) if (forbidden) values[i] = 0;
  }

  /** @internal Streams leave it out: it changes nothing. */
  override get idleInUse(): boolean {
    return true;
  }

  /**
   * Hands the emissions through.
   *
   * @param x [T, N, K], batch-first [N, T, K], or [T, K]
   * @returns the same, valid until the next forward (in a frame, until that runs again)
   * @throws {ShapeError} @throws {DTypeError} @throws {StaleError} @throws {DisposedError}
   */
  forward(x: Tensor, options: ForwardOptions = {}): Tensor {
    const { tape } = this.forwardTape(options);
    checkEmissions("x", x, this);
    this.restart(tape, "x", x);
    const output = new ViewTensor(x, 0, x.shape, tape.arena.lease, x.batchFirst);
    handed.set(output, this);
    if (tape.isOwn) {
      this.#pending = null;
      this.note(tape, {}, { x, output, T: 1, N: 1 });
    } else {
      const plan = (gradients: Gradients) => gradients.give(x, gradients.of(output));
      this.runtime.scope?.nodes?.push({ name: this.name, layer: this, inputs: [x], outputs: [output], plan });
    }
    return output;
  }

  /**
   * Outside of frames: takes the gradient of its loss over the last forward, and adds to the gradients of the parameters what that loss has found.
   *
   * @param dOutput the `gradient` of `CRFLoss` itself, no copy; where there was no such loss since the forward, ∂L/∂emissions of any other
   * @returns the same for the layer before it; valid until the next backward
   * @throws {ArgumentError} when there was such a loss and this is not its gradient: the transitions would learn nothing @throws {ShapeError} @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  backward(dOutput: Tensor): Tensor {
    const { output } = this.recordingOf(this.ownTape);
    const dy = this.shaped("dOutput", dOutput, output.shape, output.batchFirst);
    const pending = this.#pending;
    if (pending && dy !== pending.gradient.pointer("gradient"))
      throw new ArgumentError("dOutput", "the gradient of the CRF's loss itself (in a frame: any)", "another tensor");
    pending?.gradient.checkVersion("dOutput", pending.version);
    return this.back(dOutput, {}) as Tensor;
  }

  /** @internal */
  protected override planned(tape: Tape, dy: number, slots: Slots): BackwardPlan {
    const { output } = this.recordingOf(tape);
    const pending = this.#pending;
    const { block, kernels } = this;
    const dX = slots.get("dX", this.bytes(output.size));
    const y = pending && block.requiresGrad ? block.gradient() : 0;
    const run = () => {
      this.runtime.memory.copy(dX, dy, this.bytes(output.size));
      if (y && pending) kernels.addTo({ y, x: pending.parts, n: block.size });
    };
    return { dX, run };
  }

  /**
   * The best sequence of tags of each sequence, by Viterbi. Of paths with equal scores the one whose last tag is the lowest, then the tag before it,
   * and so on; the scores compared are those that the element type's rounding leaves. NaN among the emissions counts as the worst of scores.
   *
   * @param emissions [T, N, K], batch-first [N, T, K], or [T, K]: a tensor; or [T, K] as metrics have it, or a list of such, as `predict` gives
   * @param options lengths, of a tensor
   * @returns for each sequence its tags and their score; an array of one for [T, K]
   * @throws {ArgumentError} when the constraints allow a sequence no path
   * @throws {ShapeError} @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   *
   * @example
   * const paths = crf.decode(await predict(model, sentences)).map(({ tags }) => tags);
   */
  decode(emissions: Tensor | SampleEmissions | readonly SampleEmissions[], options: CRFDecodeOptions = {}): DecodedTags[] {
    const { lengths } = withOwnLengths(checkOptions(options, ["lengths"]));
    if (!isArray(emissions)) return bestPaths("emissions", emissions, lengths, this, this.buffers);
    if (lengths !== undefined) throw new ArgumentError("lengths", "none, each of the list being a sequence", show(lengths));
    const list = checkList("emissions", emissions, MOST, `an array of at most ${MOST} sequences`);
    return list.flatMap((each, i) => bestPaths(`emissions[${i}]`, each, lengths, this, this.buffers));
  }

  /**
   * The chance of each tag at each step, given the whole sequence. No gradient goes back through it.
   *
   * @param emissions [T, N, K], batch-first [N, T, K], or [T, K]
   * @param options lengths
   * @returns of the same shape, +0 in padding, and NaN where no path has a finite score; valid until the next marginals (in a frame, until that runs again)
   * @throws {ShapeError} @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  marginals(emissions: Tensor, options: CRFDecodeOptions = {}): Tensor {
    const { lengths } = withOwnLengths(checkOptions(options, ["lengths"]));
    const { numTags: K, crfKernels, buffers, runtime } = this;
    const scores = this.scores();
    const e = checkEmissions("emissions", emissions, this);
    const { shape, batchFirst: isBatchFirst, size } = emissions;
    this.refuseOwn("emissions", emissions, this.#chances);
    return buffers.attempt(() => {
      const { T, N, batchFirst, lengths: L } = sequencesOf("emissions", shape, { batchFirst: isBatchFirst, lengths }, { runtime, buffers });
      const scratch = buffers.get("chances", crfKernels.crfScratch({ T, K, gradient: 0 }));
      const { scope } = runtime;
      if (!scope) this.#chances.rewind();
      const arena = scope?.arena ?? this.#chances;
      const p = arena.take(this.bytes(size));
      crfKernels.crfMarginals({ p, scores, e, lengths: L, T, N, K, batchFirst, scratch });
      return this.result(arena, p, shape, isBatchFirst);
    });
  }

  /** @internal Whether the forward of another CRF gave this tensor. */
  isOfAnother(tensor: Tensor): boolean {
    return (handed.get(tensor) ?? this) !== this;
  }

  /** @internal Notes a loss outside of frames, for `backward`. @param parts address of ∂L/∂parameters */
  await(gradient: Tensor, parts: number): void {
    this.#pending = { gradient, version: gradient.version("gradient"), parts };
  }

  /** @internal The block of scores, brought up to date; its address. @throws {DisposedError} @throws {MemoryError} */
  scores(): number {
    const { block, buffers, crfKernels, numTags: K } = this;
    const parameters = block.pointer();
    const forbidden = this.forbidden();
    const scores = buffers.get("scores", this.bytes(crfKernels.crfScoresLength(K)));
    if (this.#prepared !== block.version) crfKernels.crfPrepare({ scores, parameters, forbidden, K });
    this.#prepared = block.version;
    return scores;
  }

  /** @internal Whether a tag is forbidden behind this one, or at the start. */
  forbids(tag: number, before: number | undefined): boolean {
    const K = this.numTags;
    return this.#mask?.[before === undefined ? tag : 2 * K + before * K + tag] === 1;
  }

  /** @internal Address of one byte a parameter: 1 where it is forbidden; 0: none is. @throws {MemoryError} */
  forbidden(): number {
    const mask = this.#mask;
    if (!mask) return 0;
    const ptr = this.buffers.get("forbidden", mask.length);
    if (this.#prepared === 0) this.runtime.memory.bytes.set(mask, ptr);
    return ptr;
  }

  /** @internal */
  protected override release(): void {
    super.release();
    this.#chances.dispose();
  }
}
