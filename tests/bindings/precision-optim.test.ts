/** Optimizers on gradients at the ends of their range: one that is great does not hold a parameter for ever, one that is small moves it by the formula. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  Adagrad,
  Adam,
  AdamW,
  Dense,
  type FloatType,
  type Optimizer,
  type Parameter,
  RMSprop,
  type Runtime,
  SGD,
} from "../../bindings/index.js";
import { expectEach } from "../helpers/compare.js";
import { testRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime();
});
afterEach(() => rt.dispose());

/** One parameter that gets whatever gradient it is pushed with; it starts from 0. */
function pushed(create: (parameters: Parameter[]) => Optimizer, dtype: FloatType) {
  const dense = new Dense(rt, { inputSize: 1, outputSize: 1, bias: false, dtype });
  const [weight] = dense.parameters() as [Parameter];
  weight.set([0]);
  const optimizer = create([weight]);
  const push = (g: number) => {
    optimizer.zeroGrad();
    dense.forward(rt.tensor([1], [1, 1], { dtype }));
    dense.backward(rt.tensor([g], [1, 1], { dtype }));
    optimizer.step();
    return weight.toArray()[0];
  };
  return { push, optimizer, weight };
}

const MOST: Record<FloatType, number> = { f32: 3.4028234663852886e38, f64: Number.MAX_VALUE };
const UNIT: Record<FloatType, number> = { f32: 2 ** -23, f64: 2 ** -52 };

/** v of (1 − β)·g², as far as numbers go; in units of the greatest number, so that nothing overflows here either. */
function secondMoment(dtype: FloatType, c: number) {
  let v = 0;
  return (keep: number, g: number) => {
    v = Math.min(keep * v + c * (g / MOST[dtype]) * g, 1);
    return Math.sqrt(v) * Math.sqrt(MOST[dtype]);
  };
}

const GREAT: [FloatType, number][] = [
  ["f32", 2e19],
  ["f32", 1e38],
  ["f32", 3e38],
  ["f64", 1e200],
  ["f64", 1e308],
];

describe.each(GREAT)("%s, one gradient of %d", (dtype, great) => {
  test.each<[string, (parameters: Parameter[]) => Optimizer]>([
    ["Adam", (p) => new Adam(p, { lr: 0.1, betas: [0.5, 0.5] })],
    ["AdamW", (p) => new AdamW(p, { lr: 0.1, betas: [0.5, 0.5], weightDecay: 0 })],
    ["RMSprop", (p) => new RMSprop(p, { lr: 0.1, alpha: 0.5 })],
    ["RMSprop, centered", (p) => new RMSprop(p, { lr: 0.1, alpha: 0.5, centered: true })],
    ["RMSprop, momentum", (p) => new RMSprop(p, { lr: 0.1, alpha: 0.5, momentum: 0.1 })],
  ])("%s: the moments are finite, and fade until the parameter moves again", (_, create) => {
    const { push, optimizer, weight } = pushed(create, dtype);
    expect(Number.isFinite(push(great))).toBe(true);
    for (const values of Object.values(optimizer.state().tensors)) expect(values.every(Number.isFinite)).toBe(true);
    const halvings = 2 * Math.log2(MOST[dtype]); // after which nothing is left of it
    for (let i = 0; i < halvings; i++) push(1);
    weight.set([0]);
    const before = push(1);
    const step = before - push(1);
    if (_ === "RMSprop, centered")
      expect(step).toBeGreaterThan(0.1); // a variance of 0: held by ε alone
    else expect(step).toBeCloseTo(_ === "RMSprop, momentum" ? 0.1 / 0.9 : 0.1, 5);
  });

  test("Adagrad: v stops at the greatest number, and the parameter still moves", () => {
    const { push, optimizer, weight } = pushed((p) => new Adagrad(p, { lr: 0.1 }), dtype);
    push(great);
    expect(Object.values(optimizer.state().tensors).every((values) => values.every(Number.isFinite))).toBe(true);
    weight.set([0]);
    const root = Math.min(great, Math.sqrt(MOST[dtype]));
    const g = great * 1e-3;
    const second = g > Math.sqrt(MOST[dtype]) ? 1 : g / Math.hypot(root, g);
    const moved = push(g);
    expect(moved).toBeLessThan(0);
    if (g < Math.sqrt(MOST[dtype]) / 10) expectEach("step", [moved], [-0.1 * second], 1e-5, 0);
  });
});

describe("the step of the formula beside great gradients", () => {
  test.each<[FloatType, number[]]>([
    ["f32", [2e19, 1, -3, 1e18, 5e19, 2]],
    ["f32", [1e-3, 2e20, 2e20, 1, 1]],
    ["f64", [1e155, 1, -1e154, 1e153]],
  ])("Adam, %s, %j", (dtype, gradients) => {
    const [b1, b2, lr, eps] = [0.9, 0.999, 0.1, 1e-8];
    const { push } = pushed((p) => new Adam(p, { lr }), dtype);
    const root = secondMoment(dtype, 1 - b2);
    let [m, p] = [0, 0];
    for (const [i, g] of gradients.entries()) {
      m = b1 * m + (1 - b1) * g;
      p -= (lr * (m / (1 - b1 ** (i + 1)))) / (root(b2, g) / Math.sqrt(1 - b2 ** (i + 1)) + eps);
      expectEach(`step ${i + 1}`, [push(g)], [p], dtype === "f32" ? 2e-6 : 1e-13, 0);
    }
  });

  test.each<[string, (parameters: Parameter[]) => Optimizer, number]>([
    ["RMSprop", (p) => new RMSprop(p, { lr: 0.1, alpha: 0.99 }), 0.01],
    ["Adagrad", (p) => new Adagrad(p, { lr: 0.1 }), 1],
  ])("%s", (name, create, c) => {
    const gradients = name === "Adagrad" ? [1e18, 1, 1e18, 3e17] : [2e19, 1, 1e19, 1e18];
    const { push } = pushed(create, "f32");
    const root = secondMoment("f32", c);
    let p = 0;
    for (const [i, g] of gradients.entries()) {
      p -= (0.1 * g) / root(1 - (name === "Adagrad" ? 0 : c), g);
      expectEach(`step ${i + 1}`, [push(g)], [p], 2e-6, 0);
    }
  });

  test("a gradient that is not finite makes NaN, and is not hidden", () => {
    for (const g of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]) {
      for (const create of [(p: Parameter[]) => new Adam(p), (p: Parameter[]) => new RMSprop(p), (p: Parameter[]) => new Adagrad(p)]) {
        expect(pushed(create, "f32").push(g)).toBeNaN();
      }
    }
  });
});

describe("small gradients", () => {
  const powers = Array.from({ length: 21 }, (_, i) => 10 ** -(10 + i));

  test.each<[FloatType, number[]]>([
    ["f32", [...powers, 2.5e-14]],
    ["f64", [...powers, 2.5e-14, 1e-100, 1e-200, 1e-290]],
  ])("Adam's first step is lr·g/(|g| + ε), %s, g from 1e-10 to 1e-30", (dtype, gradients) => {
    for (const g of gradients) {
      for (const signed of [g, -g]) {
        const { push } = pushed((p) => new Adam(p, { lr: 1 }), dtype);
        const expected = -signed / (g + 1e-8);
        expectEach(`g ${signed}`, [push(signed)], [expected], 8 * UNIT[dtype], 0);
      }
    }
  });

  test("Adam's first step is lr where ε is small too", () => {
    for (const g of [1e-10, 1e-14, 1e-17]) {
      const { push } = pushed((p) => new Adam(p, { lr: 1, eps: 1e-24 }), "f32");
      expectEach(`g ${g}`, [push(g)], [-1], 1e-6, 0);
    }
    for (const g of [1e-30, 1e-100, 1e-150]) {
      const { push } = pushed((p) => new Adam(p, { lr: 1, eps: 1e-200 }), "f64");
      expectEach(`g ${g}`, [push(g)], [-1], 1e-12, 0);
    }
  });

  test("below 2⁻¹¹⁰ m is 0, below the least normal number v: the bounds are these", () => {
    const least = 2 ** -110;
    for (const [g, isKept] of [
      [10.1 * least, true],
      [9.9 * least, false],
    ] as const) {
      const { push, optimizer } = pushed((p) => new Adam(p, { lr: 1 }), "f32");
      push(g);
      expect(optimizer.state().tensors["m.0"]?.[0] !== 0, `m of ${g}`).toBe(isKept);
    }
    const squares = Math.sqrt(2 ** -125 / 1e-3);
    for (const [g, isKept] of [
      [1.01 * squares, true],
      [0.99 * squares, false],
    ] as const) {
      const { push, optimizer } = pushed((p) => new Adam(p, { lr: 1 }), "f32");
      push(g);
      expect(optimizer.state().tensors["v.0"]?.[0] !== 0, `v of ${g}`).toBe(isKept);
    }
  });

  test("RMSprop, Adagrad and SGD with momentum follow their formulas", () => {
    for (const g of powers) {
      const rms = pushed((p) => new RMSprop(p, { lr: 1, alpha: 0.99 }), "f32").push(g);
      expectEach(`RMSprop, ${g}`, [rms], [-g / (0.1 * g + 1e-8)], 1e-6, 0);
      const ada = pushed((p) => new Adagrad(p, { lr: 1, eps: 1e-8 }), "f32").push(g);
      expectEach(`Adagrad, ${g}`, [ada], [-g / (g + 1e-8)], 1e-6, 0);
      const { push } = pushed((p) => new SGD(p, { lr: 1, momentum: 0.5 }), "f32");
      push(g);
      expectEach(`SGD, ${g}`, [push(g)], [-2.5 * g], 1e-6, 0);
    }
  });
});
