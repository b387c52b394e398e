/** What the network learns from: strings of one made voice, through rooms and lines that it never was in. */
import type { Generator } from "wasm-rnn";
import { augmented, masked } from "./augment.js";
import { joined, type Sound, type Speaker } from "./data.js";
import { BANDS, logMel } from "./features.js";
import { FrontEnd, type Statistics } from "./front-end.js";
import { RATE } from "./wave.js";

/** Log-mel frames of a string and its classes. */
export interface Lesson {
  readonly labels: readonly number[];
  readonly frames: Float32Array;
}

/** Of each string: how often it was said in one breath, and how many symbols at most are joined otherwise. */
const CONNECTED = 0.2;
const LONGEST = 6;
/** Two symbols in the same voice are not equally loud: decibels up or down. */
const UNEVEN = 4;
/** Silence around, seconds, and longest pause. */
const EDGE = 0.4;
const PAUSE = 0.5;

/**
 * So many strings by voices drawn at random.
 *
 * @param groups speakers of a kind: each kind is drawn as often as the others, however many they are
 */
export function lessons(groups: readonly (readonly Speaker[])[], count: number, random: Generator): Lesson[] {
  const others = Array.from({ length: 40 }, () => one(pick(pick(groups, random), random).alone, random).samples);
  return Array.from({ length: count }, () => {
    const { labels, samples } = said(pick(pick(groups, random), random), random);
    return { labels, frames: logMel(augmented(padded(samples, random), random, others)) };
  });
}

/** What one speaker says: in one breath, or joined. */
function said({ alone, connected }: Speaker, random: Generator): Sound {
  if (connected.length > 0 && random.uniform() < CONNECTED) return one(connected, random);
  const hurry = random.uniform() < 0.3 ? 0.05 : PAUSE; // a string's pauses are alike
  const sounds = Array.from({ length: 1 + random.integer(LONGEST) }, () => {
    const { labels, samples } = one(alone, random);
    const gain = 10 ** ((UNEVEN * (2 * random.uniform() - 1)) / 20);
    return { labels, samples: samples.map((sample) => sample * gain) };
  });
  return joined(sounds, () => random.uniform() * hurry);
}

function padded(samples: Float32Array, random: Generator): Float32Array {
  const [before, behind] = [random.integer(EDGE * RATE), random.integer(EDGE * RATE)];
  const out = new Float32Array(before + samples.length + behind);
  out.set(samples, before);
  return out;
}

/** A pass over them: bands and steps hidden at random, sounds of like length together, as many in a batch. */
export function* pass(all: readonly Lesson[], statistics: Statistics, batch: number, random: Generator): Generator_ {
  const byLength = all.toSorted((a, b) => a.frames.length - b.frames.length);
  const batches = Array.from({ length: Math.ceil(all.length / batch) }, (_, i) => byLength.slice(i * batch, (i + 1) * batch));
  for (let i = batches.length; i > 0; ) {
    const [drawn] = batches.splice(random.integer(i--), 1) as [Lesson[]];
    for (const { labels, frames } of drawn) yield { x: masked(new FrontEnd(statistics).frames(frames), random), y: labels };
  }
}
type Generator_ = IterableIterator<{ x: Float32Array; y: readonly number[] }>;

function one(sounds: readonly Sound[], random: Generator): Sound {
  return pick(sounds, random);
}

function pick<Item>(items: readonly Item[], random: Generator): Item {
  return items[random.integer(items.length)] as Item;
}
