/*
 * The yardstick: character n-grams with Witten–Bell interpolation (I. H. Witten and T. C. Bell, "The zero-frequency problem",
 * IEEE Transactions on Information Theory 37 (1991), method C; as interpolation in S. F. Chen and J. Goodman, "An empirical study of
 * smoothing techniques for language modeling", 1998, section 2.6):
 *
 *   P_k(c | h) = (count(h c) + types(h) · P_(k-1)(c | h')) / (count(h) + types(h))      (1)
 *   P_0(c)     = 1 / V                                                                  (2)
 *
 * h: the k-1 characters before c; h': h without its oldest; types(h): how many different characters followed h.
 */

/** Keys, size^order, are whole numbers that a double holds. */
const MOST = Number.MAX_SAFE_INTEGER;

/** The orders that can be counted, up to this one. @param size entries of the vocabulary */
export function ordersUpTo(order: number, size: number): number[] {
  return Array.from({ length: order }, (_, k) => k + 1).filter((k) => size ** k <= MOST);
}

interface Table {
  /** By history and character, and by history. */
  readonly grams: Map<number, number>;
  readonly totals: Map<number, number>;
  readonly types: Map<number, number>;
}

export class NgramModel {
  readonly #size: number;
  readonly #tables: readonly Table[];

  /**
   * @param tokens the training text
   * @param order the longest n-gram counted
   * @param size entries of the vocabulary (V)
   */
  constructor(tokens: Int32Array, order: number, size: number) {
    this.#size = size;
    this.#tables = Array.from({ length: order }, (_, k) => countGrams(tokens, k + 1, size));
  }

  /** P_order(tokens[i] | the order - 1 tokens before it), with a shorter history where the text begins. */
  probability(tokens: ArrayLike<number>, i: number, order: number): number {
    let p = 1 / this.#size; // (2)
    let history = 0;
    let place = 1;
    for (let k = 1; k <= order && k <= i + 1; k++) {
      if (k > 1) {
        history += tokens[i - k + 1] * place;
        place *= this.#size;
      }
      const { grams, totals, types } = this.#tables[k - 1];
      const total = totals.get(history);
      if (total === undefined) break; // an unseen history: nothing to add, and no longer one was seen either
      const kinds = types.get(history) as number;
      p = ((grams.get(history * this.#size + tokens[i]) ?? 0) + kinds * p) / (total + kinds); // (1)
    }
    return p;
  }

  /** Bits per character of a text; its first character is given. */
  bits(tokens: Int32Array, order: number): number {
    return this.bitsOfEach(tokens, order).reduce((a, b) => a + b, 0) / (tokens.length - 1);
  }

  /** Of each character but the first. */
  bitsOfEach(tokens: Int32Array, order: number): Float64Array {
    return Float64Array.from({ length: tokens.length - 1 }, (_, i) => -Math.log2(this.probability(tokens, i + 1, order)));
  }
}

function countGrams(tokens: Int32Array, order: number, size: number): Table {
  const [grams, totals, types] = [new Map<number, number>(), new Map<number, number>(), new Map<number, number>()];
  const add = (counts: Map<number, number>, key: number, count: number) => void counts.set(key, (counts.get(key) ?? 0) + count);
  const histories = size ** (order - 1);
  let history = 0; // the last order - 1 tokens, read as the digits of a number, the newest last
  for (const [i, token] of tokens.entries()) {
    const gram = history * size + token;
    if (i >= order - 1) add(grams, gram, 1);
    history = gram % histories;
  }
  for (const [gram, count] of grams) {
    const before = Math.floor(gram / size);
    add(totals, before, count);
    add(types, before, 1);
  }
  return { grams, totals, types };
}
