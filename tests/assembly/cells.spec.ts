import {
  gruCellBackward, gruCellForward, gruCellGates, gruCellResetBackward, gruCellState,
} from "../../assembly/cells/gru";
import { lstmCellBackward, lstmCellForward } from "../../assembly/cells/lstm";
import { rnnCellBackward, rnnCellForward } from "../../assembly/cells/rnn";
import { bytes, PANEL } from "../../assembly/vec";
import { at, clear, constant, put, random, sigmoid, wrong } from "./numbers";

// A block of `width` units of N rows. Rows of [N,H] buffers are `width` + 3 elements apart, those of [N,Hp] two panels.
const GUARD: f64 = -77;

/** Puts what no cell may read there, as a product over infinite weights does: ∞ beyond the block's units. */
function spoil<T extends number>(p: usize, N: i32, stride: i32, panels: i32, width: i32): void {
  for (let n = 0; n < N; ++n) {
    for (let k = 0; k < panels; ++k) for (let h = width; h < PANEL<T>(); ++h) put<T>(p, n * stride + k * PANEL<T>() + h, Infinity);
  }
}

/** Elements of [N,stride] outside `panels` blocks of a panel each (inside them, beyond `width`: `rest`) that are not as they were. */
function touched<T extends number>(p: usize, N: i32, stride: i32, panels: i32, blockWidth: i32, width: i32, rest: f64): i32 {
  let count = 0;
  for (let n = 0; n < N; ++n) {
    for (let j = 0; j < stride; ++j) {
      const h = j % PANEL<T>(), inside = j < panels * blockWidth;
      if (inside && h < width) continue;
      if (at<T>(p, n * stride + j) != (inside ? rest : GUARD)) ++count;
    }
  }
  return count;
}

function wrongRnn<T extends number>(N: i32, width: i32, relu: bool, outside: bool): i32 {
  clear();
  const S = width + 3, P = 2 * PANEL<T>();
  const z = random<T>(N * P, 1, 3), a = constant<T>(N * S, GUARD), da = random<T>(N * P, 2), dOutput = random<T>(N * S, 3);
  const dz = constant<T>(N * P, GUARD);
  spoil<T>(da, N, P, 1, width);
  rnnCellForward<T>(a, bytes<T>(S), z, bytes<T>(P), N, width, relu);
  rnnCellBackward<T>(dz, da, outside ? dOutput : 0, a, bytes<T>(S), bytes<T>(P), N, width, relu);
  let count = touched<T>(a, N, S, 1, width, width, 0) + touched<T>(dz, N, P, 1, PANEL<T>(), width, 0);
  for (let n = 0; n < N; ++n) {
    for (let h = 0; h < width; ++h) {
      const x = at<T>(z, n * P + h);
      const want = relu ? Math.max(x, 0) : Math.tanh(x);
      const d = at<T>(da, n * P + h) + (outside ? at<T>(dOutput, n * S + h) : 0);
      count += wrong<T>(at<T>(a, n * S + h), want);
      count += wrong<T>(at<T>(dz, n * P + h), relu ? (x > 0 ? d : 0) : (1 - want * want) * d);
    }
  }
  return count;
}

function wrongLstm<T extends number>(N: i32, width: i32, outside: bool): i32 {
  clear();
  const S = width + 3, P = 2 * PANEL<T>(), W = 4 * P, B = PANEL<T>();
  const z = random<T>(N * W, 1, 3), gates = random<T>(N * W, 1, 3), cPrev = random<T>(N * S, 2);
  const a = constant<T>(N * S, GUARD), c = constant<T>(N * S, GUARD);
  const da = random<T>(N * P, 3), dc = random<T>(N * P, 4), dcPrev = random<T>(N * P, 4), dOutput = random<T>(N * S, 5);
  const dz = constant<T>(N * W, GUARD);
  spoil<T>(da, N, P, 1, width);
  spoil<T>(dcPrev, N, P, 1, width);
  lstmCellForward<T>(a, c, gates, cPrev, bytes<T>(S), bytes<T>(W), N, width);
  spoil<T>(gates, N, W, 4, width);
  lstmCellBackward<T>(
    dz, dcPrev, da, outside ? dOutput : 0, gates, c, cPrev, bytes<T>(S), bytes<T>(P), bytes<T>(W), N, width,
  );
  let count = touched<T>(a, N, S, 1, width, width, 0) + touched<T>(c, N, S, 1, width, width, 0);
  count += touched<T>(dz, N, W, 4, B, width, 0);
  for (let n = 0; n < N; ++n) {
    for (let h = 0; h < width; ++h) {
      const g = n * W + h, s = n * S + h, p = n * P + h;
      const i = sigmoid(at<T>(z, g)), f = sigmoid(at<T>(z, g + B)), u = Math.tanh(at<T>(z, g + 2 * B)), o = sigmoid(at<T>(z, g + 3 * B));
      const before = at<T>(cPrev, s), now = f * before + i * u, tc = Math.tanh(now);
      const d = at<T>(da, p) + (outside ? at<T>(dOutput, s) : 0);
      const dNow = at<T>(dc, p) + d * o * (1 - tc * tc);
      count += wrong<T>(at<T>(gates, g), i) + wrong<T>(at<T>(gates, g + B), f);
      count += wrong<T>(at<T>(gates, g + 2 * B), u) + wrong<T>(at<T>(gates, g + 3 * B), o);
      count += wrong<T>(at<T>(c, s), now) + wrong<T>(at<T>(a, s), o * tc);
      count += wrong<T>(at<T>(dz, g), dNow * u * i * (1 - i)) + wrong<T>(at<T>(dz, g + B), dNow * before * f * (1 - f));
      count += wrong<T>(at<T>(dz, g + 2 * B), dNow * i * (1 - u * u)) + wrong<T>(at<T>(dz, g + 3 * B), d * tc * o * (1 - o));
      count += wrong<T>(at<T>(dcPrev, p), dNow * f);
    }
  }
  return count;
}

/** Without a tape c has one slot. */
function wrongLstmInPlace<T extends number>(N: i32, width: i32): i32 {
  clear();
  const S = width + 3, W = 4 * PANEL<T>();
  const gates = random<T>(N * W, 1, 3), same = random<T>(N * W, 1, 3), cPrev = random<T>(N * S, 2), c = random<T>(N * S, 2);
  const a = constant<T>(N * S, GUARD), a2 = constant<T>(N * S, GUARD), c2 = random<T>(N * S, 2);
  lstmCellForward<T>(a, c2, gates, cPrev, bytes<T>(S), bytes<T>(W), N, width);
  lstmCellForward<T>(a2, c, same, c, bytes<T>(S), bytes<T>(W), N, width);
  return memory.compare(a, a2, bytes<T>(N * S)) == 0 && memory.compare(c, c2, bytes<T>(N * S)) == 0 ? 0 : 1;
}

/** Both forms: the products that stand between the cells' parts are left out (m and dm are given). */
function wrongGru<T extends number>(N: i32, width: i32, after: bool, outside: bool): i32 {
  clear();
  const S = width + 3, P = 2 * PANEL<T>(), W = 2 * P, B = PANEL<T>();
  const z = random<T>(N * W, 1, 3), gates = random<T>(N * W, 1, 3), zn = random<T>(N * P, 2, 3), nt = random<T>(N * P, 2, 3);
  const aPrev = random<T>(N * S, 3), a = constant<T>(N * S, GUARD), m = after ? random<T>(N * P, 4) : constant<T>(N * S, GUARD);
  const da = random<T>(N * P, 5), dBefore = random<T>(N * P, 5), dOutput = random<T>(N * S, 6);
  const dz = constant<T>(N * W, GUARD), dn = constant<T>(N * P, GUARD), dm = after ? constant<T>(N * P, GUARD) : random<T>(N * P, 7);
  const stride = bytes<T>(S), padded = bytes<T>(P);
  if (after) {
    gruCellForward<T>(a, gates, nt, m, aPrev, stride, padded, N, width);
    spoil<T>(m, N, P, 1, width);
  } else {
    gruCellGates<T>(m, gates, aPrev, stride, padded, N, width);
    gruCellState<T>(a, nt, gates, aPrev, stride, padded, N, width);
    spoil<T>(dm, N, P, 1, width);
  }
  spoil<T>(dBefore, N, P, 1, width);
  spoil<T>(gates, N, W, 2, width);
  spoil<T>(nt, N, P, 1, width);
  gruCellBackward<T>(
    dz, dn, after ? dm : 0, dBefore, outside ? dOutput : 0, gates, nt, m, aPrev, stride, padded, N, width,
  );
  if (!after) gruCellResetBackward<T>(dz, dBefore, dm, gates, aPrev, stride, padded, N, width);
  let count = touched<T>(a, N, S, 1, width, width, 0) + touched<T>(dn, N, P, 1, B, width, 0) + touched<T>(dz, N, W, 2, B, width, 0);
  count += after ? touched<T>(dm, N, P, 1, B, width, 0) : touched<T>(m, N, S, 1, width, width, 0);
  for (let row = 0; row < N; ++row) {
    for (let h = 0; h < width; ++h) {
      const g = row * W + h, s = row * S + h, p = row * P + h;
      const r = sigmoid(at<T>(z, g)), u = sigmoid(at<T>(z, g + B)), before = at<T>(aPrev, s);
      const n = Math.tanh(at<T>(zn, p) + (after ? r * at<T>(m, p) : 0));
      const d = at<T>(da, p) + (outside ? at<T>(dOutput, s) : 0), dNew = d * (1 - u) * (1 - n * n);
      count += wrong<T>(at<T>(gates, g), r) + wrong<T>(at<T>(gates, g + B), u) + wrong<T>(at<T>(nt, p), n);
      count += wrong<T>(at<T>(a, s), (1 - u) * n + u * before);
      count += wrong<T>(at<T>(dn, p), dNew) + wrong<T>(at<T>(dz, g + B), d * (before - n) * u * (1 - u));
      if (after) {
        count += wrong<T>(at<T>(dm, p), dNew * r) + wrong<T>(at<T>(dz, g), dNew * at<T>(m, p) * r * (1 - r));
        count += wrong<T>(at<T>(dBefore, p), d * u);
      } else {
        count += wrong<T>(at<T>(m, s), r * before) + wrong<T>(at<T>(dz, g), at<T>(dm, p) * before * r * (1 - r));
        count += wrong<T>(at<T>(dBefore, p), d * u + at<T>(dm, p) * r);
      }
    }
  }
  return count;
}

// What is run, for all widths and several rows, with and without a gradient from outside.
const TANH = 0, RELU = 1, LSTM = 2, IN_PLACE = 3, AFTER = 4, BEFORE = 5;

function one<T extends number>(cell: i32, N: i32, width: i32, outside: bool): i32 {
  if (cell == LSTM) return wrongLstm<T>(N, width, outside);
  if (cell == IN_PLACE) return wrongLstmInPlace<T>(N, width);
  if (cell >= AFTER) return wrongGru<T>(N, width, cell == AFTER, outside);
  return wrongRnn<T>(N, width, cell == RELU, outside);
}

function all<T extends number>(cell: i32): i32 {
  let count = 0;
  for (let width = 1; width <= PANEL<T>(); ++width) {
    for (let N = 1; N <= 5; ++N) count += one<T>(cell, N, width, true) + one<T>(cell, N, width, false);
  }
  return count;
}

describe("cells, forward and backward: widths 1 … PANEL, 1 … 5 rows", () => {
  it("RNN with tanh, f32", () => expect<i32>(all<f32>(TANH)).toBe(0));
  it("RNN with tanh, f64", () => expect<i32>(all<f64>(TANH)).toBe(0));
  it("RNN with relu, f32", () => expect<i32>(all<f32>(RELU)).toBe(0));
  it("RNN with relu, f64", () => expect<i32>(all<f64>(RELU)).toBe(0));
  it("LSTM, f32", () => expect<i32>(all<f32>(LSTM)).toBe(0));
  it("LSTM, f64", () => expect<i32>(all<f64>(LSTM)).toBe(0));
  it("LSTM in place, f32", () => expect<i32>(all<f32>(IN_PLACE)).toBe(0));
  it("LSTM in place, f64", () => expect<i32>(all<f64>(IN_PLACE)).toBe(0));
  it("GRU, reset after, f32", () => expect<i32>(all<f32>(AFTER)).toBe(0));
  it("GRU, reset after, f64", () => expect<i32>(all<f64>(AFTER)).toBe(0));
  it("GRU, reset before, f32", () => expect<i32>(all<f32>(BEFORE)).toBe(0));
  it("GRU, reset before, f64", () => expect<i32>(all<f64>(BEFORE)).toBe(0));
});
