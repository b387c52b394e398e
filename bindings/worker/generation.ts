/** Sequences of tokens from models in a worker. */
import type { Beam, BeamOptions } from "../beam-search.js";
import type { SampleOptions } from "../sampling.js";
import { type AbortSignalLike, checkSignal } from "../signal.js";
import { checkModel, type WorkerModel } from "./model.js";
import { ownCopy } from "./parcels.js";
import { Remote } from "./remote.js";
import { checkObject } from "./runtime.js";

/** Options of `generate` of `wasm-rnn/worker`: a seed in the place of a generator. */
export interface WorkerGenerateOptions extends Omit<SampleOptions, "generator"> {
  /** Most tokens to draw. */
  length: number;
  /** A token that ends the sequence; it is not returned. */
  stop?: number;
  /** Of the generator. Default 0. */
  seed?: number;
}

/** Options of `generateStream` of `wasm-rnn/worker`. */
export interface WorkerGenerateStreamOptions extends WorkerGenerateOptions {
  /** Ends it: the token under way is left out, and the loop over the tokens throws the signal's reason. */
  signal?: AbortSignalLike;
}

/**
 * Continues a sequence of tokens, as `generate` does.
 *
 * @param prompt copied
 * @throws as `generate`, and {WorkerError} when the worker ends
 */
export async function generate(model: WorkerModel, prompt: ArrayLike<number>, options: WorkerGenerateOptions): Promise<number[]> {
  checkModel(model);
  return (await model.ask("generate", [ownCopy("prompt", prompt), checkObject("options", options)])) as number[];
}

/**
 * The tokens of `generate`, each as soon as it is asked for, as `generateStream` gives them. Nothing begins before the first is asked for.
 * Leaving the loop, an error and the signal end it in the worker too. Several may go on at once over one model.
 *
 * @param prompt copied
 * @throws {ArgumentError} at once, where the model, the options or the signal are none; all else as `generateStream` in the loop, and
 * {WorkerError} when the worker ends
 *
 * @example
 * for await (const token of generateStream(model, [1, 5, 2], { length: 200, temperature: 0.8 })) {
 *   show(token);
 *   if (enough) break;
 * }
 */
export function generateStream(
  model: WorkerModel,
  prompt: ArrayLike<number>,
  options: WorkerGenerateStreamOptions,
): AsyncGenerator<number, void, void> {
  const { signal, ...how } = checkObject("options", options);
  checkModel(model);
  return draw(model, [ownCopy("prompt", prompt), how], checkSignal(signal));
}

/** What draws in the worker. */
class Drawing extends Remote {
  constructor(model: WorkerModel, id: number) {
    super("generateStream", model.runtime, model, id);
  }
}

async function* draw(
  model: WorkerModel,
  args: readonly unknown[],
  signal: AbortSignalLike | undefined,
): AsyncGenerator<number, void, void> {
  signal?.throwIfAborted();
  const drawing = new Drawing(model, (await model.ask("generateStream", args)) as number);
  const end = () => drawing.dispose();
  signal?.addEventListener("abort", end); // also while nobody asks for the next
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { value, done } = (await drawing.ask("next", [])) as IteratorResult<number, void>;
      signal?.throwIfAborted();
      if (done) return;
      yield value;
    }
  } catch (error) {
    signal?.throwIfAborted(); // what it was cut off with says less
    throw error;
  } finally {
    signal?.removeEventListener("abort", end);
    end();
  }
}

/**
 * The likeliest continuations, as `beamSearch` finds them.
 *
 * @param prompt copied
 * @throws as `beamSearch`, and {WorkerError} when the worker ends
 */
export async function beamSearch(model: WorkerModel, prompt: ArrayLike<number>, options: BeamOptions): Promise<Beam[]> {
  checkModel(model);
  return (await model.ask("beamSearch", [ownCopy("prompt", prompt), checkObject("options", options)])) as Beam[];
}
