/**
 * Rows of a table by token (a product with one-hot rows, without the product).
 *
 *   y[m,:] = w[token[m],:]            (1)
 *   dw[v,:] += Σ_m [token[m] = v]·dy[m,:], summed in f64 in the order of m         (2)
 */
import { addSums, addTo, addWideTo } from "../blas";
import { bytes } from "../vec";

/**
 * Index of the first token outside 0 … vocabulary − 1, or −1.
 *
 * @param tokens  in [M] i32
 */
export function checkTokens(tokens: usize, M: i32, vocabulary: i32): i32 {
  for (let m = 0; m < M; ++m) {
    if (<u32>load<i32>(tokens + (usize(m) << 2)) >= <u32>vocabulary) return m;
  }
  return -1;
}

/**
 * Forward. Pair: embeddingBackward. Tokens have been checked.
 *
 * @param y       out [M,E]
 * @param tokens  in  [M] i32
 * @param w       in  [V,E]
 */
export function embeddingForward<T extends number>(y: usize, tokens: usize, w: usize, M: i32, E: i32): void {
  const row = bytes<T>(E);
  for (let m = 0; m < M; ++m) memory.copy(y + usize(m) * row, w + usize(load<i32>(tokens + (usize(m) << 2))) * row, row); // (1)
}

// @ts-ignore: decorator
@inline function word(p: usize, i: i32): usize {
  return p + (usize(i) << 2);
}

/**
 * Backward. Pair: embeddingForward. The places of one token are chained, the first by the token, each next by the one before: what is
 * touched is M links and the rows of the tokens that occur, however large the vocabulary.
 *
 * @param dw       +=      [V,E]
 * @param links    scratch [V + M] i32
 * @param sums     scratch [E] f64
 * @param dy       in      [M,E]
 * @param tokens   in      [M] i32
 * @param padding  a token whose row gets nothing; −1: none
 */
export function embeddingBackward<T extends number>(
  dw: usize, links: usize, sums: usize, dy: usize, tokens: usize, M: i32, V: i32, E: i32, padding: i32,
): void {
  const row = bytes<T>(E), next = word(links, V);
  for (let m = 0; m < M; ++m) store<i32>(word(links, load<i32>(word(tokens, m))), -1);
  for (let m = M - 1; m >= 0; --m) {
    const first = word(links, load<i32>(word(tokens, m)));
    store<i32>(word(next, m), load<i32>(first));
    store<i32>(first, m);
  }
  for (let m = 0; m < M; ++m) {
    const token = load<i32>(word(tokens, m));
    if (token == padding || load<i32>(word(links, token)) != m) continue;
    const to = dw + usize(token) * row;
    if (load<i32>(word(next, m)) < 0) {
      addTo<T>(to, dy + usize(m) * row, E);
      continue;
    }
    memory.fill(sums, 0, usize(E) << 3);
    for (let place = m; place >= 0; place = load<i32>(word(next, place))) addWideTo<T>(sums, dy + usize(place) * row, E);
    addSums<T>(to, sums, E); // (2)
  }
}
