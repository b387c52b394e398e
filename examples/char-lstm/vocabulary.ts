/** Characters as numbers, and what it costs not to know one. */

/** Entry 0 stands for every character that has no entry of its own. */
export const UNKNOWN = 0;

/** Few alphabets are larger, and it keeps the n-gram keys (size⁴) far below 2⁵³. */
export const LARGEST = 4096;

/** Unicode's scalar values: 0x110000 code points less 2048 surrogates. */
const UNICODE = 0x110000 - 2048;

/**
 * The characters (Unicode code points) that the models know. One seen only once in training counts as unknown, so that the models learn
 * from those how likely an unknown one is.
 */
export class Vocabulary {
  /** The entries from 1 on. */
  readonly characters: readonly string[];
  readonly size: number;
  readonly #entries: ReadonlyMap<string, number>;

  constructor(characters: readonly string[]) {
    this.characters = characters;
    this.size = characters.length + 1;
    this.#entries = new Map(characters.map((character, i) => [character, i + 1]));
  }

  /** Of a training text. */
  static of(training: string): Vocabulary {
    const counts = new Map<string, number>();
    for (const character of training) counts.set(character, (counts.get(character) ?? 0) + 1);
    const often = [...counts].filter(([, count]) => count > 1).sort((a, b) => b[1] - a[1] || byCodePoint(a[0], b[0]));
    const kept = often.slice(0, LARGEST - 1).map(([character]) => character);
    return new Vocabulary(kept.sort(byCodePoint));
  }

  encode(text: string): Int32Array {
    return Int32Array.from([...text], (character) => this.#entries.get(character) ?? UNKNOWN);
  }

  decode(tokens: ArrayLike<number>): string {
    return Array.from(tokens, (token) => this.characters[token - 1] ?? "\ufffd").join("");
  }

  /**
   * Bits per character that unknown ones add, the first character (which nobody predicts) aside: once a model has said "unknown", it may be
   * any other of Unicode's. Every model here pays them on top, so that knowing fewer characters is never an advantage.
   */
  unknownSurcharge(tokens: Int32Array): number {
    const unknown = tokens.subarray(1).filter((token) => token === UNKNOWN).length;
    return (unknown * Math.log2(UNICODE - this.characters.length)) / (tokens.length - 1);
  }
}

function byCodePoint(a: string, b: string): number {
  return (a.codePointAt(0) as number) - (b.codePointAt(0) as number);
}
