/** 3000 labelled sentences, parted by chance, and their words as numbers. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Generator, type Sample } from "wasm-rnn";

/** Words that occur less often than this in what is learned are one word, the unknown. */
const LEAST_COUNT = 2;
export const PADDING = 0;
const UNKNOWN = 1;
/** Sentences to test, and to watch while learning. */
const [TESTED, WATCHED] = [600, 300];

export interface Sentence {
  readonly text: string;
  /** 1: glad. */
  readonly class: 0 | 1;
}

export interface Parts {
  readonly learned: readonly Sentence[];
  readonly watched: readonly Sentence[];
  readonly tested: readonly Sentence[];
}

/** Those that have words, in an order of chance. */
export function loadSentences(seed: number): Parts {
  const { resolve } = createRequire(import.meta.url);
  const read = (name: string): Sentence[] => JSON.parse(readFileSync(resolve(`sentiment/test/fixtures/${name}.json`), "utf8"));
  const usable = ["amazon", "imdb", "yelp"].flatMap(read).filter(({ text }) => wordsOf(text).length > 0);
  const random = new Generator(seed);
  for (let i = usable.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [usable[i], usable[j]] = [usable[j] as Sentence, usable[i] as Sentence];
  }
  return {
    tested: usable.slice(0, TESTED),
    watched: usable.slice(TESTED, TESTED + WATCHED),
    learned: usable.slice(TESTED + WATCHED),
  };
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[a-z']+|[!?]/g) ?? [];
}

/** The words that are known. */
export class Vocabulary {
  readonly #words: ReadonlyMap<string, number>;

  constructor(sentences: readonly Sentence[]) {
    const counts = new Map<string, number>();
    for (const word of sentences.flatMap(({ text }) => wordsOf(text))) counts.set(word, (counts.get(word) ?? 0) + 1);
    const known = [...counts].filter(([, count]) => count >= LEAST_COUNT);
    this.#words = new Map(known.map(([word], i) => [word, i + UNKNOWN + 1]));
  }

  get words(): number {
    return this.#words.size;
  }

  /** With padding and the unknown. */
  get size(): number {
    return this.words + 2;
  }

  samples(sentences: readonly Sentence[]): Sample[] {
    return sentences.map(({ text, class: y }) => ({ x: Int32Array.from(wordsOf(text), (word) => this.#words.get(word) ?? UNKNOWN), y }));
  }
}
