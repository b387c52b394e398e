/** A Sequence with all its buffers, for the specs: every buffer is as long as its description says, and guarded. */
import { gemmTransposedScratch } from "../../assembly/gemm_tn";
import { padded, panels, Sequence } from "../../assembly/layout";
import { packBackward, packBias, packForward } from "../../assembly/pack";
import { gruBackward, gruForward, lstmBackward, lstmForward, rnnBackward, rnnForward } from "../../assembly/sequence/loop";
import { bytes, PANEL } from "../../assembly/vec";
import { AFTER, BEFORE, gatesOf, LSTM, RELU } from "./naive";
import { constant, list, random } from "./numbers";

/** What a case is: sequences' lengths, longest first; whether the descriptor is told of them. */
export class Case {
  chunk: i32 = 1;
  tape: bool = true;
  carry: bool = false;
  biased: bool = true;
  /** Whether x receives a gradient, and the parameters. */
  inputs: bool = true;
  parameters: bool = true;
  /** Whether a's and the last state's gradients come from outside. */
  outside: bool = true;

  constructor(public kind: i32, public lengths: i32[], public I: i32, public H: i32) {}

  /** Rows of step t. */
  rows(t: i32): i32 {
    let count = 0;
    for (let j = 0; j < this.lengths.length; ++j) if (this.lengths[j] > t) ++count;
    return count;
  }

  /** The first row of step t. */
  row(t: i32): i32 {
    let sum = 0;
    for (let before = 0; before < t; ++before) sum += this.rows(before);
    return sum;
  }

  /** Rows of the longest chunk. */
  chunkRows(): i32 {
    let most = 0;
    for (let t = 0; t < this.lengths[0]; t += this.chunk) most = max(most, this.row(min(t + this.chunk, this.lengths[0])) - this.row(t));
    return most;
  }
}

/** Canonical weights, as the network has them. */
export class Weights<T extends number> {
  wx: usize; wa: usize; bx: usize; ba: usize;

  constructor(g: Case) {
    const width = gatesOf(g.kind) * g.H;
    this.wx = random<T>(width * g.I, 1, 0.7);
    this.wa = random<T>(width * g.H, 2, 0.7);
    this.bx = g.biased ? random<T>(width, 3) : 0;
    this.ba = g.biased ? random<T>(width, 4) : 0;
  }
}

/** The descriptor. What the kernel has to write holds rubbish, what it may not read is null. */
export function sequence<T extends number>(g: Case, w: Weights<T>): Sequence {
  const s = changetype<Sequence>(constant<i32>(i32(offsetof<Sequence>()) / 4, 0));
  const N = g.lengths.length, T = g.lengths[0], M = g.row(T), Hp = padded<T>(g.H);
  s.T = T;
  s.N = N;
  s.I = g.I;
  s.H = s.P = s.K = g.H;
  s.M = M;
  s.variant = g.kind == RELU || g.kind == BEFORE ? 1 : 0;
  s.chunk = g.chunk;
  s.tape = g.tape ? 1 : 0;
  s.carry = g.carry ? 1 : 0;
  const counts: i32[] = [];
  for (let t = 0; t < T; ++t) counts.push(g.rows(t));
  if (counts[T - 1] < N) s.rows = list<i32>(counts);
  s.x = random<T>(M * g.I, 5);
  s.a = states<T>(N, N + M, g.H, 6);
  if (g.kind == LSTM) s.c = states<T>(N, g.tape ? N + M : N, g.H, 7);
  const width = g.kind > LSTM ? 2 * Hp : gatesOf(g.kind) * Hp;
  const kept = g.tape && g.kind > RELU ? M : g.chunkRows();
  s.gates = constant<T>(kept * width, NaN);
  if (g.kind > LSTM) {
    s.n = constant<T>(kept * Hp, NaN);
    s.m = constant<T>((g.tape ? M : N) * (g.kind == AFTER ? Hp : g.H), NaN);
  }
  pack<T>(s, g, w);
  return s;
}

/** Initial states, and room for the others. */
function states<T extends number>(N: i32, rows: i32, H: i32, seed: u32): usize {
  const p = constant<T>(rows * H, NaN), first = random<T>(N * H, seed);
  memory.copy(p, first, bytes<T>(N * H));
  return p;
}

function pack<T extends number>(s: Sequence, g: Case, w: Weights<T>): void {
  const I = g.I, H = g.H, Hp = padded<T>(H), G = g.kind > LSTM ? 2 : gatesOf(g.kind), K = I + H;
  s.weights = forwardWeights<T, T>(w.wx, w.wa, G, I, H);
  s.bias = constant<T>(G * Hp, NaN);
  packBias<T>(s.bias, w.bx, w.ba, G, H);
  s.weightsHT = backwardWeights<T>(w.wa, G, H, H);
  s.weightsXT = backwardWeights<T>(w.wx, G, H, I);
  if (g.kind <= LSTM) return;
  const wxN = w.wx + bytes<T>(2 * H * I), waN = w.wa + bytes<T>(2 * H * H);
  const bxN = w.bx ? w.bx + bytes<T>(2 * H) : 0, baN = w.ba ? w.ba + bytes<T>(2 * H) : 0;
  s.weightsN = forwardWeights<T, T>(wxN, waN, 1, I, H);
  s.weightsNHT = backwardWeights<T>(waN, 1, H, H);
  s.weightsNXT = backwardWeights<T>(wxN, 1, H, I);
  s.biasN = constant<T>(Hp, NaN);
  packBias<T>(s.biasN, bxN, g.kind == BEFORE ? baN : 0, 1, H);
  if (g.kind == BEFORE) return;
  s.biasHN = constant<T>(Hp, NaN);
  packBias<T>(s.biasHN, 0, baN, 1, H);
}

/** Wx over Wa, in storage type W. */
export function forwardWeights<T extends number, W extends number>(wx: usize, wa: usize, G: i32, I: i32, H: i32): usize {
  const dst = constant<W>(G * padded<T>(H) * (I + H), -77);
  packForward<T, W>(dst, wx, G, H, I, 0, I + H);
  packForward<T, W>(dst, wa, G, H, H, I, I + H);
  return dst;
}

function backwardWeights<T extends number>(w: usize, G: i32, H: i32, cols: i32): usize {
  const dst = constant<T>(panels<T>(cols) * PANEL<T>() * G * padded<T>(H), NaN);
  packBackward<T>(dst, w, G, H, cols, false);
  return dst;
}

/** The fields of the backward pass. */
export function withGradients<T extends number>(s: Sequence, g: Case): void {
  const N = s.N, M = s.M, I = s.I, H = s.H, Hp = padded<T>(H), G = g.kind > LSTM ? 2 : gatesOf(g.kind);
  if (g.outside) {
    s.dOutput = random<T>(M * H, 8);
    s.dLast = random<T>(N * H, 9);
    if (g.kind == LSTM) s.dcLast = random<T>(N * H, 10);
  }
  s.dz = constant<T>(M * G * Hp, NaN);
  s.da = constant<T>(N * Hp, NaN);
  if (g.kind == LSTM) s.dc = constant<T>(N * Hp, NaN);
  if (g.kind > LSTM) {
    s.dn = constant<T>(M * Hp, NaN);
    s.dm = constant<T>((g.kind == AFTER ? M : N) * Hp, NaN);
  }
  if (g.inputs) s.dx = constant<T>(M * I, NaN);
  s.da0 = constant<T>(N * H, NaN);
  if (g.kind == LSTM) s.dc0 = constant<T>(N * H, NaN);
  if (!g.parameters) return;
  const width = gatesOf(g.kind) * H;
  if (s.rows) s.aPrev = constant<T>(M * H, NaN);
  s.scratch = constant<T>(i32(gemmTransposedScratch<T>(G * Hp, M, max(I, H))), NaN);
  s.dWx = random<T>(width * I, 11);
  s.dWa = random<T>(width * H, 12);
  if (!g.biased) return;
  s.dbx = random<T>(width, 13);
  s.dba = random<T>(width, 14);
}

export function runForward<T extends number>(s: Sequence, kind: i32): void {
  if (kind == LSTM) lstmForward<T, T>(s);
  else if (kind > LSTM) gruForward<T, T>(s);
  else rnnForward<T, T>(s);
}

export function runBackward<T extends number>(s: Sequence, kind: i32): void {
  if (kind == LSTM) lstmBackward<T>(s);
  else if (kind > LSTM) gruBackward<T>(s);
  else rnnBackward<T>(s);
}
