import fc from "fast-check";
import { MinGRU, MinLSTM } from "../../bindings/cells.js";
import { type FloatType, type Frame, GRU, LSTM, RNN, type Runtime, type Tensor } from "../../bindings/index.js";
import type { StackKind } from "../reference/stack.js";
import { draws } from "./compare.js";

/** The recurrent layers, each in all its forms. Those of wasm-rnn/cells want a runtime with operators. */
export const RECURRENT_KINDS = [
  "RNN",
  "LSTM",
  "GRU",
  "GRU, reset before",
  "MinGRU",
  "MinGRU, positive",
  "MinLSTM",
  "MinLSTM, positive",
] as const;

/** What a sequence property is about. */
export interface Shape {
  readonly kind: StackKind;
  readonly dtype: FloatType;
  readonly T: number;
  readonly N: number;
  readonly I: number;
  readonly H: number;
  readonly L: number;
  readonly seed: number;
}

export const shapes = (kind: Shape["kind"], dtype: FloatType) =>
  fc.record({
    kind: fc.constant(kind),
    dtype: fc.constant(dtype),
    T: fc.integer({ min: 1, max: 12 }),
    N: fc.integer({ min: 1, max: 9 }),
    I: fc.integer({ min: 1, max: 10 }),
    H: fc.integer({ min: 1, max: 37 }),
    L: fc.integer({ min: 1, max: 2 }),
    seed: fc.nat(),
  });

/** h and, for an LSTM, c, [L,N,H] flat. */
export type Parts = Record<string, ArrayLike<number>>;

/** A layer of a kind; typed as the one that has all parts of a state. */
export function make(rt: Runtime, kind: StackKind, options: ConstructorParameters<typeof LSTM>[1]): LSTM {
  if (kind === "LSTM") return new LSTM(rt, options);
  if (kind === "RNN") return new RNN(rt, options) as unknown as LSTM;
  if (kind.startsWith("GRU")) return new GRU(rt, { ...options, resetAfter: kind === "GRU" }) as unknown as LSTM;
  const Min = kind.startsWith("MinGRU") ? MinGRU : MinLSTM;
  return new Min(rt, { ...options, activation: kind.endsWith("positive") ? "positive" : "linear" }) as unknown as LSTM;
}

/** A layer, and inputs for N rows; all random. */
export function example(rt: Runtime, shape: Shape) {
  const { kind, dtype, T, N, I, H, L, seed } = shape;
  const draw = draws(seed);
  const options = { inputSize: I, hiddenSize: H, numLayers: L, dtype };
  const layer = make(rt, kind, options);
  const names = kind === "LSTM" ? ["h", "c"] : ["h"];
  const parts = (): Parts => Object.fromEntries(names.map((name) => [name, draw(L * N * H)]));
  return { layer, draw, x: draw(T * N * I, 2), begin: parts(), dOutput: draw(T * N * H), dEnd: parts() };
}

/** A forward over numbers, to numbers: the layer's own, which backward goes over, or in a frame, which records nothing. */
export function forward(layer: LSTM, [T, N]: readonly [number, number], x: ArrayLike<number>, begin: Parts, frame?: Frame) {
  const { runtime, inputSize: I, dtype } = layer;
  const input = runtime.tensor(x, [T, N, I], { dtype });
  const given = tensors(layer, N, begin);
  const run = () => layer.forward(input, { state: given as never });
  const { output, state } = frame ? frame.run(run) : run();
  const result = { input, output: output.toArray(), state: arrays(state as never) };
  for (const tensor of Object.values(given)) tensor.dispose();
  return result;
}

/** A backward over the layer's last forward, over numbers, to numbers. */
export function backward(layer: LSTM, [T, N]: readonly [number, number], dOutput: ArrayLike<number>, dEnd: Parts) {
  const { runtime, hiddenSize: H, dtype } = layer;
  using d = runtime.tensor(dOutput, [T, N, H], { dtype });
  const given = tensors(layer, N, dEnd);
  const { dX, dState } = layer.backward(d, given as never);
  const result = { dX: dX.toArray(), dState: arrays(dState as never) };
  for (const tensor of Object.values(given)) tensor.dispose();
  return result;
}

function tensors({ runtime, numLayers, hiddenSize, dtype }: LSTM, N: number, parts: Parts): Record<string, Tensor> {
  return mapValues(parts, (data) => runtime.tensor(data, [numLayers, N, hiddenSize], { dtype }));
}

const arrays = (parts: Record<string, Tensor>): Parts => mapValues(parts, (tensor) => tensor.toArray());

export function mapValues<A, B>(record: Record<string, A>, f: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value)]));
}

/** Rows [first, first + n) of every step of [steps,N,width]. */
export function rowsOf(data: ArrayLike<number>, N: number, width: number, first: number, n: number): number[] {
  const rows: number[] = [];
  for (let at = first * width; at < data.length; at += N * width) for (let i = 0; i < n * width; i++) rows.push(data[at + i]);
  return rows;
}

/** [steps,n,width] as rows [first, first + n) of [steps,N,width]; the other rows come from `filler`. */
export function embedRows(
  data: ArrayLike<number>,
  n: number,
  width: number,
  first: number,
  N: number,
  filler: (count: number) => Float64Array,
): Float64Array {
  const steps = data.length / (n * width);
  const all = filler(steps * N * width);
  for (let s = 0; s < steps; s++) for (let i = 0; i < n * width; i++) all[(s * N + first) * width + i] = data[s * n * width + i];
  return all;
}
