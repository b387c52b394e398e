/** What the network learns from: strings of one made voice, through rooms and lines that it never was in. */
import type { Generator } from "wasm-rnn";
import { augmented, loud, masked } from "./augment.js";
import { joined, type Sound, type Speaker } from "./data.js";
import { FEATURES, HOP, logMel, STACK } from "./features.js";
import { batchesOf, ended, FrontEnd, type Statistics, surrounded } from "./front-end.js";
import { RATE } from "./rate.js";

/** Log-mel frames of a string, and its classes. */
export interface Lesson {
  readonly labels: readonly number[];
  readonly frames: Float32Array;
  /** Samples before the end of each symbol, where that is known. */
  readonly ends?: readonly number[] | undefined;
}

/** The share of strings that are said in one breath; others are joined of so many symbols at most. */
const CONNECTED = 0.15;
const LONGEST = 4;
/** The share that is heard as it was said: the rest is harder than the test is. */
const CLEAN = 0.4;
/** Two symbols of one voice are not equally loud: decibels up or down. */
const UNEVEN = 4;
/** Seconds: of silence around a string at most, of pauses inside it, and of those where someone is in a hurry, and how often. */
const [EDGE, PAUSE, HURRY, HURRIED] = [0.3, 0.4, 0.05, 0.4];
/** Voices that speak at once in the background are some of so many. */
const CROWD = 40;
/** Steps from the end of a symbol on, in which the network is to say it: 90 ms. */
const SAID = 3;
/** A step about which nothing is known. */
const UNKNOWN = -100;

/** Voices of one kind, each kind being drawn as often as the others, however many it has. */
type Kinds = readonly (readonly Speaker[])[];

/** So many strings, most of them through a room, noise and a line. */
export function lessons(kinds: Kinds, count: number, random: Generator): Lesson[] {
  const someone = () => pick(pick(kinds, random), random);
  const crowd = Array.from({ length: CROWD }, () => pick(someone().alone, random).samples);
  return Array.from({ length: count }, () => {
    const { labels, samples, ends } = edged(said(someone(), random), random);
    const sound = random.uniform() < CLEAN ? loud(samples, loudness(random)) : augmented(samples, random, crowd);
    const tempo = sound.length / samples.length; // another throat may speak slower
    return { labels, frames: logMel(ended(sound)), ends: ends?.map((end) => end * tempo) };
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
function edged({ labels, samples, ends }: Sound, random: Generator): Sound {
  const [before, behind] = [random.integer(EDGE * RATE), random.integer(EDGE * RATE)];
  return { labels, samples: surrounded(samples, before, behind), ...(ends && { ends: ends.map((end) => end + before) }) };
}

/** One pass over them as samples: those of like length together, as many as are in a batch. Bands and steps are hidden, others in every pass. */
export function* pass(all: readonly Lesson[], ofStrings: boolean, statistics: Statistics, batch: number, random: Generator) {
  const batches = batchesOf(all, batch);
  while (batches.length > 0) {
    const [next = []] = batches.splice(random.integer(batches.length), 1);
    for (const lesson of next) yield sampleOf(lesson, ofStrings, masked(new FrontEnd(statistics).frames(lesson.frames), random));
  }
}

/** @param ofStrings whether the string is wanted, or what is to be said at every step @param x [steps, FEATURES] */
export function sampleOf({ labels, ends }: Omit<Lesson, "frames">, ofStrings: boolean, x: Float32Array) {
  return { x, y: ofStrings ? Int32Array.from(labels) : stepsOf(labels, ends, x.length / FEATURES) };
}

/** What is to be said at every step: a symbol when it has ended, else the blank. */
export function stepsOf(labels: readonly number[], ends: readonly number[] | undefined, steps: number): Int32Array {
  if (!ends) return new Int32Array(steps).fill(UNKNOWN);
  const wanted = new Int32Array(steps);
  for (const [i, label] of labels.entries()) {
    const from = Math.floor((ends[i] as number) / (HOP * STACK));
    wanted.fill(label, from, from + SAID);
  }
  return wanted;
}

function pick<Item>(items: readonly Item[], random: Generator): Item {
  return items[random.integer(items.length)] as Item;
}
