/** What the network sees of a piece's past: where in the bar it is, what would come next if the piece repeated itself, and how sure that is. */
import { BEGIN, EVENTS, isKey, isLength, isWait, LONGEST_WAIT, rankOf, stepsOf, waitOf } from "./events.js";
import { type Guess, Memory } from "./memory.js";
import { BAR } from "./score.js";

/** Bars ago at which a piece may repeat itself. */
const BARS = [1, 2, 4, 8];
/** Events that are to be the same where it goes on as it once did. */
const SAME = 12;
/** Guesses by what followed the last few events before. */
const FROM_MEMORY = 4;
/** What came after the last few events before, with its chances: so many events at most. */
export const HEARD = 24;
/** Guesses of what comes next; 0 (BEGIN) where there is none. */
export const GUESSES = BARS.length + 1 + FROM_MEMORY;
/** How sure a guess is: by how often such a guess was right of late, or by its chance. Level 0 is of no guess. */
const LEVELS = [0, 0.1, 0.25, 0.45, 0.65, 0.8, 0.9, 0.96];
const FORGETTING = 0.9;

/** What is seen beside each event: the place in the bar, the guesses, and how sure each is. */
export const SEEN = 1 + GUESSES + GUESSES;
const PLACES = EVENTS;
const TRUST = PLACES + BAR.most;
/** Numbers that any of it can be. */
export const SIGNS = TRUST + GUESSES * (1 + LEVELS.length);

/** What is seen before each of some events: SEEN signs, and HEARD events with their chances; BEGIN where there are fewer. */
export interface Sight {
  readonly signs: Int32Array;
  readonly heard: Int32Array;
  readonly chances: Float32Array;
}

export function emptySight(events: number): Sight {
  const [signs, heard] = [new Int32Array(events * SEEN), new Int32Array(events * HEARD)];
  return { signs, heard, chances: new Float32Array(events * HEARD) };
}

/** Notes of one moment: events, and the length of each that has one. */
interface Moment {
  readonly start: number;
  readonly events: number[];
  readonly lengths: number[];
}

/** Follows a piece event by event, and never looks ahead. */
export class Echoes {
  readonly #bar: number;
  readonly #events: number[] = [];
  readonly #moments: Moment[] = [];
  /** Of each lag, the first moment that is not before now minus the lag. */
  readonly #cursors = BARS.map(() => 0);
  readonly #lastAt = new Map<string, number>();
  /** Where in the past the piece goes on, while it is as it was. */
  #pointer = -1;
  readonly #memory = new Memory();
  readonly #guesses = new Int32Array(GUESSES);
  readonly #sure = new Float64Array(GUESSES);
  #likely: readonly Guess[] = [];
  #now = 0;

  constructor(bar: number) {
    this.#bar = bar;
  }

  /** What came: BEGIN first. */
  push(event: number): void {
    for (let g = 0; g <= BARS.length; g++) {
      if (this.#guesses[g] === BEGIN) continue;
      const right = Number(this.#guesses[g] === event);
      this.#sure[g] = FORGETTING * (this.#sure[g] as number) + (1 - FORGETTING) * right;
    }
    this.#tell(event);
    this.#events.push(event);
    this.#follow(event);
    if (event !== BEGIN) this.#memory.push(event);
    for (const [b, bars] of BARS.entries()) this.#guesses[b] = this.#barsAgo(bars * this.#bar, b);
    this.#guesses[BARS.length] = this.#events[this.#pointer] ?? BEGIN;
    this.#likely = this.#memory.likeliest(HEARD);
    for (let m = 0, g = BARS.length + 1; m < FROM_MEMORY; m++, g++) {
      this.#guesses[g] = this.#likely[m]?.event ?? BEGIN;
      this.#sure[g] = this.#likely[m]?.chance ?? 0;
    }
  }

  /** Before the event that is said next. @param i its place in what is seen */
  see({ signs, heard, chances }: Sight, i: number): void {
    let at = i * SEEN;
    signs[at++] = PLACES + (this.#now % this.#bar);
    for (const [g, guess] of this.#guesses.entries()) {
      const level = guess === BEGIN ? 0 : LEVELS.findLastIndex((least) => (this.#sure[g] as number) >= least) + 1;
      signs[at + GUESSES] = TRUST + g * (1 + LEVELS.length) + level;
      signs[at++] = guess;
    }
    for (const [m, { event, chance }] of this.#likely.entries()) {
      heard[i * HEARD + m] = event;
      chances[i * HEARD + m] = chance;
    }
  }

  #tell(event: number): void {
    if (isWait(event)) this.#now += stepsOf(event);
    if (isWait(event) || event === BEGIN) return;
    let moment = this.#moments.at(-1);
    if (isLength(event)) {
      if (moment) moment.lengths[moment.events.length - 1] = event;
      return;
    }
    if (moment?.start !== this.#now) {
      moment = { start: this.#now, events: [], lengths: [] };
      this.#moments.push(moment);
    }
    moment.events.push(event);
  }

  /** Where the same events were before, the next one is. */
  #follow(event: number): void {
    const goesOn = this.#pointer >= 0 && this.#events[this.#pointer] === event;
    const end = this.#events.length;
    const last = this.#events.slice(-SAME).join();
    this.#pointer = goesOn ? this.#pointer + 1 : (this.#lastAt.get(last) ?? -1);
    if (end >= SAME) this.#lastAt.set(last, end);
  }

  /** What came next so many steps ago: of the same moment a later note, a length of the same key, or the wait until the next moment. */
  #barsAgo(lag: number, b: number): number {
    const then = this.#now - lag;
    if (then < 0) return BEGIN;
    let cursor = this.#cursors[b] as number;
    while ((this.#moments[cursor]?.start ?? Number.POSITIVE_INFINITY) < then) cursor++;
    this.#cursors[b] = cursor;
    const past = this.#moments[cursor];
    const last = this.#events.at(-1) as number;
    const isHere = past?.start === then;
    if (isKey(last)) return isHere ? (past.lengths[past.events.indexOf(last)] ?? BEGIN) : BEGIN;
    const told = isWait(last) || last === BEGIN ? -1 : rankOf(this.#moments.at(-1)?.events.at(-1) as number);
    const next = isHere ? past.events.find((event) => rankOf(event) > told) : undefined;
    if (next !== undefined) return next;
    const after = this.#moments[isHere ? cursor + 1 : cursor];
    return after === undefined || after.start <= then ? BEGIN : waitOf(Math.min(LONGEST_WAIT, after.start - then));
  }
}

/** Of each event that is to be said, what is seen before. */
export function sightOf(events: ArrayLike<number>, bar: number): Sight {
  const echoes = new Echoes(bar);
  const sight = emptySight(events.length);
  for (let i = 0; i < events.length; i++) {
    echoes.push(i === 0 ? BEGIN : (events[i - 1] as number));
    echoes.see(sight, i);
  }
  return sight;
}
