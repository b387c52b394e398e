/** Options that f32 cannot hold are refused by name: in the kernels they would be ∞ or 0, and what they are multiplied with NaN. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  Adagrad,
  Adam,
  AdamW,
  ArgumentError,
  BCEWithLogitsLoss,
  CrossEntropyLoss,
  Dense,
  type FloatType,
  HuberLoss,
  MSELoss,
  OneCycleLR,
  type Parameter,
  RMSprop,
  type Runtime,
  SGD,
} from "../../bindings/index.js";
import { expectRefusal } from "../helpers/refusal.js";
import { DTYPES, tensorOf, testRuntime, tokensOf } from "../helpers/runtime.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime();
});
afterEach(() => {
  expect(rt.bytesInUse).toBe(0);
  rt.dispose();
});

/** Twice the greatest number of f32; half its least. */
const [GREAT, SMALL] = [6.8e38, 7e-46];

const OPTIMIZERS: [string, (parameters: Parameter[], options: { lr: number; weightDecay?: number; eps?: number }) => SGD][] = [
  ["SGD", (parameters, { eps: _, ...options }) => new SGD(parameters, options)],
  ["Adam", (parameters, options) => new Adam(parameters, options) as unknown as SGD],
  ["AdamW", (parameters, options) => new AdamW(parameters, options) as unknown as SGD],
  ["RMSprop", (parameters, options) => new RMSprop(parameters, options) as unknown as SGD],
  ["Adagrad", (parameters, options) => new Adagrad(parameters, options) as unknown as SGD],
];

describe.each(OPTIMIZERS)("%s", (name, make) => {
  function withDense(dtype: FloatType, work: (parameters: Parameter[]) => void): void {
    const dense = new Dense(rt, { inputSize: 1, outputSize: 1, dtype });
    work(dense.parameters());
    dense.dispose();
  }

  test("f32: rate, decay and ε, wherever they come from, and nothing has changed", () =>
    withDense("f32", (parameters) => {
      const text = (option: string) => `${option}: expected a number that is finite in f32, got 6.8e+38`;
      expectRefusal(() => make(parameters, { lr: GREAT }), ArgumentError, text("lr"));
      expectRefusal(() => make(parameters, { lr: 1, weightDecay: GREAT }), ArgumentError, text("weightDecay"));
      if (name !== "SGD") expectRefusal(() => make(parameters, { lr: 1, eps: GREAT }), ArgumentError, text("eps"));
      const optimizer = make(parameters, { lr: 1 });
      const refused = () => {
        optimizer.lr = GREAT;
      };
      expectRefusal(refused, ArgumentError, text("lr"));
      expectRefusal(() => optimizer.load({ ...optimizer.state(), lr: GREAT }), ArgumentError, text("state.lr"));
      const cycle = (maxLr: number) => new OneCycleLR(optimizer, { maxLr, totalSteps: 2, pctStart: 0.99, annealStrategy: "linear" });
      expectRefusal(() => cycle(GREAT), ArgumentError, text("maxLr"));
      const schedule = cycle(1);
      const before = optimizer.lr;
      expectRefusal(() => schedule.load({ ...schedule.state(), lr: GREAT }), ArgumentError, text("state.lr"));
      expect([optimizer.lr, schedule.count]).toEqual([before, 0]);
      optimizer.dispose();
    }));

  test("f64: the same numbers are taken", () =>
    withDense("f64", (parameters) => {
      for (const parameter of parameters) parameter.set([0]);
      const optimizer = make(parameters, { lr: GREAT, weightDecay: GREAT });
      optimizer.step();
      for (const parameter of parameters) expect(parameter.toArray()[0]).toBeCloseTo(0, 300);
      optimizer.dispose();
    }));
});

describe("losses", () => {
  test("f32: weights, δ and divisors", () => {
    const text = (option: string) => `${option}: expected a number that is finite in f32, got 6.8e+38`;
    const held = (option: string) => `${option}: expected a number that f32 holds, neither too great nor too small, got 6.8e+38`;
    expectRefusal(() => new CrossEntropyLoss(rt, { weight: [1, GREAT] }), ArgumentError, held("weight[1]"));
    for (const posWeight of [[GREAT], [GREAT, 1]])
      expectRefusal(() => new BCEWithLogitsLoss(rt, { posWeight }), ArgumentError, held("posWeight[0]"));
    expectRefusal(() => new HuberLoss(rt, { delta: GREAT }), ArgumentError, text("delta"));
    expectRefusal(() => new HuberLoss(rt, { delta: SMALL }), ArgumentError, "delta: expected a number over 0 in f32, got 7e-46");
  });

  test.each(DTYPES)("%s: a divisor whose inverse is ∞", (dtype) => {
    const loss = new MSELoss(rt, { dtype });
    const x = tensorOf(rt, dtype, [1, 0], [2]);
    const y = tensorOf(rt, dtype, [1, 1], [2]);
    const divisor = dtype === "f32" ? 1e-39 : 1e-309;
    expectRefusal(() => loss.forward(x, y, { divisor }), ArgumentError, `divisor: expected a number whose inverse is finite in ${dtype}`);
    for (const one of [loss, x, y]) one.dispose();
  });

  test("f64: the same numbers are taken", () => {
    const dtype = "f64";
    const x = tensorOf(rt, dtype, [2, 2], [1, 2]);
    const y = tensorOf(rt, dtype, [0, 0], [1, 2]);
    const classes = tokensOf(rt, [0], [1]);
    const cross = new CrossEntropyLoss(rt, { dtype, weight: [1, GREAT] });
    const binary = new BCEWithLogitsLoss(rt, { dtype, posWeight: [GREAT, 1] });
    const [wide, narrow] = [GREAT, SMALL].map((delta) => new HuberLoss(rt, { dtype, delta })) as [HuberLoss, HuberLoss];
    expect(cross.forward(x, classes).loss).toBeCloseTo(Math.LN2, 12);
    expect(binary.forward(x, y).loss).toBeCloseTo(Math.log1p(Math.exp(2)), 12);
    expect(wide.forward(x, y).loss).toBe(2);
    expect(narrow.forward(x, y).loss / SMALL).toBeCloseTo(2, 12);
    for (const one of [x, y, classes, cross, binary, wide, narrow]) one.dispose();
  });
});
