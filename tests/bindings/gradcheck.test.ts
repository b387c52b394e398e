/** gradcheck sees small gradients, lets rounding pass, and leaves everything as it was. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ArgumentError,
  type Checkable,
  Dense,
  DisposedError,
  Dropout,
  DTypeError,
  Embedding,
  gradcheck,
  LSTM,
  NonFiniteError,
  type Runtime,
  Sequential,
  type Tensor,
} from "../../bindings/index.js";
import { expectBits } from "../helpers/compare.js";
import { expectRefusal } from "../helpers/refusal.js";
import { testRuntime, tokensOf } from "../helpers/runtime.js";

let rt: Runtime;
beforeAll(async () => {
  rt = await testRuntime({ dtype: "f64" });
});
afterAll(() => {
  expect(rt.bytesInUse).toBe(0);
  rt.dispose();
});

/** A function of each element, and its derivative times a factor: 1 is right, 0 a backward that does nothing. */
function elementwise(f: (x: number) => number, df: (x: number) => number, factor = 1): Checkable & { end(): void } {
  let [x, output, dX]: (Tensor | undefined)[] = [];
  const end = () => {
    output?.dispose();
    dX?.dispose();
  };
  return {
    forward(input) {
      x = input;
      output?.dispose();
      output = rt.tensor((input.toArray() as Float64Array).map(f), input.shape);
      return output;
    },
    backward(dOutput) {
      dX?.dispose();
      const d = dOutput.toArray();
      dX = rt.tensor(
        ((x as Tensor).toArray() as Float64Array).map((value, i) => factor * df(value) * (d[i] as number)),
        dOutput.shape,
      );
      return dX;
    },
    parameters: () => [],
    zeroGrad: () => {},
    end,
  };
}

function check(piece: Checkable & { end(): void }, values: number[], options = {}) {
  const x = rt.tensor(values, [values.length]);
  try {
    return gradcheck(piece, x, options);
  } finally {
    expectBits("x", x.toArray(), Float64Array.from(values));
    x.dispose();
    piece.end();
  }
}

const SQUARE = [(x: number) => x * x, (x: number) => 2 * x] as const;
const CUBE = [(x: number) => x ** 3, (x: number) => 3 * x * x] as const;
const LOG = [Math.log, (x: number) => 1 / x] as const;
const SHIFTED = [(x: number) => 1 + x * x, (x: number) => 2 * x] as const;
const RELU = [(x: number) => Math.max(x, 0), (x: number) => Number(x > 0)] as const;
const TANH = [Math.tanh, (x: number) => 1 - Math.tanh(x) ** 2] as const;
const CASES: [string, readonly [(x: number) => number, (x: number) => number], number[]][] = [
  ["x² at 1e-7", SQUARE, [1e-7]],
  ["x² at 1e-7 and 1", SQUARE, [1e-7, 1]],
  ["x² at 1e-12 … 1e-20", SQUARE, [1e-12, -1e-16, 1e-20]],
  ["x² at 1e6", SQUARE, [1e6, -3e8]],
  ["x³ at 1e-5", CUBE, [1e-5, 1e-7, 2e-9]],
  ["1 + x² at 1e-7", SHIFTED, [1e-7, 3e-8]],
  ["log x at 1e-7", LOG, [1e-7, 1e-9, 2]],
  ["tanh at 8", TANH, [8, 0.1, -3]],
  ["relu at 1e-7", RELU, [1e-7, 3e-7, 1]],
];

describe("elements", () => {
  test.each(CASES)("%s: the right gradient passes", (_, [f, df], values) => {
    const { passed, error, worst } = check(elementwise(f, df), values);
    expect({ passed, worst: passed ? undefined : worst }).toEqual({ passed: true, worst: undefined });
    expect(error).toBeLessThanOrEqual(1e-6);
  });

  test.each(CASES)("%s: one that does nothing does not", (_, [f, df], values) => {
    for (const value of values) {
      const { passed, error } = check(elementwise(f, df, 0), [value]);
      expect({ value, passed }).toEqual({ value, passed: false });
      expect(error).toBeGreaterThan(0.9);
    }
  });

  test.each(CASES)("%s: one that is off by a thousandth does not", (_, [f, df], values) => {
    if (f === SHIFTED[0]) return expect(check(elementwise(f, df, 1.5), values).passed).toBe(false); // 1 drowns a thousandth of 1e-7
    for (const value of values) expect({ value, ...check(elementwise(f, df, 1.001), [value]) }).toMatchObject({ value, passed: false });
  });

  test("gradients that are zero pass, though rounding stirs", () => {
    const flat = elementwise(
      (x) => 1e3 + 1e-14 * Math.sin(1e9 * x),
      () => 0,
    );
    expect(check(flat, [0, 1, 1e-7])).toMatchObject({ passed: true });
    expect(check(elementwise(...RELU), [-1e-7, -1, -1e-3])).toMatchObject({ passed: true });
  });

  test("a gradient that is not finite never passes", () => {
    const { passed, error, worst } = check(
      elementwise(
        (x) => x,
        () => Number.NaN,
      ),
      [1],
      { tolerance: 1e300 },
    );
    expect([passed, error, worst.analytic, worst.index]).toEqual([false, Number.POSITIVE_INFINITY, Number.NaN, 0]);
  });
});

describe("models", () => {
  const make = () =>
    new Sequential(rt, { lstm: new LSTM(rt, { inputSize: 2, hiddenSize: 3 }), head: new Dense(rt, { inputSize: 3, outputSize: 2 }) });
  const bitsOf = (model: Sequential) => model.parameters().map((parameter) => parameter.toArray());

  test.each([1, 1e-7, 1e-12])("with inputs of the size of %d; values, modes and memory stay, gradients are zero", (size) => {
    const model = make();
    const x = rt.tensor(
      [1, -2, 0, 3].map((value) => value * size),
      [2, 1, 2],
    );
    const before = bitsOf(model);
    model.layers.lstm?.eval();
    const { passed, worst } = gradcheck(model, x);
    expect({ passed, worst: passed ? undefined : worst }).toEqual({ passed: true, worst: undefined });
    expect(bitsOf(model)).toEqual(before);
    expectBits("x", x.toArray(), Float64Array.of(size, -2 * size, 0, 3 * size));
    expect(model.namedLayers().map(([, layer]) => layer.training)).toEqual([false, true]);
    for (const parameter of model.parameters()) expect(parameter.grad.every((value) => value === 0)).toBe(true);
    x.dispose();
    model.dispose();
  });

  test("a weight's gradient left out is seen at inputs of 1e-7; a frozen layer's is not asked for", () => {
    const head = new Dense(rt, { inputSize: 2, outputSize: 2, bias: false });
    const x = rt.tensor([1e-7, 2e-7], [1, 2]);
    const forgetful: Checkable = {
      forward: (input) => head.forward(input),
      backward: (dOutput) => {
        const dX = head.backward(dOutput);
        head.zeroGrad();
        return dX;
      },
      parameters: () => head.parameters(),
      zeroGrad: () => head.zeroGrad(),
    };
    const { passed, worst } = gradcheck(forgetful, x);
    expect([passed, worst.name, worst.analytic]).toEqual([false, "weight", 0]);
    head.freeze();
    expect(gradcheck(forgetful, x).passed).toBe(true);
    x.dispose();
    head.dispose();
  });

  test("doors", () => {
    const model = make();
    const x = rt.tensor([1, 2], [1, 1, 2]);
    const dropout = new Dropout(rt, { p: 0.5 });
    const many = rt.tensor(new Float64Array(64).fill(1), [64]);
    expectRefusal(() => gradcheck(dropout as never, many), ArgumentError, "model: expected a forward that gives the same each time");
    expect(gradcheck(dropout.eval() as never, many).passed).toBe(true);
    many.dispose();
    dropout.dispose();
    for (const bad of [null, 1, {}, { forward: () => x }])
      expectRefusal(() => gradcheck(bad as never, x), ArgumentError, "model: expected");
    for (const bad of [null, [1, 2], "x"]) expectRefusal(() => gradcheck(model, bad as never), ArgumentError, "x: expected a Tensor");
    for (const [options, text] of [
      [{ eps: 0 }, "eps"],
      [{ eps: Number.NaN }, "eps"],
      [{ eps: 1 }, "eps"],
      [{ tolerance: -1 }, "tolerance"],
      [{ tolerance: "1" }, "tolerance"],
      [{ h: 1 }, "options"],
    ] as const)
      expectRefusal(() => gradcheck(model, x, options as never), ArgumentError, text);
    const f32 = rt.zeros([1, 1, 2], { dtype: "f32" });
    expectRefusal(() => gradcheck(model, f32), DTypeError, "x: expected f64, got f32, whose differences are too coarse (make the model");
    f32.dispose();
    const nan = rt.tensor([1, Number.NaN], [1, 1, 2]);
    expectRefusal(() => gradcheck(model, nan), NonFiniteError, "output: expected finite numbers, got NaN at 0");
    nan.dispose();
    const throwing: Checkable = {
      forward: (input) => model.forward(input),
      backward: () => {
        throw new Error("mine");
      },
      parameters: () => model.parameters(),
      zeroGrad: () => model.zeroGrad(),
    };
    expect(() => gradcheck(throwing, x)).toThrow("mine"); // layers take what they keep
    const kept = rt.bytesInUse;
    expect(() => gradcheck(throwing, x)).toThrow("mine");
    expect(() => gradcheck({ ...throwing, backward: undefined, forward: () => throwing.backward?.(x) as never }, x)).toThrow("mine");
    expect(rt.bytesInUse).toBe(kept);
    x.dispose();
    expectRefusal(() => gradcheck(model, x), DisposedError);
    model.dispose();
    const y = rt.zeros([1, 1, 2]);
    expectRefusal(() => gradcheck(model, y), DisposedError);
    y.dispose();
  });
});

describe("an embedding's padding has no gradient, though the output depends on it", () => {
  const tokens = () => tokensOf(rt, [0, 1, 2, 0], [4, 1]);
  const embedding = (paddingIdx: number | undefined) => new Embedding(rt, { numEmbeddings: 3, embeddingDim: 2, paddingIdx });

  test.each([0, 1, -1, undefined])("paddingIdx %s, alone and in a model", (paddingIdx) => {
    for (const model of [
      embedding(paddingIdx),
      new Sequential(rt, [embedding(paddingIdx), new LSTM(rt, { inputSize: 2, hiddenSize: 2 })]),
    ]) {
      const x = tokens();
      expect(gradcheck(model, x).passed).toBe(true);
      x.dispose();
      model.dispose();
    }
  });

  test("one that has, and others that are wrong, are found", () => {
    const x = tokens();
    const padded = embedding(0);
    const other = embedding(undefined);
    other.parameters()[0]?.set(padded.parameters()[0]?.toArray() as Float64Array);
    const wrong = (of: Embedding, factor: number): Checkable => ({
      forward: (input) => padded.forward(input),
      backward(dOutput) {
        const scaled = rt.tensor(
          dOutput.toArray().map((d) => factor * d),
          dOutput.shape,
        );
        of.forward(x);
        of.backward(scaled);
        scaled.dispose();
      },
      parameters: () => padded.parameters(),
      zeroGrad: () => padded.zeroGrad(),
    });
    expect(gradcheck(wrong(padded, 1), x).passed).toBe(true);
    expect(gradcheck(wrong(padded, 2), x)).toMatchObject({ passed: false, worst: { name: "weight" } });
    expect(gradcheck(wrong(other, 1), x).passed).toBe(false); // adds to no gradient that is looked at
    for (const one of [x, padded, other]) one.dispose();
  });
});
