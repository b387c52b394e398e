/**
 * Rows of a table by token (a product with one-hot rows, without the product).
 *
 *   y[m,:] = w[token[m],:]            (1)
 *   dw[token[m],:] += dy[m,:]         (2)
 */
import { addTo } from "../blas";
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

/**
 * Backward. Pair: embeddingForward.
 *
 * @param dw      +=  [V,E]
 * @param dy      in  [M,E]
 * @param tokens  in  [M] i32
 * @param padding a token whose row gets nothing; −1: none
 */
export function embeddingBackward<T extends number>(dw: usize, dy: usize, tokens: usize, M: i32, E: i32, padding: i32): void {
  const row = bytes<T>(E);
  for (let m = 0; m < M; ++m) {
    const token = load<i32>(tokens + (usize(m) << 2));
    if (token != padding) addTo<T>(dw + usize(token) * row, dy + usize(m) * row, E); // (2)
  }
}
