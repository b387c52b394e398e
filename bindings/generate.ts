/** Sequences drawn from a model, token by token. */
import { checkOptions, checkPositive } from "./checks.js";
import { checkStop, feed, readPrompt, vocabularyOf } from "./prompt.js";
import { Generator } from "./random.js";
import { readLogits, SAMPLE_OPTIONS, type SampleOptions, sampler } from "./sampling.js";
import type { Sequential } from "./sequential.js";
import { type AbortSignalLike, checkSignal } from "./signal.js";
import { Pauses } from "./training/pause.js";

/** Options of `generate`. */
export interface GenerateOptions extends SampleOptions {
  /** Most tokens to draw. */
  length: number;
  /** A token that ends the sequence; it is not returned. */
  stop?: number;
}

/** Options of `generateStream`. */
export interface GenerateStreamOptions extends GenerateOptions {
  /** Ends it: the token under way is left out, and the loop over the tokens throws the signal's reason. */
  signal?: AbortSignalLike;
}

const OPTIONS = [...SAMPLE_OPTIONS, "length", "stop"];

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
  const tokens: number[] = [];
  for (const token of drawing(model, prompt, checkOptions(options, OPTIONS))()) if (token !== undefined) tokens.push(token);
  return tokens;
}

/**
 * The tokens of `generate`, each as soon as it is drawn; timers, requests and frames come in between. Nothing begins before the first is
 * asked for. Leaving the loop, an error and the signal give back what it holds at once; whoever calls `next()` by hand and wants no more
 * calls `return()`. Several may go on at once over one model, each with a state and, unless they are given the same, a generator of its own.
 *
 * @param model from tokens to logits, as embedding → LSTM → dense
 * @param prompt one or more tokens that the model reads first
 * @throws {ArgumentError} at once, where an argument is none; in the loop also when a logit of the model is NaN
 * @throws {DisposedError} @throws {MemoryError} in the loop
 *
 * @example
 * for await (const token of generateStream(model, [1, 5, 2], { length: 200, temperature: 0.8 })) {
 *   show(token);
 *   if (enough) break;
 * }
 */
export function generateStream(
  model: Sequential,
  prompt: ArrayLike<number>,
  options: GenerateStreamOptions,
): AsyncGenerator<number, void, void> {
  const { signal, ...how } = checkOptions(options, [...OPTIONS, "signal"]);
  return paused(drawing(model, prompt, how), checkSignal(signal));
}

/** @internal Values of an iterator with pauses in between; undefined ones are left out. @param signal ends it, and what it holds, at once */
export async function* paused<V>(begin: () => Drawing<V>, signal: AbortSignalLike | undefined): AsyncGenerator<V, void, void> {
  signal?.throwIfAborted();
  const drawn = begin();
  let isDrawing = false;
  const end = () => void (isDrawing || drawn.return()); // in the middle of a step it ends after it
  signal?.addEventListener("abort", end); // also while nobody asks for the next
  const pauses = new Pauses();
  try {
    for (;;) {
      isDrawing = true;
      let drawing: IteratorResult<V | undefined, void>;
      try {
        drawing = drawn.next();
      } finally {
        isDrawing = false;
      }
      const { value, done } = drawing;
      if (value !== undefined) yield value;
      await pauses.due();
      signal?.throwIfAborted();
      if (done) return;
    }
  } finally {
    signal?.removeEventListener("abort", end);
    end();
  }
}

/** Values; undefined after a step that gives none. */
type Drawing<V> = Iterator<V | undefined, void> & Iterable<V | undefined> & { return(): unknown };

/** Checks everything. @returns begins; what it holds is given back at its end, and by its `return()` */
function drawing(model: Sequential, prompt: ArrayLike<number>, options: GenerateOptions): () => Drawing<number> {
  const vocabulary = vocabularyOf(model);
  const { length, stop, ...how } = options;
  checkPositive("length", length);
  checkStop(stop);
  const draw = sampler(how, () => new Generator());
  const first = readPrompt(prompt, vocabulary);
  return function* () {
    const stream = model.stream();
    try {
      checkStop(stop, stream.output.length);
      for (const token of first) {
        stream.input.fill(token);
        stream.step();
        yield undefined;
      }
      for (let drawn = 1; ; drawn++) {
        const token = draw(readLogits(stream.output));
        if (token === stop) return;
        yield token;
        if (drawn === length) return;
        feed(stream, 0, token, vocabulary);
        stream.step();
      }
    } finally {
      stream.dispose();
    }
  };
}
