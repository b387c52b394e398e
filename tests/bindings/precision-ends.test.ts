/** Numbers at the ends of their range: nothing overflows or vanishes on the way to a result that does not. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  BCEWithLogitsLoss,
  CrossEntropyLoss,
  clipGradNorm,
  Dense,
  type FloatType,
  gradcheck,
  HuberLoss,
  L1Loss,
  LayerNorm,
  type Loss,
  MSELoss,
  type Parameter,
  type Runtime,
  Softmax,
  type Tensor,
} from "../../bindings/index.js";
import { draws, expectBits, expectEach } from "../helpers/compare.js";
import { DTYPES, testRuntime, tokensOf } from "../helpers/runtime.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime();
});
afterEach(() => rt.dispose());

const INF = Number.POSITIVE_INFINITY;
const UNIT: Record<FloatType, number> = { f32: 2 ** -23, f64: 2 ** -52 };
const row = (values: number[], dtype: FloatType = "f32") => rt.tensor(values, [1, values.length], { dtype });

describe("cross-entropy where p is near 1", () => {
  test.each<[FloatType, number, number]>([
    ["f32", 17, 4.1399376e-8],
    ["f32", 15, Math.log1p(Math.exp(-15))],
    ["f32", 60, Math.exp(-60)],
    ["f64", 40, 4.248354255291589e-18],
    ["f64", 300, Math.exp(-300)],
  ])("%s, logits %d apart: loss and gradient keep their digits", (dtype, gap, expected) => {
    const loss = new CrossEntropyLoss(rt, { dtype });
    const rest = Math.exp(-gap) / (1 + Math.exp(-gap));
    for (const [z, target] of [
      [[gap, 0], 0],
      [[0, gap], 1],
      [[100, 100 + gap], 1],
    ] as [number[], number][]) {
      const { loss: value, gradient } = loss.forward(row(z, dtype), tokensOf(rt, [target]));
      expectEach("loss", [value], [expected], 8 * UNIT[dtype], 0);
      const signs = [0, 1].map((i) => (i === target ? -rest : rest));
      expectEach("gradient", gradient.toArray(), rest > 2 ** (dtype === "f32" ? -100 : -900) ? signs : [0, 0], 8 * UNIT[dtype], 0);
    }
  });
});

describe("infinite numbers that are right cost nothing", () => {
  test.each(DTYPES)("BCEWithLogitsLoss, %s: right ones 0, wrong ones ∞", (dtype) => {
    const loss = new BCEWithLogitsLoss(rt, { dtype });
    const x = [INF, -INF, INF, -INF, 3e38, -3e38];
    const { loss: right, gradient } = loss.forward(rt.tensor(x, [6], { dtype }), rt.tensor([1, 0, 1, 0, 1, 0], [6], { dtype }));
    expect(right).toBe(0);
    expectEach("gradient", gradient.toArray(), [0, 0, 0, 0, 0, 0], 0, 0);
    const wrong = loss.forward(rt.tensor([INF, -INF], [2], { dtype }), rt.tensor([0, 1], [2], { dtype }));
    expect(wrong.loss).toBe(INF);
    expectEach("gradient", wrong.gradient.toArray(), [0.5, -0.5], 0, 0);
  });

  test.each(DTYPES)("BCEWithLogitsLoss with posWeight, %s, 0 among them", (dtype) => {
    const loss = new BCEWithLogitsLoss(rt, { dtype, posWeight: [0, 3, 0.5] });
    const x = rt.tensor([INF, INF, -INF, -INF, INF, 1], [2, 3], { dtype });
    const { loss: value, gradient } = loss.forward(x, rt.tensor([1, 1, 0, 1, 1, 0], [2, 3], { dtype }));
    expectEach("loss", [value], [Math.log1p(Math.exp(1)) / 6], 4 * UNIT[dtype], 0); // a weight of 0 makes a wrong ∞ nothing
    expectEach("gradient", gradient.toArray(), [0, 0, 0, 0, 0, 1 / (1 + Math.exp(-1)) / 6], 4 * UNIT[dtype], 0);
  });

  test.each(DTYPES)("BCEWithLogitsLoss, %s: between 0 and 1 an infinite logit is infinitely wrong", (dtype) => {
    const { loss } = new BCEWithLogitsLoss(rt, { dtype }).forward(rt.tensor([INF], [1], { dtype }), rt.tensor([0.5], [1], { dtype }));
    expect(loss).toBe(INF);
  });

  test.each(DTYPES)("CrossEntropyLoss, %s: −∞ at the wrong classes", (dtype) => {
    const loss = new CrossEntropyLoss(rt, { dtype });
    const given = loss.forward(row([-INF, 2, -INF, 2], dtype), tokensOf(rt, [1]));
    expectEach("loss", [given.loss], [Math.LN2], 4 * UNIT[dtype], 0);
    expectEach("gradient", given.gradient.toArray(), [0, -0.5, 0, 0.5], 2 * UNIT[dtype], 0);
    const alone = loss.forward(row([-INF, -1e30, -INF], dtype), tokensOf(rt, [1]));
    expect(alone.loss).toBe(0);
    expectEach("gradient", alone.gradient.toArray(), [0, 0, 0], 0, 0);
    const wrong = loss.forward(row([-INF, 2, 0], dtype), tokensOf(rt, [0]));
    expect(wrong.loss).toBe(INF);
    const p = 1 / (1 + Math.exp(-2));
    expectEach("gradient", wrong.gradient.toArray(), [-1, p, 1 / (1 + Math.exp(2))], 4 * UNIT[dtype], 0);
  });

  test.each(DTYPES)("CrossEntropyLoss, %s: +∞ at the right class, or at several", (dtype) => {
    const loss = new CrossEntropyLoss(rt, { dtype });
    const right = loss.forward(row([0, INF, 1], dtype), tokensOf(rt, [1]));
    expect(right.loss).toBe(0);
    expectEach("gradient", right.gradient.toArray(), [0, 0, 0], 0, 0);
    const both = loss.forward(row([INF, INF, 1], dtype), tokensOf(rt, [0]));
    expectEach("loss", [both.loss], [Math.LN2], 4 * UNIT[dtype], 0);
    expectEach("gradient", both.gradient.toArray(), [-0.5, 0.5, 0], 2 * UNIT[dtype], 0);
  });

  test.each(DTYPES)("CrossEntropyLoss, %s: weight 0 and label smoothing", (dtype) => {
    const weights = [0, 1, 2];
    const weighed = new CrossEntropyLoss(rt, { dtype, weight: weights, labelSmoothing: 0.3 });
    // Class 0 weighs nothing, in the smoothing too: −∞ there costs nothing.
    const { loss: value, gradient } = weighed.forward(row([-INF, 1, 0], dtype), tokensOf(rt, [1]));
    const log = [1, 0].map((z) => z - Math.log(Math.exp(1) + 1));
    const expected = 0.7 * -log[0] + (0.3 / 3) * (-log[0] - 2 * log[1]);
    expectEach("loss", [value], [expected], 8 * UNIT[dtype], 0);
    expect(gradient.at(0)).toBe(0);
    const rows = rt.tensor([-INF, 1, INF, 0, 0, 0], [2, 3], { dtype }); // the first row counts nothing
    const two = new CrossEntropyLoss(rt, { dtype, weight: weights }).forward(rows, tokensOf(rt, [0, 2]));
    expectEach("loss", [two.loss], [Math.log(3)], 4 * UNIT[dtype], 0);
    expectEach("gradient", two.gradient.toArray().slice(0, 3), [0, 0, 0], 0, 0);
    const smoothed = new CrossEntropyLoss(rt, { dtype, labelSmoothing: 0.1 }).forward(row([-INF, 1], dtype), tokensOf(rt, [1]));
    expect(smoothed.loss).toBe(INF); // a tenth of the target lies where p is 0
    expect(smoothed.gradient.toArray().every(Number.isFinite)).toBe(true);
  });

  test.each<[string, (dtype: FloatType) => Loss]>([
    ["MSELoss", (dtype) => new MSELoss(rt, { dtype })],
    ["L1Loss", (dtype) => new L1Loss(rt, { dtype })],
    ["HuberLoss", (dtype) => new HuberLoss(rt, { dtype, delta: 2 })],
  ])("%s: equal infinities differ by nothing, unequal ones by ∞", (_, create) => {
    for (const dtype of DTYPES) {
      const same = create(dtype).forward(row([INF, -INF, 3], dtype), row([INF, -INF, 3], dtype));
      expect(same.loss).toBe(0);
      expectEach("gradient", same.gradient.toArray(), [0, 0, 0], 0, 0);
      expect(create(dtype).forward(row([INF, 1], dtype), row([-INF, 1], dtype)).loss).toBe(INF);
    }
  });

  test.each(DTYPES)("Softmax, %s", (dtype) => {
    const p = new Softmax(rt, { dtype }).forward(rt.tensor([-INF, 0, INF, 1, INF, INF], [2, 3], { dtype })).toArray();
    expectEach("p", p, [0, 0, 1, 0, 0.5, 0.5], 0, 0);
  });
});

describe("LayerNorm: squares beyond the range", () => {
  /** y and dX in plain f64, the features taken to a size whose squares it can hold. */
  function reference(x: number[], dy: number[], epsilon: number) {
    const s = 1 / x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const u = x.map((value) => value * s);
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const centre = mean(u);
    const r = 1 / Math.hypot(Math.sqrt(mean(u.map((value) => (value - centre) ** 2))), Math.sqrt(epsilon) * s);
    const y = u.map((value) => (value - centre) * r);
    const [m, p] = [mean(dy), mean(dy.map((d, i) => d * y[i]))];
    return { y, dX: dy.map((d, i) => (d - m - y[i] * p) * r * s) };
  }

  test.each<[string, FloatType, number[]]>([
    ["1e20 among small ones", "f32", [1e20, 1, 2, 3]],
    ["1e30", "f32", [1e30, -1e30, 5e29, 0]],
    ["greatest numbers", "f32", [3.4e38, -3.4e38, 1e38, 3.4e38, 0]],
    ["1e200", "f64", [1e200, -1e200, 5e199, 0]],
    ["1e200 among small ones", "f64", [1e200, 1, 2, 3]],
    ["greatest numbers", "f64", [1.7e308, -1.7e308, 1e308]],
    ["1e-30", "f32", [1e-30, -1e-30, 3e-30]],
    ["1e-200", "f64", [1e-200, -1e-200, 3e-200]],
  ])("%s, %s", (_, dtype, values) => {
    const x = [...rt.tensor(values, [values.length], { dtype }).toArray()];
    const dy = [...draws(4)(values.length)];
    const norm = new LayerNorm(rt, { normalizedShape: values.length, dtype });
    const expected = reference(x, dy, 1e-5);
    const size = Math.max(...expected.dX.map(Math.abs));
    expectEach("y", norm.forward(row(x, dtype)).toArray(), expected.y, 0, 8 * UNIT[dtype] * Math.max(...expected.y.map(Math.abs)));
    const flushed = 2 ** (dtype === "f32" ? -100 : -900);
    expectEach("dX", norm.backward(row(dy, dtype)).toArray(), expected.dX, 0, 32 * UNIT[dtype] * size + flushed);
  });

  test("equal features, great or small, give 0", () => {
    for (const [dtype, value] of [
      ["f32", 1e30],
      ["f64", 1e200],
      ["f64", 1e-200],
      ["f32", 0.1],
    ] as const) {
      const y = new LayerNorm(rt, { normalizedShape: 7, dtype }).forward(row(new Array(7).fill(value), dtype));
      expectBits("y", y.toArray().map(Math.abs), new Float64Array(7));
    }
  });
});

describe("the norm of gradients", () => {
  test.each<[FloatType, number]>([
    ["f32", 1e30],
    ["f32", 3e38],
    ["f32", 1e-30],
    ["f32", 1e-37],
    ["f64", 1e200],
    ["f64", 1e-200],
    ["f64", 1.7e308 / 4],
  ])("%s, values of %d", (dtype, value) => {
    const dense = new Dense(rt, { inputSize: 1, outputSize: 4, bias: false, dtype });
    dense.forward(row([1], dtype));
    dense.backward(row([value, -value, value, value], dtype));
    const [weight] = dense.parameters() as [Parameter];
    const size = Math.abs(weight.grad[0]);
    const maxNorm = value > 1 ? 1 : value / 2; // the margin of 1e-6 in the factor is PyTorch's: a small norm is far below it
    expectEach("norm", [clipGradNorm([weight], maxNorm)], [2 * size], 1e-12, 0);
    const kept = maxNorm / (2 * size + 1e-6) < 1 ? maxNorm / (2 * size + 1e-6) : 1;
    expectEach(
      "clipped",
      weight.grad,
      [1, -1, 1, 1].map((sign) => sign * size * kept),
      4 * UNIT[dtype],
      1e-44,
    );
  });
});

test.each([1, 1e-3, 1e-7, 1e-12])("gradcheck refuses a backward that does nothing, at x = %d", (size) => {
  const x = rt.tensor([size, -size, 2 * size], [3], { dtype: "f64" });
  const squares = (backward: (d: Tensor) => number[]) => ({
    forward: (given: Tensor) =>
      rt.tensor(
        given.toArray().map((v) => v * v),
        [3],
        { dtype: "f64" },
      ),
    backward: (d: Tensor) => rt.tensor(backward(d), [3], { dtype: "f64" }),
    parameters: () => [],
    zeroGrad: () => {},
  });
  const right = squares((d) => [...d.toArray()].map((v, i) => 2 * v * x.toArray()[i]));
  expect(gradcheck(right, x).passed).toBe(true);
  expect(
    gradcheck(
      squares(() => [0, 0, 0]),
      x,
    ).passed,
  ).toBe(false);
});
