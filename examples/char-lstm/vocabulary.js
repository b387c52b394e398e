/** Entry 0 stands for every character that has no entry of its own. */
export const UNKNOWN = 0;

/** Few alphabets are larger, and it keeps the n-gram keys (size⁴) far below 2⁵³. */
const LARGEST = 4096;

/** Unicode's scalar values: 0x110000 code points less 2048 surrogates. */
const UNICODE = 0x110000 - 2048;

/**
 * The characters (Unicode code points) that the models know.
 *
 * A character seen only once in training counts as unknown, so that the models learn from those how likely an unknown one is.
 */
export class Vocabulary {
  /** @param {string[]} characters the entries from 1 on */
  constructor(characters) {
    this.characters = characters;
    this.size = characters.length + 1;
    /** @type {Map<string, number>} */
    this.entries = new Map(characters.map((character, i) => [character, i + 1]));
  }

  /**
   * @param {string} training
   * @returns {Vocabulary}
   */
  static of(training) {
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const character of training) counts.set(character, (counts.get(character) ?? 0) + 1);
    const often = [...counts].filter(([, count]) => count > 1).sort((a, b) => b[1] - a[1] || byCodePoint(a[0], b[0]));
    return new Vocabulary(
      often
        .slice(0, LARGEST - 1)
        .map(([character]) => character)
        .sort(byCodePoint),
    );
  }

  /**
   * @param {string} text
   * @returns {Int32Array}
   */
  encode(text) {
    return Int32Array.from([...text], (character) => this.entries.get(character) ?? UNKNOWN);
  }

  /**
   * @param {ArrayLike<number>} tokens
   * @returns {string}
   */
  decode(tokens) {
    return Array.from(tokens, (token) => this.characters[token - 1] ?? "\ufffd").join("");
  }

  /**
   * The bits it takes to name an unknown character once a model has said "unknown": it may be any other of Unicode's. Every model here
   * pays them on top, so that knowing fewer characters is never an advantage.
   */
  get unknownBits() {
    return Math.log2(UNICODE - this.characters.length);
  }

  /**
   * What unknown characters add to the bits per character of a text, its first character (which nobody predicts) aside.
   *
   * @param {Int32Array} tokens
   * @returns {number}
   */
  unknownSurcharge(tokens) {
    let unknown = 0;
    for (let i = 1; i < tokens.length; i++) if (tokens[i] === UNKNOWN) unknown++;
    return (unknown * this.unknownBits) / (tokens.length - 1);
  }
}

/**
 * @param {string} a
 * @param {string} b
 */
function byCodePoint(a, b) {
  return /** @type {number} */ (a.codePointAt(0)) - /** @type {number} */ (b.codePointAt(0));
}
