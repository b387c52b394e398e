/** A classifier that needs no network: each base tells something of the class, as if it did not know the others. */
import { BASES, CLASSES, WINDOW, type Window } from "./data.js";

/** Log probabilities of the classes and of each base at each place in them, each counted one more than it was met (Laplace). */
export class NaiveBayes {
  readonly #classes: Float64Array;
  readonly #bases: Float64Array; // [classes, places, bases]

  constructor(learned: readonly Window[]) {
    const counts = new Float64Array(CLASSES.length);
    const bases = new Float64Array(CLASSES.length * WINDOW * BASES.length).fill(1);
    for (const window of learned) {
      counts[window.label] = (counts[window.label] as number) + 1;
      for (const place of placesOf(window.bases, window.label)) bases[place] = (bases[place] as number) + 1;
    }
    this.#classes = counts.map((count) => Math.log((count + 1) / (learned.length + CLASSES.length)));
    this.#bases = bases.map((count, i) => Math.log(count / ((counts[Math.floor(i / (WINDOW * BASES.length))] as number) + BASES.length)));
  }

  /** Of each class, up to a constant. */
  logits(bases: string): number[] {
    return Array.from(this.#classes, (prior, label) => placesOf(bases, label).reduce((sum, i) => sum + (this.#bases[i] as number), prior));
  }
}

function placesOf(bases: string, label: number): number[] {
  return Array.from(bases, (base, i) => (label * WINDOW + i) * BASES.length + BASES.indexOf(base));
}

export function best(logits: ArrayLike<number>): number {
  let place = 0;
  for (let i = 1; i < logits.length; i++) if ((logits[i] as number) > (logits[place] as number)) place = i;
  return place;
}
