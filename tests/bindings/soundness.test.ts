/** No silent wrong result: what was written, frozen, mixed up or too long to sum is noticed or right. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  Adam,
  ArgumentError,
  BCEWithLogitsLoss,
  CrossEntropyLoss,
  Dense,
  Embedding,
  FormatError,
  GRU,
  LayerNorm,
  LSTM,
  MeanPool,
  MemoryError,
  Model,
  RNN,
  type Runtime,
  Sequential,
  ShapeError,
  StaleError,
  type Tensor,
} from "../../bindings/index.js";
import { draws } from "../helpers/compare.js";
import { passesOf } from "../helpers/passes.js";
import { gradientsOf, testRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime({ seed: 5 });
});
afterEach(() => rt.dispose());

function write(to: { [i: number]: number }, i: number): void {
  to[i] = 9;
}

describe("what was written between forward and backward", () => {
  const pass = () => {
    const x = rt.tensor(draws(2)(24), [4, 2, 3]);
    const lstm = new LSTM(rt, { inputSize: 3, hiddenSize: 3 });
    return { x, lstm, d: rt.tensor(draws(3)(24), [4, 2, 3]) };
  };

  test.each<[string, (x: Tensor, output: Tensor, held: { [i: number]: number }) => void]>([
    ["x by set", (x) => x.set(draws(4)(24))],
    ["x through data", (x) => write(x.data, 5)],
    ["x through a view from before", (_x, _output, held) => write(held, 0)],
    ["output through data", (_x, output) => write(output.data, 23)],
  ])("%s throws", (_, act) => {
    const { x, lstm, d } = pass();
    const held = x.data;
    const { output } = lstm.forward(x);
    act(x, output, held);
    expect(() => lstm.backward(d)).toThrow(StaleError);
    expect(gradientsOf(lstm).weight_ih_l0?.[0]).toBe(0);
  });

  test("reading throws nothing", () => {
    const { x, lstm, d } = pass();
    const { output } = lstm.forward(x);
    const copy = new Float32Array(24);
    output.copyTo(copy);
    expect([output.at(3), output.data[3]]).toEqual([copy[3], copy[3]]);
    expect(() => lstm.backward(d)).not.toThrow();
  });
});

test("frozen layers give the same dX, take no gradient and no step", () => {
  const run = (freeze: boolean) => {
    const [gru, head] = [new GRU(rt, { inputSize: 3, hiddenSize: 4 }), new Dense(rt, { inputSize: 4, outputSize: 2 })];
    for (const [i, p] of gru.parameters().entries()) p.set(draws(10 + i)(p.toArray().length));
    for (const [i, p] of head.parameters().entries()) p.set(draws(20 + i)(p.toArray().length));
    const model = new Sequential(rt, { gru, head });
    if (freeze) model.freeze();
    const adam = new Adam(model.parameters());
    const before = model.parameters().map((p) => [...p.toArray()]);
    const { forward, backward } = passesOf(model);
    forward(rt.tensor(draws(2)(18), [3, 2, 3]));
    const dX = [...(backward(rt.tensor(draws(3)(12), [3, 2, 2])) as Tensor).toArray()];
    const gradients = model.parameters().flatMap((p) => [...p.grad]);
    adam.step();
    return { dX, gradients, moved: model.parameters().some((p, i) => p.toArray().some((v, j) => v !== before[i]?.[j])) };
  };
  const [free, frozen] = [run(false), run(true)];
  expect(frozen.dX).toEqual(free.dX);
  expect(free.gradients.some((g) => g !== 0)).toBe(true);
  expect(frozen.gradients.every((g) => g === 0)).toBe(true);
  expect([free.moved, frozen.moved]).toEqual([true, false]);
});

test("layouts are not mixed: pools and losses ask the tensor", () => {
  const data = draws(7)(4 * 4 * 3); // T = N: no shape would tell
  const lstm = new LSTM(rt, { inputSize: 3, hiddenSize: 3 });
  const first = new LSTM(rt, { inputSize: 3, hiddenSize: 3, batchFirst: true });
  for (const [i, p] of lstm.parameters().entries()) first.parameters()[i]?.set(p.toArray());
  const turned = Array.from({ length: 48 }, (_, i) => {
    const [n, t, f] = [Math.floor(i / 12), Math.floor(i / 3) % 4, i % 3];
    return data[(t * 4 + n) * 3 + f] as number;
  });
  const lengths = [4, 1, 3, 2];
  const pool = (layer: LSTM, x: number[] | ArrayLike<number>) => [
    ...new MeanPool(rt).forward(layer.forward(rt.tensor(x, [4, 4, 3]), { lengths }).output, { lengths }).toArray(),
  ];
  expect(pool(first, turned)).toEqual(pool(lstm, data));
  const { output } = first.forward(rt.tensor(turned, [4, 4, 3]));
  expect(() => lstm.forward(output)).toThrow(ShapeError);
  expect(
    () =>
      new Sequential(rt, [new LSTM(rt, { inputSize: 3, hiddenSize: 3 }), new GRU(rt, { inputSize: 3, hiddenSize: 3, batchFirst: true })]),
  ).toThrow(ArgumentError);
});

test("a model of one's own inside Sequential gets the lengths", () => {
  const seen: unknown[] = [];
  class Inner extends Model {
    forward(x: Tensor, options?: { lengths?: ArrayLike<number> }): Tensor {
      seen.push(options?.lengths);
      return (this.layers.dense as Dense).forward(x);
    }
  }
  const model = new Sequential(rt, [new Inner(rt, { dense: new Dense(rt, { inputSize: 2, outputSize: 2 }) })]);
  model.forward(rt.zeros([3, 2, 2]), { lengths: [3, 1] });
  expect(seen).toEqual([[3, 1]]);
});

test("weights say whose they are, and names are one's own", () => {
  const tanh = new Sequential(rt, [new RNN(rt, { inputSize: 2, hiddenSize: 2 })]);
  const relu = new Sequential(rt, [new RNN(rt, { inputSize: 2, hiddenSize: 2, nonlinearity: "relu" })]);
  const before = relu.parameters().map((p) => [...p.toArray()]);
  expect(() => relu.load(tanh.save())).toThrow(FormatError);
  expect(relu.parameters().map((p) => [...p.toArray()])).toEqual(before);
  const after = new Sequential(rt, [new GRU(rt, { inputSize: 2, hiddenSize: 2 })]);
  expect(() => new Sequential(rt, [new GRU(rt, { inputSize: 2, hiddenSize: 2, resetAfter: false })]).load(after.save())).toThrow(
    FormatError,
  );
  const dense = () => new Dense(rt, { inputSize: 2, outputSize: 2 });
  expect(() => new Sequential(rt, { a: new Sequential(rt, { b: dense() }), "a.b": dense() })).toThrow(ArgumentError);
  const twice = dense();
  expect(() => new Sequential(rt, [twice, twice])).toThrow(ArgumentError);
});

test("a backward that runs out of memory adds to no gradient", async () => {
  for (let pages = 3; pages < 40; pages += 1) {
    const small = await testRuntime({ maximumMemory: pages * 65536, seed: 1 });
    try {
      const model = new Sequential(small, [
        new LSTM(small, { inputSize: 8, hiddenSize: 16 }),
        new LSTM(small, { inputSize: 16, hiddenSize: 16 }),
        new Dense(small, { inputSize: 16, outputSize: 8 }),
      ]);
      const d = small.zeros([20, 4, 8]);
      d.set(draws(3)(640));
      const { forward, backward } = passesOf(model);
      forward(small.zeros([20, 4, 8]));
      try {
        backward(d);
      } catch (error) {
        expect(error).toBeInstanceOf(MemoryError);
        expect(model.parameters().every((p) => p.grad.every((g) => g === 0))).toBe(true);
      }
    } catch (error) {
      expect(error).toBeInstanceOf(MemoryError);
    } finally {
      small.dispose();
    }
  }
});

describe("numbers at their ends, f32", () => {
  test("a mean over a million steps of 0.1", () => {
    const x = rt.tensor(new Float32Array(1e6).fill(0.1), [1e6, 1, 1]);
    expect(new MeanPool(rt).forward(x).at(0)).toBeCloseTo(0.1, 7);
  });

  test("-log p near 1, and over 1e5 classes", () => {
    const loss = new CrossEntropyLoss(rt);
    const near = loss.forward(rt.tensor([17, 0], [1, 2]), rt.tensor(Int32Array.of(0), [1]));
    expect(near.loss / Math.log1p(Math.exp(-17))).toBeCloseTo(1, 5);
    expect(near.gradient.at(0) / (-Math.exp(-17) / (1 + Math.exp(-17)))).toBeCloseTo(1, 5);
    const z = new Float32Array(1e5);
    z[0] = 17;
    const rest = (1e5 - 1) * Math.exp(-17);
    const many = loss.forward(rt.tensor(z, [1, 1e5]), rt.tensor(Int32Array.of(0), [1]));
    expect(many.loss / Math.log1p(rest)).toBeCloseTo(1, 5);
    expect(many.gradient.at(0) / (-rest / (1 + rest))).toBeCloseTo(1, 5);
  });

  test("right infinite logits cost nothing", () => {
    const loss = new BCEWithLogitsLoss(rt);
    const x = rt.tensor([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], [2]);
    const { loss: value, gradient } = loss.forward(x, rt.tensor([1, 0], [2]));
    expect(value).toBe(0);
    expect([...gradient.toArray()].map(Math.abs)).toEqual([0, 0]);
  });

  test("LayerNorm of a row whose squares overflow", () => {
    const y = new LayerNorm(rt, { normalizedShape: 4 }).forward(rt.tensor([1e20, 1, 2, 3], [1, 4])).toArray();
    expect(y[0]).toBeCloseTo(Math.sqrt(3), 5);
    for (const i of [1, 2, 3]) expect(y[i]).toBeCloseTo(-1 / Math.sqrt(3), 5);
  });

  test("Adam goes on after one huge gradient", () => {
    const dense = new Dense(rt, { inputSize: 1, outputSize: 1, bias: false });
    const adam = new Adam(dense.parameters(), { lr: 0.1 });
    dense.parameters()[0]?.set([0]);
    const push = (g: number) => {
      adam.zeroGrad();
      dense.forward(rt.tensor([1], [1, 1]));
      dense.backward(rt.tensor([g], [1, 1]));
      adam.step();
      return dense.parameters()[0]?.toArray()[0] as number;
    };
    expect(push(2e19)).toBeCloseTo(-0.1, 6);
    expect(push(2e19)).toBeCloseTo(-0.2, 6);
  });

  test("an embedding's gradient over a million tokens", () => {
    const embedding = new Embedding(rt, { numEmbeddings: 2, embeddingDim: 1 });
    embedding.forward(rt.tensor(new Int32Array(1e6).fill(1), [1e6]));
    embedding.backward(rt.tensor(new Float32Array(1e6).fill(0.1), [1e6, 1]));
    expect((gradientsOf(embedding).weight?.[1] as number) / 1e5).toBeCloseTo(1, 5);
  });
});
