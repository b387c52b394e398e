/*
 * The yardstick: n-grams of events with interpolated Kneser–Ney smoothing (S. F. Chen and J. Goodman, "An empirical study of smoothing
 * techniques for language modeling", 1998, section 2.7), the discount chosen and not estimated:
 *
 *   P_n(e | h) = (max(count(h e) − D, 0) + Σ_x min(count(h x), D) · P_(n−1)(e | h')) / count(h)      (1)
 *   P_0(e)     = 1 / EVENTS                                                                        (2)
 *
 * h: the n − 1 events before e; h': h without its oldest. Of the longest n-grams it is the counts that count; of shorter ones, how many
 * different events stood before them. As every piece is counted in twelve keys, a drum pattern that occurs once has a count of twelve: D may be
 * above 1.
 */
import { BEGIN, EVENTS, transposition } from "./events.js";

const ORDER = 3;
/** Discounts to choose from, for each order. */
const DISCOUNTS = [0.5, 1, 2, 4, 7, 10];
/** Keys in which pieces are learned: all twelve. */
export const KEYS = Array.from({ length: 12 }, (_, i) => i - 5);

interface Row {
  readonly counts: Map<number, number>;
  total: number;
  /** What a discount takes from it, once that was asked for. */
  taken?: { readonly D: number; readonly sum: number };
}
/** By history. */
type Table = Map<number, Row>;

export class NgramModel {
  /** Of the orders 1 to ORDER. */
  readonly #tables: Table[];
  #discounts: readonly number[] = Array.from({ length: ORDER }, () => 1);

  /** @param pieces events of each; they are learned in all keys */
  constructor(pieces: readonly Int32Array[]) {
    const full: Table = new Map();
    for (const key of KEYS.map(transposition)) {
      for (const events of pieces) {
        let history = BEGIN;
        for (const event of events) {
          const moved = key[event] as number;
          add(full, history, moved);
          history = next(history, moved);
        }
      }
    }
    this.#tables = [full];
    for (let order = ORDER; order > 1; order--) this.#tables.unshift(continuations(this.#tables[0] as Table, order));
  }

  /** Takes the discounts by which others are likeliest. */
  tune(watched: readonly Int32Array[]): this {
    const choices = DISCOUNTS.flatMap((a) => DISCOUNTS.flatMap((b) => DISCOUNTS.map((c) => [a, b, c])));
    const worth = choices.map((discounts) => {
      this.#discounts = discounts;
      return watched.reduce((sum, events) => sum + this.logs(events).reduce((a, b) => a + b, 0), 0);
    });
    this.#discounts = choices[worth.indexOf(Math.max(...worth))] as number[];
    return this;
  }

  /** Of each event of a piece, the logarithm of its chance after those before it. */
  logs(events: Int32Array): Float64Array {
    let history = BEGIN;
    return Float64Array.from(events, (event) => {
      const log = Math.log(this.#probability(event, history));
      history = next(history, event);
      return log;
    });
  }

  #probability(event: number, history: number): number {
    let p = 1 / EVENTS; // (2)
    for (let order = 1; order <= ORDER; order++) {
      const row = this.#tables[order - 1]?.get(history % EVENTS ** (order - 1));
      if (row === undefined) break; // an unseen history: no longer one was seen either
      const D = this.#discounts[order - 1] as number;
      const count = row.counts.get(event) ?? 0;
      p = (Math.max(count - D, 0) + taken(row, D) * p) / row.total; // (1)
    }
    return p;
  }
}

/** A history, the last ORDER − 1 events as the digits of a number, one event later; before a piece there is BEGIN alone. */
function next(history: number, event: number): number {
  return (history * EVENTS + event) % EVENTS ** (ORDER - 1);
}

function add(table: Table, history: number, event: number, count = 1): void {
  let row = table.get(history);
  if (row === undefined) {
    row = { counts: new Map(), total: 0 };
    table.set(history, row);
  }
  row.counts.set(event, (row.counts.get(event) ?? 0) + count);
  row.total += count;
}

/** Of the n-grams that are one event shorter: how many different events stood before them. */
function continuations(longer: Table, order: number): Table {
  const table: Table = new Map();
  for (const [history, { counts }] of longer) {
    for (const event of counts.keys()) add(table, history % EVENTS ** (order - 2), event);
  }
  return table;
}

/** What the discount takes from a row. */
function taken(row: Row, D: number): number {
  if (row.taken?.D !== D) {
    let sum = 0;
    for (const count of row.counts.values()) sum += Math.min(count, D);
    row.taken = { D, sum };
  }
  return row.taken.sum;
}

/** Of each event, the logarithm of its share of all events learned, none of which has no share at all. */
export function unigramLogs(pieces: readonly Int32Array[]): (events: Int32Array) => Float64Array {
  const counts = new Float64Array(EVENTS).fill(1);
  for (const key of KEYS.map(transposition)) for (const events of pieces) for (const event of events) counts[key[event] as number]++;
  const total = counts.reduce((a, b) => a + b, 0);
  return (events) => Float64Array.from(events, (event) => Math.log((counts[event] as number) / total));
}
