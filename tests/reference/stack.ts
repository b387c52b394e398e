/*
 * The naive stack: layers of cells, in one direction or both, over one batch of sequences of one length, f64.
 *
 *   (1) input of layer l + 1 = output of layer l · factors l             (factors of dropout; 1 without)
 *   (2) both directions: the second cell reads x⟨T⟩ … x⟨1⟩; output⟨t⟩ = [forward⟨t⟩, reverse⟨t⟩], and dx is the sum of both
 *
 * States are [layers · directions, N, H], parameters PyTorch's by name.
 */

import { addInto } from "./gemm.js";
import { type GruTape, gruBackward, gruForward } from "./gru.js";
import { type LstmTape, lstmBackward, lstmForward } from "./lstm.js";
import { type MinKind, type MinTape, minBackward, minForward } from "./min-cells.js";
import { type RnnTape, rnnBackward, rnnForward, type SequenceWeights } from "./rnn.js";

export type StackKind = "RNN" | "LSTM" | "GRU" | "GRU, reset before" | MinKind | `${MinKind}, positive`;

export interface Stack {
  readonly kind: StackKind;
  readonly T: number;
  readonly N: number;
  readonly I: number;
  readonly H: number;
  readonly layers: number;
  readonly bidirectional?: boolean;
  /** weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, weight_ih_l0_reverse, …; biases may be absent, as hh are where there is no such product. */
  readonly parameters: Readonly<Record<string, ArrayLike<number>>>;
  /** (1) [T,N,directions · H] for each gap between layers. */
  readonly factors?: readonly ArrayLike<number>[];
}

/** h and, for an LSTM, c. */
type State = Readonly<Record<string, ArrayLike<number>>>;

type CellTape = RnnTape | LstmTape | GruTape | MinTape;

export interface StackForward {
  /** [T,N,directions · H] */
  readonly output: Float64Array;
  readonly state: { h: Float64Array; c?: Float64Array };
  readonly tapes: readonly CellTape[];
}

export interface StackBackward {
  /** [T,N,I] */
  readonly dX: Float64Array;
  readonly dState: { h: Float64Array; c?: Float64Array };
  readonly gradients: Readonly<Record<string, Float64Array>>;
}

const directionsOf = ({ bidirectional }: Stack) => (bidirectional ? 2 : 1);

/** Names end with the cell's place: l0, l0_reverse, l1, … */
const suffixOf = (stack: Stack, k: number) => `l${Math.floor(k / directionsOf(stack))}${k % directionsOf(stack) ? "_reverse" : ""}`;

function cellOf(stack: Stack, k: number) {
  const { T, N, H, I, parameters } = stack;
  const D = directionsOf(stack);
  const suffix = suffixOf(stack, k);
  const weights: SequenceWeights = {
    wih: parameters[`weight_ih_${suffix}`],
    whh: parameters[`weight_hh_${suffix}`],
    bih: parameters[`bias_ih_${suffix}`] ?? null,
    bhh: parameters[`bias_hh_${suffix}`] ?? null,
  };
  return { dims: { T, N, I: k < D ? I : D * H, H }, weights, reversed: k % D === 1 };
}

/** Steps of [T,…] in the opposite order. */
function backwards(data: ArrayLike<number>, T: number): Float64Array {
  const step = data.length / T;
  return Float64Array.from({ length: data.length }, (_, i) => data[(T - 1 - Math.floor(i / step)) * step + (i % step)]);
}

/** Columns [first, first + width) of rows of `of`. */
function columns(data: ArrayLike<number>, of: number, first: number, width: number): Float64Array {
  return Float64Array.from({ length: (data.length / of) * width }, (_, i) => data[Math.floor(i / width) * of + first + (i % width)]);
}

function times(data: ArrayLike<number>, factors: ArrayLike<number> | undefined): Float64Array {
  return Float64Array.from(data, (value, i) => value * (factors ? factors[i] : 1));
}

/** Part k of a state [cells,N,H]; null where there is none. */
function partOf({ N, H }: Stack, part: ArrayLike<number> | undefined, k: number): Float64Array | null {
  return part === undefined ? null : Float64Array.from(part).slice(k * N * H, (k + 1) * N * H);
}

/**
 * @param x     in [T,N,I]
 * @param begin in the initial state; a part that is absent is zero
 */
export function stackForward(stack: Stack, x: ArrayLike<number>, begin: State = {}): StackForward {
  const { kind, T, N, H, layers } = stack;
  const D = directionsOf(stack);
  const S = N * H;
  const state = { h: new Float64Array(layers * D * S), ...(kind === "LSTM" ? { c: new Float64Array(layers * D * S) } : {}) };
  const tapes: CellTape[] = [];
  let below: Float64Array = Float64Array.from(x);
  for (let layer = 0; layer < layers; layer++) {
    if (layer > 0) below = times(below, stack.factors?.[layer - 1]); // (1)
    const output = new Float64Array(T * N * D * H);
    for (let k = layer * D; k < (layer + 1) * D; k++) {
      const { dims, weights, reversed } = cellOf(stack, k);
      const input = reversed ? backwards(below, T) : below; // (2)
      const [h, c] = [partOf(stack, begin.h, k), partOf(stack, begin.c, k)];
      const tape = cellForward(kind, dims, input, h, c, weights);
      tapes.push(tape);
      state.h.set(tape.a.subarray(T * S), k * S);
      if (kind === "LSTM") state.c?.set((tape as LstmTape).c.subarray(T * S), k * S);
      const own = reversed ? backwards(tape.a.subarray(S), T) : tape.a.subarray(S);
      for (let i = 0; i < own.length; i++) output[(Math.floor(i / H) * D + (k % D)) * H + (i % H)] = own[i];
    }
    below = output;
  }
  return { output: below, state, tapes };
}

function cellForward(
  kind: StackKind,
  dims: ReturnType<typeof cellOf>["dims"],
  x: Float64Array,
  h: Float64Array | null,
  c: Float64Array | null,
  weights: SequenceWeights,
): CellTape {
  const [cell, detail] = kind.split(", ");
  if (cell === "RNN") return rnnForward(dims, x, h, weights);
  if (cell === "LSTM") return lstmForward(dims, x, h, c, weights);
  if (cell === "GRU") return gruForward(dims, x, h, weights, detail === undefined);
  return minForward(dims, x, h, weights, cell as MinKind, detail === "positive");
}

/** One cell's gradients, the biases' by name. */
function cellBackward(
  tape: CellTape,
  dims: ReturnType<typeof cellOf>["dims"],
  dOut: Float64Array,
  dh: Float64Array | null,
  dc: Float64Array | null,
) {
  if ("k" in tape) return { dc0: undefined, dwhh: undefined, dbhh: undefined, ...minBackward(dims, tape, dOut, dh) };
  if ("m" in tape) return { dc0: undefined, ...gruBackward(dims, tape, dOut, dh) };
  const g = "gates" in tape ? lstmBackward(dims, tape, dOut, dh, dc) : { dc0: undefined, ...rnnBackward(dims, tape, dOut, dh) };
  return { ...g, dbih: g.db, dbhh: g.db };
}

/**
 * @param dOutput in [T,N,directions · H]
 * @param dEnd    in ∂L/∂final state; a part that is absent is zero
 */
export function stackBackward(stack: Stack, { tapes }: StackForward, dOutput: ArrayLike<number>, dEnd: State = {}): StackBackward {
  const { kind, T, N, H, layers } = stack;
  const D = directionsOf(stack);
  const S = N * H;
  const dState = { h: new Float64Array(layers * D * S), ...(kind === "LSTM" ? { c: new Float64Array(layers * D * S) } : {}) };
  const gradients: Record<string, Float64Array> = {};
  let above: Float64Array = Float64Array.from(dOutput);
  for (let layer = layers - 1; layer >= 0; layer--) {
    let below: Float64Array = new Float64Array(0);
    for (let k = layer * D; k < (layer + 1) * D; k++) {
      const { dims, weights, reversed } = cellOf(stack, k);
      const own = columns(above, D * H, (k % D) * H, H);
      const g = cellBackward(tapes[k], dims, reversed ? backwards(own, T) : own, partOf(stack, dEnd.h, k), partOf(stack, dEnd.c, k));
      const dx = reversed ? backwards(g.dx, T) : g.dx;
      if (k % D === 0) below = dx;
      else addInto(below, dx); // (2)
      dState.h.set(g.da0, k * S);
      if (g.dc0) dState.c?.set(g.dc0, k * S);
      const suffix = suffixOf(stack, k);
      gradients[`weight_ih_${suffix}`] = g.dwih;
      if (g.dwhh) gradients[`weight_hh_${suffix}`] = g.dwhh;
      if (weights.bih) gradients[`bias_ih_${suffix}`] = g.dbih;
      if (weights.bhh && g.dbhh) gradients[`bias_hh_${suffix}`] = g.dbhh;
    }
    above = layer > 0 ? times(below, stack.factors?.[layer - 1]) : below; // (1)
  }
  return { dX: above, dState, gradients };
}
