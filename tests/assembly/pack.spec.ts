import { padded, panels } from "../../assembly/layout";
import { packBackward, packBias, packForward, packPanels } from "../../assembly/pack";
import { bytes, PANEL } from "../../assembly/vec";
import { firstHalf, loadRow, secondHalf, weightRow } from "../../assembly/vec_panel";
import { at, clear, constant, not, overruns, put, random, rounded } from "./numbers";

/** Element (gate g, unit h) in gate layout. */
function gateColumn<T extends number>(g: i32, h: i32, G: i32): i32 {
  const P = PANEL<T>();
  return (h / P) * G * P + g * P + (h % P);
}

/** Elements that differ. */
function count<T extends number>(got: usize, want: usize, n: i32): i32 {
  let sum = overruns();
  for (let i = 0; i < n; ++i) sum += not(at<T>(got, i), at<T>(want, i));
  return sum;
}

/** Wx over Wa in one packed matrix, as a step reads it; the other's rows stay. */
function wrongForward<T extends number>(G: i32, H: i32, K: i32, firstRow: i32, rows: i32): i32 {
  clear();
  const P = PANEL<T>(), W = G * padded<T>(H);
  const w = random<T>(G * H * K, 8), dst = constant<T>(W * rows, -77), want = constant<T>(W * rows, -77);
  packForward<T, T>(dst, w, G, H, K, firstRow, rows);
  for (let panel = 0; panel < W / P; ++panel) {
    for (let k = 0; k < K; ++k) {
      for (let j = 0; j < P; ++j) {
        const g = panel % G, h = (panel / G) * P + j;
        put<T>(want, (panel * rows + firstRow + k) * P + j, h < H ? at<T>(w, (g * H + h) * K + k) : 0);
      }
    }
  }
  return count<T>(dst, want, W * rows);
}

function wrongBackward<T extends number>(G: i32, H: i32, cols: i32, exact: bool): i32 {
  clear();
  const P = PANEL<T>(), rows = G * (exact ? H : padded<T>(H)), size = panels<T>(cols) * rows * P;
  const w = random<T>(G * H * cols, 9), dst = constant<T>(size, -77), want = constant<T>(size, 0);
  packBackward<T>(dst, w, G, H, cols, exact);
  for (let g = 0; g < G; ++g) {
    for (let h = 0; h < H; ++h) {
      const row = G == 1 ? h : gateColumn<T>(g, h, G);
      for (let j = 0; j < cols; ++j) put<T>(want, ((j / P) * rows + row) * P + (j % P), at<T>(w, (g * H + h) * cols + j));
    }
  }
  return count<T>(dst, want, size);
}

/** Rows further apart than they are long. */
function wrongPanels<T extends number>(K: i32, cols: i32): i32 {
  clear();
  const P = PANEL<T>(), size = panels<T>(cols) * K * P, ld = cols + 3;
  const src = random<T>(K * ld, 10), dst = constant<T>(size, -77), want = constant<T>(size, 0);
  packPanels<T>(dst, src, bytes<T>(ld), K, cols);
  for (let k = 0; k < K; ++k) for (let j = 0; j < cols; ++j) put<T>(want, ((j / P) * K + k) * P + (j % P), at<T>(src, k * ld + j));
  return count<T>(dst, want, size);
}

function wrongBias<T extends number>(G: i32, H: i32, withX: bool, withA: bool): i32 {
  clear();
  const W = G * padded<T>(H), bx = random<T>(G * H, 10), ba = random<T>(G * H, 11), dst = constant<T>(W, -77), want = constant<T>(W, 0);
  packBias<T>(dst, withX ? bx : 0, withA ? ba : 0, G, H);
  for (let g = 0; g < G; ++g) {
    for (let h = 0; h < H; ++h) {
      const sum = (withX ? at<T>(bx, g * H + h) : 0) + (withA ? at<T>(ba, g * H + h) : 0);
      put<T>(want, gateColumn<T>(g, h, G), rounded<T>(sum));
    }
  }
  return count<T>(dst, want, W);
}

function all<T extends number>(): i32 {
  let wrong = 0;
  for (let G = 1; G <= 4; ++G) {
    for (let H = 1; H <= 17; ++H) {
      for (let K = 1; K <= 9; K += 2) wrong += wrongForward<T>(G, H, K, 0, K + 2) + wrongForward<T>(G, H, K, 3, K + 3);
      wrong += wrongBias<T>(G, H, true, true) + wrongBias<T>(G, H, false, true);
      wrong += wrongBias<T>(G, H, true, false) + wrongBias<T>(G, H, false, false);
      for (let cols = 1; cols <= 9; ++cols) wrong += wrongBackward<T>(G, H, cols, false) + (G == 1 ? wrongBackward<T>(1, H, cols, true) : 0);
    }
  }
  for (let K = 1; K <= 5; ++K) for (let cols = 1; cols <= 19; ++cols) wrong += wrongPanels<T>(K, cols);
  return wrong;
}

const LANES = memory.data(32, 16);

/** What the kernels read of a packed row of bf16. */
function lane(row: usize, j: i32): f64 {
  const v = loadRow<f32, u16>(row);
  v128.store(LANES, firstHalf<f32, u16>(v));
  v128.store(LANES, secondHalf<f32, u16>(v, row), 16);
  return at<f32>(LANES, j);
}

/**
 * The first four columns of a panel hold what is nearest to the weight in 8 bits; the other four are off by no more, though they are
 * read with other bits behind them. Below 2⁻⁶⁰ those are about ±2⁻⁶⁰.
 */
function wrongHalves(H: i32, K: i32, size: f64): i32 {
  clear();
  const rows = K + 2, row = weightRow<f32, u16>(), W = padded<f32>(H);
  const w = random<f32>(H * K, 12, size), dst = constant<u16>(W * rows, 7);
  packForward<f32, u16>(dst, w, 1, H, K, 1, rows);
  let wrong = overruns();
  for (let h = 0; h < W; ++h) {
    const panel = dst + usize((h / 8) * rows) * row;
    for (let k = 0; k < K; ++k) {
      const got = lane(panel + usize(k + 1) * row, h % 8), want = h < H ? at<f32>(w, h * K + k) : 0;
      const tiny = h % 8 < 4 ? 0 : 8.8e-19;
      if (!(Math.abs(got - want) <= Math.abs(want) / 256 + tiny)) ++wrong;
    }
    for (let k = 0; k < 8; ++k) if (load<u16>(panel + 2 * k) != 7 || load<u16>(panel + usize(K + 1) * row + 2 * k) != 7) ++wrong;
  }
  return wrong;
}

function halves(): i32 {
  let wrong = 0;
  for (let H = 1; H <= 17; ++H) for (let K = 1; K <= 5; ++K) wrong += wrongHalves(H, K, 2) + wrongHalves(H, K, 1e-19) + wrongHalves(H, K, 1e30);
  return wrong;
}

/** Column j of a panel whose only row has x there and 1 elsewhere. */
function read(x: f32, j: i32): f64 {
  clear();
  const w = constant<f32>(8, 1), dst = constant<u16>(8, 0);
  put<f32>(w, j, x);
  packForward<f32, u16>(dst, w, 1, 8, 1, 0, 1);
  return lane(dst, j);
}

describe("packing", () => {
  it("puts weights and biases in gate layout, f32", () => expect<i32>(all<f32>()).toBe(0));
  it("puts weights and biases in gate layout, f64", () => expect<i32>(all<f64>()).toBe(0));
});

describe("packing as bf16", () => {
  it("rounds to nearest in every column, and leaves the other rows alone", () => expect<i32>(halves()).toBe(0));
  it("rounds ties to even, keeps what is not finite", () => {
    expect<f64>(read(1.00390625, 0)).toBe(1);
    expect<f64>(read(1.01171875, 3)).toBe(1.015625);
    expect<f64>(read(-1.01171875, 3)).toBe(-1.015625);
    expect<f64>(read(Infinity, 0)).toBe(Infinity);
    expect<f64>(read(0, 0)).toBe(0);
    expect<i32>(not(read(f32.NaN, 1), NaN) + not(read(f32.NaN, 5), NaN)).toBe(0);
    expect<bool>(isFinite(read(-Infinity, 6))).toBe(false);
  });
  it("an upper weight of 0 is tiny, and has its sign", () => {
    expect<bool>(read(0, 4) > 0 && read(0, 4) < 8.8e-19).toBe(true);
    expect<bool>(read(-0.0, 7) < 0 && read(-0.0, 7) > -8.8e-19).toBe(true);
  });
});
