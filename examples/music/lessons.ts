/** How pieces are laid out for learning, and for looking at them as they are. */
import { Generator, type SampleByName } from "wasm-rnn";
import type { Piece } from "./data.js";
import { emptySight, GUESSES, HEARD, SEEN, type Sight, sightOf } from "./echoes.js";
import { BEGIN, transposition } from "./events.js";
import { KEYS } from "./ngram.js";

/** Streams side by side, and events of a step of learning. */
export interface Cut {
  readonly streams: number;
  readonly length: number;
  readonly seed: number;
}

/** A piece as it is read: the events that are said, those before them, and what is seen beside these. */
export interface Lesson {
  readonly said: Int32Array;
  readonly before: Int32Array;
  readonly sight: Sight;
}

export function lessonOf({ events, score }: Piece): Lesson {
  return { said: events, before: Int32Array.of(BEGIN, ...events.subarray(0, -1)), sight: sightOf(events, score.bar) };
}

/** The same in another key: places and trust are as they were. */
function moved({ said, before, sight }: Lesson, semitones: number): Lesson {
  const key = transposition(semitones);
  const move = (events: Int32Array) => events.map((event) => key[event] as number);
  const signs = sight.signs.map((sign, i) => (i % SEEN >= 1 && i % SEEN <= GUESSES ? (key[sign] as number) : sign));
  return { said: move(said), before: move(before), sight: { signs, heard: move(sight.heard), chances: sight.chances } };
}

function joined(lessons: readonly Lesson[]): Lesson {
  const size = lessons.reduce((sum, { said }) => sum + said.length, 0);
  const all: Lesson = { said: new Int32Array(size), before: new Int32Array(size), sight: emptySight(size) };
  let at = 0;
  for (const { said, before, sight } of lessons) {
    all.said.set(said, at);
    all.before.set(before, at);
    all.sight.signs.set(sight.signs, at * SEEN);
    all.sight.heard.set(sight.heard, at * HEARD);
    all.sight.chances.set(sight.chances, at * HEARD);
    at += said.length;
  }
  return all;
}

function sampleOf({ said, before, sight }: Lesson, from: number, to: number): SampleByName {
  const part = <Numbers extends Int32Array | Float32Array>(numbers: Numbers, each: number) =>
    numbers.subarray(from * each, to * each) as Numbers;
  const beside = { signs: part(sight.signs, SEEN), heard: part(sight.heard, HEARD), chances: part(sight.chances, HEARD) };
  return { x: { event: part(before, 1), ...beside }, y: part(said, 1) };
}

export function batchesPerPass(events: number, { streams, length }: Cut): number {
  return Math.floor(Math.floor(events / streams) / length);
}

/**
 * One pass over the pieces: in a new order, each in a new key, one after another and cut into streams that lie side by side. Sample n of
 * every batch is the next part of stream n, so that the network's state carries over.
 */
export function* pass(lessons: readonly Lesson[], cut: Cut, epoch: number): Iterable<SampleByName> {
  const random = new Generator((Math.imul(cut.seed, 0x9e3779b1) + epoch) | 0); // the golden ratio: no seed's passes are another's
  const order = lessons.map((lesson) => ({ lesson, at: random.uniform() })).sort((a, b) => a.at - b.at);
  const all = joined(order.map(({ lesson }) => moved(lesson, KEYS[random.integer(KEYS.length)] as number)));
  const stride = Math.floor(all.said.length / cut.streams);
  for (let part = 0; part < batchesPerPass(all.said.length, cut); part++) {
    for (let n = 0; n < cut.streams; n++) {
      const from = n * stride + part * cut.length;
      yield sampleOf(all, from, from + cut.length);
    }
  }
}

/** Parts of pieces, each read without what was before it. */
export function windowsOf(lessons: readonly Lesson[], length: number): SampleByName[] {
  return lessons.flatMap((lesson) => {
    const starts = Array.from({ length: Math.floor(lesson.said.length / length) }, (_, i) => i * length);
    return starts.map((from) => sampleOf(lesson, from, from + length));
  });
}
