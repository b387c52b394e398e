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

export class NgramModel {
  /**
   * @param {Int32Array} tokens the training text
   * @param {number} order the longest n-gram counted
   * @param {number} size entries of the vocabulary (V)
   */
  constructor(tokens, order, size) {
    this.size = size;
    this.tables = Array.from({ length: order }, (_, k) => countGrams(tokens, k + 1, size));
  }

  /**
   * P_order(tokens[i] | the order - 1 tokens before it), with a shorter history where the text begins.
   *
   * @param {ArrayLike<number>} tokens
   * @param {number} i
   * @param {number} order
   * @returns {number}
   */
  probability(tokens, i, order) {
    let p = 1 / this.size; // (2)
    let history = 0;
    let place = 1;
    for (let k = 1; k <= order && k <= i + 1; k++) {
      if (k > 1) {
        history += tokens[i - k + 1] * place;
        place *= this.size;
      }
      const { grams, totals, types } = this.tables[k - 1];
      const total = totals.get(history);
      if (total === undefined) break; // an unseen history: nothing to add, and no longer one was seen either
      const kinds = /** @type {number} */ (types.get(history));
      p = ((grams.get(history * this.size + tokens[i]) ?? 0) + kinds * p) / (total + kinds); // (1)
    }
    return p;
  }

  /**
   * Bits per character of a text; its first character is given.
   *
   * @param {Int32Array} tokens
   * @param {number} order
   * @returns {number}
   */
  bits(tokens, order) {
    let bits = 0;
    for (let i = 1; i < tokens.length; i++) bits -= Math.log2(this.probability(tokens, i, order));
    return bits / (tokens.length - 1);
  }
}

/**
 * @param {Int32Array} tokens
 * @param {number} order
 * @param {number} size
 */
function countGrams(tokens, order, size) {
  /** @type {Map<number, number>} */
  const grams = new Map();
  /** @type {Map<number, number>} */
  const totals = new Map();
  /** @type {Map<number, number>} */
  const types = new Map();
  const histories = size ** (order - 1);
  let history = 0; // the last order - 1 tokens, read as the digits of a number, the newest last
  for (let i = 0; i < tokens.length; i++) {
    const gram = history * size + tokens[i];
    if (i >= order - 1) {
      const count = grams.get(gram) ?? 0;
      grams.set(gram, count + 1);
      totals.set(history, (totals.get(history) ?? 0) + 1);
      if (count === 0) types.set(history, (types.get(history) ?? 0) + 1);
    }
    history = gram % histories;
  }
  return { grams, totals, types };
}
