/**
 * The register tiles under gemm.ts: R rows of A times one panel of B (gemm.ts draws the panels).
 *
 *   C[r,j] = init[r,j] + Σ_k A[r,k]·B[k,j],   k ascending, one madd a step
 *
 * Arguments as in gemm: pointers and row strides in bytes, K and cols in elements, 0 < cols ≤ PANEL; init may be null.
 */
import { add, loadSplat, madd, PANEL, PANEL_BYTES, vload, vloadPart, VEC_BYTES, vstore, zero } from "./vec";
import { firstHalf, loadRow, secondHalf, storePanelPart, weightRow } from "./vec_panel";

// @ts-ignore: decorator
@inline export function init0<T extends number>(init: usize, cols: i32): v128 {
  return cols == PANEL<T>() ? vload<T>(init) : vloadPart<T>(init, cols);
}

// @ts-ignore: decorator
@inline export function init1<T extends number>(init: usize, cols: i32): v128 {
  return cols == PANEL<T>() ? vload<T>(init + VEC_BYTES) : vloadPart<T>(init + VEC_BYTES, cols - PANEL<T>() / 2);
}

// @ts-ignore: decorator
@inline export function put<T extends number>(c: usize, v0: v128, v1: v128, cols: i32): void {
  if (cols == PANEL<T>()) {
    vstore<T>(c, v0);
    vstore<T>(c + VEC_BYTES, v1);
  } else {
    storePanelPart<T>(c, v0, v1, cols);
  }
}

/** 6 rows × one panel: 12 accumulators. */
export function tile6<T extends number, W extends number>(
  c: usize, ldc: usize, a: usize, lda: usize, b: usize, init: usize, ldi: usize, K: i32, cols: i32,
): void {
  let c00 = zero(), c01 = zero(), c10 = zero(), c11 = zero(), c20 = zero(), c21 = zero();
  let c30 = zero(), c31 = zero(), c40 = zero(), c41 = zero(), c50 = zero(), c51 = zero();
  if (init) {
    c00 = init0<T>(init, cols);
    c01 = init1<T>(init, cols);
    c10 = init0<T>(init + ldi, cols);
    c11 = init1<T>(init + ldi, cols);
    c20 = init0<T>(init + 2 * ldi, cols);
    c21 = init1<T>(init + 2 * ldi, cols);
    c30 = init0<T>(init + 3 * ldi, cols);
    c31 = init1<T>(init + 3 * ldi, cols);
    c40 = init0<T>(init + 4 * ldi, cols);
    c41 = init1<T>(init + 4 * ldi, cols);
    c50 = init0<T>(init + 5 * ldi, cols);
    c51 = init1<T>(init + 5 * ldi, cols);
  }
  let a0 = a, a1 = a + lda, a2 = a1 + lda, a3 = a2 + lda, a4 = a3 + lda, a5 = a4 + lda;
  const end = b + usize(K) * weightRow<T, W>();
  while (b < end) {
    const row = loadRow<T, W>(b), b0 = firstHalf<T, W>(row), b1 = secondHalf<T, W>(row, b);
    let s = loadSplat<T>(a0);
    c00 = madd<T>(s, b0, c00);
    c01 = madd<T>(s, b1, c01);
    s = loadSplat<T>(a1);
    c10 = madd<T>(s, b0, c10);
    c11 = madd<T>(s, b1, c11);
    s = loadSplat<T>(a2);
    c20 = madd<T>(s, b0, c20);
    c21 = madd<T>(s, b1, c21);
    s = loadSplat<T>(a3);
    c30 = madd<T>(s, b0, c30);
    c31 = madd<T>(s, b1, c31);
    s = loadSplat<T>(a4);
    c40 = madd<T>(s, b0, c40);
    c41 = madd<T>(s, b1, c41);
    s = loadSplat<T>(a5);
    c50 = madd<T>(s, b0, c50);
    c51 = madd<T>(s, b1, c51);
    a0 += sizeof<T>();
    a1 += sizeof<T>();
    a2 += sizeof<T>();
    a3 += sizeof<T>();
    a4 += sizeof<T>();
    a5 += sizeof<T>();
    b += weightRow<T, W>();
  }
  put<T>(c, c00, c01, cols);
  put<T>(c + ldc, c10, c11, cols);
  put<T>(c + 2 * ldc, c20, c21, cols);
  put<T>(c + 3 * ldc, c30, c31, cols);
  put<T>(c + 4 * ldc, c40, c41, cols);
  put<T>(c + 5 * ldc, c50, c51, cols);
}

/** 4 rows × one panel: 8 accumulators. */
export function tile4<T extends number, W extends number>(
  c: usize, ldc: usize, a: usize, lda: usize, b: usize, init: usize, ldi: usize, K: i32, cols: i32,
): void {
  let c00 = zero(), c01 = zero(), c10 = zero(), c11 = zero();
  let c20 = zero(), c21 = zero(), c30 = zero(), c31 = zero();
  if (init) {
    c00 = init0<T>(init, cols);
    c01 = init1<T>(init, cols);
    init += ldi;
    c10 = init0<T>(init, cols);
    c11 = init1<T>(init, cols);
    init += ldi;
    c20 = init0<T>(init, cols);
    c21 = init1<T>(init, cols);
    init += ldi;
    c30 = init0<T>(init, cols);
    c31 = init1<T>(init, cols);
  }
  let a0 = a, a1 = a + lda, a2 = a1 + lda, a3 = a2 + lda;
  const end = b + usize(K) * weightRow<T, W>();
  while (b < end) {
    const row = loadRow<T, W>(b), b0 = firstHalf<T, W>(row), b1 = secondHalf<T, W>(row, b);
    let s = loadSplat<T>(a0);
    c00 = madd<T>(s, b0, c00);
    c01 = madd<T>(s, b1, c01);
    s = loadSplat<T>(a1);
    c10 = madd<T>(s, b0, c10);
    c11 = madd<T>(s, b1, c11);
    s = loadSplat<T>(a2);
    c20 = madd<T>(s, b0, c20);
    c21 = madd<T>(s, b1, c21);
    s = loadSplat<T>(a3);
    c30 = madd<T>(s, b0, c30);
    c31 = madd<T>(s, b1, c31);
    a0 += sizeof<T>();
    a1 += sizeof<T>();
    a2 += sizeof<T>();
    a3 += sizeof<T>();
    b += weightRow<T, W>();
  }
  put<T>(c, c00, c01, cols);
  c += ldc;
  put<T>(c, c10, c11, cols);
  c += ldc;
  put<T>(c, c20, c21, cols);
  c += ldc;
  put<T>(c, c30, c31, cols);
}

/**
 * 4 columns of A × one panel of B, added to the first `rows` rows of C: C[r,j] += Σ_k A[k,r]·B[k,j].
 * A is a panel too (its rows PANEL_BYTES apart), so one pointer serves all four.
 */
export function tile4k<T extends number>(c: usize, ldc: usize, a: usize, b: usize, K: i32, rows: i32, cols: i32): void {
  let c00 = zero(), c01 = zero(), c10 = zero(), c11 = zero();
  let c20 = zero(), c21 = zero(), c30 = zero(), c31 = zero();
  const end = b + usize(K) * PANEL_BYTES;
  while (b < end) {
    const b0 = vload<T>(b), b1 = vload<T>(b + VEC_BYTES);
    let s = loadSplat<T>(a);
    c00 = madd<T>(s, b0, c00);
    c01 = madd<T>(s, b1, c01);
    s = loadSplat<T>(a, 1);
    c10 = madd<T>(s, b0, c10);
    c11 = madd<T>(s, b1, c11);
    s = loadSplat<T>(a, 2);
    c20 = madd<T>(s, b0, c20);
    c21 = madd<T>(s, b1, c21);
    s = loadSplat<T>(a, 3);
    c30 = madd<T>(s, b0, c30);
    c31 = madd<T>(s, b1, c31);
    a += PANEL_BYTES;
    b += PANEL_BYTES;
  }
  accumulate<T>(c, c00, c01, cols);
  if (rows > 1) accumulate<T>(c + ldc, c10, c11, cols);
  if (rows > 2) accumulate<T>(c + 2 * ldc, c20, c21, cols);
  if (rows > 3) accumulate<T>(c + 3 * ldc, c30, c31, cols);
}

// @ts-ignore: decorator
@inline export function accumulate<T extends number>(c: usize, v0: v128, v1: v128, cols: i32): void {
  put<T>(c, add<T>(init0<T>(c, cols), v0), add<T>(init1<T>(c, cols), v1), cols);
}
