/** Sequences drawn from a model, token by token. */
import { checkOptions, checkPositive } from "./checks.js";
import { checkStop, feed, read, readPrompt, vocabularyOf } from "./prompt.js";
import { Generator } from "./random.js";
import { readLogits, SAMPLE_OPTIONS, type SampleOptions, sampler } from "./sampling.js";
import type { Sequential } from "./sequential.js";

/** Options of `generate`. */
export interface GenerateOptions extends SampleOptions {
  /** Most tokens to draw. */
  length: number;
  /** A token that ends the sequence; it is not returned. */
  stop?: number;
}

/**
 * Continues a sequence of tokens. Without a generator each call draws the same: hand over one that lasts for another text each time.
 *
 * @param model from tokens to logits, as embedding → LSTM → dense
 * @param prompt one or more tokens that the model reads first
 * @returns the tokens drawn
 * @throws {ArgumentError} also when a logit of the model is NaN @throws {DisposedError} @throws {MemoryError}
 *
 * @example
 * const tokens = generate(model, [1, 5, 2], { length: 20, temperature: 0.8, topK: 10, generator: new Generator(7) });
 */
export function generate(model: Sequential, prompt: ArrayLike<number>, options: GenerateOptions): number[] {
  const vocabulary = vocabularyOf(model);
  const { length, stop, ...how } = checkOptions(options, [...SAMPLE_OPTIONS, "length", "stop"]);
  checkPositive("length", length);
  checkStop(stop);
  const draw = sampler(how, () => new Generator());
  const first = readPrompt(prompt, vocabulary);
  const tokens: number[] = [];
  const stream = model.stream();
  try {
    checkStop(stop, stream.output.length);
    read(stream, first);
    while (tokens.length < length) {
      const token = draw(readLogits(stream.output));
      if (token === stop) break;
      tokens.push(token);
      if (tokens.length === length) break;
      feed(stream, 0, token, vocabulary);
      stream.step();
    }
    return tokens;
  } finally {
    stream.dispose();
  }
}
