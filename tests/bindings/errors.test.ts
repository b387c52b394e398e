import { afterAll, describe, expect, it } from "vitest";
import {
  ArgumentError,
  CrossEntropyLoss,
  Dense,
  DTypeError,
  Embedding,
  Generator,
  LSTM,
  RNN,
  type Runtime,
  ShapeError,
  Softmax,
} from "../../bindings/index.js";
import { guarded } from "../helpers/refusal.js";
import { tokensOf } from "../helpers/runtime.js";

/** Whatever JavaScript may pass where TypeScript would object. */
// biome-ignore lint/suspicious/noExplicitAny: bad input is the subject
const bad = (value: unknown): any => value;

type Act = (rt: Runtime) => unknown;

const { rt, refuse } = await guarded({ dtype: "f64" });
afterAll(() => rt.dispose());

const dense = new Dense(rt, { inputSize: 3, outputSize: 2 });
const rnn = new RNN(rt, { inputSize: 3, hiddenSize: 5 });
const lstm = new LSTM(rt, { inputSize: 3, hiddenSize: 5, numLayers: 2 });
const embedding = new Embedding(rt, { numEmbeddings: 7, embeddingDim: 3 });
const softmax = new Softmax(rt);
const loss = new CrossEntropyLoss(rt);
const zeros = (...shape: number[]) => rt.zeros(shape);
const f32 = (...shape: number[]) => rt.zeros(shape, { dtype: "f32" });
const i32 = (...shape: number[]) => rt.zeros(shape, { dtype: "i32" });

const BAD_SIZES: [unknown, string][] = [
  [0, "0"],
  [-1, "-1"],
  [1.5, "1.5"],
  [Number.NaN, "NaN"],
  [Number.POSITIVE_INFINITY, "Infinity"],
  ["3", '"3"'],
  [{}, "Object"],
];

describe("sizes", () => {
  const sizes: [string, (rt: Runtime, value: unknown) => unknown][] = [
    ["inputSize", (r, v) => new Dense(r, { inputSize: bad(v), outputSize: 1 })],
    ["outputSize", (r, v) => new Dense(r, { inputSize: 1, outputSize: bad(v) })],
    ["numEmbeddings", (r, v) => new Embedding(r, { numEmbeddings: bad(v), embeddingDim: 1 })],
    ["embeddingDim", (r, v) => new Embedding(r, { numEmbeddings: 1, embeddingDim: bad(v) })],
    ["inputSize", (r, v) => new RNN(r, { inputSize: bad(v), hiddenSize: 1 })],
    ["hiddenSize", (r, v) => new LSTM(r, { inputSize: 1, hiddenSize: bad(v) })],
    ["numLayers", (r, v) => new LSTM(r, { inputSize: 1, hiddenSize: 1, numLayers: bad(v) })],
    ["batch", (_, v) => lstm.stream({ batch: bad(v) })],
    ["batch", (_, v) => dense.stream({ batch: bad(v) })],
    ["batch", (_, v) => embedding.stream({ batch: bad(v) })],
    ["n", (_, v) => new Generator().integer(bad(v))],
  ];
  it.each(sizes)("%s", (name, act) => {
    for (const [value, shown] of BAD_SIZES)
      refuse((r) => act(r, value), ArgumentError, `${name}: expected a positive integer, got ${shown}`);
  });

  it("missing options", () => {
    for (const Layer of [LSTM, RNN, Dense])
      refuse((r) => new Layer(r, bad(undefined)), ArgumentError, "options: expected an object, got undefined");
    refuse((r) => new Embedding(r, bad({})), ArgumentError, "numEmbeddings: expected a positive integer, got undefined");
  });
});

describe("tensors", () => {
  const shapes = [[], [0], [2, 0], [-1], [1.5], [Number.NaN], ["2"], 3, null, undefined];
  it("of a bad shape", () => {
    for (const shape of shapes) {
      refuse((r) => r.zeros(bad(shape)), ShapeError, "shape: expected one or more positive integers, got ");
      refuse((r) => r.tensor([1], bad(shape)), ShapeError, "shape: expected one or more positive integers, got ");
    }
    refuse((r) => r.zeros([2, 0]), ShapeError, "got [2, 0]");
    for (const holes of [new Array(2), Object.assign([2], { length: 2 }), new Array(2 ** 32 - 1)])
      refuse((r) => r.zeros(holes), ShapeError, "shape: expected one or more positive integers");
  });

  const cases: [string, Act, typeof ArgumentError, string][] = [
    ["with too few numbers", (r) => r.tensor([1, 2], [3]), ShapeError, "data: expected 3 elements, got 2"],
    ["with too many numbers", (r) => r.tensor([1, 2], [1]), ShapeError, "data: expected 1 elements, got 2"],
    ["with no numbers", (r) => r.tensor([], [1]), ShapeError, "data: expected 1 elements, got 0"],
    ["of no array", (r) => r.tensor(bad(5), [1]), ArgumentError, "data: expected an array of numbers, got 5"],
    ["of null", (r) => r.tensor(bad(null), [1]), ArgumentError, "data: expected an array of numbers, got null"],
    ["of a string", (r) => r.tensor(bad("12"), [2]), ArgumentError, 'data: expected an array of numbers, got "12"'],
    ["of big integers", (r) => r.tensor(bad(BigInt64Array.of(1n)), [1]), ArgumentError, "data: expected"],
    [
      "of an unknown dtype",
      (r) => r.tensor([1], [1], { dtype: bad("f16") }),
      ArgumentError,
      'dtype: expected "f32" or "f64" or "i32", got "f16"',
    ],
  ];
  it.each(cases)("%s", (_, act, type, text) => refuse(act, type, text));
  it("set to the wrong number of numbers", () => {
    const tensor = rt.tensor([1, 2, 3], [3]);
    refuse(() => tensor.set([1]), ShapeError, "data: expected 3 elements, got 1");
    refuse(() => lstm.parameters()[0].set([1]), ShapeError, "weight_ih_l0: expected 60 elements, got 1");
    expect([...tensor.data]).toEqual([1, 2, 3]);
  });
});

describe("forward", () => {
  const x = zeros(4, 2, 3);
  const state = (h: unknown, c: unknown) => lstm.forward(x, { state: bad({ h, c }) });
  const [right, wrong, single] = [zeros(2, 2, 5), zeros(1, 2, 5), f32(2, 2, 5)];
  const [flat, narrow, deep] = [zeros(3), zeros(4, 2, 2), zeros(1, 4, 2, 3)];
  const [xf32, xi32, tokens] = [f32(4, 2, 3), i32(4, 2, 3), tokensOf(rt, [1, 2])];
  const cases: [string, Act, typeof ArgumentError, string][] = [
    ["Dense, wrong width", () => dense.forward(narrow), ShapeError, "x: expected […, 3], got [4, 2, 2]"],
    ["Dense, wrong dtype", () => dense.forward(xf32), DTypeError, "x: expected f64, got f32"],
    ["LSTM, wrong width", () => lstm.forward(narrow), ShapeError, "x: expected [T, N, 3] or [T, 3], got [4, 2, 2]"],
    ["LSTM, one axis", () => lstm.forward(flat), ShapeError, "x: expected [T, N, 3] or [T, 3], got [3]"],
    ["RNN, four axes", () => rnn.forward(deep), ShapeError, "x: expected [T, N, 3] or [T, 3], got [1, 4, 2, 3]"],
    ["RNN, integers", () => rnn.forward(xi32), DTypeError, "x: expected f64, got i32"],
    ["LSTM, numbers", () => lstm.forward(bad([1, 2, 3])), ArgumentError, "x: expected a Tensor (of rt.tensor()), got [1, 2, 3]"],
    ["LSTM, nothing", () => lstm.forward(bad(undefined)), ArgumentError, "x: expected a Tensor (of rt.tensor()), got undefined"],
    ["LSTM, state of the wrong shape", () => state(wrong, right), ShapeError, "state.h: expected [2, 2, 5], got [1, 2, 5]"],
    ["LSTM, cell of the wrong shape", () => state(right, wrong), ShapeError, "state.c: expected [2, 2, 5], got [1, 2, 5]"],
    ["LSTM, state of the wrong dtype", () => state(single, right), DTypeError, "state.h: expected f64, got f32"],
    ["LSTM, state without a cell", () => state(right, undefined), ArgumentError, "state.c: expected a Tensor"],
    ["LSTM, state of numbers", () => lstm.forward(x, { state: bad(5) }), ArgumentError, "state: expected { h, c }, got 5"],
    ["Embedding, floats", () => embedding.forward(flat), DTypeError, "tokens: expected i32, got f64"],
    ["Softmax, integers", () => softmax.forward(xi32), DTypeError, "z: expected f64, got i32"],
    ["loss, floats for targets", () => loss.forward(narrow, x), DTypeError, "targets: expected i32, got f64"],
    ["loss, too few targets", () => loss.forward(flat, tokens), ShapeError, "targets: expected [1], got [2]"],
    ["loss, logits of another dtype", () => loss.forward(xf32, tokens), DTypeError, "logits: expected f64, got f32"],
    ["LSTM, a tape", () => lstm.forward(x, bad({ tape: 5 })), ArgumentError, "options: expected only state, lengths, got tape"],
  ];
  it.each(cases)("%s", (_, act, type, text) => refuse(act, type, text));
});

describe("tokens and targets out of range", () => {
  it.each([7, -1, 2 ** 31 - 1, -(2 ** 31)])("%i", (token) => {
    const tokens = tokensOf(rt, [0, 6, token, 1], [2, 2]);
    refuse(() => embedding.forward(tokens), ArgumentError, `tokens[2]: expected a token in 0 … 6, got ${token}`);
    const logits = zeros(2, 2, 7);
    const cure = token === 7 ? " (classes count from 0)" : "";
    refuse(
      () => loss.forward(logits, tokens),
      ArgumentError,
      `targets[2]: expected a class in 0 … 6 or ignoreIndex, -100${cure}, got ${token}`,
    );
    const stream = embedding.stream({ batch: 2 });
    stream.input.set([6, token]);
    refuse(() => stream.step(), ArgumentError, `input[1]: expected a token in 0 … 6, got ${token}`);
  });

  it("written into the tokens between forward and backward", () => {
    const tokens = tokensOf(rt, [0, 6]);
    const dOutput = zeros(2, 3);
    embedding.forward(tokens);
    tokens.data[1] = 7;
    refuse(() => embedding.backward(dOutput), ArgumentError, "tokens[1]: expected a token in 0 … 6, got 7");
  });
});

describe("backward", () => {
  const [x, xRnn] = [zeros(4, 2, 3), zeros(4, 2, 3)];
  const [narrow, single] = [zeros(4, 2, 4), f32(4, 2, 5)];
  const [right, wrong] = [zeros(4, 2, 5), zeros(2, 2, 4)];
  it.each<[string, Act, typeof ArgumentError, string]>([
    ["LSTM, wrong shape", () => lstm.backward(narrow), ShapeError, "dOutput: expected [4, 2, 5], got [4, 2, 4]"],
    ["LSTM, wrong dtype", () => lstm.backward(single), DTypeError, "dOutput: expected f64, got f32"],
    ["LSTM, undefined", () => lstm.backward(bad(undefined)), ArgumentError, "dOutput: expected a Tensor (of rt.tensor()), got undefined"],
    ["LSTM, state", () => lstm.backward(right, { h: wrong }), ShapeError, "dState.h: expected [2, 2, 5], got [2, 2, 4]"],
    ["LSTM, cell", () => lstm.backward(right, { c: wrong }), ShapeError, "dState.c: expected [2, 2, 5], got [2, 2, 4]"],
    ["RNN, wrong shape", () => rnn.backward(narrow), ShapeError, "dOutput: expected [4, 2, 5], got [4, 2, 4]"],
    ["Dense, wrong shape", () => dense.backward(narrow), ShapeError, "dOutput: expected [4, 2, 2], got [4, 2, 4]"],
    ["Softmax, wrong shape", () => softmax.backward(narrow), ShapeError, "dOutput: expected [4, 2, 3], got [4, 2, 4]"],
  ])("%s", (_, act, type, text) => {
    for (const layer of [lstm, dense]) layer.forward(x);
    rnn.forward(xRnn);
    softmax.forward(x);
    refuse(act, type, text);
    for (const layer of [lstm, rnn]) expect(() => layer.backward(right)).not.toThrow(); // the recording outlives the refusal
  });
});
