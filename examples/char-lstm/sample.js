import { UNKNOWN } from "./vocabulary.js";

/** Writes text with a model, one character at a time, through the layers' streams. */
export class Writer {
  /**
   * @param {import("./model.js").CharModel} model
   * @param {import("./vocabulary.js").Vocabulary} vocabulary
   */
  constructor(model, vocabulary) {
    this.vocabulary = vocabulary;
    this.embedding = model.layers.embedding.stream();
    this.lstm = model.layers.lstm.stream();
    this.head = model.layers.head.stream();
    this.weights = new Float64Array(vocabulary.size);
  }

  /**
   * @param {string} prompt what the text begins with; not returned
   * @param {number} count characters to write
   * @param {number} temperature
   * @param {{ uniform(): number }} generator
   * @returns {string}
   */
  write(prompt, count, temperature, generator) {
    this.lstm.reset();
    for (const token of this.vocabulary.encode(prompt)) this.read(token);
    const tokens = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      tokens[i] = this.draw(temperature, generator);
      this.read(tokens[i]);
    }
    return this.vocabulary.decode(tokens);
  }

  /** @param {number} token */
  read(token) {
    this.embedding.input[0] = token;
    this.embedding.step();
    this.lstm.input.set(this.embedding.output);
    this.lstm.step();
    this.head.input.set(this.lstm.output);
    this.head.step();
  }

  /**
   * One token from softmax(logits / temperature), never the unknown one.
   *
   * @param {number} temperature
   * @param {{ uniform(): number }} generator
   */
  draw(temperature, generator) {
    const { weights } = this;
    const logits = this.head.output;
    let largest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < weights.length; i++) if (i !== UNKNOWN && logits[i] > largest) largest = logits[i];
    let sum = 0;
    for (let i = 0; i < weights.length; i++) {
      weights[i] = i === UNKNOWN ? 0 : Math.exp((logits[i] - largest) / temperature);
      sum += weights[i];
    }
    let rest = generator.uniform() * sum;
    let token = weights.length - 1;
    for (let i = 0; i < weights.length; i++) {
      rest -= weights[i];
      if (rest < 0) {
        token = i;
        break;
      }
    }
    return token;
  }

  dispose() {
    for (const stream of [this.embedding, this.lstm, this.head]) stream.dispose();
  }
}
