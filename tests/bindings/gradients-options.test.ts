/** Differences for every recurrent layer and option, in f64; truncated backpropagation against PyTorch. */
import { describe, expect, test } from "vitest";
import { MinGRU, MinLSTM } from "../../bindings/cells.js";
import { GRU, gradcheck, LSTM, type Parameter, RNN, type Runtime, type Tensor } from "../../bindings/index.js";
import { loadTruncated } from "../golden/load.js";
import { expectClose } from "../helpers/compare.js";
import { DTYPES, gradientsOf, operatorRuntime, setParameters, tensorOf, testRuntime } from "../helpers/runtime.js";

const SIZES = { inputSize: 2, hiddenSize: 3 };
const KINDS: [string, (rt: Runtime, options: object) => LSTM | GRU | RNN | MinGRU | MinLSTM][] = [
  ["RNN", (rt, options) => new RNN(rt, { ...SIZES, ...options })],
  ["RNN, relu", (rt, options) => new RNN(rt, { ...SIZES, ...options, nonlinearity: "relu" })],
  ["LSTM", (rt, options) => new LSTM(rt, { ...SIZES, ...options })],
  ["GRU", (rt, options) => new GRU(rt, { ...SIZES, ...options })],
  ["GRU, reset before", (rt, options) => new GRU(rt, { ...SIZES, ...options, resetAfter: false })],
  ["MinGRU", (rt, options) => new MinGRU(rt, { ...SIZES, ...options })],
  ["MinGRU, positive", (rt, options) => new MinGRU(rt, { ...SIZES, ...options, activation: "positive" })],
  ["MinLSTM", (rt, options) => new MinLSTM(rt, { ...SIZES, ...options })],
  ["MinLSTM, positive", (rt, options) => new MinLSTM(rt, { ...SIZES, ...options, activation: "positive" })],
];
const OPTIONS: [string, object, number[] | undefined][] = [
  ["plain", {}, undefined],
  ["without biases", { bias: false }, undefined],
  ["two layers, lengths", { numLayers: 2 }, [2, 4, 1]],
  ["bidirectional, lengths", { bidirectional: true }, [3, 1, 4]],
  ["everything", { numLayers: 2, bidirectional: true, dropout: 0.4, batchFirst: true }, [1, 4, 2]],
];

describe.each(KINDS)("%s", (_, make) => {
  test.each(OPTIONS)("%s: x, parameters and the initial state", async (_name, options, lengths) => {
    const rt = await operatorRuntime({ dtype: "f64", seed: 11 });
    const layer = make(rt, options) as unknown as LSTM;
    const count = layer.numLayers * (layer.bidirectional ? 2 : 1);
    const wave = (shape: number[], k: number) => {
      const size = shape.reduce((a, b) => a * b);
      return rt.tensor(
        Float64Array.from({ length: size }, (_, i) => Math.sin(k * i + k)),
        shape,
      );
    };
    const x = wave(layer.batchFirst ? [3, 4, 2] : [4, 3, 2], 2);
    const state = { h: wave([count, 3, 3], 3), c: wave([count, 3, 3], 5) };
    const seeds = rt.generator.state;
    const forward = (input: Tensor, start: { h: Tensor; c: Tensor }) => {
      rt.generator.state = seeds; // the same mask every time
      return layer.forward(input, lengths ? { state: start, lengths } : { state: start });
    };
    const common = { parameters: () => layer.parameters() as Parameter[], zeroGrad: () => layer.zeroGrad() };
    const ofX = { ...common, forward: (input: Tensor) => forward(input, state), backward: (d: Tensor) => layer.backward(d) };
    expect(gradcheck(ofX, x)).toMatchObject({ passed: true });
    for (const part of ["h", "c"] as const) {
      if (part === "c" && !(layer instanceof LSTM)) continue;
      const ofState = {
        ...common,
        parameters: () => [],
        forward: (start: Tensor) => forward(x, { ...state, [part]: start }),
        backward: (d: Tensor) => layer.backward(d).dState[part],
      };
      expect(gradcheck(ofState, state[part])).toMatchObject({ passed: true });
    }
    for (const thing of [layer, x, state.h, state.c]) thing.dispose();
    expect(rt.bytesInUse).toBe(0);
    rt.dispose();
  });
});

const g = loadTruncated();

describe.each(DTYPES)("truncated backpropagation in %s", (dtype) => {
  test.each(g.cases)("$name, as PyTorch's", async (golden) => {
    const { T, N, I, H, cut } = g;
    const rt = await testRuntime({ dtype });
    const Kind = { RNN, LSTM, GRU }[golden.name] as typeof LSTM;
    const layer = new Kind(rt, { inputSize: I, hiddenSize: H, numLayers: 2 });
    setParameters(layer, golden.parameters);
    const output: number[] = [];
    let state: { h: Tensor; c: Tensor } | undefined;
    for (let start = 0; start < T; start += cut) {
      const steps = Math.min(cut, T - start);
      const part = (data: number[], width: number) =>
        tensorOf(rt, dtype, data.slice(start * N * width, (start + steps) * N * width), [steps, N, width]);
      const result = layer.forward(part(golden.x, I), state ? { state } : {});
      output.push(...result.output.data);
      ({ state } = result);
      layer.backward(part(golden.dOutput, H));
    }
    const tolerance = dtype === "f64" ? 1e-9 : 1e-4;
    expectClose("output", output, golden.output, tolerance);
    for (const [name, gradient] of Object.entries(gradientsOf(layer)))
      expectClose(name, gradient, golden.gradients[name] as number[], tolerance);
    rt.dispose();
  });
});
