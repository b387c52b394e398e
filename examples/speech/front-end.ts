/** Normalised and stacked frames: what is done to every sound, of training, of a file, of a microphone. */
import { BANDS, FEATURES, HOP, LogMel, STACK } from "./features.js";
import { RATE } from "./rate.js";

/** Of the log-mel frames of training, for each band. It lies in the model's file. */
export interface Statistics {
  readonly mean: readonly number[];
  /** One for all bands: what remains when the means are gone. */
  readonly deviation: number;
}

/** How many frames the training's mean is worth when a sound begins, and how many at most are remembered: 1 and 3 seconds. */
const PRIOR = 100;
const MEMORY = 300;
/** Silence that is added at the end, 0.24 s: a network that only knows what was says a symbol when it is over, or a little later. */
const TAIL = 8 * STACK * HOP;

/** @param sounds log-mel frames, [frames, BANDS] each */
export function statisticsOf(sounds: Iterable<Float32Array>): Statistics {
  const [sums, squares] = [new Float64Array(BANDS), new Float64Array(BANDS)];
  let frames = 0;
  for (const sound of sounds) {
    frames += sound.length / BANDS;
    for (let i = 0; i < sound.length; i++) {
      const value = sound[i] as number;
      sums[i % BANDS] = (sums[i % BANDS] as number) + value;
      squares[i % BANDS] = (squares[i % BANDS] as number) + value * value;
    }
  }
  const mean = Array.from(sums, (sum) => sum / frames);
  const variances = mean.map((each, band) => (squares[band] as number) / frames - each * each);
  return { mean, deviation: Math.sqrt(variances.reduce((a, b) => a + b) / BANDS) };
}

/**
 * Samples in, steps out. Each band has its running mean taken off, which begins as training's and forgets: a line, a room and a loudness
 * colour a sound by a constant in the logarithm. The mean of the whole utterance would do that better, but nobody has it while someone speaks.
 */
export class FrontEnd {
  readonly #logMel = new LogMel();
  readonly #mean: Float64Array;
  readonly #deviation: number;
  #weight = PRIOR;
  /** Frames that do not make a step yet. */
  readonly #stack = new Float32Array(FEATURES);
  #filled = 0;

  constructor({ mean, deviation }: Statistics) {
    this.#mean = Float64Array.from(mean);
    this.#deviation = deviation;
  }

  /** @returns [steps, FEATURES] */
  push(samples: Float32Array): Float32Array {
    return this.frames(this.#logMel.push(samples));
  }

  /** The last steps: nothing more is said. */
  end(): Float32Array {
    return this.push(new Float32Array(TAIL));
  }

  /** Of log-mel frames, where they were made before. */
  frames(frames: Float32Array): Float32Array {
    const steps = Math.floor((this.#filled + frames.length / BANDS) / STACK);
    const out = new Float32Array(steps * FEATURES);
    for (let from = 0, to = 0; from < frames.length; from += BANDS) {
      this.#weight = Math.min(this.#weight + 1, MEMORY);
      for (let band = 0; band < BANDS; band++) {
        const value = frames[from + band] as number;
        const mean = (this.#mean[band] as number) + (value - (this.#mean[band] as number)) / this.#weight;
        this.#mean[band] = mean;
        this.#stack[this.#filled * BANDS + band] = (value - mean) / this.#deviation;
      }
      this.#filled = (this.#filled + 1) % STACK;
      if (this.#filled === 0) {
        out.set(this.#stack, to);
        to += FEATURES;
      }
    }
    return out;
  }
}

/** A sound with the silence that `end` adds. */
export function ended(samples: Float32Array): Float32Array {
  return surrounded(samples, 0, TAIL);
}

/** With so many samples of silence before and behind. */
export function surrounded(samples: Float32Array, before: number, behind: number): Float32Array {
  const whole = new Float32Array(before + samples.length + behind);
  whole.set(samples, before);
  return whole;
}

/** How long all of them last, of their log-mel frames. */
export function secondsOf(all: readonly { readonly frames: Float32Array }[]): number {
  return (all.reduce((sum, { frames }) => sum + frames.length / BANDS, 0) * HOP) / RATE;
}

/** Those of like length together, the shortest first. */
export function batchesOf<Item extends { readonly frames: Float32Array }>(all: readonly Item[], batch: number): Item[][] {
  const byLength = all.toSorted((a, b) => a.frames.length - b.frames.length);
  return Array.from({ length: Math.ceil(all.length / batch) }, (_, i) => byLength.slice(i * batch, (i + 1) * batch));
}

/** Of the whole at once, its end with it: [steps, FEATURES]. */
export function features(samples: Float32Array, statistics: Statistics): Float32Array {
  return new FrontEnd(statistics).push(ended(samples));
}
