/** How a layer is run at every run of a plan: by its forward pass, or where there are few steps by its cells alone, with the same bits. */
import { Buffers } from "../buffers.js";
import type { GRU } from "../layers/recurrent/gru.js";
import type { LSTM } from "../layers/recurrent/lstm.js";
import type { RNN } from "../layers/recurrent/rnn.js";
import { StreamCells } from "../layers/recurrent/stream-cells.js";
import { ROWS_AT_ONCE } from "../layers/stream-rows.js";
import type { Runtime } from "../runtime.js";
import { bytesPer, type Tensor } from "../tensor.js";
import type { Build } from "./operator.js";
import type { RecurrentNode } from "./recurrent-node.js";

export type RecurrentLayer = LSTM | GRU | RNN;

/** Steps up to which a call of the whole layer costs more than it saves. (Measured: 37 µs of it beside 5 a step of 128 units.) */
const FEW = 8;

export interface Given {
  readonly x: Tensor;
  readonly h0: Tensor | undefined;
  readonly c0: Tensor | undefined;
  readonly lengths: Tensor | undefined;
}

/** Where what it gives is kept. */
export interface Results {
  readonly y: Tensor;
  readonly h: Tensor;
  readonly c: Tensor | undefined;
}

/** @returns y [T, N, D·H], h and, of an LSTM, c [D, N, H] */
export function runLayer(build: Build, layer: RecurrentLayer, node: RecurrentNode, given: Given): Results {
  const { T, N, D, H } = node.sizes;
  const type = given.x.dtype === "f64" ? "float64" : "float32";
  const y = build.empty(type, [T, N, D * H]);
  const h = build.empty(type, [D, N, H]);
  const c = node.cell === "LSTM" ? build.empty(type, [D, N, H]) : undefined;
  const run = D === 1 && T <= FEW && N <= ROWS_AT_ONCE && !given.lengths ? runCells : runForward;
  run(build, layer, node, given, { y, h, c });
  return { y, h, c };
}

/** All at once. */
function runForward(build: Build, layer: RecurrentLayer, node: RecurrentNode, { x, h0, c0, lengths }: Given, results: Results): void {
  const { sizes } = node;
  const { N, D, H } = sizes;
  const { y, h, c } = results;
  const { runtime } = build;
  const zeros = h0 || c0 ? build.own(runtime.zeros([D, N, H], { dtype: x.dtype })) : undefined;
  const state = zeros && { h: h0 ?? zeros, ...(c && { c: c0 ?? zeros }) };
  const copy = (to: Tensor, from: Tensor) => runtime.memory.copy(to.pointer(), from.pointer(), to.size * bytesPer(to.dtype));
  build.step(() => {
    const steps = lengths && Array.from(runtime.view("i32", lengths.pointer(), N));
    if (steps) node.checkLengths(steps);
    const own = steps?.map((length) => Math.max(length, 1));
    const result = layer.forward(x, { ...(state && { state: state as never }), ...(own && { lengths: own }) });
    copy(y, result.output);
    copy(h, result.state.h);
    if (c) copy(c, (result.state as { c?: Tensor }).c as Tensor);
    if (steps?.includes(0)) for (const [n, length] of steps.entries()) if (length === 0) clear(runtime, n, sizes, results);
  });
}

/** A sequence of no steps: all of it is 0. */
function clear(runtime: Runtime, n: number, { N, D, H }: RecurrentNode["sizes"], { y, h, c }: Results): void {
  const view = (tensor: Tensor, at: number, count: number) =>
    runtime.view(tensor.dtype, tensor.pointer() + at * bytesPer(tensor.dtype), count).fill(0);
  view(y, n * D * H, D * H); // of step 0, the only one that was gone
  for (let d = 0; d < D; d++) for (const state of [h, c]) if (state) view(state, (d * N + n) * H, H);
}

/** Step by step. */
function runCells(build: Build, layer: RecurrentLayer, { sizes }: RecurrentNode, { x, h0, c0 }: Given, { y, h, c }: Results): void {
  const { T, N, I, H } = sizes;
  const { memory } = build.runtime;
  const buffers = build.own(new Buffers(build.runtime.memory));
  const cells = new StreamCells(layer, buffers, N);
  const size = bytesPer(x.dtype);
  const [[ownH = 0, ownC = 0] = []] = cells.states as [number[]];
  const state = N * H * size;
  const [xs, ys, hs] = [x, y, h].map((tensor) => tensor.pointer()) as [number, number, number];
  const cs = c?.pointer() ?? 0;
  const begin = (to: number, from: Tensor | undefined) =>
    from ? memory.copy(to, from.pointer(), state) : memory.bytes.fill(0, to, to + state);
  build.step(() => {
    begin(ownH, h0);
    if (c) begin(ownC, c0);
    for (let t = 0; t < T; t++) {
      memory.copy(cells.input, xs + t * N * I * size, N * I * size);
      cells.step();
      memory.copy(ys + t * state, cells.output, state);
    }
    memory.copy(hs, ys + (T - 1) * state, state);
    if (c) memory.copy(cs, ownC, state);
  });
}
