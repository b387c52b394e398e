/**
 * The products of a forward pass, whatever its weights are stored as: those of gemm.ts, or for W = i8 those of int8_product.ts, which read
 * their rows as codes (int8_rows.ts). All of it is chosen at compile time.
 */
import { gemm, joinedRow } from "./gemm";
import { int8Product, int8PartBytes } from "./int8_product";
import { codeRow, quantizeRows } from "./int8_rows";
import { weightRow } from "./vec_panel";

/** Bytes of one panel's part of K places of weights. */
// @ts-ignore: decorator
@inline export function partBytes<T extends number, W extends number>(K: i32): usize {
  if (sizeof<W>() == 1) return K == 0 ? 0 : int8PartBytes(K);
  return usize(K) * weightRow<T, W>();
}

/** What a product reads of M rows of K elements: the rows, or their codes, which it writes to q. */
// @ts-ignore: decorator
@inline export function operand<T extends number, W extends number>(q: usize, x: usize, ldx: usize, M: i32, K: i32): usize {
  if (sizeof<W>() == 1) {
    quantizeRows(q, x, ldx, M, K);
    return q;
  }
  return x;
}

/** Bytes from row to row of an operand. @param ldx those of the rows that it was made of */
// @ts-ignore: decorator
@inline export function operandRow<W extends number>(K: i32, ldx: usize): usize {
  return sizeof<W>() == 1 ? codeRow(K) : ldx;
}

/** As gemm. @param a an operand, its rows `lda` bytes apart */
// @ts-ignore: decorator
@inline export function product<T extends number, W extends number>(
  c: usize, ldc: usize, a: usize, lda: usize, b: usize, panelBytes: usize, init: usize, ldi: usize, M: i32, K: i32, cols: i32,
): void {
  if (sizeof<W>() == 1) int8Product(c, ldc, a, lda, b, panelBytes, init, ldi, M, K, cols);
  else gemm<T, W>(c, ldc, a, lda, b, panelBytes, init, ldi, M, K, cols);
}

/** As joinedRow. @param x, a operands of one row */
// @ts-ignore: decorator
@inline export function joinedProduct<T extends number, W extends number>(
  c: usize, x: usize, I: i32, a: usize, H: i32, b: usize, init: usize, cols: i32,
): void {
  if (sizeof<W>() == 1) {
    const part = partBytes<T, W>(I), panelBytes = part + partBytes<T, W>(H);
    int8Product(c, 0, x, 0, b, panelBytes, init, 0, 1, I, cols);
    int8Product(c, 0, a, 0, b + part, panelBytes, c, 0, 1, H, cols);
  } else {
    joinedRow<T, W>(c, x, I, a, H, b, init, cols);
  }
}
