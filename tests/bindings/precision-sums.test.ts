/** Long sums in f32 keep their digits: in f64, or in blocks. Bounds are those that docs/numerics.md states. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  BCEWithLogitsLoss,
  CrossEntropyLoss,
  clipGradNorm,
  Dense,
  Embedding,
  evaluate,
  type FloatType,
  GRU,
  HuberLoss,
  L1Loss,
  LayerNorm,
  type Loss,
  LSTM,
  MeanPool,
  MSELoss,
  RNN,
  type Runtime,
  Softmax,
  type Tensor,
  type Trainable,
} from "../../bindings/index.js";
import { draws, expectEach, greatest } from "../helpers/compare.js";
import { DTYPES, gradientsOf, parameterOf, testRuntime, tokensOf } from "../helpers/runtime.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime();
});
afterEach(() => rt.dispose());

const ROWS = 1e6;
/** One rounding to f32 of what is summed in f64, and one of what it is multiplied by. */
const ROUNDED = 2 ** -23;
const TENTH = Math.fround(0.1);

function filled(value: number, shape: number[], options: object = {}): Tensor {
  return rt.tensor(new Float32Array(shape.reduce((a, b) => a * b)).fill(value), shape, options);
}

describe("over a million rows", () => {
  test("LayerNorm's gradients", () => {
    const D = 3;
    const norm = new LayerNorm(rt, { normalizedShape: D });
    const row = [-1, 0, 1];
    norm.forward(
      rt.tensor(
        Float32Array.from({ length: ROWS * D }, (_, i) => row[i % D]),
        [ROWS, D],
      ),
    );
    norm.backward(filled(0.1, [ROWS, D]));
    const { weight, bias } = gradientsOf(norm);
    const scale = 1 / Math.sqrt(2 / 3 + 1e-5);
    expectEach(
      "weight",
      weight,
      row.map((x) => x * scale * TENTH * ROWS),
      ROUNDED,
      1e-9,
    );
    expectEach(
      "bias",
      bias,
      row.map(() => TENTH * ROWS),
      ROUNDED,
      0,
    );
  });

  test("Embedding's gradients, of tokens side by side and apart", () => {
    const embedding = new Embedding(rt, { numEmbeddings: 3, embeddingDim: 5 });
    const tokens = Int32Array.from({ length: ROWS }, (_, i) => (i < ROWS / 2 ? 2 : i % 2));
    embedding.forward(tokensOf(rt, tokens));
    embedding.backward(filled(0.1, [ROWS, 5]));
    const counts = [ROWS / 4, ROWS / 4, ROWS / 2];
    expectEach(
      "weight",
      gradientsOf(embedding).weight,
      counts.flatMap((count) => new Array(5).fill(count * TENTH)),
      ROUNDED,
      0,
    );
  });

  test.each([1, 7, 9])("Dense's bias gradients, %i outputs", (O) => {
    const dense = new Dense(rt, { inputSize: 1, outputSize: O });
    const [even, odd] = [0.1, -0.3].map(Math.fround);
    dense.forward(filled(1, [ROWS, 1]));
    dense.backward(
      rt.tensor(
        Float32Array.from({ length: ROWS * O }, (_, i) => ((i % O) % 2 ? odd : even)),
        [ROWS, O],
      ),
    );
    const expected = Array.from({ length: O }, (_, o) => ROWS * (o % 2 ? odd : even));
    expectEach("bias", gradientsOf(dense).bias, expected, 64 * 2 ** -24, 0);
  });

  test("Dense's weight gradients", () => {
    const dense = new Dense(rt, { inputSize: 2, outputSize: 3 });
    dense.forward(
      rt.tensor(
        Float32Array.from({ length: ROWS * 2 }, (_, i) => (i % 2 ? 0.7 : 0.1)),
        [ROWS, 2],
      ),
    );
    dense.backward(filled(0.1, [ROWS, 3]));
    const products = [TENTH, Math.fround(0.7)].map((x) => ROWS * TENTH * x);
    expectEach("weight", gradientsOf(dense).weight, [products, products, products].flat(), 1e-5, 0);
  });

  test.each<[string, (dtype: FloatType) => GRU]>([
    ["GRU", (dtype) => new GRU(rt, { inputSize: 1, hiddenSize: 3, dtype })],
    ["LSTM", (dtype) => new LSTM(rt, { inputSize: 1, hiddenSize: 3, dtype }) as unknown as GRU],
    ["RNN", (dtype) => new RNN(rt, { inputSize: 1, hiddenSize: 3, dtype }) as unknown as GRU],
  ])("%s's gradients, as f64 has them", (_, create) => {
    const [T, N] = [1000, 100];
    const [narrow, wide] = DTYPES.map((dtype) => {
      const layer = create(dtype);
      for (const [i, parameter] of layer.parameters().entries()) parameter.set(draws(50 + i)(parameter.toArray().length, 0.3));
      layer.forward(rt.tensor(new Float32Array(T * N).fill(0.5), [T, N, 1], { dtype }));
      layer.backward(rt.tensor(new Float32Array(T * N * 3).fill(TENTH), [T, N, 3], { dtype }));
      return gradientsOf(layer);
    });
    for (const [name, expected] of Object.entries(wide)) expectEach(name, narrow[name], expected, 1e-5, 1e-5 * greatest(expected));
  });

  const target = (value: number) => () => filled(value, [ROWS]);
  const sigmoid = 1 / (1 + Math.exp(-TENTH));
  test.each<[string, () => Loss, () => Tensor, () => Tensor, number]>([
    ["MSELoss", () => new MSELoss(rt), target(0.1), target(0), TENTH ** 2],
    ["L1Loss", () => new L1Loss(rt), target(0.1), target(0), TENTH],
    ["HuberLoss", () => new HuberLoss(rt), target(0.1), target(0), TENTH ** 2 / 2],
    ["BCEWithLogitsLoss", () => new BCEWithLogitsLoss(rt), target(0.1), target(1), -Math.log(sigmoid)],
    [
      "CrossEntropyLoss",
      () => new CrossEntropyLoss(rt),
      () => filled(0.1, [ROWS, 3]),
      () => tokensOf(rt, new Int32Array(ROWS)),
      Math.log(3),
    ],
  ])("%s, mean and sum", (_, create, prediction, targets, expected) => {
    const loss = create();
    const mean = loss.forward(prediction(), targets());
    expectEach("loss", [mean.loss], [expected], 3 * ROUNDED, 0);
    const sum = new (loss.constructor as new (rt: Runtime, options: object) => Loss)(rt, { reduction: "sum" });
    expectEach("sum", [sum.forward(prediction(), targets()).loss], [expected * ROWS], 3 * ROUNDED, 0);
  });

  test("evaluate: a hundred thousand batches", async () => {
    const model: Trainable = {
      ...{ runtime: rt, forward: (x: Tensor) => x, backward: () => null, namedParameters: () => [] },
      ...{ train: () => {}, eval: () => {} },
    };
    const data = Array.from({ length: 1e5 }, () => ({ x: [0.1], y: [0] }));
    const { loss } = await evaluate(model, { data, loss: new L1Loss(rt), batchSize: 1 });
    expectEach("loss", [loss], [TENTH], 1e-11, 0);
  });

  test("the norm of the gradients", () => {
    const dense = new Dense(rt, { inputSize: 1, outputSize: ROWS, bias: false });
    dense.forward(rt.tensor([1], [1, 1]));
    dense.backward(filled(0.1, [1, ROWS]));
    expectEach("norm", [clipGradNorm(dense.parameters(), 50)], [TENTH * 1000], 1e-11, 0);
    expectEach("clipped", parameterOf(dense, "weight").grad.slice(0, 3), [0.05, 0.05, 0.05], ROUNDED, 0);
  });
});

describe("over a million steps", () => {
  test.each([1, 2, 3, 16, 19])("MeanPool of %i features of 0.1, and back", (H) => {
    const T = H > 3 ? 1e5 : 1e6;
    const pool = new MeanPool(rt);
    expectEach("mean", pool.forward(filled(0.1, [T, 1, H])).toArray(), new Array(H).fill(TENTH), 0, 0);
    const dX = pool.backward(filled(1, [1, H])).toArray();
    expectEach("dX", dX.slice(-H), new Array(H).fill(1 / T), ROUNDED, 0);
  });

  test("MeanPool of what differs, batch-first with lengths", () => {
    const [T, lengths] = [250_000, [250_000, 100_000]];
    const data = Float32Array.from({ length: 2 * T }, (_, i) => (i % T) % 7);
    const y = new MeanPool(rt).forward(rt.tensor(data, [2, T, 1], { batchFirst: true }), { lengths });
    const mean = (steps: number) => data.slice(0, steps).reduce((a, b) => a + b, 0) / steps;
    expectEach("mean", y.toArray(), lengths.map(mean), 0.5 * ROUNDED, 0);
  });
});

describe("over a hundred thousand features or classes", () => {
  const WIDTH = 1e5;

  test("LayerNorm of a row", () => {
    const norm = new LayerNorm(rt, { normalizedShape: WIDTH });
    const x = Float32Array.from({ length: WIDTH }, (_, i) => 1000 + (i % 2));
    const y = norm.forward(rt.tensor(x, [1, WIDTH]));
    const scale = 1 / Math.sqrt(0.25 + 1e-5);
    expectEach("y", y.toArray().slice(0, 4), [-0.5 * scale, 0.5 * scale, -0.5 * scale, 0.5 * scale], ROUNDED, 0);
    norm.backward(
      rt.tensor(
        x.map((_, i) => (i % 2 ? 0.3 : 0.1)),
        [1, WIDTH],
      ),
    );
  });

  test("Softmax and its way back", () => {
    const softmax = new Softmax(rt);
    const p = softmax.forward(filled(0.1, [1, WIDTH])).toArray();
    expectEach("p", p.slice(0, 3), [1e-5, 1e-5, 1e-5], 2 * ROUNDED, 0);
    const dp = new Float32Array(WIDTH).fill(0.1);
    dp[0] = 1;
    const dot = 0.99999 * TENTH + 1e-5;
    const dz = softmax.backward(rt.tensor(dp, [1, WIDTH])).toArray();
    expectEach("dz", dz.slice(0, 1), [1e-5 * (1 - dot)], 4 * ROUNDED, 0);
    expectEach("dz", dz.slice(1, 3), [1e-5 * (TENTH - dot), 1e-5 * (TENTH - dot)], 1e-2, 0); // what 0.1 − 0.100009 leaves
  });

  test.each([0, 1, 50_001, WIDTH - 1])("CrossEntropyLoss with the logit 17 at class %i, the target, and beside it", (top) => {
    const loss = new CrossEntropyLoss(rt);
    const z = new Float32Array(WIDTH);
    z[top] = 17;
    const rest = (WIDTH - 1) * Math.exp(-17);
    const right = loss.forward(rt.tensor(z, [1, WIDTH]), tokensOf(rt, [top]));
    expect(right.loss).toBeCloseTo(0.00413, 5);
    expectEach("loss", [right.loss], [Math.log1p(rest)], 2 * ROUNDED, 0);
    const other = top === 7 ? 8 : 7;
    const p = Math.exp(-17) / (1 + rest);
    expectEach("gradient", [right.gradient.at(top), right.gradient.at(other)], [-rest / (1 + rest), p], 4 * ROUNDED, 0);
    const wrong = loss.forward(rt.tensor(z, [1, WIDTH]), tokensOf(rt, [other]));
    expectEach("loss", [wrong.loss], [17 + Math.log1p(rest)], 2 * ROUNDED, 0);
    expectEach("gradient", [wrong.gradient.at(top), wrong.gradient.at(other)], [1 / (1 + rest), p - 1], 4 * ROUNDED, 0);
  });
});

describe("products over a hundred thousand inputs, in one chain or blocks", () => {
  test.each([1, 4, 6])("Dense, %i rows, forward and dX", (M) => {
    const K = 1e5;
    const wide = new Dense(rt, { inputSize: K, outputSize: 1 });
    wide.parameters()[0].set(new Float32Array(K).fill(1));
    const { bias } = { bias: wide.parameters()[1].toArray()[0] };
    expectEach("y", wide.forward(filled(0.1, [M, K])).toArray(), new Array(M).fill(K * TENTH + bias), 2e-4, 0);
    const many = new Dense(rt, { inputSize: 1, outputSize: K });
    many.parameters()[0].set(new Float32Array(K).fill(0.1));
    many.forward(filled(1, [M, 1]));
    expectEach("dX", many.backward(filled(1, [M, K])).toArray(), new Array(M).fill(K * TENTH), 2e-4, 0);
  });
});
