/**
 * The likeliest labels: prefix beam search, over all paths of a prefix together. Of a prefix y, p_b and p_n are the probabilities of its paths so
 * far that end in a blank, and in its last label; the next frame q makes of them
 *
 *   p_b'(y)    = q(blank)·(p_b(y) + p_n(y))                                     (1)
 *   p_n'(y)    = q(last of y)·p_n(y)  +  what comes from y without its last by  (2)
 *   p_n'(y·c) += q(c)·(c is the last of y ? p_b(y) : p_b(y) + p_n(y))           (3)
 *
 * in logarithms. Prefixes are nodes of a trie; of those in the beam each knows its parent, so that (3) meets (2) without a search.
 */
import { checkOptions, checkPositive, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import type { Tensor } from "../tensor.js";
import { type CTCLogits, type CTCSample, checkBlank, decoded, readFrame } from "./ctc-frames.js";
import { type Candidate, forget, grown, keep, logSoftmax, Prefix, totalOf } from "./ctc-prefix.js";

/** Options of CTCBeamStream. */
export interface CTCBeamStreamOptions {
  /** The class that stands for no label. Default 0. */
  blank?: number;
  /** Prefixes that are followed side by side. Default 16. */
  beamWidth?: number;
  /**
   * What a label is worth behind a prefix, in nats, as α·log p of a language model + β for each label: added to the score of every
   * sequence that has both. −∞ forbids it. Asked once for each prefix in the beam and each label; the prefix is yours to keep.
   */
  score?: ((prefix: readonly number[], label: number) => number) | undefined;
}

/** Options of ctcBeam. */
export interface CTCBeamOptions extends CTCBeamStreamOptions {
  /** Steps of each sequence of a tensor. */
  lengths?: ArrayLike<number> | undefined;
}

/** Sums of as many as there are steps stay finite. */
const MOST_WORTH = 1e100;

/** A label sequence and its probability. */
export interface CTCHypothesis {
  labels: number[];
  /** Of all its paths that the beam has followed, in nats: with a beam wide enough, minus what CTCLoss says of it. */
  logProbability: number;
  /** What it ranks by: `logProbability`, plus what `score` has given for its labels. */
  score: number;
}

/**
 * Prefix beam search frame by frame, as they come: exactly what ctcBeam gives.
 *
 * @example
 * const stream = new CTCBeamStream({ beamWidth: 8 });
 * for (const frame of [[0, 2, 1], [3, 0, 0], [0, 2, 0]]) stream.push(frame);
 * stream.best?.labels; // [1, 1], so far
 * const [best] = stream.end();
 */
export class CTCBeamStream {
  readonly blank: number;
  readonly beamWidth: number;
  readonly #score: CTCBeamStreamOptions["score"];
  #beam: Prefix[] = [];
  #classes = 0;
  /** While `score` is at work, which may not push or end. */
  #asking = false;

  /** @throws {ArgumentError} */
  constructor(options: CTCBeamStreamOptions = {}) {
    const { blank, beamWidth = 16, score } = checkOptions(options, ["blank", "beamWidth", "score"]);
    this.blank = checkBlank(blank);
    this.beamWidth = checkPositive("beamWidth", beamWidth);
    if (score !== undefined && typeof score !== "function") throw new ArgumentError("score", "a function of prefix and label", show(score));
    this.#score = score;
    this.#begin();
  }

  /** The best so far; undefined where `score` has forbidden all. */
  get best(): CTCHypothesis | undefined {
    return this.#beam.slice(0, 1).map(hypothesis)[0];
  }

  /** All in the beam, best first; of equal scores the labels that come first, in the order of dictionaries. */
  get hypotheses(): CTCHypothesis[] {
    return this.#beam.map(hypothesis);
  }

  /** @param frame C logits @throws {ArgumentError} also on what `score` gives that is no number below 1e100 @throws {ShapeError} */
  push(frame: ArrayLike<number>): void {
    this.#refuseScore();
    this.#step(readFrame("frame", frame, this.#classes, this.blank));
  }

  /** Ends a sequence; the next frame begins another. @returns all in the beam, best first */
  end(): CTCHypothesis[] {
    this.#refuseScore();
    const { hypotheses } = this;
    this.#begin();
    return hypotheses;
  }

  #refuseScore(): void {
    if (this.#asking) throw new ArgumentError("score", "a function that leaves its stream alone", "one that pushes or ends");
  }

  #begin(): void {
    const root = new Prefix(undefined, -1, 0);
    root.blank = 0;
    root.inBeam = true;
    this.#beam = [root];
    this.#classes = 0;
  }

  /** @param z logits, which become log p */
  #step(z: Float64Array): void {
    const before = this.#beam;
    const score = this.#score;
    if (score) this.#ask(before, z.length, score); // it may throw: nothing has changed
    this.#classes = z.length;
    logSoftmax(z);
    const best: Candidate[] = [];
    for (const node of before) this.#stay(node, z);
    for (const node of before) {
      keep(best, { node, label: -1, score: totalOf(node.nextBlank, node.nextLabel) + node.bonus }, this.beamWidth);
      this.#extend(node, z, best);
    }
    for (const node of before) node.inBeam = false;
    this.#beam = best.map(({ node, label }) => (label < 0 ? node : grown(node, label, this.#into(node, label, z))));
    for (const node of this.#beam) {
      node.inBeam = true;
      [node.blank, node.label] = [node.nextBlank, node.nextLabel];
    }
    for (const node of before) forget(node);
  }

  /** What each label is worth behind each prefix. */
  #ask(beam: readonly Prefix[], C: number, score: NonNullable<CTCBeamStreamOptions["score"]>): void {
    this.#asking = true;
    try {
      for (const node of beam) node.worth ??= this.#worthOf(node, C, score);
    } finally {
      this.#asking = false;
    }
  }

  /** (1) and (2). */
  #stay(node: Prefix, q: Float64Array): void {
    const { parent, last } = node;
    node.nextBlank = totalOf(node.blank, node.label) + (q[this.blank] as number);
    node.nextLabel = parent ? node.label + (q[last] as number) : Number.NEGATIVE_INFINITY;
    if (parent?.inBeam) node.nextLabel = totalOf(node.nextLabel, this.#into(parent, last, q));
  }

  /** (3) */
  #into(node: Prefix, label: number, q: Float64Array): number {
    return (label === node.last ? node.blank : totalOf(node.blank, node.label)) + (q[label] as number);
  }

  /** Candidates behind a node, but for those that are in the beam. */
  #extend(node: Prefix, q: Float64Array, best: Candidate[]): void {
    const { last, bonus, worth, blank: ofBlank } = node;
    const total = totalOf(ofBlank, node.label);
    for (let c = 0; c < q.length; c++) {
      const score = (c === last ? ofBlank : total) + (q[c] as number) + (bonus + (worth ? (worth[c] as number) : 0));
      if (c === this.blank || (best.length === this.beamWidth && score < (best[best.length - 1] as Candidate).score)) continue;
      if (!node.child(c)?.inBeam) keep(best, { node, label: c, score }, this.beamWidth);
    }
  }

  #worthOf(node: Prefix, C: number, score: NonNullable<CTCBeamStreamOptions["score"]>): Float64Array {
    const prefix = node.labels;
    return Float64Array.from({ length: C }, (_, label) => {
      if (label === this.blank) return 0;
      const worth: unknown = score([...prefix], label);
      if (typeof worth === "number" && worth < MOST_WORTH) return worth;
      throw new ArgumentError(`score(${show(prefix)}, ${label})`, `a number below ${MOST_WORTH}`, show(worth));
    });
  }
}

/**
 * The likeliest label sequences that a beam of this width finds, best first, at most `beamWidth`; of equal scores the labels that come first, in the order of
 * dictionaries. With a beam wide enough for all prefixes the first is the likeliest of all, and each probability is exact.
 *
 * @param logits a tensor [T, N, C], or [N, T, C] as it says, or [T, C], or a list of `{ data, shape }` as `predict` gives: a list for each sequence; or one
 * sequence as frames of logits or `{ data, shape }`: its list
 * @throws {ArgumentError} also when a logit is NaN or +∞, or all of a frame are −∞ @throws {ShapeError}
 * @throws {StaleError} @throws {DisposedError}
 *
 * @example
 * const [best] = ctcBeam([[0, 2, 1], [3, 0, 0], [0, 2, 0]], { beamWidth: 8, score: (prefix, label) => (label === 2 ? -1 : 0) });
 * best.labels; // [1, 1]
 * Source: Hannun et al. 2014, arXiv:1408.2873, algorithm 1.
 */
export function ctcBeam(logits: Tensor | readonly CTCSample[], options?: CTCBeamOptions): CTCHypothesis[][];
export function ctcBeam(logits: CTCLogits, options?: CTCBeamOptions): CTCHypothesis[];
export function ctcBeam(
  logits: Tensor | readonly CTCSample[] | CTCLogits,
  options: CTCBeamOptions = {},
): CTCHypothesis[] | CTCHypothesis[][] {
  const { lengths, ...rest } = checkOptions(options, ["blank", "beamWidth", "score", "lengths"]);
  const stream = new CTCBeamStream(rest);
  return decoded(logits, lengths, stream.blank, ({ T, frame }) => {
    for (let t = 0; t < T; t++) stream.push(frame(t));
    return stream.end();
  });
}

function hypothesis(node: Prefix): CTCHypothesis {
  const logProbability = totalOf(node.blank, node.label);
  return { labels: node.labels, logProbability, score: logProbability + node.bonus };
}
