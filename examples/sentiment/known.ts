/** What was counted in the sentences that are learned: which words there are, and how much more often glad sentences have them than cross ones. */
import * as v from "valibot";
import type { Sentence } from "./data.js";
import { namesOf, viewsOf, wordsOf } from "./words.js";

/** Sentences in which a word or a beginning is met, at least, to have an embedding of its own. */
const LEAST = 2;

/** A name, the cross and the glad sentences that have it, and what a regression makes of it. */
export type Count = readonly [name: string, cross: number, glad: number, weight: number];

export interface Counts {
  readonly counts: readonly Count[];
  readonly bias: number;
}

const finite = v.pipe(v.number(), v.finite());
const positive = v.pipe(finite, v.minValue(0));
const COUNTS = v.object({ counts: v.array(v.tuple([v.string(), positive, positive, finite])), bias: finite });

/** Whether what a file says is such a thing. */
export function isCounts(value: unknown): value is Counts {
  return v.is(COUNTS, value);
}

export type Learnable = Pick<Sentence, "text" | "class">;

/** Counted, and not yet weighed. */
export function countsOf(sentences: readonly Learnable[]): Counts {
  const all = new Map<string, [number, number]>();
  for (const { text, class: y } of sentences) {
    for (const name of namesOf(text)) {
      const both = all.get(name) ?? [0, 0];
      both[y]++;
      all.set(name, both);
    }
  }
  return { counts: [...all].map(([name, [cross, glad]]) => [name, cross, glad, 0] as const), bias: 0 };
}

/** A type, for `fit` takes inputs by any name. */
export type Inputs = {
  /** [T]: 0 is padding, 1 what is not known. */
  readonly words: Int32Array;
  readonly beginnings: Int32Array;
  /** [T][VIEWS]: above 0 where glad sentences have it more often. */
  readonly ratios: number[][];
};

export class Known {
  readonly #counts: ReadonlyMap<string, Count>;
  readonly #words: ReadonlyMap<string, number>;
  readonly #beginnings: ReadonlyMap<string, number>;

  constructor({ counts }: Counts) {
    this.#counts = new Map(counts.map((count) => [count[0], count]));
    const numbers = (names: string[]) => new Map(names.map((name, i) => [name, i + 2]));
    const names = counts.flatMap(([name, cross, glad]) => (cross + glad < LEAST ? [] : [name]));
    this.#words = numbers(names.filter((name) => !/^[\^=¬]| /.test(name)));
    this.#beginnings = numbers(names.filter((name) => /^\^[^ ]+$/.test(name)));
  }

  /** With padding and the unknown. */
  get sizes(): { words: number; beginnings: number } {
    return { words: this.#words.size + 2, beginnings: this.#beginnings.size + 2 };
  }

  /** @param own the class of a sentence that was counted, too: it is left out of the counts, for of a new one nobody knows it */
  inputs(text: string, own?: 0 | 1): Inputs {
    const views = viewsOf(wordsOf(text));
    const numbers = (of: ReadonlyMap<string, number>, view: number) =>
      Int32Array.from(views, (names) => of.get(names[view] as string) ?? 1);
    return {
      words: numbers(this.#words, 0),
      beginnings: numbers(this.#beginnings, 1),
      ratios: views.map((names) => names.map((name) => this.ratio(name, own))),
    };
  }

  /** The logarithm of how much likelier it is in glad sentences. Source: Wang and Manning, Baselines and Bigrams, ACL 2012. */
  ratio(name: string, own?: 0 | 1): number {
    const [, cross, glad] = this.#counts.get(name) ?? [name, 0, 0];
    if (cross + glad === 0) return 0;
    return Math.log((glad + 1 - Number(own === 1)) / (cross + 1 - Number(own === 0)));
  }

  weight(name: string): number {
    return this.#counts.get(name)?.[3] ?? 0;
  }
}
