/** What is trained is what the optimizer has, frozen layers left out. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  Adam,
  ArgumentError,
  clipGradNorm,
  clipGradValue,
  Dense,
  Embedding,
  type FitOptions,
  type FloatType,
  fit,
  GRU,
  type Layer,
  LayerNorm,
  LSTM,
  type Model,
  MSELoss,
  RNN,
  type Runtime,
  Sequential,
  SGD,
  type Tensor,
} from "../../bindings/index.js";
import { draws, expectBits } from "../helpers/compare.js";
import { recorded } from "../helpers/recorded.js";
import { contentOf, packed } from "../helpers/resumable.js";
import { DTYPES, gradientsOf, parameterOf, testRuntime, tokensOf, valuesOf } from "../helpers/runtime.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime({ seed: 5 });
});
afterEach(() => rt.dispose());

/** y = head·body·x, both weights 1; the target lies so far off that a step of norm 1 is 1. */
function chain() {
  const [body, head] = [0, 1].map(() => new Dense(rt, { inputSize: 1, outputSize: 1, bias: false }));
  for (const layer of [body, head]) layer.parameters()[0].set([1]);
  const model = new Sequential(rt, { body, head });
  return { body, head, model };
}
const FAR: Omit<FitOptions, "optimizer" | "loss"> = { data: [{ x: [1], y: [1e6] }], clipNorm: 1, batchSize: 1 };

/** The head's weight after each of three steps. */
async function threeSteps({ model, head }: { model: Model; head: Dense }, trained: Dense[]): Promise<number[]> {
  const optimizer = new SGD(
    trained.flatMap((layer) => layer.parameters()),
    { lr: 1 },
  );
  const weights: number[] = [];
  const onEpoch = () => weights.push(head.parameters()[0].toArray()[0]);
  await fit(model, { ...FAR, loss: new MSELoss(rt), optimizer, epochs: 3, callbacks: { onEpoch } });
  return weights;
}

function expectNear(got: readonly number[], expected: readonly number[]): void {
  expect(got.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(got[i], `step ${i + 1}`).toBeCloseTo(value, 5);
}

describe("fit, lr 1, clipNorm 1: the head alone goes by 1 a step", () => {
  test("when the optimizer has it alone", async () => {
    const parts = chain();
    expectNear(await threeSteps(parts, [parts.head]), [2, 3, 4]);
    expect([...parts.body.parameters()[0].toArray(), ...parts.body.parameters()[0].grad]).toEqual([1, 0]);
  });

  test("when the body is frozen, with the optimizer over all", async () => {
    const parts = chain();
    parts.body.freeze();
    expectNear(await threeSteps(parts, [parts.body, parts.head]), [2, 3, 4]);
    expect([...parts.body.parameters()[0].toArray(), ...parts.body.parameters()[0].grad]).toEqual([1, 0]);
  });

  test("in accumulation", async () => {
    const parts = chain();
    const optimizer = new SGD(parts.head.parameters(), { lr: 1 });
    const data = Array.from({ length: 6 }, () => ({ x: [1], y: [1e6] }));
    await fit(parts.model, { ...FAR, data, loss: new MSELoss(rt), optimizer, accumulate: 2 });
    expectNear([...parts.head.parameters()[0].toArray()], [4]);
  });

  test("all of it shares the norm; a foreign optimizer that hides its parameters trains the model's", async () => {
    const together = chain();
    const first = (await threeSteps(together, [together.body, together.head]))[0];
    expect(first).toBeCloseTo(1 + Math.SQRT1_2, 5);
    const hidden = chain();
    const sgd = new SGD(hidden.model.parameters(), { lr: 1 });
    const optimizer = { lr: 1, step: () => sgd.step(), zeroGrad: () => sgd.zeroGrad(), state: () => sgd.state(), load: () => {} };
    await fit(hidden.model, { ...FAR, loss: new MSELoss(rt), optimizer });
    expectNear([...hidden.head.parameters()[0].toArray()], [1 + Math.SQRT1_2]);
  });

  test("a parameter beside the model counts too, as the optimizer has it", async () => {
    const parts = chain();
    const other = new Dense(rt, { inputSize: 1, outputSize: 1, bias: false });
    other.parameters()[0].set([7]);
    await threeSteps(parts, [parts.head, other]);
    expect(other.parameters()[0].toArray()[0]).toBe(7);
    expectNear([...parts.head.parameters()[0].toArray()], [4]);
  });
});

test.each<[string, (parts: ReturnType<typeof chain>) => SGD]>([
  ["of another model", () => new SGD(chain().model.parameters(), { lr: 1 })],
  ["over frozen layers alone", ({ body }) => new SGD(body.freeze().parameters(), { lr: 1 })],
])("an optimizer %s is refused, and nothing has changed", async (_, optimizerOf) => {
  const parts = chain();
  const optimizer = optimizerOf(parts);
  const values = valuesOf(parts.model);
  await expect(fit(parts.model, { ...FAR, loss: new MSELoss(rt), optimizer })).rejects.toThrow(ArgumentError);
  expect(valuesOf(parts.model)).toEqual(values);
  expect(parts.body.training).toBe(true);
  expect(optimizer.state().step).toBe(0);
});

test("a frozen layer's gradients stay as they are, through backward, clipping and steps", () => {
  const { body, head, model } = chain();
  const x = rt.tensor([2], [1, 1]);
  const pass = () => recorded((x) => model.forward(x), x, rt.tensor([3], [1, 1]));
  pass();
  expect([...body.parameters()[0].grad]).toEqual([6]);
  body.freeze();
  const optimizer = new Adam(model.parameters(), { lr: 0.1 });
  for (let i = 0; i < 3; i++) {
    pass();
    clipGradValue(model.parameters(), 2);
    expect(clipGradNorm(model.parameters(), 1)).toBeCloseTo(2, 6); // the head's alone
    optimizer.step();
    head.zeroGrad();
  }
  expect([...body.parameters()[0].grad]).toEqual([6]);
  expect([...body.parameters()[0].toArray()]).toEqual([1]);
});

describe("freeze and unfreeze", () => {
  const batch = { T: 4, N: 3, I: 3 };
  type Case = [string, (dtype: FloatType) => Layer, number];
  const recurrent = { inputSize: 3, hiddenSize: 4 };
  const cases: Case[] = [
    ["RNN", (dtype) => new RNN(rt, { ...recurrent, dtype }), 4],
    ["RNN, relu", (dtype) => new RNN(rt, { ...recurrent, dtype, nonlinearity: "relu" }), 4],
    ["LSTM, two layers, both ways", (dtype) => new LSTM(rt, { ...recurrent, dtype, numLayers: 2, bidirectional: true }), 8],
    ["GRU", (dtype) => new GRU(rt, { ...recurrent, dtype }), 4],
    ["GRU, reset before, two layers", (dtype) => new GRU(rt, { ...recurrent, dtype, resetAfter: false, numLayers: 2 }), 4],
    ["GRU, no bias", (dtype) => new GRU(rt, { ...recurrent, dtype, bias: false }), 4],
    ["Dense", (dtype) => new Dense(rt, { inputSize: 3, outputSize: 4, dtype }), 4],
    ["LayerNorm", (dtype) => new LayerNorm(rt, { normalizedShape: 3, dtype }), 3],
  ];

  /** A pass over the same weights and numbers. */
  function pass(layer: Layer, dtype: FloatType, width: number) {
    const { T, N, I } = batch;
    for (const [i, parameter] of layer.parameters().entries()) parameter.set(draws(30 + i)(parameter.toArray().length));
    const run = layer as unknown as { forward(x: Tensor): Tensor | { output: Tensor }; backward(d: Tensor): Tensor | { dX: Tensor } };
    run.forward(rt.tensor(draws(1)(T * N * I), [T, N, I], { dtype }));
    const given = run.backward(rt.tensor(draws(2)(T * N * width), [T, N, width], { dtype }));
    return ("dX" in given ? given.dX : given).toArray();
  }

  test.each(
    cases.flatMap(([name, create, width]) => DTYPES.map((dtype) => [`${name}, ${dtype}`, create, width, dtype] as const)),
  )("%s: dX has the same bits, no gradient is taken, and after unfreeze() all is as before", (_, create, width, dtype) => {
    const [free, frozen] = [create(dtype), create(dtype)];
    const dX = pass(free, dtype, width);
    expect([frozen.requiresGrad, frozen.freeze().requiresGrad]).toEqual([true, false]);
    expectBits("dX", pass(frozen, dtype, width), dX);
    for (const [name, gradient] of Object.entries(gradientsOf(frozen)))
      expect(
        [...(gradient as Float32Array)].every((g) => g === 0),
        name,
      ).toBe(true);
    frozen.unfreeze();
    expectBits("dX", pass(frozen, dtype, width), dX);
    for (const [name, gradient] of Object.entries(gradientsOf(free))) expectBits(name, parameterOf(frozen, name).grad, gradient);
  });

  test("Embedding", () => {
    const embedding = new Embedding(rt, { numEmbeddings: 3, embeddingDim: 2 }).freeze();
    const go = () => {
      embedding.forward(tokensOf(rt, [0, 2]));
      embedding.backward(rt.tensor([1, 2, 3, 4], [2, 2]));
      return [...embedding.parameters()[0].grad];
    };
    expect(go()).toEqual([0, 0, 0, 0, 0, 0]);
    embedding.unfreeze();
    expect(go()).toEqual([1, 2, 0, 0, 3, 4]);
  });

  test("spares the memory of gradients and of what they are made with", () => {
    const taken = (freeze: boolean) => {
      const layer = new LSTM(rt, { inputSize: 32, hiddenSize: 32 });
      if (freeze) layer.freeze();
      const x = rt.zeros([40, 8, 32]);
      layer.forward(x);
      const before = rt.bytesInUse;
      layer.backward(x);
      const bytes = rt.bytesInUse - before;
      layer.dispose();
      return bytes;
    };
    const gradients = 4 * (2 * 128 * 32 + 2 * 128);
    expect(taken(false) - taken(true)).toBeGreaterThanOrEqual(gradients);
  });

  test("a model freezes its layers, each says so, and a step leaves them", () => {
    const { body, head, model } = chain();
    model.freeze();
    expect([model.requiresGrad, body.requiresGrad, head.requiresGrad]).toEqual([false, false, false]);
    head.unfreeze();
    expect([model.requiresGrad, body.parameters()[0].requiresGrad, head.parameters()[0].requiresGrad]).toEqual([true, false, true]);
    const optimizer = new SGD(model.parameters(), { lr: 1, weightDecay: 0.5 });
    recorded((x) => model.forward(x), rt.tensor([1], [1, 1]), rt.tensor([0.25], [1, 1]));
    optimizer.step();
    expect([...body.parameters()[0].toArray(), ...head.parameters()[0].toArray()]).toEqual([1, 1 - 0.25 - 0.5]);
  });
});

describe("a checkpoint", () => {
  async function run(epochs: number, resume?: Uint8Array) {
    const { body, model } = chain();
    body.freeze();
    const saved: Uint8Array[] = [];
    const options: FitOptions = {
      ...{ data: [{ x: [1], y: [2] }], loss: new MSELoss(rt), optimizer: new Adam(model.parameters(), { lr: 0.1 }), epochs },
      checkpoint: { save: (one) => void saved.push(one) },
      callbacks: { onEpoch: ({ epoch }) => void (epoch === 2 && body.unfreeze()) },
    };
    await fit(model, resume ? { ...options, resume } : options);
    return { bytes: saved.at(-1) as Uint8Array, bits: model.parameters().flatMap((parameter) => [...parameter.toArray()]), body };
  }

  test("keeps what is frozen: a run that unfreezes a layer on its way resumes to the same bits", async () => {
    const whole = await run(5);
    const { bytes } = await run(3);
    const { bits, body } = await run(5, bytes);
    expectBits("weights", bits, whole.bits);
    expect(body.requiresGrad).toBe(true);
    expect(whole.bits[0]).not.toBe(1);
  });

  test("that names strangers as frozen, or half a layer, is refused, and nothing has changed", async () => {
    const model = new Sequential(rt, { body: new Dense(rt, { inputSize: 1, outputSize: 1 }) });
    const options = () => ({ data: [{ x: [1], y: [2] }], loss: new MSELoss(rt), optimizer: new Adam(model.parameters()) });
    const saved: Uint8Array[] = [];
    await fit(model, { ...options(), checkpoint: { save: (one) => void saved.push(one) } });
    const { tensors, details } = contentOf(saved[0] as Uint8Array);
    const before = valuesOf(model);
    for (const frozen of [["body.weight"], ["head.weight"], [5], "body.weight", undefined]) {
      const broken = packed(tensors, JSON.stringify({ ...JSON.parse(details), frozen }));
      await expect(fit(model, { ...options(), resume: broken, epochs: 2 })).rejects.toThrow(/^checkpoint: expected/);
      expect(valuesOf(model)).toEqual(before);
      expect(model.requiresGrad).toBe(true);
    }
    const both = packed(tensors, JSON.stringify({ ...JSON.parse(details), frozen: ["body.bias", "body.weight"] }));
    await expect(fit(model, { ...options(), resume: both, epochs: 1 })).resolves.toBeDefined();
    expect(model.requiresGrad).toBe(false);
  });
});
