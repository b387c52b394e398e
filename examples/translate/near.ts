/** Texts that are nearly one of some others: Jaccard similarity of their sets of words, or of trigrams of letters, by inverted indices. */
import { wordsOf } from "./tidy.js";

/** "Choose Insert - Table." and "Choose Insert - Table or …" share 4 words of 5; what is put in another order shares all. */
const ENOUGH_WORDS = 0.8;
/** "Insert Rows" and "Inserting a row" share no word. */
const ENOUGH_TRIGRAMS = 0.7;

/** Of lower-case letters alone: digits and punctuation make no difference. */
export function normalized(text: string): string {
  return wordsOf(text).join(" ");
}

function trigramsOf(text: string): string[] {
  const padded = ` ${normalized(text)} `;
  return Array.from({ length: Math.max(0, padded.length - 2) }, (_, i) => padded.slice(i, i + 3));
}

/** How like two texts are, by what they are made of. */
export function jaccard(a: readonly string[], b: readonly string[]): number {
  const [one, other] = [new Set(a), new Set(b)];
  const shared = [...one].filter((each) => other.has(each)).length;
  return shared / (one.size + other.size - shared);
}

export function isNear(a: string, b: string): boolean {
  return jaccard(wordsOf(a), wordsOf(b)) >= ENOUGH_WORDS || jaccard(trigramsOf(a), trigramsOf(b)) >= ENOUGH_TRIGRAMS;
}

/** Finds what is made of the same. */
class Index {
  readonly #places = new Map<string, number[]>();
  readonly #sizes: number[] = [];
  readonly #shared: Int32Array;

  constructor(
    texts: readonly string[],
    private readonly partsOf: (text: string) => string[],
    private readonly enough: number,
  ) {
    this.#shared = new Int32Array(texts.length);
    for (const [n, text] of texts.entries()) {
      const parts = new Set(partsOf(text));
      this.#sizes.push(parts.size);
      for (const part of parts) {
        const places = this.#places.get(part);
        if (places) places.push(n);
        else this.#places.set(part, [n]);
      }
    }
  }

  has(text: string): boolean {
    const parts = new Set(this.partsOf(text));
    const shared = this.#shared.fill(0);
    for (const part of parts) for (const n of this.#places.get(part) ?? []) (shared[n] as number) += 1;
    return shared.some((count, n) => count > 0 && count >= this.enough * (parts.size + (this.#sizes[n] as number) - count));
  }
}

/** Whether a text is nearly one of these. */
export function nearOneOf(texts: readonly string[]): (text: string) => boolean {
  const indices = [new Index(texts, wordsOf, ENOUGH_WORDS), new Index(texts, trigramsOf, ENOUGH_TRIGRAMS)];
  return (text) => indices.some((index) => index.has(text));
}
