/** The same words by another throat, in another room, over another line: what synthetic voices lack. All of it drawn from one generator. */
import type { Generator } from "wasm-rnn";
import { type Filter, filtered } from "./biquad.js";
import { BANDS, FEATURES, STACK } from "./features.js";
import { RATE } from "./rate.js";
import { resample } from "./resample.js";

/** Each by chance, in the order that sound takes: throat, room, noise, line. @param others for babble: samples of others who speak */
export function augmented(samples: Float32Array, random: Generator, others: readonly Float32Array[] = []): Float32Array {
  let sound = samples;
  if (chance(random, 0.7)) sound = rated(sound, between(random, 0.85, 1.2));
  if (chance(random, 0.6)) sound = filtered(sound, ...equalizer(random));
  if (chance(random, 0.3)) sound = reverberant(sound, between(random, 0.05, 0.2), random);
  if (chance(random, 0.6)) sound = noisy(sound, someNoise(sound.length, random, others), between(random, 5, 30));
  if (chance(random, 0.5)) sound = telephone(sound);
  sound = loud(sound, between(random, -34, -14));
  return chance(random, 0.3) ? muLaw(sound) : sound;
}

/** Faster and higher at once, as a tape: above 1 the speaker is smaller. */
export function rated(samples: Float32Array, rate: number): Float32Array {
  return resample(samples, Math.round(100 * rate), 100);
}

/** At a root mean square of so many decibels below full scale; what would be louder than that is cut. */
export function loud(samples: Float32Array, decibels: number): Float32Array {
  const scale = 10 ** (decibels / 20) / (rootMeanSquare(samples) || 1);
  return samples.map((sample) => Math.max(-1, Math.min(1, sample * scale)));
}

/** What a telephone's line lets through: 300 to 3400 Hz. */
export function telephone(samples: Float32Array): Float32Array {
  const [high, low] = [{ kind: "high-pass", hertz: 300 } as const, { kind: "low-pass", hertz: 3400 } as const];
  return filtered(samples, high, high, low);
}

/** In 8 bits of the logarithm, and back (G.711's curve). */
export function muLaw(samples: Float32Array): Float32Array {
  const log = Math.log1p(255);
  return samples.map((sample) => {
    const code = Math.round((127 * Math.log1p(255 * Math.min(1, Math.abs(sample)))) / log);
    return (Math.sign(sample) * Math.expm1((code * log) / 127)) / 255;
  });
}

/**
 * In a room whose sound is 60 dB down after so many seconds. Its response is sparse: one impulse of either sign somewhere in each millisecond
 * sounds as smooth as noise (velvet noise, Karjalainen & Järveläinen 2007), for an eighth of the products.
 */
export function reverberant(samples: Float32Array, seconds: number, random: Generator): Float32Array {
  const spacing = RATE / 1000;
  const out = samples.slice();
  const loudness = between(random, 0.1, 0.4);
  for (let slot = spacing; slot < seconds * RATE; slot += spacing) {
    const delay = slot + random.integer(spacing);
    const gain = (random.uniform() < 0.5 ? -1 : 1) * loudness * 10 ** ((-3 * delay) / (seconds * RATE));
    for (let i = delay; i < out.length; i++) out[i] = (out[i] as number) + gain * (samples[i - delay] as number);
  }
  return out;
}

/** @param decibels how much louder the samples are than the noise */
export function noisy(samples: Float32Array, noise: Float32Array, decibels: number): Float32Array {
  const scale = (rootMeanSquare(samples) / (rootMeanSquare(noise) || 1)) * 10 ** (-decibels / 20);
  return samples.map((sample, i) => sample + scale * (noise[i] as number));
}

function someNoise(length: number, random: Generator, others: readonly Float32Array[]): Float32Array {
  const kind = random.integer(others.length > 0 ? 4 : 3);
  if (kind === 3) return babble(length, random, others);
  return coloured(length, random, ([0, 0.7, 0.97] as const)[kind] as number);
}

/** White noise through a pole: at 0 it stays white, towards 1 it is pink, and then brown. */
export function coloured(length: number, random: Generator, pole: number): Float32Array {
  const out = new Float32Array(length);
  let last = 0;
  for (let i = 0; i < length; i++) {
    last = pole * last + random.uniform() - 0.5;
    out[i] = last;
  }
  return out;
}

/** Three to six others at once, each from somewhere in what he says. */
export function babble(length: number, random: Generator, others: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(length);
  for (let voices = 3 + random.integer(4); voices > 0; voices--) {
    const other = others[random.integer(others.length)] as Float32Array;
    if (other.length === 0) continue;
    const scale = 1 / (rootMeanSquare(other) || 1);
    const from = random.integer(other.length);
    for (let i = 0; i < length; i++) out[i] = (out[i] as number) + scale * (other[(from + i) % other.length] as number);
  }
  return out;
}

/** A gentle one: a shelf at either end, and a peak or a dip between. */
function equalizer(random: Generator): Filter[] {
  return [
    { kind: "low-shelf", hertz: between(random, 150, 600), gain: between(random, -6, 6) },
    { kind: "peak", hertz: between(random, 500, 2500), q: between(random, 0.5, 1.5), gain: between(random, -6, 6) },
    { kind: "high-shelf", hertz: between(random, 1500, 3000), gain: between(random, -8, 8) },
  ];
}

/**
 * Some bands of all steps and all bands of some steps become 0, the mean (SpecAugment, Park et al. 2019). In place.
 *
 * @param steps [steps, FEATURES]
 */
export function masked(steps: Float32Array, random: Generator): Float32Array {
  const count = steps.length / FEATURES;
  const [bands, from] = window(random, BANDS, 8);
  const [times, since] = window(random, count, Math.min(6, Math.floor(count / 8)));
  for (let t = 0; t < count; t++) {
    const row = steps.subarray(t * FEATURES, (t + 1) * FEATURES);
    if (t >= since && t < since + times) row.fill(0);
    for (let s = 0; s < STACK; s++) row.fill(0, s * BANDS + from, s * BANDS + from + bands);
  }
  return steps;
}

/** How wide, at most so many of all, and where. */
function window(random: Generator, all: number, most: number): [width: number, from: number] {
  const width = random.integer(most + 1);
  return [width, random.integer(all - width + 1)];
}

function chance(random: Generator, probability: number): boolean {
  return random.uniform() < probability;
}

function between(random: Generator, low: number, high: number): number {
  return low + random.uniform() * (high - low);
}

export function rootMeanSquare(samples: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += (samples[i] as number) ** 2;
  return Math.sqrt(sum / Math.max(1, samples.length));
}
