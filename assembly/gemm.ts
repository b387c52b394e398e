/**
 * Packed, register-tiled products.
 *
 *   NN   C[M,cols] = init + A[M,K]·B[K,cols]     gemm: A row-major, B in column panels          (1)
 *   TN   C[M,cols] += Aᵀ·B, A[K,M], B[K,cols]    gemmTransposed in gemm_tn.ts                   (2)
 *
 * A panel holds PANEL<T>() columns of B (8 × f32 or 4 × f64: two vectors), row after row:
 *
 *   B      k0: c0 … c7 | c8 … c15 | …            panel 0: k0: c0 … c7, k1: c0 … c7, …
 *          k1: c0 … c7 | c8 … c15 | …            panel 1: k0: c8 … c15, …
 *
 * Every tile sums each element over k = 0 … K−1 in that order, one madd a step, starting from init. So an element
 * has the same bits in every tile shape, whatever rows stand beside it, and a product may be cut anywhere in K.
 *
 * Rows are taken in blocks of ROW_BLOCK, each against all panels: A is read from memory once, a block again and again from L2.
 *
 * Cost: 2·M·K·cols flop. A tile of R rows loads R + 2 vectors for 2·R multiply-adds: 6 and 4 rows are bound by
 * arithmetic (12 and 8 independent chains hide the latency), one row by loads. Two rows span two panels
 * and one row four for as many chains: three rows are two and one.
 */
import { ROW_BLOCK } from "./blocks";
import { tile1, tile1x4, tile2, tile2x2 } from "./row_tiles";
import { tile4, tile6 } from "./tiles";
import { PANEL, PANEL_BYTES } from "./vec";
import { weightRow } from "./vec_panel";

/**
 * C = init + A·B (1).
 *
 * @param c      out [M,cols]     rows `ldc` bytes apart; may be init, aliases nothing else
 * @param a      in  [M,K]        rows `lda` bytes apart
 * @param b      in  panels of W ceil(cols/PANEL) of them, `panelBytes` apart, each at least K rows
 * @param init   in  [M,cols]     rows `ldi` bytes apart (0: one row for all); the null pointer means zeros
 * Writes no byte outside the columns, reads none outside init's.
 */
export function gemm<T extends number, W extends number>(
  c: usize, ldc: usize, a: usize, lda: usize, b: usize, panelBytes: usize, init: usize, ldi: usize, M: i32, K: i32, cols: i32,
): void {
  assert(M > 0 && K >= 0 && cols > 0);
  let sixes = splitSixes(M), fours = (M - 6 * sixes) >> 2;
  while (sixes + fours > 0) {
    const blockSixes = min(sixes, ROW_BLOCK / 6), blockFours = min(fours, (ROW_BLOCK - 6 * blockSixes) >> 2);
    let cj = c, bj = b, ij = init;
    for (let left = cols; left > 0; left -= PANEL<T>()) {
      rowTiles<T, W>(cj, ldc, a, lda, bj, ij, ldi, blockSixes, blockFours, K, min(left, PANEL<T>()));
      cj += PANEL_BYTES;
      bj += panelBytes;
      if (ij) ij += PANEL_BYTES;
    }
    const rows = 6 * blockSixes + 4 * blockFours;
    c += usize(rows) * ldc;
    a += usize(rows) * lda;
    if (init) init += usize(rows) * ldi;
    sixes -= blockSixes;
    fours -= blockFours;
    M -= rows;
  }
  if (M & 2) {
    twoRows<T, W>(c, ldc, a, lda, b, panelBytes, init, ldi, K, cols);
    c += 2 * ldc;
    a += 2 * lda;
    if (init) init += 2 * ldi;
  }
  if (M & 1) oneRow<T, W>(c, a, b, panelBytes, init, K, cols);
}

/**
 * How many tiles of six rows: in the relaxed build as many as leave at most one row over after the fours (M ≥ 4).
 * None in the baseline: mul and add need a register between them, and 12 + 2 + 1 + 1 of 16 leave none
 * (measured on Node 24, K 128: 6×8 29 GFLOP/s, 4×8 47; relaxed, with one fused operation: 58 and 54).
 */
function splitSixes(M: i32): i32 {
  if (!ASC_FEATURE_RELAXED_SIMD || M < 6) return 0;
  const even = M & ~1;
  const sixes = even / 6;
  return even - 6 * sixes == 2 ? sixes - 1 : sixes; // 6 + 2 = 4 + 4
}

function rowTiles<T extends number, W extends number>(
  c: usize, ldc: usize, a: usize, lda: usize, b: usize, init: usize, ldi: usize, sixes: i32, fours: i32, K: i32, cols: i32,
): void {
  for (; sixes > 0; --sixes) {
    tile6<T, W>(c, ldc, a, lda, b, init, ldi, K, cols);
    c += 6 * ldc;
    a += 6 * lda;
    if (init) init += 6 * ldi;
  }
  for (; fours > 0; --fours) {
    tile4<T, W>(c, ldc, a, lda, b, init, ldi, K, cols);
    c += 4 * ldc;
    a += 4 * lda;
    if (init) init += 4 * ldi;
  }
}

function twoRows<T extends number, W extends number>(
  c: usize, ldc: usize, a: usize, lda: usize, b: usize, panelBytes: usize, init: usize, ldi: usize, K: i32, cols: i32,
): void {
  for (; cols >= 2 * PANEL<T>(); cols -= 2 * PANEL<T>()) {
    tile2x2<T, W>(c, ldc, a, lda, b, panelBytes, init, ldi, K);
    c += 2 * PANEL_BYTES;
    b += 2 * panelBytes;
    if (init) init += 2 * PANEL_BYTES;
  }
  for (; cols > 0; cols -= PANEL<T>()) {
    tile2<T, W>(c, ldc, a, lda, b, init, ldi, K, min(cols, PANEL<T>()));
    c += PANEL_BYTES;
    b += panelBytes;
    if (init) init += PANEL_BYTES;
  }
}

function oneRow<T extends number, W extends number>(c: usize, a: usize, b: usize, panelBytes: usize, init: usize, K: i32, cols: i32): void {
  for (; cols >= 4 * PANEL<T>(); cols -= 4 * PANEL<T>()) {
    tile1x4<T, W>(c, a, 0, a, K, b, panelBytes, init);
    c += 4 * PANEL_BYTES;
    b += 4 * panelBytes;
    if (init) init += 4 * PANEL_BYTES;
  }
  for (; cols > 0; cols -= PANEL<T>()) {
    tile1<T, W>(c, a, b, init, K, min(cols, PANEL<T>()));
    c += PANEL_BYTES;
    b += panelBytes;
    if (init) init += PANEL_BYTES;
  }
}

/**
 * One row against joined weights: c = init + [x, a]·B, one chain an element over x first, then a. The same bits as
 * gemm over x and gemm over a after it, in one pass over B.
 *
 * @param c  out [cols]     may not alias x or a
 * @param x  in  [I]
 * @param a  in  [H]
 * @param b  in  panels of W, I + H rows each, one after another
 * @param init in [cols]
 */
export function joinedRow<T extends number, W extends number>(c: usize, x: usize, I: i32, a: usize, H: i32, b: usize, init: usize, cols: i32): void {
  const panelBytes = usize(I + H) * weightRow<T, W>();
  for (; cols >= 4 * PANEL<T>(); cols -= 4 * PANEL<T>()) {
    tile1x4<T, W>(c, x, I, a, H, b, panelBytes, init);
    c += 4 * PANEL_BYTES;
    b += 4 * panelBytes;
    init += 4 * PANEL_BYTES;
  }
  for (; cols > 0; cols -= PANEL<T>()) {
    const width = min(cols, PANEL<T>());
    tile1<T, W>(c, x, b, init, I, width);
    tile1<T, W>(c, a, b + usize(I) * weightRow<T, W>(), c, H, width);
    c += PANEL_BYTES;
    b += panelBytes;
    init += PANEL_BYTES;
  }
}
