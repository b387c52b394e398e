/** Whatever padding holds, the sequences of a model have the outputs and gradients that they have with zeros there. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  ArgumentError,
  CrossEntropyLoss,
  Dense,
  Dropout,
  GRU,
  LayerNorm,
  LSTM,
  MaxPool,
  type Part,
  type Runtime,
  Sequential,
  ShapeError,
} from "../../bindings/index.js";
import { draws, expectBits } from "../helpers/compare.js";
import { passesOf } from "../helpers/passes.js";
import { testRuntime, tokensOf } from "../helpers/runtime.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime({ seed: 2 });
});
afterEach(() => {
  expect(rt.bytesInUse).toBe(0);
  rt.dispose();
});

const [T, N, I, H] = [4, 3, 2, 3];
const lengths = [4, 1, 3];

const fronts: [string, () => Part[]][] = [
  ["Dense", () => [new Dense(rt, { inputSize: I, outputSize: I })]],
  ["LayerNorm", () => [new LayerNorm(rt, { normalizedShape: I })]],
  ["Dropout, Dense", () => [new Dropout(rt, { p: 0.5 }), new Dense(rt, { inputSize: I, outputSize: I })]],
  ["a Sequential of Dense", () => [new Sequential(rt, [new Dense(rt, { inputSize: I, outputSize: I })])]],
  ["nothing", () => []],
];

function modelOf(front: Part[], batchFirst: boolean): Sequential {
  const options = { hiddenSize: H, batchFirst, bidirectional: true };
  const last = new Dense(rt, { inputSize: 2 * H, outputSize: 2 });
  return new Sequential(rt, [...front, new LSTM(rt, { inputSize: I, ...options }), new MaxPool(rt), last]);
}

/** Loss, outputs and gradients, padding filled with a value. */
function passOf(model: Sequential, batchFirst: boolean, mark: boolean, padding: number): Record<string, number[]> {
  const values = draws(3)(T * N * I);
  for (const [n, length] of lengths.entries())
    for (let t = length; t < T; t++) for (let i = 0; i < I; i++) values[(batchFirst ? n * T + t : t * N + n) * I + i] = padding;
  const shape = batchFirst ? [N, T, I] : [T, N, I];
  const x = rt.tensor(values, shape, mark ? { batchFirst } : {});
  const loss = new CrossEntropyLoss(rt);
  const y = tokensOf(rt, [0, 1, 1]);
  model.eval();
  model.zeroGrad();
  const { frame, forward, backward } = passesOf(model);
  const logits = forward(x, { lengths });
  const result: Record<string, number[]> = { logits: [...logits.toArray()] };
  const dX = backward(loss.forward(logits, y).gradient);
  result.dX = [...(dX?.toArray() ?? [])].filter((_, i) => {
    const row = Math.floor(i / I);
    const [t, n] = batchFirst ? [row % T, Math.floor(row / T)] : [Math.floor(row / N), row % N];
    return t < (lengths[n] as number);
  });
  for (const [name, parameter] of model.namedParameters()) result[name] = [...parameter.grad];
  for (const one of [frame, x, loss, y]) one.dispose();
  return result;
}

describe.each(fronts)("%s before an LSTM", (_, front) => {
  test.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])("batchFirst %s, marked %s", (batchFirst, mark) => {
    const model = modelOf(front(), batchFirst);
    const expected = passOf(model, batchFirst, mark, 0);
    for (const padding of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3e38]) {
      const got = passOf(model, batchFirst, mark, padding);
      for (const [name, values] of Object.entries(expected)) expectBits(`${name}, padding ${padding}`, got[name] as number[], values);
    }
    model.dispose();
  });
});

test("what does not fit is refused as before, and nothing is kept", () => {
  const model = new Sequential(rt, [new Dense(rt, { inputSize: I, outputSize: I }), new GRU(rt, { inputSize: I, hiddenSize: H })]);
  const x = rt.tensor(new Float32Array(T * N * 5).fill(Number.NaN), [T, N, 5]);
  const refused = () => {
    expect(() => model.forward(x, { lengths })).toThrow(ShapeError);
    expect(() => model.forward(x, { lengths: [5, 1, 1] })).toThrow(ArgumentError);
    expect(() => model.forward(x, { lengths: [1, 1] })).toThrow(ShapeError);
    return rt.bytesInUse;
  };
  const once = refused();
  expect([refused(), refused()]).toEqual([once, once]); // however often
  x.dispose();
  model.dispose(); // with what it has copied x into
  expect(rt.bytesInUse).toBe(0);
});
