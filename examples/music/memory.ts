/*
 * What a piece says of itself while it is heard: n-grams of this piece alone, with Witten–Bell interpolation (as examples/char-lstm/ngram.ts
 * has it), and below them any other chances:
 *
 *   P_k(e | h) = (count(h e) + kinds(h) · P_(k−1)(e | h')) / (count(h) + kinds(h))      (1)
 *
 * h: the k events before e; h': h without its oldest; kinds(h): how many different events followed h; P_(−1) is given.
 */
import { BEGIN, EVENTS } from "./events.js";

/** The longest history. */
const LONGEST = 6;

interface Row {
  readonly counts: Map<number, number>;
  total: number;
}

export interface Guess {
  readonly event: number;
  readonly chance: number;
}

export class Memory {
  readonly #tables = Array.from({ length: LONGEST + 1 }, () => new Map<number, Row>());
  /** The last events, the newest first. */
  readonly #last = Array.from({ length: LONGEST }, () => BEGIN);
  /** Of the histories of 0, 1 … events, as long as they have been there before. */
  #rows: Row[] = [];

  /** What came. */
  push(event: number): void {
    for (const [k, history] of this.#histories().entries()) {
      const table = this.#tables[k] as Map<number, Row>;
      const row = table.get(history) ?? { counts: new Map(), total: 0 };
      row.counts.set(event, (row.counts.get(event) ?? 0) + 1);
      row.total++;
      table.set(history, row);
    }
    this.#last.unshift(event);
    this.#last.pop();
    const rows = this.#histories().map((history, k) => this.#tables[k]?.get(history));
    const end = rows.indexOf(undefined);
    this.#rows = rows.slice(0, end < 0 ? rows.length : end) as Row[];
  }

  /** Of an event now. @param otherwise its chance by what does not know the piece */
  chance(event: number, otherwise: number): number {
    return this.#rows.reduce((p, { counts, total }) => ((counts.get(event) ?? 0) + counts.size * p) / (total + counts.size), otherwise); // (1)
  }

  /** The likeliest events now, of those that came at least once after one of the events before. */
  likeliest(most: number): Guess[] {
    const known = new Set((this.#rows[1] ?? this.#rows[0])?.counts.keys());
    const guesses = [...known].map((event): Guess => ({ event, chance: this.chance(event, 1 / EVENTS) }));
    return guesses.sort((a, b) => b.chance - a.chance).slice(0, most);
  }

  #histories(): number[] {
    let history = 0;
    return [0, ...this.#last.map((event, k) => (history = (Math.imul(history + k + 1, 0x01000193) ^ event) | 0))];
  }
}

/** Of each event the logarithm of its chance, with what the piece itself says. @param logs the same by a model that does not know the piece */
export function withMemory(events: Int32Array, logs: Float64Array): Float64Array {
  const memory = new Memory();
  return Float64Array.from(events, (event, i) => {
    const log = Math.log(memory.chance(event, Math.exp(logs[i] as number)));
    memory.push(event);
    return log;
  });
}
