/** A piece, and what the network goes on with. */
import { Frame, Generator, sample } from "wasm-rnn";
import { LONGEST } from "./data.js";
import { Echoes, emptySight } from "./echoes.js";
import { BEGIN, canFollow, EVENTS, eventsOf, isLength, isWait, LONGEST_WAIT, notesOf, rankOf, stepsOf, waitOf } from "./events.js";
import type { Composer } from "./model.js";
import type { Note, Score } from "./score.js";
import { givenOf } from "./scores.js";

/** Events that are heard at once. */
const CHUNK = 128;

export interface Wish {
  /** Bars of the piece that are given; undefined: all. */
  readonly given?: number | undefined;
  /** Bars that are added. */
  readonly bars: number;
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
}

export interface Continued {
  /** What was given, and what was added to it. */
  readonly score: Score;
  /** The step at which the network goes on. */
  readonly from: number;
}

/** Bars in which the last events are, as many as the network reads: whole bars, and the first of them is bar 0. */
function lastBars(score: Score, from: number): Note[] {
  const { notes, bar } = score;
  const inOrder = notes.filter(({ start }) => start < from).sort((a, b) => b.start - a.start);
  const earliest = inOrder[Math.floor(LONGEST / 3) - 1]?.start ?? 0; // a note is three events at most: a wait, a key, a length
  const first = Math.ceil(earliest / bar) * bar;
  return inOrder.filter(({ start }) => start >= first).map((note) => ({ ...note, start: note.start - first }));
}

/** Steps from the last note until there; after a long silence as many bars fewer. */
function restOf({ notes, bar }: Score, from: number): number {
  const last = notes.reduce((latest, { start }) => (start < from ? Math.max(latest, start) : latest), -1);
  const rest = last < 0 ? 0 : from - last;
  return Math.min(rest, bar + (rest % bar));
}

export function continued(model: Composer, score: Score, { given, bars, temperature, topP, seed }: Wish): Continued {
  const { bar } = score;
  const end = score.notes.reduce((last, { start }) => Math.max(last, start + 1), 0);
  const from = Math.min(given ?? Number.POSITIVE_INFINITY, Math.ceil(end / bar)) * bar;
  const player = new Player(model, bar);
  player.hear([BEGIN, ...eventsOf({ ...score, notes: lastBars(score, from) })]);
  player.rest(restOf(score, from));
  const generator = new Generator(seed);
  const added: number[] = [];
  for (let step = 0; step < bars * bar; ) {
    const event = sample(player.logits(), { temperature, topP, generator });
    player.hear([event]);
    added.push(event);
    if (isWait(event)) step += stepsOf(event);
  }
  player.dispose();
  const fresh = notesOf(added).filter(({ start }) => start < bars * bar);
  const before = score.notes
    .filter(({ start }) => start < from)
    .map((note) => ({ ...note, length: Math.min(note.length, from - note.start) }));
  return { score: { ...score, notes: [...before, ...fresh.map((note) => ({ ...note, start: from + note.start }))] }, from };
}

/** Hears a piece event by event, and says what may come next. */
class Player {
  readonly #model: Composer;
  readonly #echoes: Echoes;
  readonly #frames: readonly Frame[];
  #state: ReturnType<Composer["read"]>["state"] | undefined;
  #logits = new Float32Array();
  #before = BEGIN;
  /** Of the last note of this moment; a later one has a higher rank. */
  #rank = -1;
  #turn = 0;

  constructor(model: Composer, bar: number) {
    this.#model = model;
    this.#echoes = new Echoes(bar);
    this.#frames = [new Frame(model.runtime), new Frame(model.runtime)];
    model.eval();
  }

  hear(events: readonly number[]): void {
    for (let from = 0; from < events.length; from += CHUNK) this.#read(events.slice(from, from + CHUNK));
  }

  #read(events: readonly number[]): void {
    const sight = emptySight(events.length);
    for (const [i, event] of events.entries()) {
      this.#echoes.push(event);
      this.#echoes.see(sight, i);
      if (isWait(event)) this.#rank = -1;
      else if (!isLength(event)) this.#rank = rankOf(event);
    }
    const given = givenOf(this.#model.runtime, [{ before: Int32Array.from(events), sight }], 0, events.length);
    const frame = this.#frames[this.#turn++ % 2] as Frame;
    const { logits, state } = frame.run(() => this.#model.read(given, this.#state));
    this.#logits = Float32Array.from(logits.toArray().slice(-EVENTS));
    this.#state = state; // lives in its frame until the turn after the next
    for (const tensor of Object.values(given)) tensor.dispose();
    this.#before = events.at(-1) as number;
  }

  rest(steps: number): void {
    for (let left = steps; left > 0; left -= LONGEST_WAIT) this.hear([waitOf(left)]);
  }

  /** −∞ for what no piece goes on with here. */
  logits(): Float32Array {
    return this.#logits.map((logit, event) => (this.#isPossible(event) ? logit : Number.NEGATIVE_INFINITY));
  }

  #isPossible(event: number): boolean {
    if (!canFollow(event, this.#before)) return false;
    if (isWait(event)) return !isWait(this.#before) || this.#before === waitOf(LONGEST_WAIT);
    return isLength(event) || rankOf(event) > this.#rank;
  }

  dispose(): void {
    for (const frame of this.#frames) frame.dispose();
  }
}
