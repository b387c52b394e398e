/**
 * The register tiles of a single row, under gemm.ts: bound by the loads of the weights, each of which is used once.
 * Arguments and sums as in tiles.ts.
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

/** 1 row × four whole panels: 8 accumulators. */
export function tile1x4<T extends number, W extends number>(c: usize, a: usize, b: usize, panelBytes: usize, init: usize, K: i32): void {
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
  const end = b + usize(K) * weightRow<T, W>();
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
  vstore<T>(c, c0);
  vstore<T>(c + 1 * VEC_BYTES, c1);
  vstore<T>(c + 2 * VEC_BYTES, c2);
  vstore<T>(c + 3 * VEC_BYTES, c3);
  vstore<T>(c + 4 * VEC_BYTES, c4);
  vstore<T>(c + 5 * VEC_BYTES, c5);
  vstore<T>(c + 6 * VEC_BYTES, c6);
  vstore<T>(c + 7 * VEC_BYTES, c7);
}

/** 1 row, two stretches of K, × four whole panels: 8 accumulators; see joinedRow in gemm.ts. */
export function joined1x4<T extends number, W extends number>(
  c: usize, x: usize, I: i32, a: usize, H: i32, b: usize, panelBytes: usize, init: usize,
): void {
  let c0 = vload<T>(init), c1 = vload<T>(init + 1 * VEC_BYTES), c2 = vload<T>(init + 2 * VEC_BYTES), c3 = vload<T>(init + 3 * VEC_BYTES);
  let c4 = vload<T>(init + 4 * VEC_BYTES), c5 = vload<T>(init + 5 * VEC_BYTES);
  let c6 = vload<T>(init + 6 * VEC_BYTES), c7 = vload<T>(init + 7 * VEC_BYTES);
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
  vstore<T>(c, c0);
  vstore<T>(c + 1 * VEC_BYTES, c1);
  vstore<T>(c + 2 * VEC_BYTES, c2);
  vstore<T>(c + 3 * VEC_BYTES, c3);
  vstore<T>(c + 4 * VEC_BYTES, c4);
  vstore<T>(c + 5 * VEC_BYTES, c5);
  vstore<T>(c + 6 * VEC_BYTES, c6);
  vstore<T>(c + 7 * VEC_BYTES, c7);
}
