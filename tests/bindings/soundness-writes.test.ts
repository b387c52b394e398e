/** What is written between forward and backward is noticed, or makes no difference; in every way of writing. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  Dense,
  Dropout,
  Embedding,
  GRU,
  LastStep,
  type Layer,
  LayerNorm,
  LSTM,
  MaxPool,
  MeanPool,
  RNN,
  type Runtime,
  SGD,
  Softmax,
  StaleError,
  type Tensor,
} from "../../bindings/index.js";
import { draws, expectBits } from "../helpers/compare.js";
import { gradientsOf, testRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime({ seed: 5 });
});
afterEach(() => rt.dispose());

const [T, N, I] = [4, 2, 3];

interface Pass {
  readonly layer: Layer;
  readonly x: Tensor;
  readonly output: Tensor;
  backward(): Tensor | null;
}

type Runnable = Layer & { forward(x: Tensor): Tensor | { output: Tensor }; backward(d: Tensor): Tensor | undefined | { dX: Tensor } };

function begin(create: () => Layer): Pass {
  const layer = create() as Runnable;
  for (const [i, parameter] of layer.parameters().entries()) parameter.set(draws(20 + i)(parameter.toArray().length));
  const data = layer instanceof Embedding ? Int32Array.of(1, 0, 2, 1, 1, 2, 0, 0) : draws(2)(T * N * I);
  const x = rt.tensor(data, layer instanceof Embedding ? [T, N] : [T, N, I]);
  const given = layer.forward(x);
  const output = "output" in given ? given.output : given;
  const d = rt.tensor(draws(3)(output.size), output.shape);
  const backward = () => {
    const result = layer.backward(d);
    return result ? ("dX" in result ? result.dX : result) : null;
  };
  return { layer, x, output, backward };
}

const LAYERS: [string, () => Layer][] = [
  ["LSTM", () => new LSTM(rt, { inputSize: I, hiddenSize: 4 })],
  ["LSTM, both ways, two layers", () => new LSTM(rt, { inputSize: I, hiddenSize: 4, numLayers: 2, bidirectional: true })],
  ["GRU", () => new GRU(rt, { inputSize: I, hiddenSize: 4 })],
  ["RNN", () => new RNN(rt, { inputSize: I, hiddenSize: 4 })],
  ["Dense", () => new Dense(rt, { inputSize: I, outputSize: 4 })],
  ["LayerNorm", () => new LayerNorm(rt, { normalizedShape: I })],
  ["Embedding", () => new Embedding(rt, { numEmbeddings: 3, embeddingDim: 4 })],
  ["Softmax", () => new Softmax(rt)],
  ["Dropout", () => new Dropout(rt, { p: 0.5 })],
  ["LastStep", () => new LastStep(rt)],
  ["MeanPool", () => new MeanPool(rt)],
  ["MaxPool", () => new MaxPool(rt)],
];

function put(to: { [i: number]: number }, i: number, value: number): void {
  to[i] = value;
}

/** Each changes the last element, and some all. */
const WRITES: [string, (tensor: Tensor) => void][] = [
  ["data[i] =", ({ data, size }) => put(data, size - 1, data[size - 1] === 1 ? 2 : 1)],
  ["data.fill", ({ data }) => void data.fill(1, data.length - 1)],
  ["data.set", ({ data }) => data.set([1], data.length - 1)],
  ["data.subarray", ({ data }) => put(data.subarray(data.length - 1), 0, 1)],
  ["data.sort and reverse", ({ data }) => void data.sort().reverse()],
  ["a view of data's buffer", ({ data }) => void new Uint8Array(data.buffer, data.byteOffset, data.byteLength).fill(0)],
  ["set", (tensor) => void tensor.set(tensor.toArray().fill(1))],
];

describe.each(LAYERS)("%s", (_, create) => {
  const untouched = () => {
    const { layer, backward } = begin(create);
    return { dX: backward()?.toArray(), gradients: gradientsOf(layer) };
  };

  /** Refused with the gradients as they were, or the same bits as untouched. */
  const expectSound = ({ layer, backward }: Pass) => {
    const [{ dX, gradients }, before] = [untouched(), gradientsOf(layer)];
    let after: Tensor | null;
    try {
      after = backward();
    } catch (error) {
      expect(error).toBeInstanceOf(StaleError);
      for (const [name, gradient] of Object.entries(gradientsOf(layer))) expectBits(name, gradient, before[name]);
      return;
    }
    if (!(layer instanceof Dropout) && dX && after) expectBits("dX", after.toArray(), dX); // each Dropout draws its own mask
    for (const [name, gradient] of Object.entries(gradientsOf(layer))) expectBits(name, gradient, gradients[name]);
  };

  test.each(WRITES)("x or output written by %s", (_, write) => {
    for (const which of ["x", "output"] as const) {
      const pass = begin(create);
      write(pass[which]);
      expectSound(pass);
    }
  });

  test("x written through a view that was held before", () => {
    const pass = begin(create);
    const held = pass.x.data;
    (pass.layer as Runnable).forward(pass.x);
    put(held, pass.x.size - 1, 1);
    expectSound(pass);
  });

  test("output written through a view of the output before", () => {
    const pass = begin(create);
    const held = pass.output.data;
    const again = (pass.layer as Runnable).forward(pass.x);
    put(held, pass.output.size - 1, 1);
    expectSound({ ...pass, output: "output" in again ? again.output : again });
  });

  test("reading it by toArray, at, copyTo and clone is no writing", () => {
    const { dX, gradients } = untouched();
    const { layer, x, output, backward } = begin(create);
    for (const tensor of [x, output]) {
      const copy = tensor.toArray();
      copy.fill(9); // a copy of one's own
      tensor.copyTo(copy);
      expect(tensor.at(0)).toBe(copy[0]);
      const clone = tensor.clone();
      clone.set(copy.fill(1));
      clone.data.fill(0);
    }
    const after = backward();
    if (!(layer instanceof Dropout) && dX && after) expectBits("dX", after.toArray(), dX);
    for (const [name, gradient] of Object.entries(gradientsOf(layer))) expectBits(name, gradient, gradients[name]);
  });

  test("reading through data is none either, and may be repeated", () => {
    const { x, output, backward } = begin(create);
    expect(x.data[0]).toBe(x.at(0));
    expect(output.data[0]).toBe(output.at(0));
    const first = backward()?.toArray();
    expect(x.data.length + output.data.length).toBe(x.size + output.size);
    const second = backward()?.toArray();
    if (first && second) expectBits("dX", second, first);
  });
});

describe("what is written by the library itself", () => {
  test.each<[string, (layer: LSTM) => void]>([
    ["an optimizer's step, in place", (layer) => new SGD(layer.parameters(), { lr: 0.1 }).step()],
    ["a parameter's set", (layer) => layer.parameters()[1].set(layer.parameters()[1].toArray())],
    ["a parameter's update", (layer) => layer.parameters()[0].update((values) => void values.fill(0))],
  ])("%s: the backward refuses", (_, act) => {
    const { layer, backward } = begin(() => new LSTM(rt, { inputSize: I, hiddenSize: 4 }));
    backward();
    act(layer as LSTM);
    expect(backward).toThrow(StaleError);
  });

  test("a kernel that writes the x of another layer's pass, which is its own result", () => {
    const first = new Dense(rt, { inputSize: I, outputSize: I });
    const second = new GRU(rt, { inputSize: I, hiddenSize: 4 });
    const x = rt.tensor(draws(2)(T * N * I), [T, N, I]);
    const { output } = second.forward(first.forward(x));
    first.forward(rt.zeros([T, N, I]));
    expect(() => second.backward(rt.zeros(output.shape))).toThrow(StaleError);
  });

  test("a state that was handed in and is written afterwards makes no difference", () => {
    const run = (write: boolean) => {
      const gru = new GRU(rt, { inputSize: I, hiddenSize: 4 });
      for (const [i, parameter] of gru.parameters().entries()) parameter.set(draws(20 + i)(parameter.toArray().length));
      const h = rt.tensor(draws(5)(N * 4), [1, N, 4]);
      gru.forward(rt.tensor(draws(2)(T * N * I), [T, N, I]), { state: { h } });
      if (write) h.set(new Float32Array(N * 4).fill(3));
      const { dX, dState } = gru.backward(rt.tensor(draws(3)(T * N * 4), [T, N, 4]));
      return [...dX.toArray(), ...dState.h.toArray(), ...Object.values(gradientsOf(gru)).flatMap((g) => [...(g as Float32Array)])];
    };
    expectBits("gradients", run(true), run(false));
  });

  test("memory that grows between forward and backward moves nothing", () => {
    const { layer, x, output, backward } = begin(() => new LSTM(rt, { inputSize: I, hiddenSize: 4 }));
    expect(x.data[0] + output.data[0]).not.toBeNaN();
    rt.zeros([5_000_000]);
    expect(backward).not.toThrow();
    expect(gradientsOf(layer).weight_ih_l0[0]).not.toBe(0);
  });
});
