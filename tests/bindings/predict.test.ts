/** Predictions in their order, to the bits of a forward alone; the model stays as it is. */
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  ArgumentError,
  Dense,
  Dropout,
  DTypeError,
  Generator,
  GRU,
  type Inputs,
  LastStep,
  LSTM,
  MinMaxScaler,
  predict,
  type Runtime,
  Sequential,
  ShapeError,
  Standardizer,
} from "../../bindings/index.js";
import { draws } from "../helpers/compare.js";
import { testRuntime } from "../helpers/runtime.js";
import { samples, tagger } from "../helpers/tagger.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime({ seed: 1 });
});
afterEach(() => {
  expect(rt.bytesInUse).toBe(0);
  rt.dispose();
});

const LENGTHS = [4, 1, 7, 4, 2, 7, 3];
const draw = draws(3);
const inputs = LENGTHS.map((steps) => Array.from({ length: steps }, () => Array.from(draw(2))));

function forecaster(batchFirst: boolean, overTime: boolean): Sequential {
  const generator = new Generator(4);
  return new Sequential(rt, {
    lstm: new LSTM(rt, { inputSize: 2, hiddenSize: 5, batchFirst, generator }),
    dropout: new Dropout(rt, { p: 0.5, generator }),
    ...(overTime ? {} : { last: new LastStep(rt) }),
    head: new Dense(rt, { inputSize: 5, outputSize: 3, generator }),
  });
}

/** What a sample gives alone, dropout off. */
function alone(model: Sequential, x: number[][], batchFirst: boolean): number[] {
  const tensor = rt.tensor(x.flat(), batchFirst ? [1, x.length, 2] : [x.length, 1, 2], { batchFirst });
  model.eval();
  const data = [...model.forward(tensor).toArray()];
  model.train();
  tensor.dispose();
  return data;
}

describe.each([
  [false, false],
  [false, true],
  [true, false],
  [true, true],
])("batchFirst %s, a prediction for every step %s", (batchFirst, overTime) => {
  test("the bits of forward alone, in order, unpadded, for any size of batch", async () => {
    const model = forecaster(batchFirst, overTime);
    const expected = inputs.map((x) => ({ data: alone(model, x, batchFirst), shape: overTime ? [x.length, 3] : [3] }));
    for (const batchSize of [1, 3, 32]) {
      const got = await predict(model, inputs, { batchSize });
      expect(got.map(({ data, shape }) => ({ data: [...data], shape }))).toEqual(expected);
      expect(got.every(({ data }) => data instanceof Float32Array)).toBe(true);
    }
    model.dispose();
  });
});

test("every kind of source that fit takes", async () => {
  const model = forecaster(false, false);
  const expected = await predict(model, inputs);
  function* some() {
    yield* inputs;
  }
  async function* later() {
    for (const x of inputs) yield { x };
  }
  const sources: [string, Inputs][] = [
    ["samples", inputs.map((x) => ({ x, y: 3 }))],
    ["samples without y", inputs.map((x) => ({ x }))],
    ["mixed", inputs.map((x, i) => (i % 2 ? x : { x }))],
    ["a Set", new Set(inputs)],
    ["a generator", some()],
    ["an async generator", later()],
    ["a stream", Readable.from(inputs) as AsyncIterable<number[][]>],
    ["a function", () => inputs],
    ["a function of a generator", later],
  ];
  for (const [name, source] of sources) expect(await predict(model, source, { batchSize: 3 }), name).toEqual(expected);
  const flat = inputs.map((x) => Float32Array.from(x.flat()));
  expect(await predict(model, flat, { features: 2 })).toEqual(expected);
  model.dispose();
});

test("f64, and tokens", async () => {
  const model = new Sequential(rt, [new GRU(rt, { inputSize: 2, hiddenSize: 3, dtype: "f64" }), new LastStep(rt, { dtype: "f64" })]);
  const [{ data } = { data: [] }] = await predict(model, inputs);
  expect(data).toBeInstanceOf(Float64Array);
  const words = tagger(rt);
  const found = await predict(words, samples(5));
  expect(found.map(({ shape }) => shape)).toEqual(samples(5).map(({ x }) => [x.length, 5]));
  for (const each of [model, words]) each.dispose();
});

test("modes, generators and buffers stay as they are, also where it throws", async () => {
  const model = tagger(rt);
  model.train();
  model.layers.dropout?.eval();
  const modes = () => model.namedLayers().map(([, layer]) => [layer.training, layer.generator.state]);
  const before = modes();
  await predict(model, samples(9), { batchSize: 2 });
  await expect(predict(model, [Int32Array.of(1), Int32Array.of(99)], { batchSize: 1 })).rejects.toThrow("x[0] of sample 1");
  expect(modes()).toEqual(before);
  model.dispose();
});

describe("targetScaler", () => {
  test("brings predictions back: each column by its own feature", async () => {
    const model = forecaster(false, true);
    const scaler = new MinMaxScaler().fit([
      [0, 100, -1],
      [10, 400, 1],
    ]);
    const [plain, scaled] = [await predict(model, inputs), await predict(model, inputs, { targetScaler: scaler })];
    expect(scaled.map(({ data }) => data)).toEqual(plain.map(({ data }) => scaler.inverseTransform(data)));
    expect(scaled[2]?.shape).toEqual([7, 3]);
    model.dispose();
  });

  test("of another number of features it is refused, though the numbers of all steps would fit", async () => {
    const model = forecaster(false, true);
    const scaler = new Standardizer().fit([
      [1, 2],
      [2, 3],
    ]);
    const error = predict(model, [inputs[0] as number[][]], { targetScaler: scaler });
    await expect(error).rejects.toThrow(new ShapeError("targetScaler", "a scaler of 3 features, as the model predicts", "one of 2"));
    model.dispose();
  });
});

test("refusals name the sample", async () => {
  const model = forecaster(false, false);
  const refused = (source: unknown, ...error: [new (...args: never[]) => Error, string]) =>
    expect(predict(model, source as never)).rejects.toSatisfy((caught) => caught instanceof error[0] && String(caught).includes(error[1]));
  await refused([1, 2], ArgumentError, "sample 0: expected x, or { x } (data is an array of them, of one too), got 1");
  await refused(Float32Array.of(1, 2), ArgumentError, "data: expected samples");
  await refused([], ArgumentError, "data: expected at least one sample, got none");
  await refused([inputs[0], null], ArgumentError, "sample 1: expected x, or { x }, got null");
  await refused([inputs[0], {}], ArgumentError, "sample 1: expected x, or { x }, got");
  await refused([inputs[0], [[1, 2, 3]]], ShapeError, "x of sample 1: expected 2 features a step, as sample 0, got 3");
  await refused([Int32Array.of(1)], DTypeError, "x of sample 0: expected numbers");
  await refused([[1, 2, 3, 4]], ShapeError, "x of sample 0: expected 2 features a step, as the model reads (option features: 2), got 1");
  await expect(predict(model, inputs, { batchsize: 3 } as never)).rejects.toThrow(
    "options: expected only batchSize, features, targetScaler",
  );
  await expect(predict({ ...model, forward: () => 3 } as never, inputs)).rejects.toThrow(ArgumentError);
  model.dispose();
});
