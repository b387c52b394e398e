/** The detector at work, chunk by chunk: how likely it is that somebody speaks, and the stretches in which somebody does. */
import { Resampler } from "../../../../speech/resample";
import { CHUNK, type Detector, RATE } from "../../../../vad/detector";
import { Listener } from "../../../../vad/listen";
import type { Segment } from "../../../../vad/segments";
import type { Ear } from "../hearing";
import type { Listened, Placed } from "../history";

/** Seconds of a step, which is a chunk. */
export const STEP_SECONDS = CHUNK / RATE;
/** Numbers of a step: the probability, 1 where speech is going on, and the microseconds that a chunk has taken so far, in the mean. */
export const STEP_NUMBERS = 3;

/** A stretch of speech. */
export interface Stretch extends Segment, Placed {}

/** Of one sound at a time: the detector forgets the one before. */
export class SpeakingEar implements Ear<Stretch> {
  readonly #listener: Listener;
  readonly #resampler: Resampler | undefined;
  #samples = 0;
  #chunks = 0;
  #milliseconds = 0;

  /** @param rate of the samples that will come */
  constructor(detector: Detector, rate: number) {
    detector.reset();
    this.#listener = new Listener(detector);
    this.#resampler = rate === RATE ? undefined : new Resampler(rate, RATE);
  }

  push(samples: Float32Array): Listened<Stretch> {
    return this.#hear(this.#resampler?.push(samples) ?? samples, false);
  }

  end(): Listened<Stretch> {
    return this.#hear(this.#resampler?.end() ?? new Float32Array(), true);
  }

  #hear(samples: Float32Array, isLast: boolean): Listened<Stretch> {
    const began = performance.now();
    const heard = [...this.#listener.push(samples), ...(isLast ? this.#listener.end() : [])];
    this.#milliseconds += performance.now() - began;
    this.#samples += samples.length;
    const chunks = (isLast ? Math.ceil : Math.floor)(this.#samples / CHUNK);
    const steps = heard.slice(0, chunks - this.#chunks); // what comes last may be a stretch alone, and no chunk
    this.#chunks = chunks;
    const took = (1000 * this.#milliseconds) / chunks;
    return {
      steps: Float32Array.from(steps.flatMap(({ probability, isSpeech }) => [probability, isSpeech ? 1 : 0, took])),
      heard: heard.flatMap(({ segment }) => (segment ? { ...segment, step: Math.ceil(segment.end / STEP_SECONDS) - 1 } : [])),
    };
  }
}
