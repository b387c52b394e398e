/**
 * What the network hears: 40 log-mel energies every 10 ms, each less its running mean, three frames of which make a step of 30 ms.
 * All of it is causal: a file and a microphone give the same numbers to the bit, however the samples are cut.
 */
import FFT from "fft.js";
import { RATE } from "./rate.js";

/** Samples of a window, 25 ms, and from one to the next, 10 ms. */
export const WINDOW = 200;
export const HOP = 80;
export const BANDS = 40;
/** Frames that make a step: a symbol takes hundreds of milliseconds, and a third of the steps is a third of the time. */
export const STACK = 3;
/** Numbers of a step, and how long it is. */
export const FEATURES = STACK * BANDS;
export const STEP_SECONDS = (STACK * HOP) / RATE;

const FFT_SIZE = 256;
/** Hz: the telephone's band and a little more. */
const [LOWEST, HIGHEST] = [100, 3800];
const PRE_EMPHASIS = 0.97;
/** Of the energy: silence that is truly 0, as synthetic voices have it, sounds like that of a quiet line, 60 dB below a voice. */
const FLOOR = 1e-5;

/** Frames of log-mel energies from samples that come in pieces. */
export class LogMel {
  readonly #fft = new FFT(FFT_SIZE);
  readonly #spectrum = new Float64Array(2 * FFT_SIZE);
  readonly #power = new Float64Array(FFT_SIZE / 2);
  readonly #windowed = new Float64Array(FFT_SIZE);
  readonly #hann = Float64Array.from({ length: WINDOW }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / WINDOW));
  readonly #filters = melFilters();
  #waiting: Float32Array = new Float32Array();
  #before = 0;

  /** @returns [frames, BANDS], of the windows that are full now */
  push(samples: Float32Array): Float32Array {
    const all = new Float32Array(this.#waiting.length + samples.length);
    all.set(this.#waiting);
    for (let i = 0, at = this.#waiting.length; i < samples.length; i++) {
      all[at + i] = (samples[i] as number) - PRE_EMPHASIS * this.#before;
      this.#before = samples[i] as number;
    }
    const frames = framesIn(all.length);
    const out = new Float32Array(frames * BANDS);
    for (let t = 0; t < frames; t++) this.#frame(all, t * HOP, out, t * BANDS);
    this.#waiting = all.slice(frames * HOP);
    return out;
  }

  #frame(samples: Float32Array, from: number, out: Float32Array, to: number): void {
    const [spectrum, power, windowed, hann] = [this.#spectrum, this.#power, this.#windowed, this.#hann];
    for (let i = 0; i < WINDOW; i++) windowed[i] = (samples[from + i] as number) * (hann[i] as number);
    this.#fft.realTransform(spectrum, windowed);
    for (let k = 0; k < power.length; k++) power[k] = (spectrum[2 * k] as number) ** 2 + (spectrum[2 * k + 1] as number) ** 2;
    for (let band = 0; band < BANDS; band++) {
      const { first, weights } = this.#filters[band] as Filter;
      let energy = FLOOR;
      for (let k = 0; k < weights.length; k++) energy += (weights[k] as number) * (power[first + k] as number);
      out[to + band] = Math.log(energy);
    }
  }
}

/** Full windows in so many samples. */
export function framesIn(samples: number): number {
  return samples < WINDOW ? 0 : 1 + Math.floor((samples - WINDOW) / HOP);
}

/** Of the whole at once: [frames, BANDS]. */
export function logMel(samples: Float32Array): Float32Array {
  return new LogMel().push(samples);
}

interface Filter {
  readonly first: number;
  readonly weights: Float64Array;
}

/** Triangles, evenly spaced in mel, each as high as makes its sum 1: a band between two bins takes the share of both. */
function melFilters(): Filter[] {
  const [low, high] = [mel(LOWEST), mel(HIGHEST)];
  const hertz = (i: number) => 700 * Math.expm1((low + (i * (high - low)) / (BANDS + 1)) / 1127);
  const bin = FFT_SIZE / RATE;
  return Array.from({ length: BANDS }, (_, band) => {
    // A triangle is a bin wide on each side at least: the lowest would else lie between two bins.
    const middle = hertz(band + 1) * bin;
    const [left, right] = [Math.min(hertz(band) * bin, middle - 1), Math.max(hertz(band + 2) * bin, middle + 1)];
    const first = Math.floor(left) + 1;
    const heights = Float64Array.from({ length: Math.ceil(right) - first }, (_, k) =>
      Math.max(0, Math.min((first + k - left) / (middle - left), (right - first - k) / (right - middle))),
    );
    const sum = heights.reduce((a, b) => a + b);
    return { first, weights: heights.map((height) => height / sum) };
  });
}

function mel(hertz: number): number {
  return 1127 * Math.log1p(hertz / 700);
}
