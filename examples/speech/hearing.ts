/** Readings as the network of the prompts hears them: in rooms and over lines, as steps, in an order that is easy at first. */
import { Generator } from "wasm-rnn";
import { augmented, loud, masked } from "./augment.js";
import { BANDS, HOP, logMel } from "./features.js";
import { ended, FrontEnd, type Statistics } from "./front-end.js";
import { labelsOf } from "./prompts-model.js";
import type { Reading } from "./readings.js";
import { RATE } from "./wave.js";

/** The share that is heard as it was said: in a few minutes a network does not learn to hear through everything at once. */
const CLEAN = 0.5;
/** Samples of silence around a reading, at most. */
const PAUSE = 0.2 * RATE;

export interface Heard {
  readonly y: Int32Array;
  /** Log-mel frames. */
  readonly frames: Float32Array;
  readonly isClean: boolean;
}

export function heardBy(readings: readonly Reading[], seed: number): Heard[] {
  const random = new Generator(seed);
  const others = readings.map(({ samples }) => samples);
  return readings.map(({ text, samples }) => {
    const isClean = random.uniform() < CLEAN;
    const sound = between(samples, random.integer(PAUSE), random.integer(PAUSE));
    const there = isClean ? loud(sound, -34 + 20 * random.uniform()) : augmented(sound, random, others);
    return { y: labelsOf(text), frames: logMel(ended(there)), isClean };
  });
}

export function secondsOf(heard: readonly Heard[]): number {
  return (heard.reduce((sum, { frames }) => sum + frames.length / BANDS, 0) * HOP) / RATE;
}

/** By epoch: batches of like lengths; at first from the shortest to the longest, for who knows no letter yet (SortaGrad, Amodei et al. 2015). */
export function inOrder(heard: readonly Heard[], statistics: Statistics, batch: number, seed: number) {
  const byLength = heard.toSorted((a, b) => a.frames.length - b.frames.length);
  const batches = Array.from({ length: Math.ceil(heard.length / batch) }, (_, i) => byLength.slice(i * batch, (i + 1) * batch));
  return function* (epoch: number) {
    const random = new Generator(seed + epoch);
    const keyed = batches.map((samples) => ({ samples, key: random.uniform() }));
    if (epoch > 0) keyed.sort((a, b) => a.key - b.key);
    for (const { samples } of keyed) {
      for (const { y, frames, isClean } of samples) {
        const x = new FrontEnd(statistics).frames(frames);
        yield { x: isClean ? x : masked(x, random), y };
      }
    }
  };
}

function between(samples: Float32Array, before: number, after: number): Float32Array {
  const whole = new Float32Array(before + samples.length + after);
  whole.set(samples, before);
  return whole;
}
