import { ROW_BLOCK } from "../../assembly/blocks";
import { gemm } from "../../assembly/gemm";
import { columnSums, gemmTransposed, gemmTransposedScratch } from "../../assembly/gemm_tn";
import { padded, panels } from "../../assembly/layout";
import { packPanels } from "../../assembly/pack";
import { tile1, tile1x4, tile2, tile2x2 } from "../../assembly/row_tiles";
import { tile4, tile6 } from "../../assembly/tiles";
import { bytes, PANEL, PANEL_BYTES } from "../../assembly/vec";

/** Fills n elements with small fractions of either sign, different for each seed. */
function fill<T extends number>(n: i32, seed: u32): usize {
  const p = heap.alloc(max<usize>(bytes<T>(n), 16));
  let state = seed * 2654435761 + 1;
  for (let i = 0; i < n; ++i) {
    state = state * 1664525 + 1013904223;
    store<T>(p + bytes<T>(i), <T>(<f64>(<i32>(state >> 8) - (1 << 23)) / <f64>(1 << 22)));
  }
  return p;
}

function constant<T extends number>(n: i32, x: f64): usize {
  const p = heap.alloc(max<usize>(bytes<T>(n), 16));
  for (let i = 0; i < n; ++i) store<T>(p + bytes<T>(i), <T>x);
  return p;
}

function at<T extends number>(p: usize, i: i32): T {
  return load<T>(p + bytes<T>(i));
}

/** The baseline promises the bits of the naive loop; a fused step rounds otherwise. */
function differs<T extends number>(got: T, want: T): bool {
  if (!ASC_FEATURE_RELAXED_SIMD) return got != want;
  return Math.abs(<f64>got - <f64>want) > (sizeof<T>() == 4 ? 1e-4 : 1e-12);
}

/** One product with guards around C; init: 0 none, 1 one row for all, 2 a matrix. */
function wrongProduct<T extends number>(M: i32, K: i32, cols: i32, init: i32): i32 {
  const ld = cols + 3; // rows of C lie further apart than they are long
  const a = fill<T>(M * K, 1), b = fill<T>(K * cols, 2), start = fill<T>(M * cols, 3);
  const packed = heap.alloc(max<usize>(<usize>panels<T>(cols) * K * PANEL_BYTES, 16));
  packPanels<T>(packed, b, bytes<T>(cols), K, cols);
  const c = constant<T>(M * ld, -77);
  gemm<T, T>(
    c, bytes<T>(ld), a, bytes<T>(K), packed, <usize>K * PANEL_BYTES, init > 0 ? start : 0, init == 2 ? bytes<T>(cols) : 0, M, K, cols,
  );
  let wrong = 0;
  for (let m = 0; m < M; ++m) {
    for (let j = 0; j < ld; ++j) {
      let want: T = <T>-77;
      if (j < cols) {
        want = init == 0 ? <T>0 : at<T>(start, init == 1 ? j : m * cols + j);
        for (let k = 0; k < K; ++k) want = <T>(want + <T>(at<T>(a, m * K + k) * at<T>(b, k * cols + j)));
      }
      if (differs<T>(at<T>(c, m * ld + j), want)) ++wrong;
    }
  }
  heap.free(a);
  heap.free(b);
  heap.free(start);
  heap.free(packed);
  heap.free(c);
  return wrong;
}

function wrongProducts<T extends number>(init: i32): i32 {
  let wrong = 0;
  for (let M = 1; M <= 20; ++M) {
    for (let K = 0; K <= 9; ++K) {
      for (let cols = 1; cols <= 20; ++cols) wrong += wrongProduct<T>(M, K, cols, init);
    }
  }
  return wrong;
}

/** Wide enough for the tiles of one to three rows over four and two panels, with all that can be left of them. */
function wrongWideRows<T extends number>(): i32 {
  let wrong = 0;
  for (let cols = 2 * PANEL<T>() - 1; cols <= 9 * PANEL<T>() + 1; ++cols) {
    for (let M = 1; M <= 3; ++M) {
      for (let init = 0; init <= 2; ++init) wrong += wrongProduct<T>(M, 7, cols, init);
    }
  }
  return wrong;
}

/** One block of rows, two and three, and each number of rows behind them. */
function wrongBlocks<T extends number>(): i32 {
  let wrong = 0;
  for (let M = ROW_BLOCK - 1; M <= 3 * ROW_BLOCK + 1; ++M) {
    for (let init = 0; init <= 2; ++init) wrong += wrongProduct<T>(M, 5, 2 * PANEL<T>() + 3, init);
  }
  return wrong;
}

/** Every tile shape gives an element the same bits (the six-row tile too, which only the relaxed build's gemm takes). */
function differentTiles<T extends number>(): i32 {
  const K = 11, P = PANEL<T>(), ld = bytes<T>(P), lda = bytes<T>(K);
  const a = fill<T>(6 * K, 4), b = fill<T>(4 * K * P, 5), init = fill<T>(6 * P, 6);
  const six = constant<T>(6 * P, 0), c = constant<T>(6 * P, 0);
  tile6<T, T>(six, ld, a, lda, b, init, ld, K, P);
  tile4<T, T>(c, ld, a, lda, b, init, ld, K, P);
  tile2<T, T>(c + 4 * ld, ld, a + 4 * lda, lda, b, init + 4 * ld, ld, K, P);
  let wrong = memory.compare(six, c, 6 * ld) == 0 ? 0 : 1;
  for (let r = 0; r < 6; ++r) tile1<T, T>(c + usize(r) * ld, a + usize(r) * lda, b, init + usize(r) * ld, K, P);
  if (memory.compare(six, c, 6 * ld) != 0) ++wrong;
  const wide = constant<T>(4 * P, 0), row = fill<T>(4 * P, 7), narrow = constant<T>(4 * P, 0);
  const panelBytes = <usize>K * PANEL_BYTES;
  tile1x4<T, T>(wide, a, 0, a, K, b, panelBytes, row);
  for (let j = 0; j < 4; ++j) tile1<T, T>(narrow + usize(j) * ld, a, b + usize(j) * panelBytes, row + usize(j) * ld, K, P);
  if (memory.compare(wide, narrow, 4 * ld) != 0) ++wrong;
  tile1x4<T, T>(wide, a, 4, a + bytes<T>(4), K - 4, b, panelBytes, row); // the chain in two stretches
  if (memory.compare(wide, narrow, 4 * ld) != 0) ++wrong;
  tile2x2<T, T>(wide, 2 * ld, a, lda, b, panelBytes, row, 0, K); // two rows of two panels
  for (let r = 0; r < 2; ++r) {
    for (let j = 0; j < 2; ++j) {
      const to = narrow + usize(2 * r + j) * ld;
      tile1<T, T>(to, a + usize(r) * lda, b + usize(j) * panelBytes, row + usize(j) * ld, K, P);
    }
  }
  if (memory.compare(wide, narrow, 4 * ld) != 0) ++wrong;
  return wrong;
}

/** Element (gate g, unit h) in gate layout. */
function gateColumn<T extends number>(g: i32, h: i32, G: i32): i32 {
  const P = PANEL<T>();
  return (h / P) * G * P + g * P + (h % P);
}

/** A in gate layout; its columns beyond H hold rubbish where G is 1 and the width is exact. */
function wrongTransposed<T extends number>(G: i32, H: i32, K: i32, cols: i32): i32 {
  const width = G > 1 ? G * padded<T>(H) : H;
  const a = fill<T>(K * width, 12), b = fill<T>(K * cols, 13);
  const c = fill<T>(G * H * cols + 1, 14), before = fill<T>(G * H * cols + 1, 14);
  const size = i32(gemmTransposedScratch<T>(width, K, cols));
  const scratch = constant<T>(size + 1, -77);
  gemmTransposed<T>(c, a, bytes<T>(width), b, scratch, G, H, K, cols);
  let wrong = at<T>(scratch, size) == <T>-77 && at<T>(c, G * H * cols) == at<T>(before, G * H * cols) ? 0 : 1;
  const d1 = fill<T>(G * H, 15), d2 = fill<T>(G * H, 16), start = fill<T>(G * H, 15), start2 = fill<T>(G * H, 16);
  columnSums<T>(d1, d2, a, bytes<T>(width), G, H, K);
  const near: f64 = (sizeof<T>() == 4 ? 1e-5 : 1e-13) * (K + 1);
  for (let g = 0; g < G; ++g) {
    for (let h = 0; h < H; ++h) {
      const column = G == 1 ? h : gateColumn<T>(g, h, G), row = g * H + h;
      let sum: f64 = 0;
      for (let k = 0; k < K; ++k) sum += <f64>at<T>(a, k * width + column);
      if (Math.abs(<f64>at<T>(d1, row) - <f64>at<T>(start, row) - sum) > near) ++wrong;
      if (Math.abs(<f64>at<T>(d2, row) - <f64>at<T>(start2, row) - sum) > near) ++wrong;
      for (let j = 0; j < cols; ++j) {
        let want = <f64>at<T>(before, row * cols + j);
        for (let k = 0; k < K; ++k) want += <f64>at<T>(a, k * width + column) * <f64>at<T>(b, k * cols + j);
        if (Math.abs(<f64>at<T>(c, row * cols + j) - want) > near) ++wrong;
      }
    }
  }
  heap.free(a);
  heap.free(b);
  heap.free(c);
  heap.free(before);
  heap.free(scratch);
  heap.free(d1);
  heap.free(d2);
  heap.free(start);
  heap.free(start2);
  return wrong;
}

function wrongTransposedProducts<T extends number>(): i32 {
  let wrong = 0;
  for (let G = 1; G <= 4; G += 3) {
    for (let H = 1; H <= 10; ++H) {
      for (let cols = 1; cols <= 10; ++cols) wrong += wrongTransposed<T>(G, H, 1 + ((H * cols) % 7), cols);
    }
  }
  wrong += wrongTransposed<T>(4, 5, 300, 3); // two blocks of rows
  wrong += wrongTransposed<T>(1, 9, 513, 9); // three
  wrong += wrongTransposed<T>(4, 5, 8193, 3); // two stretches of blocks
  wrong += wrongTransposed<T>(1, 3, 16385, 2); // three
  return wrong;
}

describe("gemm: M 1..20, K 0..9, columns 1..20", () => {
  it("from zeros, f32", () => expect<i32>(wrongProducts<f32>(0)).toBe(0));
  it("from zeros, f64", () => expect<i32>(wrongProducts<f64>(0)).toBe(0));
  it("from one row, f32", () => expect<i32>(wrongProducts<f32>(1)).toBe(0));
  it("from one row, f64", () => expect<i32>(wrongProducts<f64>(1)).toBe(0));
  it("from a matrix, f32", () => expect<i32>(wrongProducts<f32>(2)).toBe(0));
  it("from a matrix, f64", () => expect<i32>(wrongProducts<f64>(2)).toBe(0));
  it("one to three wide rows, f32", () => expect<i32>(wrongWideRows<f32>()).toBe(0));
  it("one to three wide rows, f64", () => expect<i32>(wrongWideRows<f64>()).toBe(0));
  it("blocks of rows, f32", () => expect<i32>(wrongBlocks<f32>()).toBe(0));
  it("blocks of rows, f64", () => expect<i32>(wrongBlocks<f64>()).toBe(0));
});

describe("tiles", () => {
  it("give an element the same bits in every shape, f32", () => expect<i32>(differentTiles<f32>()).toBe(0));
  it("give an element the same bits in every shape, f64", () => expect<i32>(differentTiles<f64>()).toBe(0));
});

describe("products over rows", () => {
  it("gemmTransposed and columnSums, f32", () => expect<i32>(wrongTransposedProducts<f32>()).toBe(0));
  it("gemmTransposed and columnSums, f64", () => expect<i32>(wrongTransposedProducts<f64>()).toBe(0));
});
