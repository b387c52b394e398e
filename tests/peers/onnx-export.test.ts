/** Exported models in ONNX Runtime: the same numbers as here, for every layer and over its options. */
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ActivatedGRU, ActivatedLSTM, ActivatedRNN, CoupledLSTM, LSTMP } from "../../bindings/cells.js";
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
  type Model,
  RNN,
  type Runtime,
  Sequential,
  Softmax,
  type Tensor,
} from "../../bindings/index.js";
import { type ExportOnnxOptions, exportOnnx } from "../../bindings/onnx.js";
import { draws, expectEach } from "../helpers/compare.js";
import { operatorRuntime } from "../helpers/runtime.js";
import { printedSeed } from "../helpers/seed.js";

let rt: Runtime;
let draw: ReturnType<typeof draws>;
beforeAll(async () => {
  rt = await operatorRuntime();
  draw = draws(printedSeed("onnx-export"));
});
afterAll(() => rt.dispose());

const sizes = () => [...draw(6)].map((value) => 2 + Math.floor(Math.abs(value) * 6)) as [number, number, number, number, number, number];

type Feeds = Record<string, OrtTensor>;
type Given = Parameters<typeof exportOnnx>[0];

/** Every parameter anew: biases and learned states too, and nothing is zeros or ones. */
function scrambled<Of extends Given>(model: Of): Of {
  for (const parameter of model.parameters())
    parameter.set(
      draw(
        parameter.shape.reduce((a, b) => a * b, 1),
        0.7,
      ),
    );
  return model.eval() as Of;
}

async function ortRun(bytes: Uint8Array, feeds: Feeds): Promise<Record<string, OrtTensor>> {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  try {
    return (await session.run(feeds)) as Record<string, OrtTensor>;
  } finally {
    await session.release();
  }
}

const float = (data: Float32Array | Float64Array, shape: readonly number[]) =>
  new OrtTensor("float32", Float32Array.from(data), [...shape]);

function expectSame(name: string, actual: OrtTensor | undefined, expected: Tensor): void {
  expect(actual?.dims, name).toEqual([...expected.shape]);
  expectEach(name, actual?.data as Float32Array, expected.toArray(), 1e-5, 1e-5);
}

interface Run {
  readonly shape: readonly number[];
  readonly lengths?: readonly number[];
  readonly options?: ExportOnnxOptions;
  /** Tokens below this in place of features. */
  readonly tokens?: number;
}

/** The same x through the model and through its file. */
async function compare(model: Given, { shape, lengths, options = {}, tokens }: Run): Promise<void> {
  const count = shape.reduce((a, b) => a * b, 1);
  const numbers = draw(count);
  const ids = Int32Array.from(numbers, (value) => Math.floor(((value + 1) / 2) * (tokens ?? 1)));
  const batchFirst = (model as { batchFirst?: boolean }).batchFirst;
  const x = tokens ? rt.tensor(ids, shape) : rt.tensor(numbers, shape, { dtype: model instanceof LSTM ? model.dtype : "f32" });
  const feeds: Feeds = { x: tokens ? new OrtTensor("int64", BigInt64Array.from(ids, BigInt), [...shape]) : float(numbers, shape) };
  if (lengths) feeds.lengths = new OrtTensor("int32", Int32Array.from(lengths), [lengths.length]);
  const result = (model as Layer & { forward(x: Tensor, options?: object): Tensor | { output: Tensor } }).forward(
    x,
    lengths ? { lengths } : {},
  );
  const { y, ...others } = await ortRun(exportOnnx(model, { ...options, ...(lengths && { lengths: true }) }), feeds);
  expect(others).toEqual({});
  expectSame(`y, batchFirst ${batchFirst}`, y, "output" in result ? result.output : result);
  x.dispose();
}

type Options = { inputSize: number; hiddenSize: number; numLayers?: number; bidirectional?: boolean; batchFirst?: boolean; bias?: boolean };
type Recurrent = Layer & { readonly numLayers: number };
const KINDS: readonly [string, (options: Options) => Recurrent][] = [
  ["LSTM", (options) => new LSTM(rt, options)],
  ["GRU", (options) => new GRU(rt, options)],
  ["GRU, reset before", (options) => new GRU(rt, { ...options, resetAfter: false })],
  ["RNN", (options) => new RNN(rt, options)],
  ["RNN, relu", (options) => new RNN(rt, { ...options, nonlinearity: "relu" })],
  ["LSTMP, peepholes", (options) => new LSTMP(rt, { ...options, peepholes: true })],
  ["LSTMP, plain", (options) => new LSTMP(rt, options)],
  ["CoupledLSTM, forget", (options) => new CoupledLSTM(rt, options)],
  ["CoupledLSTM, input", (options) => new CoupledLSTM(rt, { ...options, gate: "input" })],
  [
    "ActivatedLSTM",
    (options) => new ActivatedLSTM(rt, { ...options, activations: ["HardSigmoid", "Elu", "LeakyRelu"], activationAlpha: [0.3] }),
  ],
  [
    "ActivatedGRU",
    (options) =>
      new ActivatedGRU(rt, { ...options, activations: ["HardSigmoid", "Softsign"], activationAlpha: [0.25], activationBeta: [0.4] }),
  ],
  [
    "ActivatedGRU, reset before",
    (options) =>
      new ActivatedGRU(rt, {
        ...options,
        activations: ["Sigmoid", "ScaledTanh"],
        activationAlpha: [0.8],
        activationBeta: [0.5],
        resetAfter: false,
      }),
  ],
  ["ActivatedRNN", (options) => new ActivatedRNN(rt, { ...options, activations: ["ThresholdedRelu"], activationAlpha: [0.1] })],
];
const GRID = [1, 2, 3].flatMap((numLayers) =>
  [false, true].flatMap((bidirectional) =>
    [false, true].map((batchFirst) => ({ numLayers, bidirectional, batchFirst, bias: numLayers !== 2 })),
  ),
);

describe.each(KINDS)("%s", (_, make) => {
  test.each(GRID)("%o", async (options) => {
    const [T, N, I, H] = sizes();
    const layer = scrambled(make({ inputSize: I, hiddenSize: H, ...options }));
    const shape = options.batchFirst ? [N, T, I] : [T, N, I];
    await compare(layer, { shape });
    const lengths = Array.from(draw(N), (value) => 1 + Math.floor(((value + 1) / 2) * T));
    await compare(layer, { shape, lengths });
    layer.dispose();
  });

  test("states go in and come out, so that a sequence goes on", async () => {
    const [T, N, I, H] = sizes();
    const layer = scrambled(make({ inputSize: I, hiddenSize: H, numLayers: 2, bidirectional: false })) as LSTM;
    const [both, numbers] = [[2, N, H], draw(T * N * I)];
    const [h, c] = [draw(2 * N * H, 0.9), draw(2 * N * H, 2)];
    const hasC = /LSTM/.test(layer.name);
    const state = { h: rt.tensor(h, both), ...(hasC && { c: rt.tensor(c, both) }) } as { h: Tensor; c: Tensor };
    const { output, state: end } = layer.forward(rt.tensor(numbers, [T, N, I]), { state });
    const feeds = { x: float(numbers, [T, N, I]), h0: float(h, both), ...(hasC && { c0: float(c, both) }) };
    const got = await ortRun(exportOnnx(layer, { states: true }), feeds);
    expect(Object.keys(got).sort()).toEqual(hasC ? ["cn", "hn", "y"] : ["hn", "y"]);
    expectSame("y", got.y, output);
    expectSame("hn", got.hn, end.h);
    if (hasC) expectSame("cn", got.cn, end.c);
    layer.dispose();
  });
});

describe("options of recurrent layers", () => {
  test.each([LSTM, GRU, RNN])("%o: residual, learned states, dropout", async (Class) => {
    const [T, N, I, H] = sizes();
    for (const options of [{ residual: true }, { learnedState: true }, { dropout: 0.5 }])
      for (const bidirectional of [false, true]) {
        const layer = scrambled(new Class(rt, { inputSize: I, hiddenSize: H, numLayers: 3, bidirectional, ...options }));
        await compare(layer, { shape: [T, N, I] });
        await compare(layer, { shape: [T, N, I], lengths: Array.from({ length: N }, (_, n) => 1 + (n % T)) });
        layer.dispose();
      }
  });

  test("states of both directions, and lengths with them", async () => {
    const [T, N, I, H] = sizes();
    const layer = scrambled(new LSTM(rt, { inputSize: I, hiddenSize: H, numLayers: 2, bidirectional: true, batchFirst: true }));
    const [shape, numbers] = [[4, N, H], draw(N * T * I)];
    const lengths = Array.from({ length: N }, (_, n) => 1 + (n % T));
    const [h, c] = [draw(4 * N * H), draw(4 * N * H)];
    const state = { h: rt.tensor(h, shape), c: rt.tensor(c, shape) };
    const { output, state: end } = layer.forward(rt.tensor(numbers, [N, T, I]), { state, lengths });
    const feeds = { x: float(numbers, [N, T, I]), h0: float(h, shape), c0: float(c, shape) };
    const got = await ortRun(exportOnnx(layer, { states: true, lengths: true }), {
      ...feeds,
      lengths: new OrtTensor("int32", Int32Array.from(lengths), [N]),
    });
    expectSame("y", got.y, output);
    expectSame("hn", got.hn, end.h);
    expectSame("cn", got.cn, end.c);
  });

  test("f64 is rounded where the options say so", async () => {
    const [T, N, I, H] = sizes();
    const layer = scrambled(new LSTM(rt, { inputSize: I, hiddenSize: H, dtype: "f64" }));
    await compare(layer, { shape: [T, N, I], options: { dtype: "f32" } });
  });
});

describe("other layers", () => {
  test("Dense, with and without a bias, over any axes", async () => {
    const [N, M, I, O] = sizes();
    for (const bias of [true, false]) {
      const layer = scrambled(new Dense(rt, { inputSize: I, outputSize: O, bias }));
      await compare(layer, { shape: [N, I] });
      await compare(layer, { shape: [N, M, I], options: { axes: ["N", M] } });
      await compare(layer, { shape: [I], options: { axes: [] } });
    }
  });

  test("LayerNorm, Softmax", async () => {
    const [N, D] = sizes();
    for (const options of [{}, { eps: 0.1 }, { bias: false }, { elementwiseAffine: false }])
      await compare(scrambled(new LayerNorm(rt, { normalizedShape: D, ...options })), { shape: [N, D] });
    await compare(new Softmax(rt), { shape: [N, D] });
  });

  test("Dropout alone gives what it reads", async () => {
    const [N, D] = sizes();
    await compare(new Dropout(rt, { p: 0.5 }).eval(), { shape: [N, D] });
  });

  test("Embedding reads tokens", async () => {
    const [T, N, V, E] = sizes();
    const embedding = scrambled(new Embedding(rt, { numEmbeddings: V, embeddingDim: E }));
    await compare(embedding, { shape: [T], tokens: V });
    await compare(embedding, { shape: [T, N], tokens: V, options: { axes: ["T", "N"] } });
  });

  test.each([LastStep, MeanPool, MaxPool])("%o, alone, with and without lengths", async (Pool) => {
    const [T, N, H] = sizes();
    await compare(new Pool(rt), { shape: [T, N, H] });
    await compare(new Pool(rt), { shape: [T, N, H], lengths: Array.from({ length: N }, (_, n) => 1 + (n % T)) });
  });
});

describe("models", () => {
  const tagger = (batchFirst: boolean, Pool?: typeof LastStep | typeof MeanPool | typeof MaxPool): Model => {
    const [V, E, H, O] = sizes();
    return scrambled(
      new Sequential(rt, {
        embedding: new Embedding(rt, { numEmbeddings: V, embeddingDim: E }),
        drop: new Dropout(rt, { p: 0.2 }),
        body: new Sequential(rt, [
          new LSTM(rt, { inputSize: E, hiddenSize: H, bidirectional: true, batchFirst }),
          new LayerNorm(rt, { normalizedShape: 2 * H }),
          new GRU(rt, { inputSize: 2 * H, hiddenSize: H, numLayers: 2, batchFirst }),
        ]),
        ...(Pool && { pool: new Pool(rt) }),
        head: new Dense(rt, { inputSize: H, outputSize: O }),
        softmax: new Softmax(rt),
      }),
    );
  };

  test.each([undefined, LastStep, MeanPool, MaxPool])("layers one after another, pooled by %o", async (Pool) => {
    for (const batchFirst of [false, true]) {
      const [T, N] = sizes();
      const model = tagger(batchFirst, Pool);
      const shape = batchFirst ? [N, T] : [T, N];
      await compare(model, { shape, tokens: 2 });
      await compare(model, { shape, tokens: 2, lengths: Array.from({ length: N }, (_, n) => 1 + (n % T)) });
      model.dispose();
    }
  });

  test("padding may hold anything, NaN too", async () => {
    const [T, N, I, H] = [4, 2, 3, 5];
    const layers = [new Dense(rt, { inputSize: I, outputSize: I }), new LSTM(rt, { inputSize: I, hiddenSize: H })];
    for (const Pool of [LastStep, MeanPool, MaxPool]) {
      const model = scrambled(new Sequential(rt, [...(Pool === LastStep ? layers : []), new Pool(rt)]));
      const numbers = draw(T * N * I);
      for (let i = 0; i < numbers.length; i++) if (Math.floor(i / (N * I)) >= 2 && Math.floor(i / I) % N === 1) numbers[i] = Number.NaN;
      const expected = model.forward(rt.tensor(numbers, [T, N, I]), { lengths: [4, 2] });
      const lengths = new OrtTensor("int32", Int32Array.of(4, 2), [2]);
      const got = await ortRun(exportOnnx(model, { lengths: true }), { x: float(numbers, [T, N, I]), lengths });
      expectSame(Pool.name, got.y, expected as Tensor);
    }
  });

  test("a sequence goes on, step by step, through a model of two recurrent layers", async () => {
    const [T, N, I, H] = sizes();
    const model = scrambled(
      new Sequential(rt, {
        lstm: new LSTM(rt, { inputSize: I, hiddenSize: H }),
        gru: new GRU(rt, { inputSize: H, hiddenSize: 3 }),
        head: new Dense(rt, { inputSize: 3, outputSize: 2 }),
      }),
    );
    const numbers = draw(T * N * I);
    const expected = model.forward(rt.tensor(numbers, [T, N, I])).toArray();
    const session = await InferenceSession.create(exportOnnx(model, { states: true, axes: [1, N] }));
    const zeros = (size: number) => float(new Float32Array(N * size), [1, N, size]);
    let state: Feeds = { "lstm.h0": zeros(H), "lstm.c0": zeros(H), "gru.h0": zeros(3) };
    for (let t = 0; t < T; t++) {
      const x = float(numbers.slice(t * N * I, (t + 1) * N * I), [1, N, I]);
      const got = await session.run({ x, ...state });
      state = { "lstm.h0": got["lstm.hn"], "lstm.c0": got["lstm.cn"], "gru.h0": got["gru.hn"] } as Feeds;
      expectEach(`step ${t}`, got.y?.data as Float32Array, expected.slice(t * N * 2, (t + 1) * N * 2), 1e-5, 1e-5);
    }
  });

  test("layers may be called as nodes and values are", async () => {
    const layers = Object.fromEntries(
      ["x", "y", "y.MatMul", "y.weight", "a_l0", "a"].map((name) => [name, new Dense(rt, { inputSize: 3, outputSize: 3 })]),
    );
    await compare(scrambled(new Sequential(rt, layers)), { shape: [2, 3] });
  });
});
