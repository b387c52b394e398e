/** Sources encoded once, and rows that are decoded from them step by step: as many as go on. */
import { Frame } from "../graph/frame.js";
import { constantOf } from "../ops/constant.js";
import { reshape } from "../ops/move.js";
import type { Runtime } from "../runtime.js";
import { bytesPer, type FloatArray, Tensor } from "../tensor.js";
import { modesOf, type Switchable } from "../training/modes.js";
import type { Begun, Decoder, DecoderState } from "./seq2seq-decoder.js";

/** @internal A model, for decoding. */
export interface Decodable extends Switchable {
  readonly runtime: Runtime;
  readonly decoder: Decoder;
}

/** @internal Two frames take turns: what one step gives is what the next one reads. */
export class Session {
  /** Steps of each source. */
  readonly lengths: readonly number[];
  readonly #model: Decodable;
  readonly #encoded: Frame;
  readonly #frames: [Frame, Frame];
  readonly #begun: Begun;
  #state: DecoderState;
  /** Results of the last step, [N, V] and [N, S]: taken once for the most rows. */
  #logits: FloatArray | undefined;
  #weights: FloatArray | undefined;
  #V = 0;
  #S = 0;

  /** @throws what the encoder throws: nothing is held then */
  constructor(model: Decodable, sources: readonly Int32Array[]) {
    const { runtime, decoder } = model;
    this.#model = model;
    this.lengths = sources.map(({ length }) => length);
    this.#S = Math.max(...this.lengths);
    const N = sources.length;
    const tokens = new Int32Array(this.#S * N);
    for (const [n, source] of sources.entries()) for (const [s, token] of source.entries()) tokens[s * N + n] = token;
    this.#encoded = new Frame(runtime);
    this.#frames = [new Frame(runtime), new Frame(runtime)];
    try {
      using given = runtime.tensor(tokens, [this.#S, N]);
      const lengths = this.lengths.some((length) => length < this.#S) ? this.lengths : undefined;
      this.#begun = this.#quietly(() => this.#encoded.run(() => decoder.begin(given, lengths)));
    } catch (error) {
      this.dispose();
      throw error;
    }
    this.#state = this.#begun.state;
  }

  /**
   * One step of some rows.
   *
   * @param tokens that each is fed
   * @param from the row of the step before that each goes on from; of the first step, its source
   * @param sources of each
   */
  step(tokens: readonly number[], from: readonly number[], sources: readonly number[]): void {
    const { decoder } = this.#model;
    const [next, other] = this.#frames;
    const before = this.#state;
    this.#quietly(() =>
      next.run(() => {
        const kept = (before.h.shape[1] as number) === from.length && from.every((row, n) => row === n);
        const state = kept ? before : selected(before, from);
        const fed = reshape(constantOf("decoder", state.h, tokens), [1, tokens.length]);
        const stepped = decoder.step(fed, state, this.#begun.memory, sources);
        const logits = decoder.logits(stepped.vector);
        this.#V = logits.shape[1] as number;
        this.#logits = copied(logits, this.#logits);
        this.#weights = stepped.weights && copied(stepped.weights, this.#weights);
        this.#state = stepped.state;
      }),
    );
    this.#frames.splice(0, 2, other, next);
  }

  /** Whether there is attention. */
  get hasWeights(): boolean {
    return this.#begun.memory !== undefined;
  }

  /** Of a row of the last step: live. */
  logits(row: number): FloatArray {
    return (this.#logits as FloatArray).subarray(row * this.#V, (row + 1) * this.#V) as FloatArray;
  }

  /** Of a row of the last step, over its own source: a copy; undefined where there is no attention. */
  weights(row: number, source: number): FloatArray | undefined {
    const from = row * this.#S;
    return this.#weights?.slice(from, from + (this.lengths[source] as number)) as FloatArray | undefined;
  }

  dispose(): void {
    for (const frame of [this.#encoded, ...this.#frames]) frame.dispose();
  }

  /** Without dropout; afterwards the modes are what they were. */
  #quietly<R>(work: () => R): R {
    const restore = modesOf(this.#model);
    this.#model.eval();
    try {
      return work();
    } finally {
      restore?.();
    }
  }
}

function selected({ h, c, feed }: DecoderState, rows: readonly number[]): DecoderState {
  const places = constantOf("decoder", h, rows);
  return { h: rowsOf(h, places), c: c && rowsOf(c, places), feed: feed && rowsOf(feed, places) };
}

/** Rows of [N, H], or of [layers, N, H] layer by layer: an embedding's kernel takes them. */
function rowsOf(x: Tensor, places: Tensor): Tensor {
  const runtime = x.home as Runtime;
  const { arena } = runtime.scope as NonNullable<typeof runtime.scope>;
  const [N, H] = x.shape.slice(-2) as [number, number];
  const [M, layers, bytes] = [places.size, x.size / (N * H), bytesPer(x.dtype)];
  const y = arena.take(layers * M * H * bytes);
  const kernels = runtime.kernels(x.dtype as "f32" | "f64");
  for (let l = 0; l < layers; l++) {
    const [to, table] = [y + l * M * H * bytes, x.pointer() + l * N * H * bytes];
    kernels.embeddingForward({ y: to, tokens: places.pointer(), w: table, M, E: H });
  }
  return new Tensor(runtime, y, [...x.shape.slice(0, -2), M, H], x.dtype, arena.lease);
}

/** Into an array that is there, where it is long enough. */
function copied(from: Tensor, to: FloatArray | undefined): FloatArray {
  if (!to || to.length < from.size) return from.toArray() as FloatArray;
  from.copyTo(to);
  return to;
}
