/** Readings as the network of the prompts hears them: in rooms and over lines, as steps, in an order that is easy at first. */
import { Generator } from "wasm-rnn";
import { augmented, loud, masked } from "./augment.js";
import { logMel } from "./features.js";
import { batchesOf, ended, FrontEnd, type Statistics, surrounded } from "./front-end.js";
import { labelsOf } from "./prompts-model.js";
import { RATE } from "./rate.js";
import type { Reading } from "./readings.js";

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
    const sound = surrounded(samples, random.integer(PAUSE), random.integer(PAUSE));
    const there = isClean ? loud(sound, -34 + 20 * random.uniform()) : augmented(sound, random, others);
    return { y: labelsOf(text), frames: logMel(ended(there)), isClean };
  });
}

/** By epoch: batches of like lengths; at first from the shortest to the longest, for who knows no letter yet (SortaGrad, Amodei et al. 2015). */
export function inOrder(heard: readonly Heard[], statistics: Statistics, batch: number, seed: number) {
  const batches = batchesOf(heard, batch);
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
