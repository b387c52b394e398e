import { gemmTransposedScratch } from "../../assembly/gemm_tn";
import { padded, panels, Sequence } from "../../assembly/layout";
import { packBackward, packBias, packForward } from "../../assembly/pack";
import { minGruBackward, minGruForward, minLstmBackward, minLstmForward } from "../../assembly/sequence/pointwise";
import { bytes, PANEL } from "../../assembly/vec";
import { at, clear, constant, copy, differ, list, overruns, random, sigmoid, wrong } from "./numbers";
import { Case } from "./sequence";

/** Kinds of Case: the layer's gates stand for it. */
const GRU = 2, LSTM = 3;
const UNITS: f64 = 64;

/** The descriptor, and what its layer was made of. */
class Layer<T extends number> {
  s: Sequence = changetype<Sequence>(constant<i32>(i32(offsetof<Sequence>()) / 4, 0));
  w: usize; b: usize;

  constructor(public g: Case, positive: bool) {
    const s = this.s, G = g.kind, I = g.I, H = g.H, N = g.lengths.length, T = g.lengths[0], M = g.row(T), W = G * padded<T>(H);
    s.T = T;
    s.N = N;
    s.I = I;
    s.H = s.P = H;
    s.M = M;
    s.variant = positive ? 1 : 0;
    s.chunk = g.chunk;
    s.tape = g.tape ? 1 : 0;
    s.carry = g.carry ? 1 : 0;
    const counts: i32[] = [];
    for (let t = 0; t < T; ++t) counts.push(g.rows(t));
    if (counts[T - 1] < N) s.rows = list<i32>(counts);
    s.x = random<T>(M * I, 5);
    s.a = constant<T>((N + M) * H, NaN);
    memory.copy(s.a, random<T>(N * H, 6), bytes<T>(N * H));
    s.gates = constant<T>((g.tape ? M : g.chunkRows()) * W, NaN);
    this.w = random<T>(G * H * I, 1, 0.7);
    this.b = g.biased ? random<T>(G * H, 3) : 0;
    s.weights = constant<T>(W * I, NaN);
    packForward<T, T>(s.weights, this.w, G, H, I, 0, I);
    s.bias = constant<T>(W, NaN);
    packBias<T>(s.bias, this.b, 0, G, H);
    if (g.tape) this.withGradients(W);
  }

  private withGradients(W: i32): void {
    const s = this.s, g = this.g, G = g.kind;
    if (g.outside) {
      s.dOutput = random<T>(s.M * s.H, 8);
      s.dLast = random<T>(s.N * s.H, 9);
    }
    s.weightsXT = constant<T>(panels<T>(s.I) * PANEL<T>() * W, NaN);
    packBackward<T>(s.weightsXT, this.w, G, s.H, s.I, false);
    s.dz = constant<T>(s.M * W, NaN);
    s.da = constant<T>(s.N * padded<T>(s.H), NaN);
    s.da0 = constant<T>(s.N * s.H, NaN);
    if (g.inputs) s.dx = constant<T>(s.M * s.I, NaN);
    if (!g.parameters) return;
    s.scratch = constant<T>(i32(gemmTransposedScratch<T>(W, s.M, s.I)), NaN);
    s.dWx = random<T>(G * s.H * s.I, 11);
    if (g.biased) s.dbx = random<T>(G * s.H, 13);
  }

  /** Wₖ·x of a row, with its bias. */
  product(k: i32, row: i32): f64 {
    let sum: f64 = this.b ? at<T>(this.b, k) : 0;
    for (let i = 0; i < this.s.I; ++i) sum += at<T>(this.w, k * this.s.I + i) * at<T>(this.s.x, row * this.s.I + i);
    return sum;
  }

  run(): void {
    if (this.g.kind == GRU) minGruForward<T, T>(this.s);
    else minLstmForward<T, T>(this.s);
    if (!this.g.tape) return;
    if (this.g.kind == GRU) minGruBackward<T>(this.s);
    else minLstmBackward<T>(this.s);
  }
}

/** Unit h of sequence j forth and back, scalar by scalar: wrong elements of a and da0; ∂L/∂pre-activation goes to dk [M,G·H]. */
function wrongUnit<T extends number>(layer: Layer<T>, j: i32, h: i32, dk: StaticArray<f64>): i32 {
  const s = layer.s, g = layer.g, G = g.kind, H = s.H, L = g.lengths[j], positive = s.variant != 0;
  const states = new StaticArray<f64>(L + 1);
  let count = 0;
  states[0] = at<T>(s.a, j * H + h);
  for (let t = 0; t < L; ++t) {
    const row = g.row(t) + j, z = share<T>(layer, row, h), v = layer.product((G - 1) * H + h, row);
    states[t + 1] = z * (positive ? (v >= 0 ? v + 0.5 : sigmoid(v)) : v) + (1 - z) * states[t];
    count += wrong<T>(at<T>(s.a, (s.N + row) * H + h), states[t + 1], UNITS);
  }
  if (!g.tape) return count;
  let d: f64 = s.dLast ? at<T>(s.dLast, j * H + h) : 0;
  for (let t = L - 1; t >= 0; --t) {
    const row = g.row(t) + j, z = share<T>(layer, row, h), v = layer.product((G - 1) * H + h, row), u = sigmoid(v);
    const c = positive ? (v >= 0 ? v + 0.5 : u) : v;
    if (s.dOutput) d += at<T>(s.dOutput, row * H + h);
    const logit = d * (c - states[t]) * z * (1 - z);
    if (G == LSTM) dk[(row * G + 1) * H + h] = logit * (1 - sigmoid(layer.product(H + h, row)));
    dk[row * G * H + h] = G == GRU ? logit : -logit * (1 - sigmoid(layer.product(h, row)));
    dk[(row * G + G - 1) * H + h] = d * z * (positive && v < 0 ? u * (1 - u) : 1);
    d *= 1 - z;
  }
  return count + wrong<T>(at<T>(s.da0, j * H + h), d, UNITS);
}

function share<T extends number>(layer: Layer<T>, row: i32, h: i32): f64 {
  const first = sigmoid(layer.product(h, row));
  if (layer.g.kind == GRU) return first;
  const i = sigmoid(layer.product(layer.s.H + h, row));
  return i / (first + i);
}

function wrongSequence<T extends number>(g: Case, positive: bool): i32 {
  clear();
  const layer = new Layer<T>(g, positive), s = layer.s, I = s.I, width = g.kind * s.H;
  const x = copy<T>(s.x, s.M * I), dWx = s.dWx ? copy<T>(s.dWx, width * I) : 0, dbx = s.dbx ? copy<T>(s.dbx, width) : 0;
  layer.run();
  const dk = new StaticArray<f64>(s.M * width);
  let count = overruns() + differ<T>(s.x, x, s.M * I);
  for (let j = 0; j < s.N; ++j) for (let h = 0; h < s.H; ++h) count += wrongUnit<T>(layer, j, h, dk);
  for (let row = 0; s.dx && row < s.M; ++row) {
    for (let i = 0; i < I; ++i) {
      let sum: f64 = 0;
      for (let k = 0; k < width; ++k) sum += dk[row * width + k] * at<T>(layer.w, k * I + i);
      count += wrong<T>(at<T>(s.dx, row * I + i), sum, UNITS);
    }
  }
  for (let k = 0; dWx && k < width; ++k) {
    let bias: f64 = dbx ? at<T>(dbx, k) : 0;
    for (let row = 0; row < s.M; ++row) bias += dk[row * width + k];
    if (dbx) count += wrong<T>(at<T>(s.dbx, k), bias, 2 * UNITS);
    for (let i = 0; i < I; ++i) {
      let sum: f64 = at<T>(dWx, k * I + i);
      for (let row = 0; row < s.M; ++row) sum += dk[row * width + k] * at<T>(s.x, row * I + i);
      count += wrong<T>(at<T>(s.dWx, k * I + i), sum, 2 * UNITS);
    }
  }
  return count;
}

const SIZES: i32[] = [1, 3, 4, 5, 7, 8, 9, 17];

/** All units' tails, with and without a tape; the rows, steps and lengths go with them. */
function wrongSizes<T extends number>(kind: i32): i32 {
  let count = 0;
  for (let i = 0; i < SIZES.length; ++i) {
    for (let way = 0; way < 4; ++way) {
      const g = new Case(kind, i % 2 ? [3, 3, 3] : [6, 4, 4, 1], 1 + ((i * 3) % 10), SIZES[i]), one = new Case(kind, [5], SIZES[7 - i], SIZES[i]);
      g.tape = one.tape = way < 2;
      for (g.chunk = 1; g.chunk <= 7; g.chunk += 2) count += wrongSequence<T>(g, way % 2 == 1);
      one.chunk = 4;
      count += wrongSequence<T>(one, way % 2 == 1);
    }
  }
  return count;
}

/** What is optional is left out: frozen parameters, no dX, nothing from outside, no biases. */
function wrongWithout<T extends number>(kind: i32): i32 {
  let count = 0;
  for (let left = 0; left < 16; ++left) {
    const g = new Case(kind, left % 3 ? [4, 2, 1] : [3, 3], 3, 6);
    g.parameters = (left & 1) == 0;
    g.inputs = (left & 2) == 0;
    g.outside = (left & 4) == 0;
    g.biased = (left & 8) == 0;
    g.chunk = 2;
    count += wrongSequence<T>(g, false);
  }
  return count;
}

/** Single steps, carried from one to the next, have the bits of the sequence; chunks of any size have those of one. */
function differentSteps<T extends number>(kind: i32, H: i32, N: i32): i32 {
  clear();
  const lengths: i32[] = [], single: i32[] = [];
  for (let n = 0; n < N; ++n) {
    lengths.push(5);
    single.push(1);
  }
  const whole = new Case(kind, lengths, 5, H), parts = new Case(kind, lengths, 5, H), one = new Case(kind, single, 5, H);
  whole.tape = parts.tape = one.tape = false;
  one.carry = true;
  whole.chunk = 5;
  parts.chunk = 2;
  const all = new Layer<T>(whole, true), some = new Layer<T>(parts, true), step = new Layer<T>(one, true);
  all.run();
  some.run();
  let count = differ<T>(all.s.a, some.s.a, 6 * N * H);
  for (let t = 0; t < 5; ++t) {
    step.s.x = all.s.x + bytes<T>(t * N * 5);
    step.run();
    count += differ<T>(step.s.a, all.s.a + bytes<T>((t + 1) * N * H), N * H);
  }
  return count + overruns();
}

function differentStreams<T extends number>(kind: i32): i32 {
  let count = 0;
  for (let i = 0; i < SIZES.length; ++i) count += differentSteps<T>(kind, SIZES[i], 1) + differentSteps<T>(kind, SIZES[i], 3);
  return count;
}

describe("layers without a recurrent product: 1 to 17 units and inputs, 1 to 4 rows, chunks of steps", () => {
  it("MinGRU, f32", () => expect<i32>(wrongSizes<f32>(GRU)).toBe(0));
  it("MinGRU, f64", () => expect<i32>(wrongSizes<f64>(GRU)).toBe(0));
  it("MinLSTM, f32", () => expect<i32>(wrongSizes<f32>(LSTM)).toBe(0));
  it("MinLSTM, f64", () => expect<i32>(wrongSizes<f64>(LSTM)).toBe(0));
  it("frozen, without dX, biases or gradients from outside", () =>
    expect<i32>(wrongWithout<f32>(GRU) + wrongWithout<f64>(GRU) + wrongWithout<f32>(LSTM) + wrongWithout<f64>(LSTM)).toBe(0));
  it("MinGRU's steps have the bits of its sequence", () => expect<i32>(differentStreams<f32>(GRU) + differentStreams<f64>(GRU)).toBe(0));
  it("MinLSTM's steps have the bits of its sequence", () => expect<i32>(differentStreams<f32>(LSTM) + differentStreams<f64>(LSTM)).toBe(0));
});
