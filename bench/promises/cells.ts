/** What cells of operators cost beside the fused layer of the same gates, and a cell's step in a loop beside a stream's: what a fused form would gain. */
import { createRuntime, Frame, GRU, LSTM, RNN } from "wasm-rnn";
import * as entry from "wasm-rnn/cells";
import { type Case, measure, numbers } from "../harness.js";
import type { Promised } from "./promise.js";

type Runtime = Awaited<ReturnType<typeof createRuntime>>;

/** [T, N, H] */
const SIZES: readonly [number, number, number][] = [
  [50, 1, 64],
  [50, 32, 128],
];

const cells = { ...entry };
const FUSED = { LSTM, GRU, RNN } as const;
/** Each cell of operators, and the fused layer that it stands beside. */
const PAIRS: readonly (readonly [cell: keyof typeof entry, beside: keyof typeof FUSED])[] = [
  ["CoupledLSTM", "LSTM"],
  ["LayerNormLSTM", "LSTM"],
  ["LayerNormGRU", "GRU"],
  ["ZoneoutLSTM", "LSTM"],
  ["ZoneoutGRU", "GRU"],
  ["RecurrentDropoutLSTM", "LSTM"],
  ["RecurrentDropoutGRU", "GRU"],
  ["ActivatedLSTM", "LSTM"],
  ["ActivatedGRU", "GRU"],
  ["ActivatedRNN", "RNN"],
];

export const scanCells: Promised = {
  id: "cells/scan",
  async run({ builds, quick, print }) {
    const build = builds.at(-1) as (typeof builds)[number];
    using rt = await createRuntime({ build });
    await cells.loadOperators(rt);
    const quantities: Record<string, number> = {};
    for (const size of SIZES) {
      for (const [name, beside] of PAIRS) {
        const { cases, end } = casesOf(rt, name, beside, size);
        const us = [...measure(cases, quick ? 0.1 : 1)].map(([, { minMs }]) => minMs * 1000) as [number, number, number, number];
        const id = `${name}/${size.join("-")}`;
        [quantities[`${id}/forwardRatio`], quantities[`${id}/trainRatio`]] = [us[1] / us[0], us[3] / us[2]];
        const part = (what: string, own: number, fused: number) =>
          `${what} ${own.toFixed(0).padStart(7)} µs, ${(own / fused).toFixed(1).padStart(5)} × ${beside}`;
        print(
          `cells  T-N-H ${size.join("-").padEnd(9)} ${name.padEnd(21)} ${part("forward", us[1], us[0])}  ${part("train", us[3], us[2])}`,
        );
        end();
      }
    }
    for (const name of ["LSTMCell", "GRUCell", "RNNCell"] as const) {
      const { cases, end } = stepsOf(rt, name);
      const [stream = 0, cell = 0] = [...measure(cases, quick ? 0.1 : 1)].map(([, { minMs }]) => minMs * 1000);
      quantities[`${name}/ratio`] = cell / stream;
      print(
        `cells  100 steps, N 1, H 64  ${name.padEnd(9)} loop ${cell.toFixed(0)} µs  stream ${stream.toFixed(0)} µs  ${(cell / stream).toFixed(1)} ×`,
      );
      end();
    }
    return { contenders: { [`wasm-rnn/${build}`]: quantities }, ratios: {} };
  },
};

/** Forward in use, then forward and backward; the fused one first. */
function casesOf(rt: Runtime, name: keyof typeof entry, beside: keyof typeof FUSED, [T, N, H]: readonly [number, number, number]) {
  const Cell = cells[name] as typeof entry.ZoneoutLSTM;
  const layers = { fused: new FUSED[beside](rt, { inputSize: H, hiddenSize: H }), scan: new Cell(rt, { inputSize: H, hiddenSize: H }) };
  const frame = new Frame(rt);
  const x = rt.tensor(numbers(T * N * H), [T, N, H]);
  const gradient = rt.tensor(numbers(T * N * H), [T, N, H]);
  const cases = ["forward", "train"].flatMap((what) =>
    Object.entries(layers).map(([contender, layer]): Case => {
      const forward = () => layer.forward(x).output;
      const train = () => frame.backward(frame.record(forward), { gradient });
      const run = what === "train" ? train : () => void frame.run(forward);
      return { id: `${name} ${what}`, contender: `${contender} ${what}`, flops: 0, validate() {}, run };
    }),
  );
  const end = () => {
    for (const each of [x, gradient, frame, ...Object.values(layers)]) each.dispose();
  };
  return { cases, end };
}

/** 100 steps by a stream, and by a cell in a loop in a frame. */
function stepsOf(rt: Runtime, name: "LSTMCell" | "GRUCell" | "RNNCell") {
  const size = { inputSize: 64, hiddenSize: 64 };
  const layer = new FUSED[name.slice(0, -4) as "LSTM"](rt, size);
  const cell = new cells[name](rt, size) as entry.GRUCell;
  const stream = layer.stream();
  const frame = new Frame(rt);
  const x = rt.tensor(numbers(64), [1, 64]);
  const loop = () => {
    let state = cell.forward(x);
    for (let t = 1; t < 100; t++) state = cell.forward(x, state);
  };
  const steps = () => {
    stream.reset();
    for (let t = 0; t < 100; t++) stream.step();
  };
  const runs = { stream: steps, cell: () => frame.run(loop) };
  const cases = Object.entries(runs).map(([contender, run]): Case => ({ id: name, contender, flops: 0, validate() {}, run }));
  const end = () => {
    for (const each of [x, frame, stream, cell, layer]) each.dispose();
  };
  return { cases, end };
}
