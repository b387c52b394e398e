import { minGruCellBackward, minGruCellForward } from "../../assembly/cells/min_gru";
import { minLstmCellBackward, minLstmCellForward } from "../../assembly/cells/min_lstm";
import { padded } from "../../assembly/layout";
import { bytes, PANEL } from "../../assembly/vec";
import { at, clear, constant, copy, not, overruns, put, random, sigmoid, wrong } from "./numbers";

/** Gates of a cell, which stand for it. */
const GRU = 2, LSTM = 3;

/** Place of a gate's unit in a row of gate layout. */
function place<T extends number>(G: i32, gate: i32, h: i32): i32 {
  return (h - (h % PANEL<T>())) * G + gate * PANEL<T>() + (h % PANEL<T>());
}

function run<T extends number>(G: i32, h: usize, gates: usize, hPrev: usize, rows: i32, H: i32, positive: bool): void {
  if (G == GRU) minGruCellForward<T>(h, gates, hPrev, rows, H, positive);
  else minLstmCellForward<T>(h, gates, hPrev, rows, H, positive);
}

function candidate(v: f64, positive: bool): f64 {
  return positive ? (v >= 0 ? v + 0.5 : sigmoid(v)) : v;
}

function slope(v: f64, positive: bool): f64 {
  return !positive || v >= 0 ? 1 : sigmoid(v) * (1 - sigmoid(v));
}

/** z, from pre-activations that are not great. */
function share<T extends number>(G: i32, gates: usize, row: i32, h: i32): f64 {
  const first = at<T>(gates, row + place<T>(G, 0, h));
  if (G == GRU) return sigmoid(first);
  const f = sigmoid(first), i = sigmoid(at<T>(gates, row + place<T>(G, 1, h)));
  return i / (f + i);
}

/** Elements that are wrong: of two steps of N rows forward, in one call, then of the second step back. */
function wrongCell<T extends number>(G: i32, N: i32, H: i32, positive: bool, outside: bool): i32 {
  clear();
  const Hp = padded<T>(H), W = G * Hp;
  const gates = random<T>(2 * N * W, 1, 3), before = copy<T>(gates, 2 * N * W);
  const h = constant<T>(3 * N * H, NaN), first = random<T>(N * H, 2);
  memory.copy(h, first, bytes<T>(N * H));
  const dOutput = random<T>(N * H, 3), da = random<T>(N * Hp, 4), daBefore = copy<T>(da, N * Hp), dz = constant<T>(N * W, NaN);
  const one = h + bytes<T>(N * H), two = h + bytes<T>(2 * N * H), second = bytes<T>(N * W);
  run<T>(G, one, gates, h, 2 * N, H, positive);
  spoil<T>(gates, 2 * N, G, H);
  spoil<T>(da, N, 1, H);
  if (G == GRU) minGruCellBackward<T>(dz, da, outside ? dOutput : 0, gates + second, one, N, H, positive);
  else minLstmCellBackward<T>(dz, da, outside ? dOutput : 0, gates + second, one, N, H, positive);
  let count = overruns();
  for (let n = 0; n < 2 * N; ++n) {
    for (let j = 0; j < H; ++j) {
      const z = share<T>(G, before, n * W, j), v = at<T>(before, n * W + place<T>(G, G - 1, j));
      const old = at<T>(h, n * H + j), c = candidate(v, positive);
      count += wrong<T>(at<T>(one, n * H + j), z * c + (1 - z) * old);
      if (n < N) continue;
      const row = (n - N) * W, d = at<T>(daBefore, (n - N) * Hp + j) + (outside ? at<T>(dOutput, (n - N) * H + j) : 0);
      const dk = d * (c - old) * z * (1 - z);
      count += wrong<T>(at<T>(da, (n - N) * Hp + j), d * (1 - z));
      count += wrong<T>(at<T>(dz, row + place<T>(G, G - 1, j)), d * z * slope(v, positive));
      const k = n * W + place<T>(G, 0, j);
      if (G == GRU) count += wrong<T>(at<T>(dz, row + place<T>(G, 0, j)), dk);
      else {
        count += wrong<T>(at<T>(dz, row + place<T>(G, 0, j)), -dk * (1 - sigmoid(at<T>(before, k))));
        count += wrong<T>(at<T>(dz, row + place<T>(G, 1, j)), dk * (1 - sigmoid(at<T>(before, k + PANEL<T>()))));
      }
    }
  }
  return count + beyond<T>(dz, N, G, H) + beyond<T>(da, N, 1, H) + (two < one ? 1 : 0);
}

/** Puts what no cell may read there, as a product over infinite weights does: ∞ beyond the units. */
function spoil<T extends number>(p: usize, rows: i32, G: i32, H: i32): void {
  const Hp = padded<T>(H);
  for (let n = 0; n < rows; ++n) for (let g = 0; g < G; ++g) for (let h = H; h < Hp; ++h) put<T>(p, n * G * Hp + place<T>(G, g, h), Infinity);
}

/** Elements beyond the units that are not zero: they go into products. */
function beyond<T extends number>(p: usize, rows: i32, G: i32, H: i32): i32 {
  const Hp = padded<T>(H);
  let count = 0;
  for (let n = 0; n < rows; ++n) for (let g = 0; g < G; ++g) for (let h = H; h < Hp; ++h) count += not(at<T>(p, n * G * Hp + place<T>(G, g, h)), 0);
  return count;
}

function all<T extends number>(G: i32, positive: bool): i32 {
  let count = 0;
  for (let H = 1; H <= 2 * PANEL<T>() + 1; ++H) {
    for (let N = 1; N <= 4; ++N) count += wrongCell<T>(G, N, H, positive, true) + wrongCell<T>(G, N, H, positive, false);
  }
  return count;
}

/** One unit after a step from h⟨t−1⟩ = 2. */
function after<T extends number>(G: i32, first: f64, second: f64, v: f64, positive: bool): f64 {
  clear();
  const gates = constant<T>(G * PANEL<T>(), 0), h = constant<T>(2, 2);
  put<T>(gates, 0, first);
  if (G == LSTM) put<T>(gates, PANEL<T>(), second);
  put<T>(gates, (G - 1) * PANEL<T>(), v);
  run<T>(G, h + bytes<T>(1), gates, h, 1, 1, positive);
  return at<T>(h, 1);
}

/** NaN is NaN. */
function is(got: f64, want: f64, what: string = ""): void {
  expect<i32>(not(got, want)).toBe(0, what);
}

function specials<T extends number>(): void {
  for (let p = 0; p < 2; ++p) {
    const positive = p == 1, three: f64 = positive ? 3.5 : 3; // what v = 3 stands for
    is(after<T>(GRU, 1e4, 0, 3, positive), three, "open: all new");
    is(after<T>(GRU, -1e4, 0, 3, positive), 2, "closed: all old");
    is(after<T>(GRU, NaN, 0, 3, positive), NaN);
    is(after<T>(GRU, 0, 0, NaN, positive), NaN);
    is(after<T>(LSTM, -1e4, -1e4, 3, positive), (three + 2) / 2, "both closed: half of each");
    is(after<T>(LSTM, 1e4, 1e4, 3, positive), (three + 2) / 2, "both open: half of each");
    is(after<T>(LSTM, -1e4, -2e4, 3, positive), 2, "both closed, the input gate tighter");
    is(after<T>(LSTM, -2e4, -1e4, 3, positive), three, "both closed, the forget gate tighter");
    is(after<T>(LSTM, -Infinity, 0, 3, positive), three);
    is(after<T>(LSTM, 0, -Infinity, 3, positive), 2);
    is(after<T>(LSTM, Infinity, Infinity, 3, positive), (three + 2) / 2);
    is(after<T>(LSTM, NaN, 0, 3, positive), NaN);
    is(after<T>(LSTM, 0, NaN, 3, positive), NaN);
    is(after<T>(LSTM, 0, 0, NaN, positive), NaN);
  }
  is(after<T>(GRU, 1e4, 0, -0.0, true), 0.5, "g(−0) = 1/2");
  is(after<T>(GRU, 1e4, 0, -1e4, true), 0, "g has no least value");
  const want = 3 * sigmoid(0.75) + 2 * (1 - sigmoid(0.75)); // both gates all but closed: their difference decides
  for (let k: f64 = 50; k <= 5e3; k *= 3) expect<i32>(wrong<T>(after<T>(LSTM, -k - 0.75, -k, 3, false), want, 4)).toBe(0);
}

describe("MinGRU and MinLSTM, forward and backward: 1 to 17 units, 1 to 4 rows", () => {
  it("MinGRU, f32", () => expect<i32>(all<f32>(GRU, false)).toBe(0));
  it("MinGRU, f64", () => expect<i32>(all<f64>(GRU, false)).toBe(0));
  it("MinGRU with positive candidates, f32", () => expect<i32>(all<f32>(GRU, true)).toBe(0));
  it("MinGRU with positive candidates, f64", () => expect<i32>(all<f64>(GRU, true)).toBe(0));
  it("MinLSTM, f32", () => expect<i32>(all<f32>(LSTM, false)).toBe(0));
  it("MinLSTM, f64", () => expect<i32>(all<f64>(LSTM, false)).toBe(0));
  it("MinLSTM with positive candidates, f32", () => expect<i32>(all<f32>(LSTM, true)).toBe(0));
  it("MinLSTM with positive candidates, f64", () => expect<i32>(all<f64>(LSTM, true)).toBe(0));
  it("gates at their ends, f32", () => specials<f32>());
  it("gates at their ends, f64", () => specials<f64>());
});
