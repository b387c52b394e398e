/** From one sequence of tokens to another: encoder, attention, decoder. */
import type { ByName } from "../by-name.js";
import { checkOptions } from "../checks.js";
import { paused } from "../generate.js";
import type { Embedding } from "../layers/embedding.js";
import { Model, type ModelForwardOptionsByName, type Part } from "../model.js";
import { scopeOf } from "../ops/operator.js";
import type { Runtime } from "../runtime.js";
import { type AbortSignalLike, checkSignal } from "../signal.js";
import type { Tensor } from "../tensor.js";
import { Sampling } from "./scheduled-sampling.js";
import { BEAM_OPTIONS, type BeamDecodingOptions, checkBeam, type DecodedBeam, searched } from "./seq2seq-beam.js";
import { inputsOf, lengthsOf, type Pair, type Seq2SeqSample, samplesOf, sourceOf, sourcesOf } from "./seq2seq-data.js";
import { Decoder } from "./seq2seq-decoder.js";
import {
  choosersOf,
  type Decoded,
  type DecodedToken,
  DRAW_OPTIONS,
  type DrawOptions,
  drawing,
  drawnAll,
  type GreedyOptions,
} from "./seq2seq-draw.js";
import { layersOf } from "./seq2seq-layers.js";
import { type Seq2SeqOptions, type Seq2SeqParts, type Settled, settle } from "./seq2seq-options.js";
import { Session } from "./seq2seq-session.js";

/** Options of `stream`. */
export interface Seq2SeqStreamOptions extends DrawOptions {
  /** Ends it: the loop over the tokens throws the signal's reason. */
  signal?: AbortSignalLike;
}

/**
 * From sequences to sequences: an encoder (embedding and GRU or LSTM, or one of your own), a bridge to the first state of a decoder, the decoder
 * with attention and input feeding, and a head over the target's tokens. Trained by `fit` on `model.samples(pairs)` with a
 * `CrossEntropyLoss`, the decoder fed the target's own tokens (or, with scheduled sampling, now and then what it says itself).
 *
 * What a source becomes has the same bits alone and beside others. Operators, so first `await loadOperators(rt)`.
 *
 * @example
 * const model = new Seq2Seq(rt, { sourceVocabularySize: 30, targetVocabularySize: 30, embeddingDim: 32, hiddenSize: 64, bos: 0, eos: 1 });
 * await fit(model, { data: model.samples(pairs), loss: new CrossEntropyLoss(rt), optimizer: new Adam(model.parameters()), epochs: 10 });
 * const [{ tokens, weights }] = model.greedy([source], { length: 50 });
 * @throws {ArgumentError} on options it cannot take, @throws {MemoryError}
 * Source: Sutskever, Vinyals & Le, arXiv:1409.3215; Bahdanau, Cho & Bengio, arXiv:1409.0473; Luong, Pham & Manning, arXiv:1508.04025.
 */
export class Seq2Seq extends Model {
  /** Known by it in files, where a bundler shortens names, too. */
  static override readonly name: string = "Seq2Seq";
  /** @internal */
  readonly decoder: Decoder;
  readonly #settled: Settled;
  readonly #sampling: Sampling | undefined;

  constructor(runtime: Runtime, options: Seq2SeqOptions, parts: Seq2SeqParts = {}) {
    const { settled, drawn } = settle(runtime, options);
    const layers = layersOf(runtime, { settled, drawn }, parts);
    super(runtime, layers as unknown as Record<string, Part>, settled);
    this.#settled = settled;
    this.decoder = new Decoder(layers, settled);
    try {
      this.#sampling = settled.scheduledSampling && new Sampling(runtime, settled.scheduledSampling);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /**
   * Logits of every step of known targets.
   *
   * @param x source [S, N] and target [T, N], tokens: each target as the decoder is fed it, beginning with `bos`
   * @param options lengths: of sources and targets that differ in length
   * @returns [T, N, targetVocabularySize], in the padding anything finite; valid until its frame runs again
   * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} outside of a frame, and on tokens out of range
   * @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  override forward(x: ByName<Tensor> | Tensor, options: ModelForwardOptionsByName<"source" | "target"> = {}): Tensor {
    const { lengths: given } = checkOptions(options, ["lengths"]);
    const { nodes } = scopeOf("Seq2Seq", this.runtime);
    const { source, target } = inputsOf(x);
    const lengths = lengthsOf(given, target);
    const begun = this.decoder.begin(source, lengths.source);
    const isTraining = nodes !== null && (this.layers.embedding as Embedding).training;
    const asks = isTraining ? this.#sampling?.begin() : undefined;
    return asks ? this.decoder.fed(target, begun, asks) : this.decoder.logits(this.decoder.all(target, begun, lengths.target));
  }

  /** Pairs as `fit`, `evaluate` and `predict` take them. @throws {ArgumentError} naming the token that is none of the vocabulary's */
  samples(pairs: readonly Pair[]): Seq2SeqSample[] {
    return samplesOf(pairs, this.#settled);
  }

  /** How likely the decoder is fed what it says itself in the next training batch; 0 without scheduled sampling. */
  get samplingProbability(): number {
    return this.#sampling?.probability ?? 0;
  }

  /** With the count of training batches, where there is scheduled sampling: a checkpoint of `fit` holds it. */
  override namedBuffers(): [string, Tensor][] {
    return [...super.namedBuffers(), ...(this.#sampling ? [["trainingBatches", this.#sampling.batches] as [string, Tensor]] : [])];
  }

  /**
   * The likeliest token at every step, for each source.
   *
   * @throws {ArgumentError} also when a logit is NaN, or inside of a frame @throws {DisposedError} @throws {MemoryError}
   * @example
   * const [{ tokens, weights }] = model.greedy([source], { length: 50 });
   */
  greedy(sources: readonly ArrayLike<number>[], options: GreedyOptions): Decoded[] {
    return this.#drawn(sources, { ...checkOptions(options, ["length"]), temperature: 0 });
  }

  /**
   * Tokens drawn from what the model thinks likely.
   *
   * @throws {ArgumentError} also when a logit is NaN, or inside of a frame @throws {DisposedError} @throws {MemoryError}
   * @example
   * const [{ tokens }] = model.sample([source], { length: 50, temperature: 0.7, topP: 0.9, seed: 3 });
   */
  sample(sources: readonly ArrayLike<number>[], options: DrawOptions): Decoded[] {
    return this.#drawn(sources, checkOptions(options, DRAW_OPTIONS));
  }

  /**
   * The likeliest targets that a beam of this width finds for each source, best first; fewer than `beams` where no more are possible.
   *
   * @throws {ArgumentError} also when a logit is NaN, or inside of a frame @throws {DisposedError} @throws {MemoryError}
   * @example
   * const [[best]] = model.beam([source], { length: 50, beams: 5, lengthPenalty: 0.6, coveragePenalty: 0.2 });
   */
  beam(sources: readonly ArrayLike<number>[], options: BeamDecodingOptions): DecodedBeam[][] {
    const { bos, eos, attention } = this.#settled;
    const how = { ...checkBeam(checkOptions(options, BEAM_OPTIONS), attention !== "none"), bos, eos };
    return this.#with(sourcesOf(sources, this.#settled), (session) => searched(session, how));
  }

  /**
   * The tokens of one source, each as soon as it is known; timers, requests and frames come in between. Those of `greedy`, or with a temperature
   * those of `sample`. Nothing begins before the first is asked for; leaving the loop, an error and the signal give back what it holds.
   *
   * @throws {ArgumentError} at once, where an argument is none; in the loop also when a logit is NaN @throws {DisposedError} @throws {MemoryError}
   * @example
   * for await (const { token, weights } of model.stream(source, { length: 50 })) show(token);
   */
  stream(source: ArrayLike<number>, options: Seq2SeqStreamOptions): AsyncGenerator<DecodedToken, void, void> {
    const { signal, temperature = 0, ...how } = checkOptions(options, [...DRAW_OPTIONS, "signal"]);
    const { bos, eos } = this.#settled;
    const given = { ...choosersOf(1, { ...how, temperature }), bos, eos };
    const tokens = sourceOf("source", source, this.#settled);
    const open = () => new Session(this, [tokens]);
    return paused(function* () {
      const session = open();
      try {
        for (const [drawn] of drawing(session, given)) {
          const { token, logProbability, weights } = drawn as DecodedToken;
          if (token === eos) return;
          yield { token, logProbability, weights };
        }
      } finally {
        session.dispose();
      }
    }, checkSignal(signal));
  }

  #drawn(sources: readonly ArrayLike<number>[], options: DrawOptions): Decoded[] {
    const { bos, eos } = this.#settled;
    const read = sourcesOf(sources, this.#settled);
    const how = { ...choosersOf(read.length, options), bos, eos };
    return this.#with(read, (session) => drawnAll(session, how));
  }

  #with<R>(sources: readonly Int32Array[], work: (session: Session) => R[]): R[] {
    this.assertAlive();
    if (sources.length === 0) return [];
    const session = new Session(this, sources);
    try {
      return work(session);
    } finally {
      session.dispose();
    }
  }

  /** @internal */
  protected override release(): void {
    super.release();
    this.#sampling?.batches.dispose();
  }
}
