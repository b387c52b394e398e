/** What the network learns from: strings of one made voice, through rooms and lines that it never was in. */
import type { Generator } from "wasm-rnn";
import { augmented, loud, masked } from "./augment.js";
import { joined, type Sound, type Speaker } from "./data.js";
import { BANDS, HOP, logMel } from "./features.js";
import { ended, FrontEnd, type Statistics } from "./front-end.js";
import { RATE } from "./wave.js";

/** Log-mel frames of a string, and its classes. */
export interface Lesson {
  readonly labels: readonly number[];
  readonly frames: Float32Array;
}

/** The share of strings that are said in one breath; others are joined of so many symbols at most. */
const CONNECTED = 0.2;
const LONGEST = 5;
/** The share that is heard as it was said: the rest is harder than the test is. */
const CLEAN = 0.3;
/** Two symbols of one voice are not equally loud: decibels up or down. */
const UNEVEN = 4;
/** Seconds: of silence around a string at most, of pauses inside it, and of those where someone is in a hurry, and how often. */
const [EDGE, PAUSE, HURRY, HURRIED] = [0.3, 0.5, 0.05, 0.3];
/** Voices that speak at once in the background are some of so many. */
const CROWD = 40;

/** Voices of one kind, each kind being drawn as often as the others, however many it has. */
type Kinds = readonly (readonly Speaker[])[];

/** So many symbols by themselves, as they were said: what a network of CTC does not find in strings soon, it finds here at once. */
export function primer(kinds: Kinds, count: number, random: Generator): Lesson[] {
  return Array.from({ length: count }, () => {
    const { labels, samples } = pick(pick(pick(kinds, random), random).alone, random);
    return { labels, frames: logMel(ended(loud(samples, loudness(random)))) };
  });
}

/** So many strings, most of them through a room, noise and a line. */
export function lessons(kinds: Kinds, count: number, random: Generator): Lesson[] {
  const someone = () => pick(pick(kinds, random), random);
  const crowd = Array.from({ length: CROWD }, () => pick(someone().alone, random).samples);
  return Array.from({ length: count }, () => {
    const { labels, samples } = said(someone(), random);
    const sound = surrounded(samples, random);
    const isClean = random.uniform() < CLEAN;
    return { labels, frames: logMel(ended(isClean ? loud(sound, loudness(random)) : augmented(sound, random, crowd))) };
  });
}

/** Decibels. */
function loudness(random: Generator): number {
  return -14 - 20 * random.uniform();
}

function said({ alone, connected }: Speaker, random: Generator): Sound {
  if (connected.length > 0 && random.uniform() < CONNECTED) return pick(connected, random);
  const longest = random.uniform() < HURRIED ? HURRY : PAUSE; // a string's pauses are alike
  const sounds = Array.from({ length: 1 + random.integer(LONGEST) }, () => {
    const { labels, samples } = pick(alone, random);
    const gain = 10 ** ((UNEVEN * (2 * random.uniform() - 1)) / 20);
    return { labels, samples: samples.map((sample) => sample * gain) };
  });
  return joined(sounds, () => random.uniform() * longest);
}

/** With silence before and behind. */
function surrounded(samples: Float32Array, random: Generator): Float32Array {
  const [before, behind] = [random.integer(EDGE * RATE), random.integer(EDGE * RATE)];
  const out = new Float32Array(before + samples.length + behind);
  out.set(samples, before);
  return out;
}

export function secondsOf(all: readonly Lesson[]): number {
  return (all.reduce((sum, { frames }) => sum + frames.length / BANDS, 0) * HOP) / RATE;
}

/** One pass over them as samples: those of like length together, as many as are in a batch. Bands and steps are hidden, others in every pass. */
export function* pass(all: readonly Lesson[], statistics: Statistics, batch: number, random: Generator) {
  const byLength = all.toSorted((a, b) => a.frames.length - b.frames.length);
  const batches = Array.from({ length: Math.ceil(all.length / batch) }, (_, i) => byLength.slice(i * batch, (i + 1) * batch));
  while (batches.length > 0) {
    const [next = []] = batches.splice(random.integer(batches.length), 1);
    for (const { labels, frames } of next) yield { x: masked(new FrontEnd(statistics).frames(frames), random), y: labels };
  }
}

function pick<Item>(items: readonly Item[], random: Generator): Item {
  return items[random.integer(items.length)] as Item;
}
