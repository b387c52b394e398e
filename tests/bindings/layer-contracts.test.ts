/** What every layer promises, whatever it computes. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  Dense,
  DisposedError,
  Dropout,
  Embedding,
  Generator,
  LastStep,
  type Layer,
  LayerNorm,
  MaxPool,
  MeanPool,
  type Parameter,
  type Runtime,
  Softmax,
  StaleError,
  type Tensor,
} from "../../bindings/index.js";
import { draws, expectBits, expectEach } from "../helpers/compare.js";
import { expectRefusal } from "../helpers/refusal.js";
import { DTYPES, gradientsOf, operatorRuntime, valuesOf } from "../helpers/runtime.js";
import { make, RECURRENT_KINDS } from "../helpers/sequence.js";
import { dropoutFactors } from "../reference/dropout.js";

const [T, N, H] = [3, 2, 4];

/** Layers whose input and output have [T, N, H]; the bidirectional ones have H = 2·2. */
const SQUARE: [string, (rt: Runtime) => Layer][] = [
  ["Dense", (rt) => new Dense(rt, { inputSize: H, outputSize: H })],
  ["Dropout", (rt) => new Dropout(rt, { p: 0.4, generator: new Generator(2) })],
  ["LayerNorm", (rt) => new LayerNorm(rt, { normalizedShape: H })],
  ["Softmax", (rt) => new Softmax(rt)],
  ...RECURRENT_KINDS.flatMap((kind): [string, (rt: Runtime) => Layer][] => [
    [kind, (rt) => make(rt, kind, { inputSize: H, hiddenSize: H, numLayers: 2 })],
    [`${kind}, bidirectional`, (rt) => make(rt, kind, { inputSize: H, hiddenSize: H / 2, bidirectional: true })],
  ]),
];
const POOLS: [string, (rt: Runtime) => Layer][] = [
  ["LastStep", (rt) => new LastStep(rt)],
  ["MeanPool", (rt) => new MeanPool(rt)],
  ["MaxPool", (rt) => new MaxPool(rt)],
];

type Any = Layer & { forward(x: Tensor, options?: object): unknown; backward(d: Tensor, ...more: object[]): unknown };
const tensorIn = (result: unknown, name: "output" | "dX") => (result as Record<string, Tensor>)[name] ?? (result as Tensor);
const forward = (layer: Layer, x: Tensor) => tensorIn((layer as Any).forward(x), "output");
const backward = (layer: Layer, d: Tensor) => tensorIn((layer as Any).backward(d), "dX");

let rt: Runtime;
let x: Tensor;
beforeEach(async () => {
  rt = await operatorRuntime({ seed: 4 });
  x = rt.tensor(draws(1)(T * N * H), [T, N, H]);
});
afterEach(() => rt.dispose());

const gradientFor = (y: Tensor, seed = 2) => rt.tensor(draws(seed)(y.size), [...y.shape]);

describe.each([...SQUARE, ...POOLS])("%s", (_, create) => {
  test("a result is good until the next of its kind", () => {
    const layer = create(rt);
    const y = forward(layer, x);
    const d = gradientFor(y);
    const dX = backward(layer, d);
    forward(layer, x);
    expectRefusal(() => y.toArray(), StaleError, "the next forward of this");
    expect(dX.toArray().length).toBe(x.size);
    backward(layer, d);
    expectRefusal(() => dX.toArray(), StaleError, "the next backward of this");
  });

  test("an x that is gone is not gone back over, and the gradients stay as they were", () => {
    const layer = create(rt);
    const mine = x.clone();
    const d = gradientFor(forward(layer, mine));
    if (layer instanceof Softmax) return; // it goes back over its own result
    backward(layer, d);
    const before = gradientsOf(layer);
    forward(layer, mine);
    mine.dispose();
    expectRefusal(() => backward(layer, d), DisposedError, "x");
    for (const [name, gradient] of Object.entries(gradientsOf(layer))) expectBits(name, gradient, before[name]);
  });

  test("a pass has the bits of a new layer's, whatever the passes before it left behind", () => {
    const [used, fresh] = [create(rt), create(rt)];
    for (const [i, parameter] of fresh.parameters().entries()) parameter.set((used.parameters()[i] as Parameter).toArray());
    for (const rows of [5, 1]) {
      const wild = rt.tensor(draws(rows)(7 * rows * H, 1e3), [7, rows, H]);
      backward(used, gradientFor(forward(used, wild), 3));
    }
    used.zeroGrad();
    if (used instanceof Dropout) used.generator.state = fresh.generator.state = new Generator(9).state;
    const [y, want] = [forward(used, x), forward(fresh, x)];
    expectBits("output", y.toArray(), want.toArray());
    const d = gradientFor(y);
    expectBits("dX", backward(used, d).toArray(), backward(fresh, d).toArray());
    const gradients = gradientsOf(fresh);
    for (const [name, gradient] of Object.entries(gradientsOf(used))) expectBits(name, gradient, gradients[name]);
  });
});

describe.each(SQUARE)("%s", (_, create) => {
  test("refuses its own result, which the pass would overwrite", () => {
    const layer = create(rt);
    const y = forward(layer, x);
    expectRefusal(() => forward(layer, y), StaleError, "expected a tensor that lasts");
  });

  test("the gradient that it gave may be given back to it", () => {
    const layer = create(rt);
    const d = gradientFor(forward(layer, x));
    const first = backward(layer, d).clone();
    const wanted = backward(layer, first).toArray();
    layer.zeroGrad();
    backward(layer, first);
    const gradients = gradientsOf(layer);
    const own = backward(layer, d);
    layer.zeroGrad();
    expectBits("dX", backward(layer, own).toArray(), wanted);
    for (const [name, gradient] of Object.entries(gradientsOf(layer))) expectBits(name, gradient, gradients[name]);
  });

  test("forward and backward follow a change of the parameters", () => {
    const [layer, other] = [create(rt), create(rt)];
    backward(layer, gradientFor(forward(layer, x)));
    const draw = draws(6);
    for (const [i, parameter] of layer.parameters().entries()) {
      const values = draw(parameter.toArray().length);
      parameter.set(values);
      other.parameters()[i]?.set(values);
    }
    if (layer instanceof Dropout) layer.generator.state = other.generator.state;
    const y = forward(layer, x);
    expectBits("output", y.toArray(), forward(other, x).toArray());
    const d = gradientFor(y);
    expectBits("dX", backward(layer, d).toArray(), backward(other, d).toArray());
  });
});

test.each(POOLS)("%s of one sequence without a batch is that of a batch of one", (_, create) => {
  const [alone, batched] = [create(rt), create(rt)];
  const values = draws(8)(5 * H);
  const y = forward(alone, rt.tensor(values, [5, H]));
  expect(y.shape).toEqual([H]);
  expectBits("y", y.toArray(), forward(batched, rt.tensor(values, [5, 1, H])).toArray());
  const d = draws(9)(H);
  const dX = backward(alone, rt.tensor(d, [H]));
  expect(dX.shape).toEqual([5, H]);
  expectBits("dX", dX.toArray(), backward(batched, rt.tensor(d, [1, H])).toArray());
});

describe.each(POOLS)("%s", (_, create) => {
  test("padding gets no gradient, whatever the backward before it left there; nor do lengths stay", () => {
    const pool = create(rt) as Any;
    const whole = forward(pool, x).toArray();
    const d = rt.tensor(draws(2)(N * H), [N, H]);
    const all = backward(pool, d).toArray();
    pool.forward(x, { lengths: [1, 2] });
    const dX = backward(pool, d).toArray();
    const padding = dX.filter((_value, i) => Math.floor(i / (N * H)) >= [1, 2][Math.floor(i / H) % N]);
    expectBits("padding", padding, new Float32Array(padding.length));
    expectBits("y", forward(pool, x).toArray(), whole);
    expectBits("dX", backward(pool, d).toArray(), all);
  });
});

describe.each(DTYPES)("in %s", (dtype) => {
  test("a new LayerNorm has weight 1, bias 0 and ε 1e-5", () => {
    const layer = new LayerNorm(rt, { normalizedShape: 3, dtype });
    const row = [0.001, 0.002, 0.006]; // mean 0.003, variance 1.4e-5/3: ε counts
    const expected = row.map((v) => (v - 0.003) / Math.sqrt(1.4e-5 / 3 + 1e-5));
    expectEach("y", layer.forward(rt.tensor(row, [1, 3], { dtype })).toArray(), expected, dtype === "f32" ? 1e-5 : 1e-13, 0);
    expect(valuesOf(layer)).toEqual({ weight: layer.parameters()[0].toArray().fill(1), bias: layer.parameters()[1].toArray().fill(0) });
  });

  test("Dropout multiplies by the factors that two words of its generator decide", () => {
    const layer = new Dropout(rt, { p: 0.3, dtype, generator: new Generator(5) });
    const generator = new Generator(5);
    const values = draws(3)(500);
    const input = rt.tensor(values, [500], { dtype });
    for (let pass = 0; pass < 2; pass++) {
      const factors = dropoutFactors(500, 0.3, generator.bits(), generator.bits());
      const expected = values.map((v, i) => v * factors[i]);
      for (const result of [layer.forward(input), layer.backward(input)])
        expectEach("y", result.toArray(), expected, dtype === "f32" ? 2e-7 : 4e-16, 0);
    }
  });
});

test("Embedding: tokens that were written after the forward are not gone back over", () => {
  const layer = new Embedding(rt, { numEmbeddings: 3, embeddingDim: 2 });
  const tokens = rt.tensor(Int32Array.of(0, 1), [2]);
  const d = rt.tensor([1, 2, 3, 4], [2, 2]);
  layer.forward(tokens);
  tokens.set([2, 1]);
  expectRefusal(() => layer.backward(d), StaleError, "tokens");
  expectBits("weight", gradientsOf(layer).weight, new Float32Array(6));
});
