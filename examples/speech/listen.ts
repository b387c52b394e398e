/** From samples to symbols, as they come: frames, a step of the network for each, and the greedy reading of what it says. */
import type { ModelStream, Sequential } from "wasm-rnn";
import { CTCGreedyStream } from "wasm-rnn/sequence";
import { FEATURES, STEP_SECONDS } from "./features.js";
import { FrontEnd, type Statistics } from "./front-end.js";
import { RATE } from "./rate.js";
import { Resampler } from "./resample.js";

/** A network and what one must know to use it. */
export interface Recogniser {
  /** [steps, FEATURES] to logits: the blank, then a class for each symbol. */
  readonly model: Sequential;
  readonly symbols: readonly string[];
  readonly statistics: Statistics;
}

/** Whether it can listen: from a step's features to the blank and a class for each symbol. */
export function fits(model: Sequential, symbols: number): boolean {
  const stream = model.stream();
  const { input, output } = stream;
  const isFit = input.length === FEATURES && output.length === 1 + symbols;
  stream.dispose();
  return isFit;
}

export interface Heard {
  readonly symbol: string;
  /** Since the beginning, when it was recognised: at its end rather than where it began. */
  readonly seconds: number;
}

/** Of one speaker or line at a time. */
export class Listener {
  readonly #symbols: readonly string[];
  readonly #resampler: Resampler | undefined;
  readonly #frontEnd: FrontEnd;
  readonly #network: ModelStream;
  readonly #reading = new CTCGreedyStream();
  readonly #onStep: (logits: Float32Array | Float64Array) => void;
  #steps = 0;

  /** @param rate of the samples that will come @param onStep is shown the network's logits, which the next step overwrites */
  constructor(
    { model, symbols, statistics }: Recogniser,
    rate: number = RATE,
    onStep: (logits: Float32Array | Float64Array) => void = () => {},
  ) {
    this.#onStep = onStep;
    this.#symbols = symbols;
    this.#resampler = rate === RATE ? undefined : new Resampler(rate, RATE);
    this.#frontEnd = new FrontEnd(statistics);
    this.#network = model.stream();
  }

  /** How far it has heard. */
  get seconds(): number {
    return this.#steps * STEP_SECONDS;
  }

  /** What is recognised now. */
  push(samples: Float32Array): Heard[] {
    return this.#read(this.#frontEnd.push(this.#resampler?.push(samples) ?? samples));
  }

  /** What was said last, and gives the network's memory back. */
  end(): Heard[] {
    try {
      const last = this.#resampler ? this.#read(this.#frontEnd.push(this.#resampler.end())) : [];
      return [...last, ...this.#read(this.#frontEnd.end())];
    } finally {
      this.#network.dispose();
    }
  }

  #read(steps: Float32Array): Heard[] {
    const heard: Heard[] = [];
    for (let at = 0; at < steps.length; at += FEATURES) {
      this.#network.input.set(steps.subarray(at, at + FEATURES));
      this.#network.step();
      this.#steps += 1;
      this.#onStep(this.#network.output);
      const label = this.#reading.push(this.#network.output);
      if (label !== undefined) heard.push({ symbol: this.#symbols[label - 1] as string, seconds: this.seconds });
    }
    return heard;
  }
}

/** Of a whole sound. */
export function listen(recogniser: Recogniser, samples: Float32Array): Heard[] {
  const listener = new Listener(recogniser);
  return [...listener.push(samples), ...listener.end()];
}
