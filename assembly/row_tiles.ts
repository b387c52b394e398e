/**
 * The register tiles of two rows and of one, under gemm.ts, over several panels for their 8 chains. One row is bound by the loads of
 * the weights, each of which is used once. Arguments and sums as in tiles.ts.
 */
import { init0, init1, put } from "./tiles";
import { loadSplat, madd, vload, VEC_BYTES, vstore, zero } from "./vec";
import { firstHalf, loadRow, secondHalf, weightRow } from "./vec_panel";

/** 1 row × one panel: 2 accumulators (only for the last panels of a row). */
export function tile1<T extends number, W extends number>(c: usize, a: usize, b: usize, init: usize, K: i32, cols: i32): void {
  let c0 = zero(), c1 = zero();
  if (init) {
    c0 = init0<T>(init, cols);
    c1 = init1<T>(init, cols);
  }
  const end = b + usize(K) * weightRow<T, W>();
  while (b < end) {
    const s = loadSplat<T>(a);
    let row = loadRow<T, W>(b);
    c0 = madd<T>(s, firstHalf<T, W>(row), c0);
    c1 = madd<T>(s, secondHalf<T, W>(row, b), c1);
    a += sizeof<T>();
    b += weightRow<T, W>();
  }
  put<T>(c, c0, c1, cols);
}

// @ts-ignore: decorator
@inline function storeFour<T extends number>(c: usize, v0: v128, v1: v128, v2: v128, v3: v128): void {
  vstore<T>(c, v0);
  vstore<T>(c + 1 * VEC_BYTES, v1);
  vstore<T>(c + 2 * VEC_BYTES, v2);
  vstore<T>(c + 3 * VEC_BYTES, v3);
}

/**
 * 1 row, two stretches of K (the first may be empty), × four whole panels: 8 accumulators; see joinedRow in gemm.ts. Two loops:
 * Node 20 spills where there is one (baseline, 1×128×512: 20 GFLOP/s, not 35).
 */
export function tile1x4<T extends number, W extends number>(
  c: usize, x: usize, I: i32, a: usize, H: i32, b: usize, panelBytes: usize, init: usize,
): void {
  let c0 = zero(), c1 = zero(), c2 = zero(), c3 = zero(), c4 = zero(), c5 = zero(), c6 = zero(), c7 = zero();
  if (init) {
    c0 = vload<T>(init);
    c1 = vload<T>(init + 1 * VEC_BYTES);
    c2 = vload<T>(init + 2 * VEC_BYTES);
    c3 = vload<T>(init + 3 * VEC_BYTES);
    c4 = vload<T>(init + 4 * VEC_BYTES);
    c5 = vload<T>(init + 5 * VEC_BYTES);
    c6 = vload<T>(init + 6 * VEC_BYTES);
    c7 = vload<T>(init + 7 * VEC_BYTES);
  }
  let b1 = b + panelBytes, b2 = b1 + panelBytes, b3 = b2 + panelBytes;
  let end = b + usize(I) * weightRow<T, W>();
  while (b < end) {
    const s = loadSplat<T>(x);
    let row = loadRow<T, W>(b);
    c0 = madd<T>(s, firstHalf<T, W>(row), c0);
    c1 = madd<T>(s, secondHalf<T, W>(row, b), c1);
    row = loadRow<T, W>(b1);
    c2 = madd<T>(s, firstHalf<T, W>(row), c2);
    c3 = madd<T>(s, secondHalf<T, W>(row, b1), c3);
    row = loadRow<T, W>(b2);
    c4 = madd<T>(s, firstHalf<T, W>(row), c4);
    c5 = madd<T>(s, secondHalf<T, W>(row, b2), c5);
    row = loadRow<T, W>(b3);
    c6 = madd<T>(s, firstHalf<T, W>(row), c6);
    c7 = madd<T>(s, secondHalf<T, W>(row, b3), c7);
    x += sizeof<T>();
    b += weightRow<T, W>();
    b1 += weightRow<T, W>();
    b2 += weightRow<T, W>();
    b3 += weightRow<T, W>();
  }
  end = b + usize(H) * weightRow<T, W>();
  while (b < end) {
    const s = loadSplat<T>(a);
    let row = loadRow<T, W>(b);
    c0 = madd<T>(s, firstHalf<T, W>(row), c0);
    c1 = madd<T>(s, secondHalf<T, W>(row, b), c1);
    row = loadRow<T, W>(b1);
    c2 = madd<T>(s, firstHalf<T, W>(row), c2);
    c3 = madd<T>(s, secondHalf<T, W>(row, b1), c3);
    row = loadRow<T, W>(b2);
    c4 = madd<T>(s, firstHalf<T, W>(row), c4);
    c5 = madd<T>(s, secondHalf<T, W>(row, b2), c5);
    row = loadRow<T, W>(b3);
    c6 = madd<T>(s, firstHalf<T, W>(row), c6);
    c7 = madd<T>(s, secondHalf<T, W>(row, b3), c7);
    a += sizeof<T>();
    b += weightRow<T, W>();
    b1 += weightRow<T, W>();
    b2 += weightRow<T, W>();
    b3 += weightRow<T, W>();
  }
  storeFour<T>(c, c0, c1, c2, c3);
  storeFour<T>(c + 4 * VEC_BYTES, c4, c5, c6, c7);
}

/** 2 rows × two whole panels: 8 accumulators. */
export function tile2x2<T extends number, W extends number>(
  c: usize, ldc: usize, a: usize, lda: usize, b: usize, panelBytes: usize, init: usize, ldi: usize, K: i32,
): void {
  let c00 = zero(), c01 = zero(), c02 = zero(), c03 = zero(), c10 = zero(), c11 = zero(), c12 = zero(), c13 = zero();
  if (init) {
    c00 = vload<T>(init);
    c01 = vload<T>(init + 1 * VEC_BYTES);
    c02 = vload<T>(init + 2 * VEC_BYTES);
    c03 = vload<T>(init + 3 * VEC_BYTES);
    init += ldi;
    c10 = vload<T>(init);
    c11 = vload<T>(init + 1 * VEC_BYTES);
    c12 = vload<T>(init + 2 * VEC_BYTES);
    c13 = vload<T>(init + 3 * VEC_BYTES);
  }
  let a1 = a + lda, b1 = b + panelBytes;
  const end = b + usize(K) * weightRow<T, W>();
  while (b < end) {
    const s0 = loadSplat<T>(a), s1 = loadSplat<T>(a1);
    let row = loadRow<T, W>(b), v = firstHalf<T, W>(row);
    c00 = madd<T>(s0, v, c00);
    c10 = madd<T>(s1, v, c10);
    v = secondHalf<T, W>(row, b);
    c01 = madd<T>(s0, v, c01);
    c11 = madd<T>(s1, v, c11);
    row = loadRow<T, W>(b1);
    v = firstHalf<T, W>(row);
    c02 = madd<T>(s0, v, c02);
    c12 = madd<T>(s1, v, c12);
    v = secondHalf<T, W>(row, b1);
    c03 = madd<T>(s0, v, c03);
    c13 = madd<T>(s1, v, c13);
    a += sizeof<T>();
    a1 += sizeof<T>();
    b += weightRow<T, W>();
    b1 += weightRow<T, W>();
  }
  storeFour<T>(c, c00, c01, c02, c03);
  storeFour<T>(c + ldc, c10, c11, c12, c13);
}

/** 2 rows × one panel: 4 accumulators (bound by latency; only for the last panel of two rows). */
export function tile2<T extends number, W extends number>(
  c: usize, ldc: usize, a: usize, lda: usize, b: usize, init: usize, ldi: usize, K: i32, cols: i32,
): void {
  let c00 = zero(), c01 = zero(), c10 = zero(), c11 = zero();
  if (init) {
    c00 = init0<T>(init, cols);
    c01 = init1<T>(init, cols);
    init += ldi;
    c10 = init0<T>(init, cols);
    c11 = init1<T>(init, cols);
  }
  let a0 = a, a1 = a + lda;
  const end = b + usize(K) * weightRow<T, W>();
  while (b < end) {
    const row = loadRow<T, W>(b), b0 = firstHalf<T, W>(row), b1 = secondHalf<T, W>(row, b);
    let s = loadSplat<T>(a0);
    c00 = madd<T>(s, b0, c00);
    c01 = madd<T>(s, b1, c01);
    s = loadSplat<T>(a1);
    c10 = madd<T>(s, b0, c10);
    c11 = madd<T>(s, b1, c11);
    a0 += sizeof<T>();
    a1 += sizeof<T>();
    b += weightRow<T, W>();
  }
  put<T>(c, c00, c01, cols);
  put<T>(c + ldc, c10, c11, cols);
}
