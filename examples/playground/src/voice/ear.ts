/** The recogniser at work, step by step: what it holds likely, and what it recognises. As the example's Listener, which keeps the former to itself. */
import type { ModelStream } from "wasm-rnn";
import { CTCGreedyStream } from "wasm-rnn/sequence";
import { FEATURES, STEP_SECONDS } from "../../../speech/features";
import { FrontEnd } from "../../../speech/front-end";
import type { Heard, Recogniser } from "../../../speech/listen";
import { RATE } from "../../../speech/rate";
import { Resampler } from "../../../speech/resample";

/** Symbols of a step that are told, the likeliest ones. */
export const LIKELIEST = 3;
/** Numbers of a step: the blank's probability, and a class with its probability for each of the likeliest. */
export const STEP_NUMBERS = 1 + 2 * LIKELIEST;

/** What came of some samples. */
export interface Listened {
  /** [steps, STEP_NUMBERS] */
  readonly steps: Float32Array<ArrayBuffer>;
  readonly heard: readonly Heard[];
}

/** Of one sound at a time. */
export class Ear {
  readonly #symbols: readonly string[];
  readonly #resampler: Resampler | undefined;
  readonly #frontEnd: FrontEnd;
  readonly #network: ModelStream;
  readonly #reading = new CTCGreedyStream();
  #steps = 0;

  /** @param rate of the samples that will come */
  constructor({ model, symbols, statistics }: Recogniser, rate: number) {
    this.#symbols = symbols;
    this.#resampler = rate === RATE ? undefined : new Resampler(rate, RATE);
    this.#frontEnd = new FrontEnd(statistics);
    this.#network = model.stream();
  }

  push(samples: Float32Array): Listened {
    return this.#read(this.#frontEnd.push(this.#resampler?.push(samples) ?? samples));
  }

  /** What was said last. */
  end(): Listened {
    const last = this.#resampler ? this.#frontEnd.push(this.#resampler.end()) : new Float32Array();
    const silence = this.#frontEnd.end();
    const all = new Float32Array(last.length + silence.length);
    all.set(last);
    all.set(silence, last.length);
    return this.#read(all);
  }

  /** Gives the network's memory back. */
  dispose(): void {
    this.#network.dispose();
  }

  #read(features: Float32Array): Listened {
    const steps = new Float32Array((features.length / FEATURES) * STEP_NUMBERS);
    const heard: Heard[] = [];
    for (let from = 0, to = 0; from < features.length; from += FEATURES, to += STEP_NUMBERS) {
      this.#network.input.set(features.subarray(from, from + FEATURES));
      this.#network.step();
      this.#steps += 1;
      steps.set(likeliest(this.#network.output), to);
      const label = this.#reading.push(this.#network.output);
      if (label !== undefined) heard.push({ symbol: this.#symbols[label - 1] as string, seconds: this.#steps * STEP_SECONDS });
    }
    return { steps, heard };
  }
}

/** The numbers of a step, of its logits. */
export function likeliest(logits: ArrayLike<number>): number[] {
  const all = Array.from(logits);
  const most = Math.max(...all);
  const shares = all.map((logit) => Math.exp(logit - most));
  const sum = shares.reduce((a, b) => a + b);
  const ranked = shares
    .map((share, label) => ({ label, probability: share / sum }))
    .slice(1)
    .sort((a, b) => b.probability - a.probability);
  const told = Array.from({ length: LIKELIEST }, (_, i) => ranked[i] ?? { label: 0, probability: 0 });
  return [(shares[0] as number) / sum, ...told.flatMap(({ label, probability }) => [label, probability])];
}
