import { lstmpCellBackward, lstmpCellForward } from "../../assembly/cells/lstmp";
import { gemmTransposedScratch } from "../../assembly/gemm_tn";
import { padded, panels, Sequence } from "../../assembly/layout";
import { packBackward, packBias, packForward } from "../../assembly/pack";
import { lstmpBackward, lstmpForward } from "../../assembly/sequence/loop";
import { bytes, PANEL } from "../../assembly/vec";
import { at, clear, constant, list, overruns, put, random, sigmoid, wrong } from "./numbers";

/** Canonical weights; Wr and the peepholes where they are asked for. */
class Layer<T extends number> {
  wx: usize; wa: usize; b: usize; wr: usize; peepholes: usize;

  constructor(public I: i32, public H: i32, public P: i32, peeps: bool, public bound: f64) {
    this.wx = random<T>(4 * H * I, 1, 0.8);
    this.wa = random<T>(4 * H * P, 2, 0.8);
    this.b = random<T>(4 * H, 3);
    this.wr = P < H ? random<T>(P * H, 4) : 0;
    this.peepholes = peeps ? random<T>(3 * H, 5) : 0;
  }
}

/** The descriptor, backward too; what a kernel has to write holds rubbish. Rows are T·N, less those that the last step lacks. */
function sequence<T extends number>(w: Layer<T>, T_: i32, N: i32, lack: i32, tape: bool): Sequence {
  const s = changetype<Sequence>(constant<i32>(i32(offsetof<Sequence>()) / 4, 0));
  const I = w.I, H = w.H, P = w.P, Hp = padded<T>(H), Pp = padded<T>(P), M = T_ * N - lack;
  s.T = T_; s.N = N; s.I = I; s.H = H; s.P = s.K = P; s.M = M;
  s.chunk = 2;
  s.tape = tape ? 1 : 0;
  const words = reinterpret<u64>(w.bound);
  s.boundLow = u32(words);
  s.boundHigh = u32(words >> 32);
  if (lack) {
    const counts: i32[] = [];
    for (let t = 0; t < T_; ++t) counts.push(t < T_ - 1 ? N : N - lack);
    s.rows = list<i32>(counts);
    s.aPrev = constant<T>(M * P, NaN);
  }
  s.x = random<T>(M * I, 6);
  s.a = constant<T>((N + M) * P, NaN);
  memory.copy(s.a, random<T>(N * P, 7), bytes<T>(N * P));
  s.c = constant<T>((tape ? N + M : N) * H, NaN);
  memory.copy(s.c, random<T>(N * H, 8), bytes<T>(N * H));
  s.gates = constant<T>((tape ? M : 2 * N) * 4 * Hp, NaN);
  s.weights = constant<T>(4 * Hp * (I + P), NaN);
  packForward<T, T>(s.weights, w.wx, 4, H, I, 0, I + P);
  packForward<T, T>(s.weights, w.wa, 4, H, P, I, I + P);
  s.bias = constant<T>(4 * Hp, NaN);
  packBias<T>(s.bias, w.b, 0, 4, H);
  s.peepholes = w.peepholes;
  s.weightsHT = transposed<T>(w.wa, 4, H, P);
  s.weightsXT = transposed<T>(w.wx, 4, H, I);
  if (w.wr) {
    s.m = constant<T>((tape ? M : N) * H, NaN);
    s.weightsN = constant<T>(Pp * H, NaN);
    packForward<T, T>(s.weightsN, w.wr, 1, P, H, 0, H);
    s.weightsNHT = transposed<T>(w.wr, 1, P, H);
    s.dn = constant<T>(M * Pp, NaN);
    s.dm = constant<T>(N * Hp, NaN);
    s.dWr = constant<T>(P * H, 0);
  }
  s.dOutput = random<T>(M * P, 9);
  s.dLast = random<T>(N * P, 10);
  s.dcLast = random<T>(N * H, 11);
  s.dz = constant<T>(M * 4 * Hp, NaN);
  s.da = constant<T>(N * Pp, NaN);
  s.dc = constant<T>(N * Hp, NaN);
  s.dx = constant<T>(M * I, NaN);
  s.da0 = constant<T>(N * P, NaN);
  s.dc0 = constant<T>(N * H, NaN);
  s.scratch = constant<T>(i32(gemmTransposedScratch<T>(4 * Hp, M, max(I, H))), NaN);
  s.dWx = constant<T>(4 * H * I, 0);
  s.dWa = constant<T>(4 * H * P, 0);
  s.dbx = constant<T>(4 * H, 0);
  s.dba = constant<T>(4 * H, 0);
  if (w.peepholes) s.dPeepholes = constant<T>(3 * H, 0);
  return s;
}

function transposed<T extends number>(w: usize, G: i32, H: i32, cols: i32): usize {
  const dst = constant<T>(panels<T>(cols) * PANEL<T>() * G * padded<T>(H), NaN);
  packBackward<T>(dst, w, G, H, cols, false);
  return dst;
}

function rowsOf(s: Sequence, t: i32): i32 {
  return s.rows ? load<i32>(s.rows + (usize(t) << 2)) : s.N;
}

/** One scalar at a time: elements of a, and of c where it is kept, that are not right; c0 is what c held at first. */
function wrongForward<T extends number>(s: Sequence, w: Layer<T>, c0: usize): i32 {
  const I = s.I, H = s.H, P = s.P, c = new StaticArray<f64>(s.N * H), h = new StaticArray<f64>(s.N * P), m = new StaticArray<f64>(H);
  for (let i = 0; i < c.length; ++i) c[i] = at<T>(c0, i);
  for (let i = 0; i < h.length; ++i) h[i] = at<T>(s.a, i);
  let count = 0;
  for (let t = 0, row = 0; t < s.T; ++t) {
    for (let n = 0; n < rowsOf(s, t); ++n, ++row) {
      for (let j = 0; j < H; ++j) {
        const z = new StaticArray<f64>(4), old = c[n * H + j];
        for (let g = 0; g < 4; ++g) {
          const r = g * H + j;
          z[g] = at<T>(w.b, r);
          for (let i = 0; i < I; ++i) z[g] += at<T>(w.wx, r * I + i) * at<T>(s.x, row * I + i);
          for (let p = 0; p < P; ++p) z[g] += at<T>(w.wa, r * P + p) * h[n * P + p];
        }
        const peep = w.peepholes != 0;
        const i = sigmoid(z[0] + (peep ? at<T>(w.peepholes, j) * old : 0)), f = sigmoid(z[1] + (peep ? at<T>(w.peepholes, H + j) * old : 0));
        const now = Math.max(Math.min(f * old + i * Math.tanh(z[2]), w.bound), -w.bound);
        m[j] = sigmoid(z[3] + (peep ? at<T>(w.peepholes, 2 * H + j) * now : 0)) * Math.tanh(now);
        c[n * H + j] = now;
        if (s.tape) count += wrong<T>(at<T>(s.c, (s.N + row) * H + j), now, 64);
      }
      for (let p = 0; p < P; ++p) {
        let sum = m[p];
        if (w.wr) {
          sum = 0;
          for (let j = 0; j < H; ++j) sum += at<T>(w.wr, p * H + j) * m[j];
        }
        h[n * P + p] = sum;
        count += wrong<T>(at<T>(s.a, (s.N + row) * P + p), sum, 64);
      }
    }
  }
  return count;
}

function wrongSizes<T extends number>(): i32 {
  let count = 0;
  const sizes: i32[] = [1, 3, 4, 7, 8, 9, 17];
  for (let k = 0; k < sizes.length; ++k) {
    const H = sizes[k];
    for (let kind = 0; kind < 8; ++kind) {
      clear();
      const P = kind & 1 ? max(1, (H + 1) / 2) : H;
      const w = new Layer<T>(1 + (k % 4), H, P, (kind & 2) != 0, kind & 4 ? 0.3 : Infinity);
      const T_ = k % 3 + 1, N = k % 5 + 1;
      for (let tape = 0; tape < 2; ++tape) {
        const s = sequence<T>(w, T_, N, N > 1 && T_ > 1 ? 1 : 0, tape != 0);
        const c0 = constant<T>(N * H, 0);
        memory.copy(c0, s.c, bytes<T>(N * H));
        lstmpForward<T, T>(s);
        if (tape) lstmpBackward<T>(s);
        count += wrongForward<T>(s, w, c0) + overruns();
      }
    }
  }
  return count;
}

/** Σ a·dOutput, and a's and c's last of each row against theirs. */
function loss(s: Sequence): f64 {
  lstmpForward<f64, f64>(s);
  let sum: f64 = 0;
  for (let i = 0; i < s.M * s.P; ++i) sum += at<f64>(s.a, s.N * s.P + i) * at<f64>(s.dOutput, i);
  for (let n = 0, last = rowsOf(s, s.T - 1); n < s.N; ++n) {
    const row = n < last ? s.N + s.M - last + n : s.M - last + n; // the step before, where the last lacks it
    for (let p = 0; p < s.P; ++p) sum += at<f64>(s.a, row * s.P + p) * at<f64>(s.dLast, n * s.P + p);
    for (let h = 0; h < s.H; ++h) sum += at<f64>(s.c, row * s.H + h) * at<f64>(s.dcLast, n * s.H + h);
  }
  return sum;
}

/** Elements of a gradient that differences do not show. */
function differs(s: Sequence, values: usize, gradient: usize, n: i32): i32 {
  let count = 0;
  for (let i = 0; i < n; ++i) {
    const x = at<f64>(values, i), e = 1e-6;
    put<f64>(values, i, x + e);
    const up = loss(s);
    put<f64>(values, i, x - e);
    const difference = (up - loss(s)) / (2 * e);
    put<f64>(values, i, x);
    if (!(Math.abs(difference - at<f64>(gradient, i)) < 1e-7)) ++count;
  }
  return count;
}

/** What the kernel reads where it lies: x, the initial states, the peepholes. */
function wrongGradients(kind: i32): i32 {
  clear();
  const w = new Layer<f64>(3, 5, kind & 1 ? 3 : 5, (kind & 2) != 0, kind & 4 ? 0.4 : Infinity);
  const s = sequence<f64>(w, 3, 4, 2, true);
  lstmpForward<f64, f64>(s);
  lstmpBackward<f64>(s);
  let count = differs(s, s.x, s.dx, s.M * s.I) + differs(s, s.a, s.da0, s.N * s.P) + differs(s, s.c, s.dc0, s.N * s.H);
  if (s.peepholes) count += differs(s, s.peepholes, s.dPeepholes, 3 * s.H);
  return count;
}

describe("LSTMP", () => {
  test("the cell keeps c within its bound, and lets no gradient through there", () => {
    clear();
    const gates = random<f64>(16, 1, 9), c = constant<f64>(4, 0), m = constant<f64>(4, 0), before = constant<f64>(4, 1e9);
    lstmpCellForward<f64>(m, c, gates, before, 0, 0, 0.5, 0, 0, 1, 3);
    const dz = constant<f64>(16, 7), dc = constant<f64>(4, 1), dm = constant<f64>(4, 1);
    lstmpCellBackward<f64>(dz, dc, dm, 0, gates, c, before, 0, 0, 0.5, 0, 0, 0, 1, 3);
    for (let h = 0; h < 3; ++h) {
      expect(Math.abs(at<f64>(c, h))).toBe(0.5);
      expect(at<f64>(dc, h)).toBe(0);
      expect(at<f64>(dz, h)).toBe(0);
      expect(at<f64>(dz, 12 + h)).not.toBe(0);
    }
    expect(at<f64>(c, 3)).toBe(0); // beyond the block's units
  });

  test("a sequence is the naive one's, at every size of tails and with every option", () => {
    expect(wrongSizes<f32>()).toBe(0);
    expect(wrongSizes<f64>()).toBe(0);
  });

  test("its gradients are differences", () => {
    for (let kind = 0; kind < 8; ++kind) expect(wrongGradients(kind)).toBe(0);
  });
});
