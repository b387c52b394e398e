/**
 * A decoder with attention, step by step: how one step goes is here alone, for learning and for use.
 *
 *   s₀ = bridge(what the encoder ends in),  ṽ₀ = 0                                       (1)
 *   Luong     sₜ = cell([yₜ₋₁; ṽₜ₋₁], sₜ₋₁),  cₜ = attention(sₜ)                          (2)
 *   Bahdanau  cₜ = attention(sₜ₋₁),  sₜ = cell([yₜ₋₁; cₜ], sₜ₋₁)                          (3)
 *   ṽₜ = tanh(W[cₜ; sₜ]),  logits = V·ṽₜ + b;  without attention ṽₜ = sₜ                   (4)
 *
 * s is the top layer's h where it asks, ṽ the attentional vector, which (2) feeds in where there is input feeding.
 */
import { sizeOf } from "../checks.js";
import type { Dense } from "../layers/dense.js";
import type { Dropout } from "../layers/dropout.js";
import type { Embedding } from "../layers/embedding.js";
import type { GRU } from "../layers/recurrent/gru.js";
import { LSTM } from "../layers/recurrent/lstm.js";
import { constantOf } from "../ops/constant.js";
import { concat, permute, reshape, slice, split, squeeze, stack, unsqueeze } from "../ops/move.js";
import { scopeOf } from "../ops/operator.js";
import { argMax } from "../ops/reduce.js";
import { tanh } from "../ops/unary.js";
import { bytesPer, Tensor } from "../tensor.js";
import type { AttentionMemory } from "./attending.js";
import type { Attention } from "./attention.js";
import { checkEncoded, dropped, type SourceEncoder } from "./recurrent-encoder.js";
import type { Settled } from "./seq2seq-options.js";

/** @internal Layers of a Seq2Seq, by name. */
export interface Seq2SeqLayers {
  readonly encoder: SourceEncoder;
  readonly bridge: Dense;
  readonly embedding: Embedding;
  readonly dropout: Dropout;
  readonly decoder: GRU | LSTM;
  readonly attention?: Attention;
  readonly combine?: Dense;
  readonly head: Dense;
}

/** @internal What a step hands to the next. */
export interface DecoderState {
  /** [layers, N, H]. */
  readonly h: Tensor;
  readonly c?: Tensor | undefined;
  /** The attentional vector, [N, H], where it is fed in. */
  readonly feed?: Tensor | undefined;
}

/** @internal Where decoding begins. */
export interface Begun {
  readonly memory: AttentionMemory | undefined;
  readonly state: DecoderState;
}

/** @internal One step. */
export interface Stepped {
  readonly state: DecoderState;
  /** What the head reads, [N, H]. */
  readonly vector: Tensor;
  /** [N, S]. */
  readonly weights: Tensor | undefined;
}

/** @internal */
export class Decoder {
  readonly #layers: Seq2SeqLayers;
  readonly #settled: Settled;

  constructor(layers: Seq2SeqLayers, settled: Settled) {
    this.#layers = layers;
    this.#settled = settled;
  }

  /** Whether no step's input depends on the output of the one before. */
  get isParallel(): boolean {
    const { attention, style, inputFeeding } = this.#settled;
    return !inputFeeding && (attention === "none" || style === "luong");
  }

  /** Encodes sources, [S, N] tokens, and goes to the first state. (1) */
  begin(source: Tensor, lengths: ArrayLike<number> | undefined): Begun {
    const { encoder, bridge, decoder, attention } = this.#layers;
    const { output, state } = checkEncoded(encoder.forward(source, { lengths }), source.shape[1] as number, encoder);
    const N = source.shape[1] as number;
    const started = permute(reshape(bridge.forward(state), [N, -1, decoder.hiddenSize]), [1, 0, 2]); // [layers (twice: h, c), N, H]
    const [h, c] = decoder instanceof LSTM ? (split(started, 2) as [Tensor, Tensor]) : [started, undefined];
    const feed = this.#settled.inputFeeding ? zeros(bridge, [N, decoder.hiddenSize]) : undefined;
    return { memory: attention?.memory(output, { lengths }), state: { h: tanh(h), c, feed } };
  }

  /** One step of all rows. (2) to (4) @param tokens [1, N] @param rows the memory's row for each */
  step(tokens: Tensor, before: DecoderState, memory: AttentionMemory | undefined, rows?: readonly number[]): Stepped {
    const { attention } = this.#layers;
    const embedded = this.#embedded(tokens); // [1, N, E]
    const ask = (query: Tensor) => memory && attention?.step(query, memory, { rows });
    if (this.#settled.style === "bahdanau") {
      const asked = ask(squeeze(slice(before.h, [[-1]]), 0));
      const x = asked ? concat([embedded, unsqueeze(asked.output, 0)], -1) : embedded;
      const { top, state } = this.#cell(x, before);
      return { state, vector: this.#combined(asked?.output, top), weights: asked?.weights };
    }
    const x = before.feed ? concat([embedded, unsqueeze(before.feed, 0)], -1) : embedded;
    const { top, state } = this.#cell(x, before);
    const asked = ask(top);
    const vector = this.#combined(asked?.output, top);
    return { state: { ...state, feed: before.feed && vector }, vector, weights: asked?.weights };
  }

  /** Logits of what `step` gave, or of all steps. */
  logits(vector: Tensor): Tensor {
    return this.#layers.head.forward(vector);
  }

  /** All steps of known targets, [T, N] tokens: what the head reads, [T, N, H]. The bits of `step`, step by step. */
  all(target: Tensor, { memory, state }: Begun, lengths: ArrayLike<number> | undefined): Tensor {
    const { decoder, attention } = this.#layers;
    if (!this.isParallel) {
      let at = state;
      const vectors = split(target, target.shape[0] as number).map((tokens) => {
        const { vector, state } = this.step(tokens, at, memory);
        at = state;
        return vector;
      });
      return stack(vectors);
    }
    const { output } = (decoder as LSTM).forward(this.#embedded(target), { state: cellState(state), lengths });
    return this.#combined(memory && attention?.step(output, memory).output, output);
  }

  /** Logits of all steps, the decoder being fed its own likeliest token wherever it is asked and the answer is yes. No gradient goes through the choice. */
  fed(target: Tensor, { memory, state }: Begun, asks: () => boolean): Tensor {
    const [T, N] = target.shape as [number, number];
    const known = target.toArray();
    let tokens = slice(target, [[0, 1]]);
    let at = state;
    const all: Tensor[] = [];
    for (let t = 1; t <= T; t++) {
      const { vector, state } = this.step(tokens, at, memory);
      const logits = this.logits(vector);
      all.push(logits);
      at = state;
      const answers = Array.from({ length: t < T ? N : 0 }, asks);
      if (!answers.includes(true)) {
        if (t < T) tokens = slice(target, [[t, t + 1]]);
        continue;
      }
      const own = argMax(logits).toArray();
      const mixed = answers.map((isOwn, n) => (isOwn ? own[n] : known[t * N + n]) as number);
      tokens = reshape(constantOf("decoder", logits, mixed), [1, N]);
    }
    return stack(all);
  }

  #embedded(tokens: Tensor): Tensor {
    const { embedding, dropout } = this.#layers;
    return dropped(dropout, embedding.forward(tokens));
  }

  #cell(x: Tensor, before: DecoderState): { top: Tensor; state: DecoderState } {
    const { output, state } = (this.#layers.decoder as LSTM).forward(x, { state: cellState(before) });
    return { top: squeeze(output, 0), state };
  }

  /** (4) */
  #combined(context: Tensor | undefined, top: Tensor): Tensor {
    const { combine, dropout } = this.#layers;
    return dropped(dropout, context && combine ? tanh(combine.forward(concat([context, top], -1))) : top);
  }
}

/** What the cell reads; c of an LSTM alone. */
function cellState({ h, c }: DecoderState): { h: Tensor; c: Tensor } {
  return (c ? { h, c } : { h }) as { h: Tensor; c: Tensor };
}

/** In the frame at work, of a layer's element type. */
function zeros({ runtime, dtype }: Dense, shape: readonly number[]): Tensor {
  const { arena } = scopeOf("decoder", runtime);
  const bytes = sizeOf(shape) * bytesPer(dtype);
  const ptr = arena.take(bytes);
  runtime.memory.bytes.fill(0, ptr, ptr + bytes);
  return new Tensor(runtime, ptr, shape, dtype, arena.lease);
}
