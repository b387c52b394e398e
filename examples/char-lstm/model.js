import { Adam, CrossEntropyLoss, clipGradNorm, Dense, Embedding, LSTM } from "wasm-rnn";

/** A shorter memory of squared gradients than the usual 0.999: the run is short. (measured: 2.531 bits for 2.540, one seed) */
const BETAS = /** @type {const} */ ([0.9, 0.99]);

/** Characters that the evaluation reads per call; it changes the memory in use, not the result. */
const EVALUATION_LENGTH = 256;

/**
 * Embedding → LSTM → dense → softmax: which character comes next?
 *
 * It owns the state that is carried from batch to batch.
 */
export class CharModel {
  /**
   * @param {import("wasm-rnn").Runtime} rt
   * @param {{ vocabulary: number, embed: number, hidden: number, layers: number }} sizes
   * @param {import("wasm-rnn").Generator} generator draws the initial weights
   */
  constructor(rt, sizes, generator) {
    this.rt = rt;
    this.sizes = sizes;
    const { vocabulary, embed, hidden, layers } = sizes;
    this.layers = {
      embedding: new Embedding(rt, { numEmbeddings: vocabulary, embeddingDim: embed, generator }),
      lstm: new LSTM(rt, { inputSize: embed, hiddenSize: hidden, numLayers: layers, generator }),
      head: new Dense(rt, { inputSize: hidden, outputSize: vocabulary, generator }),
    };
    this.criterion = new CrossEntropyLoss(rt);
  }

  /** @returns {[string, import("wasm-rnn").Parameter][]} `embedding.weight`, `lstm.weight_ih_l0`, `head.weight` … */
  namedParameters() {
    const { embedding, lstm, head } = this.layers;
    return [...named("embedding", embedding), ...named("lstm", lstm), ...named("head", head)];
  }

  /** @returns {number} how many numbers are learned */
  get parameterCount() {
    return this.namedParameters().reduce((sum, [, { shape }]) => sum + shape.reduce((a, b) => a * b, 1), 0);
  }

  /** @param {number} batch */
  zeroState(batch) {
    const shape = [this.sizes.layers, batch, this.sizes.hidden];
    return { h: this.rt.zeros(shape), c: this.rt.zeros(shape) };
  }

  /**
   * The mean loss of one batch, and with it the state after it.
   *
   * @param {import("wasm-rnn").Tensor} inputs  in [T,N]
   * @param {import("wasm-rnn").Tensor} targets in [T,N]
   * @param {{ h: import("wasm-rnn").Tensor, c: import("wasm-rnn").Tensor }} state inout [L,N,H]
   * @param {false} [tape] false: nothing is kept for a backward pass
   */
  forward(inputs, targets, state, tape) {
    const { embedding, lstm, head } = this.layers;
    const result = lstm.forward(embedding.forward(inputs), tape === false ? { state, tape } : { state });
    const { loss, dLogits } = this.criterion.forward(head.forward(result.output), targets);
    state.h.set(result.state.h.data);
    state.c.set(result.state.c.data);
    return { loss, dLogits };
  }

  /** @param {import("wasm-rnn").Tensor} dLogits */
  backward(dLogits) {
    const { embedding, lstm, head } = this.layers;
    for (const layer of Object.values(this.layers)) layer.zeroGrad();
    embedding.backward(lstm.backward(head.backward(dLogits)).dX);
  }

  /**
   * Nats per character of a text, read once from beginning to end with the state carried; its first character is given.
   *
   * @param {Int32Array} tokens
   * @returns {number}
   */
  evaluate(tokens) {
    const state = this.zeroState(1);
    let nats = 0;
    for (let start = 0; start < tokens.length - 1; start += EVALUATION_LENGTH) {
      const length = Math.min(EVALUATION_LENGTH, tokens.length - 1 - start);
      const inputs = this.rt.tensor(tokens.slice(start, start + length), [length, 1]);
      const targets = this.rt.tensor(tokens.slice(start + 1, start + length + 1), [length, 1]);
      nats += this.forward(inputs, targets, state, false).loss * length;
      inputs.dispose();
      targets.dispose();
    }
    state.h.dispose();
    state.c.dispose();
    return nats / (tokens.length - 1);
  }
}

/**
 * @param {string} prefix
 * @param {{ parameters(): readonly import("wasm-rnn").Parameter[] }} layer
 * @returns {[string, import("wasm-rnn").Parameter][]}
 */
function named(prefix, layer) {
  return layer.parameters().map((parameter) => [`${prefix}.${parameter.name}`, parameter]);
}

/** Adam over all layers, with the gradient clipped, under a learning rate that rises linearly and falls along a cosine. */
export class Trainer {
  /**
   * @param {CharModel} model
   * @param {{ lr: number, warmup: number, clip: number }} options
   */
  constructor(model, { lr, warmup, clip }) {
    this.model = model;
    this.peak = lr;
    this.warmup = warmup;
    this.clip = clip;
    this.parameters = model.namedParameters().map(([, parameter]) => parameter);
    this.optimizer = new Adam(this.parameters, { lr, betas: BETAS });
  }

  /**
   * @param {number} step  from 0
   * @param {number} steps of the whole run
   * @returns {number} from 0 up to the peak and down to a fiftieth of it
   */
  rate(step, steps) {
    if (step < this.warmup) return (this.peak * (step + 1)) / (this.warmup + 1);
    const progress = Math.min(1, (step - this.warmup) / Math.max(1, steps - this.warmup));
    return this.peak * (0.02 + 0.98 * 0.5 * (1 + Math.cos(Math.PI * progress)));
  }

  /**
   * One step: forward, backward, clip, Adam.
   *
   * @param {import("wasm-rnn").Tensor} inputs  in [T,N]
   * @param {import("wasm-rnn").Tensor} targets in [T,N]
   * @param {{ h: import("wasm-rnn").Tensor, c: import("wasm-rnn").Tensor }} state inout [L,N,H]
   * @param {number} step  from 0
   * @param {number} steps of the whole run
   * @returns {number} the batch's mean loss, in nats
   */
  step(inputs, targets, state, step, steps) {
    const { loss, dLogits } = this.model.forward(inputs, targets, state);
    this.model.backward(dLogits);
    clipGradNorm(this.parameters, this.clip);
    this.optimizer.lr = this.rate(step, steps);
    this.optimizer.step();
    return loss;
  }
}
