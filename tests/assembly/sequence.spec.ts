import { padded, Sequence } from "../../assembly/layout";
import { gruForward, lstmForward, rnnForward } from "../../assembly/sequence/loop";
import { bytes, PANEL } from "../../assembly/vec";
import { BEFORE, LSTM, Naive, TANH } from "./naive";
import { at, clear, constant, copy, differ, overruns, put, wrong } from "./numbers";
import { Case, forwardWeights, runBackward, runForward, sequence, Weights, withGradients } from "./sequence";

const UNITS: f64 = 64;

function fill<T extends number>(to: StaticArray<f64>, p: usize): void {
  for (let i = 0; i < to.length; ++i) to[i] = p ? at<T>(p, i) : 0;
}

function naiveOf<T extends number>(g: Case, w: Weights<T>): Naive {
  const naive = new Naive(g.kind, g.I, g.H);
  fill<T>(naive.wx, w.wx);
  fill<T>(naive.wa, w.wa);
  fill<T>(naive.bx, w.bx);
  fill<T>(naive.ba, w.ba);
  return naive;
}

/** Row (t, j) among those of all steps, the initial states not counted. */
function rowOf(g: Case, t: i32, j: i32): i32 {
  return g.row(t) + j;
}

/** Sequence j through the naive layer; elements of a, and of c where it is kept, that are not right. */
function wrongStates<T extends number>(s: Sequence, g: Case, naive: Naive, c0: usize, j: i32): i32 {
  const L = g.lengths[j], H = g.H, I = g.I, N = s.N;
  let count = 0;
  naive.begin(L);
  for (let h = 0; h < H; ++h) {
    naive.a[h] = at<T>(s.a, j * H + h);
    naive.c[h] = c0 ? at<T>(c0, j * H + h) : 0;
  }
  for (let t = 0; t < L; ++t) {
    const row = rowOf(g, t, j);
    for (let k = 0; k < I; ++k) naive.x[t * I + k] = at<T>(s.x, row * I + k);
    naive.step(t);
    for (let h = 0; h < H; ++h) {
      count += wrong<T>(at<T>(s.a, (N + row) * H + h), naive.a[(t + 1) * H + h], UNITS);
      if (s.c && g.tape) count += wrong<T>(at<T>(s.c, (N + row) * H + h), naive.c[(t + 1) * H + h], UNITS);
      else if (s.c && t == L - 1) count += wrong<T>(at<T>(s.c, j * H + h), naive.c[L * H + h], UNITS);
    }
  }
  return count;
}

/** The way back of sequence j, whose way forth the naive layer holds: dx, da0 and dc0. */
function wrongGradients<T extends number>(s: Sequence, g: Case, naive: Naive, j: i32): i32 {
  const L = g.lengths[j], H = g.H, I = g.I, dOutput = new StaticArray<f64>(L * H);
  let count = 0;
  for (let h = 0; h < H; ++h) {
    naive.da[h] = s.dLast ? at<T>(s.dLast, j * H + h) : 0;
    naive.dc[h] = s.dcLast ? at<T>(s.dcLast, j * H + h) : 0;
    for (let t = 0; s.dOutput && t < L; ++t) dOutput[t * H + h] = at<T>(s.dOutput, rowOf(g, t, j) * H + h);
  }
  for (let t = L - 1; t >= 0; --t) naive.stepBack(t, dOutput);
  for (let h = 0; h < H; ++h) {
    count += wrong<T>(at<T>(s.da0, j * H + h), naive.da[h], UNITS);
    if (s.dc0) count += wrong<T>(at<T>(s.dc0, j * H + h), naive.dc[h], UNITS);
  }
  for (let t = 0; s.dx && t < L; ++t) {
    for (let k = 0; k < I; ++k) count += wrong<T>(at<T>(s.dx, rowOf(g, t, j) * I + k), naive.dx[t * I + k], UNITS);
  }
  return count;
}

/** Elements of a parameter's gradient that are not what was there and the naive layer's; `before` is what was there. */
function wrongParameter<T extends number>(d: usize, before: usize, naive: StaticArray<f64>): i32 {
  let count = 0;
  for (let i = 0; d && i < naive.length; ++i) count += wrong<T>(at<T>(d, i), at<T>(before, i) + naive[i], 2 * UNITS);
  return count;
}

function wrongSequence<T extends number>(g: Case): i32 {
  clear();
  const w = new Weights<T>(g), s = sequence<T>(g, w), naive = naiveOf<T>(g, w);
  const c0 = s.c ? copy<T>(s.c, s.N * s.H) : 0;
  if (g.tape) withGradients<T>(s, g);
  const width = naive.bx.length, dWx = s.dWx, x = copy<T>(s.x, s.M * s.I);
  const dWxBefore = dWx ? copy<T>(dWx, width * s.I) : 0, dWaBefore = dWx ? copy<T>(s.dWa, width * s.H) : 0;
  const dbxBefore = s.dbx ? copy<T>(s.dbx, width) : 0, dbaBefore = s.dba ? copy<T>(s.dba, width) : 0;
  runForward<T>(s, g.kind);
  if (g.tape) runBackward<T>(s, g.kind);
  let count = overruns() + differ<T>(s.x, x, s.M * s.I);
  for (let j = 0; j < s.N; ++j) {
    count += wrongStates<T>(s, g, naive, c0, j);
    if (g.tape) count += wrongGradients<T>(s, g, naive, j);
  }
  if (!g.tape || !dWx) return count;
  count += wrongParameter<T>(s.dWx, dWxBefore, naive.dWx) + wrongParameter<T>(s.dWa, dWaBefore, naive.dWa);
  return count + wrongParameter<T>(s.dbx, dbxBefore, naive.dbx) + wrongParameter<T>(s.dba, dbaBefore, naive.dba);
}

const SIZES: i32[] = [1, 3, 4, 5, 7, 8, 9, 17];

/** All units' tails; the rows and steps go with them. */
function wrongSizes<T extends number>(kind: i32, tape: bool): i32 {
  let count = 0;
  for (let i = 0; i < SIZES.length; ++i) {
    const g = new Case(kind, i % 2 ? [3, 3, 3, 3] : [4, 4, 4, 4, 4, 4, 4], 1 + ((i * 3) % 10), SIZES[i]);
    g.tape = tape;
    for (g.chunk = 1; g.chunk <= 5; g.chunk += 2) count += wrongSequence<T>(g);
    count += wrongSequence<T>(new Case(kind, [1, 1, 1], SIZES[i], SIZES[7 - i]));
    count += wrongSequence<T>(new Case(kind, [5], SIZES[7 - i], SIZES[i]));
  }
  const wide = new Case(kind, [2, 2, 2, 2, 2], 3, 4 * PANEL<T>() + 3); // a second group of panels
  wide.tape = tape;
  return count + wrongSequence<T>(wide);
}

function wrongLengths<T extends number>(kind: i32, tape: bool): i32 {
  let count = 0;
  for (let H = 1; H <= 10; H += 3) {
    for (let chunk = 1; chunk <= 6; ++chunk) {
      const g = new Case(kind, [6, 4, 4, 3, 1], 4, H), all = new Case(kind, [3, 2, 1], 1, H);
      g.tape = all.tape = tape;
      g.chunk = all.chunk = chunk;
      count += wrongSequence<T>(g) + wrongSequence<T>(all);
    }
  }
  return count;
}

/** What is optional is left out: frozen parameters, no dX, nothing from outside, no biases. */
function wrongWithout<T extends number>(kind: i32, ragged: bool): i32 {
  let count = 0;
  for (let left = 0; left < 16; ++left) {
    const g = new Case(kind, ragged ? [4, 2, 1] : [3, 3], 3, 6);
    g.parameters = (left & 1) == 0;
    g.inputs = (left & 2) == 0;
    g.outside = (left & 4) == 0;
    g.biased = (left & 8) == 0;
    g.chunk = 2;
    count += wrongSequence<T>(g);
  }
  return count;
}

/** One row's single step is the first step of a longer sequence, to the bit; with `carry` its state goes to slot 0. */
function differentStream<T extends number>(kind: i32, H: i32): i32 {
  clear();
  const whole = new Case(kind, [3], 5, H), one = new Case(kind, [1], 5, H);
  whole.tape = one.tape = false;
  whole.carry = one.carry = true;
  whole.chunk = 3;
  const w = new Weights<T>(whole), s = sequence<T>(whole, w), stream = sequence<T>(one, w);
  runForward<T>(s, kind);
  let count = differ<T>(s.a, s.a + bytes<T>(3 * H), H);
  for (let t = 0; t < 3; ++t) {
    stream.x = s.x + bytes<T>(t * 5);
    runForward<T>(stream, kind);
    count += differ<T>(stream.a, s.a + bytes<T>((t + 1) * H), H) + differ<T>(stream.a, stream.a + bytes<T>(H), H);
  }
  return count + overruns() + (kind == LSTM ? differ<T>(stream.c, s.c, H) : 0);
}

function differentStreams<T extends number>(kind: i32): i32 {
  let count = 0;
  for (let i = 0; i < SIZES.length; ++i) count += differentStream<T>(kind, SIZES[i]);
  return count + differentStream<T>(kind, 4 * PANEL<T>() + 3);
}

/** bf16: the bits of f32 weights that are what the packed ones are read as. */
function differentHalves(kind: i32, lengths: i32[], H: i32): i32 {
  clear();
  const g = new Case(kind, lengths, 3, H), w = new Weights<f32>(g), s = sequence<f32>(g, w), half = sequence<f32>(g, w);
  const G = kind == LSTM ? 4 : kind > LSTM ? 2 : 1, size = padded<f32>(H) * (3 + H);
  half.weights = forwardWeights<f32, u16>(w.wx, w.wa, G, 3, H);
  s.weights = spread(half.weights, G * size);
  if (kind > LSTM) {
    half.weightsN = forwardWeights<f32, u16>(w.wx + bytes<f32>(2 * H * 3), w.wa + bytes<f32>(2 * H * H), 1, 3, H);
    s.weightsN = spread(half.weightsN, size);
  }
  runForward<f32>(s, kind);
  if (kind == LSTM) lstmForward<f32, u16>(half);
  else if (kind > LSTM) gruForward<f32, u16>(half);
  else rnnForward<f32, u16>(half);
  return differ<f32>(s.a, half.a, (s.N + s.M) * H) + overruns();
}

/** Packed bf16 as f32: of a word of two, the first by its own bits, the second with the first's behind it. */
function spread(packed: usize, n: i32): usize {
  const p = constant<f32>(n, NaN);
  for (let i = 0; i < n; ++i) {
    const lane = i % 8, word = load<u32>(packed + 16 * (i / 8) + 4 * (lane % 4));
    put<f32>(p, i, <f64>reinterpret<f32>(lane < 4 ? word << 16 : word));
  }
  return p;
}

function halves(kind: i32): i32 {
  let count = 0;
  for (let i = 0; i < SIZES.length; ++i) {
    count += differentHalves(kind, [3, 3, 1], SIZES[i]) + differentHalves(kind, [1], SIZES[i]) + differentHalves(kind, [2, 2], SIZES[i]);
  }
  return count;
}

const NAMES = ["RNN with tanh", "RNN with relu", "LSTM", "GRU, reset after", "GRU, reset before"];

/** Each kind by its name. */
function each<T extends number>(what: i32): void {
  for (let kind = TANH; kind <= BEFORE; ++kind) {
    let count = 0;
    if (what < 2) count = wrongSizes<T>(kind, what == 0);
    else if (what < 4) count = wrongLengths<T>(kind, what == 2);
    else if (what == 4) count = wrongWithout<T>(kind, false) + wrongWithout<T>(kind, true);
    else if (what == 5) count = differentStreams<T>(kind);
    else count = halves(kind);
    expect<i32>(count).toBe(0, NAMES[kind]);
  }
}

describe("sequences: 1 to 17 units and inputs, 1 to 7 rows, chunks of steps", () => {
  it("forward and backward, f32", () => each<f32>(0));
  it("forward and backward, f64", () => each<f64>(0));
  it("forward without a tape, f32", () => each<f32>(1));
  it("forward without a tape, f64", () => each<f64>(1));
  it("of different lengths, f32", () => each<f32>(2));
  it("of different lengths, f64", () => each<f64>(2));
  it("of different lengths without a tape, f32", () => each<f32>(3));
  it("of different lengths without a tape, f64", () => each<f64>(3));
  it("frozen, without dX, biases or gradients from outside, f32", () => each<f32>(4));
  it("frozen, without dX, biases or gradients from outside, f64", () => each<f64>(4));
  it("one row's step has the bits of the sequence, f32", () => each<f32>(5));
  it("one row's step has the bits of the sequence, f64", () => each<f64>(5));
  it("weights in bf16 have the bits of f32 weights of their value", () => each<f32>(6));
});
