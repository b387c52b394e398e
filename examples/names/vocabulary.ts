/** What the network sees of a word, and what it learns of it: numbers for words, characters and tags. */
import * as v from "valibot";
import type { Sentence } from "./data.js";
import { stem } from "./hints.js";

/** The number of words that are not known, and of the padding of a batch. */
export const UNKNOWN = 0;
/** Characters of a word that are seen: of a longer one its beginning and its end. */
export const SPELLED = 16;
/** 0 is padding; 1 … 95 are the printable ones of ASCII, and 96 any other. */
export const CHARACTERS = 97;

const FIRST = 0x20;
/** Times that a word is met, at least, to be known, and to be frequent. */
const KNOWN = 2;
const FREQUENT = 12;
/** Times that a tag is met, at least, to be learned; all others are one, 0. */
const TAG = 100;

export interface Known {
  /** As they are written, and folded ones; the most frequent first: the number of a word is its place + 1. */
  readonly words: readonly string[];
  /** How many of them, the first, are frequent. */
  readonly frequent: number;
  /** The most frequent first, likewise. */
  readonly tags: readonly string[];
}

const KNOWN_OF_FILE = v.object({ words: v.array(v.string()), frequent: v.number(), tags: v.array(v.string()) });

/** Whether what a file says is such a thing. */
export function isKnown(value: unknown): value is Known {
  return v.is(KNOWN_OF_FILE, value);
}

/** Of a sentence of T words; a type, for `fit` takes inputs by any name. */
export type Inputs = {
  /** [T] */
  readonly words: Int32Array;
  /** [T]: the same of the words in lower case, without possessive endings. */
  readonly folded: Int32Array;
  /** [T] */
  readonly hints: Int32Array;
  /** [T · SPELLED], word by word. */
  readonly characters: Int32Array;
};

export function knownOf(sentences: readonly Pick<Sentence, "words" | "tags">[]): Known {
  const words = byCount(sentences.flatMap(({ words }) => words.flatMap((word) => (fold(word) === word ? [word] : [word, fold(word)]))));
  const tags = byCount(sentences.flatMap(({ tags }) => tags));
  const atLeast = (counts: readonly [string, number][], least: number) =>
    counts.filter(([, count]) => count >= least).map(([name]) => name);
  return { words: atLeast(words, KNOWN), frequent: atLeast(words, FREQUENT).length, tags: atLeast(tags, TAG) };
}

/** The most frequent first. */
function byCount(names: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

export class Vocabulary {
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #tags: ReadonlyMap<string, number>;

  constructor({ words, tags }: Known) {
    this.#numbers = new Map(words.map((word, i) => [word, i + 1]));
    this.#tags = new Map(tags.map((tag, i) => [tag, i + 1]));
  }

  has(word: string): boolean {
    return this.#numbers.has(word);
  }

  inputs(words: readonly string[], hints: Int32Array): Inputs {
    const numbers = (each: readonly string[]) => Int32Array.from(each, (word) => this.#numbers.get(word) ?? UNKNOWN);
    const characters = new Int32Array(words.length * SPELLED);
    for (const [t, word] of words.entries()) characters.set(spelling(word), t * SPELLED);
    return { words: numbers(words), folded: numbers(words.map(fold)), hints, characters };
  }

  /** For `fit`. */
  sample({ words, hints, labels, tags }: Sentence): { x: Inputs; y: { names: Int32Array; tags: Int32Array } } {
    return { x: this.inputs(words, hints), y: { names: labels, tags: Int32Array.from(tags, (tag) => this.#tags.get(tag) ?? 0) } };
  }
}

function fold(word: string): string {
  return stem(word).toLowerCase();
}

function spelling(word: string): number[] {
  const seen = word.length <= SPELLED ? word : word.slice(0, SPELLED / 2) + word.slice(-SPELLED / 2);
  return Array.from({ length: seen.length }, (_, i) => {
    const number = seen.charCodeAt(i) - FIRST + 1;
    return number >= 1 && number < CHARACTERS - 1 ? number : CHARACTERS - 1;
  });
}
