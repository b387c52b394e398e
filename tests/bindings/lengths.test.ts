import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { ArgumentError, Generator, GRU, LSTM, type Tensor } from "../../bindings/index.js";
import { draws, expectBits, expectSum } from "../helpers/compare.js";
import { DTYPES, gradientsOf, operatorRuntime, valuesOf } from "../helpers/runtime.js";
import { make, RECURRENT_KINDS, rowsOf } from "../helpers/sequence.js";
import { dropoutFactors } from "../reference/dropout.js";
import { addInto } from "../reference/gemm.js";
import { stackBackward, stackForward } from "../reference/stack.js";

/*
 * Sequences of different lengths in one batch: each has the bits it has alone, in both directions and however the batch is laid out;
 * what stands in the padding, NaN included, reaches nothing.
 */

/** The library against the naive twin, as in twin.test.ts. */
const TWIN = { f32: 1e-4, f64: 1e-12 };
const cases = RECURRENT_KINDS.flatMap((kind) =>
  DTYPES.flatMap((dtype) => [false, true].map((bidirectional) => ({ kind, dtype, bidirectional }))),
);

describe.each(cases)("$kind in $dtype, bidirectional $bidirectional", async ({ kind, dtype, bidirectional }) => {
  const rt = await operatorRuntime({ dtype });
  afterAll(() => rt.dispose());

  it("gives each sequence the bits that it has alone", () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 19 }),
        fc.integer({ min: 1, max: 2 }),
        fc.nat({ max: 2 }),
        fc.boolean(),
        (lengths, I, H, numLayers, extra, batchFirst) => {
          const N = lengths.length;
          const T = Math.max(...lengths) + extra;
          const D = bidirectional ? 2 : 1;
          const layer = make(rt, kind, { inputSize: I, hiddenSize: H, numLayers, bidirectional, batchFirst });
          const draw = draws(N * 100 + H);
          const row = (n: number, t: number) => (batchFirst ? n * T + t : t * N + n);
          const x = draw(T * N * I);
          const dOutput = draw(T * N * D * H);
          lengths.forEach((length, n) => {
            for (let t = length; t < T; t++) x.fill(Number.NaN, row(n, t) * I, (row(n, t) + 1) * I);
            for (let t = length; t < T; t++) dOutput.fill(Number.NaN, row(n, t) * D * H, (row(n, t) + 1) * D * H);
          });
          const shape = (width: number) => (batchFirst ? [N, T, width] : [T, N, width]);
          const input = rt.tensor(x, shape(I));
          const result = layer.forward(input, { lengths });
          const output = result.output.toArray();
          const state = Object.values(result.state).map((part: Tensor) => part.toArray());
          layer.zeroGrad();
          const { dX } = layer.backward(rt.tensor(dOutput, shape(D * H)));
          const dx = dX.toArray();
          const gradients = gradientsOf(layer);
          layer.zeroGrad();
          const sums: Record<string, Float64Array> = {};
          lengths.forEach((length, n) => {
            const cut = (data: ArrayLike<number>, width: number) =>
              Array.from({ length }, (_, t) => Array.from(data).slice(row(n, t) * width, (row(n, t) + 1) * width)).flat();
            const alone = layer.forward(rt.tensor(cut(x, I), [length, I]));
            expectBits(`output of ${n}`, cut(output, D * H), alone.output.data);
            Object.values(alone.state).forEach((part: Tensor, i) => {
              expectBits(`state of ${n}`, rowsOf(state[i], N, H, n, 1), part.data);
            });
            const back = layer.backward(rt.tensor(cut(dOutput, D * H), [length, D * H]));
            expectBits(`dX of ${n}`, cut(dx, I), back.dX.data);
            const stack = { kind, T: length, N: 1, I, H, layers: numLayers, bidirectional, parameters: valuesOf(layer) };
            const twin = stackForward(stack, cut(x, I));
            const twinBack = stackBackward(stack, twin, cut(dOutput, D * H));
            expectSum(`output of ${n} and the twin's`, cut(output, D * H), twin.output, TWIN[dtype], dtype);
            expectSum(`dX of ${n} and the twin's`, cut(dx, I), twinBack.dX, TWIN[dtype], dtype);
            Object.values(twin.state).forEach((part, i) => {
              const own = rowsOf(state[i], N, H, n, 1);
              expectSum(`state of ${n} and the twin's`, own, part, TWIN[dtype], dtype);
            });
            for (const [name, gradient] of Object.entries(twinBack.gradients)) {
              sums[name] ??= new Float64Array(gradient.length);
              addInto(sums[name], gradient);
            }
            for (let t = length; t < T; t++) {
              expect([...output.slice(row(n, t) * D * H, (row(n, t) + 1) * D * H)].every((value) => value === 0)).toBe(true);
              expect([...dx.slice(row(n, t) * I, (row(n, t) + 1) * I)].every((value) => value === 0)).toBe(true);
            }
          });
          for (const [name, sum] of Object.entries(gradientsOf(layer))) {
            expectSum(name, gradients[name], sum, dtype === "f32" ? 1e-5 : 1e-13);
            expectSum(`${name} and the twins'`, gradients[name], sums[name], TWIN[dtype], dtype);
          }
          layer.dispose();
        },
      ),
      { numRuns: 12 },
    ));
});

it("refuses lengths by name", async () => {
  using rt = await operatorRuntime();
  const layer = new LSTM(rt, { inputSize: 1, hiddenSize: 2 });
  const x = rt.zeros([3, 2, 1]);
  expect(() => layer.forward(x, { lengths: [3, 0] })).toThrow("lengths[1]: expected an integer in 1 … 3, got 0");
  expect(() => layer.forward(x, { lengths: [4, 1] })).toThrow("lengths[0]: expected an integer in 1 … 3, got 4");
  expect(() => layer.forward(x, { lengths: [1] })).toThrow("lengths: expected 2 elements, got 1");
  const both = new GRU(rt, { inputSize: 1, hiddenSize: 2, bidirectional: true });
  expect(() => both.stream()).toThrow(ArgumentError);
  expect(() => both.stream()).toThrow(/^bidirectional: /);
});

describe("dropout between layers", () => {
  it.each(
    RECURRENT_KINDS.flatMap((kind) => DTYPES.map((dtype) => [kind, dtype] as const)),
  )("%s in %s: each mask scales what the layer above reads, and what comes back to the layer below; eval drops nothing", async (kind, dtype) => {
    using rt = await operatorRuntime({ dtype, seed: 5 });
    const [T, N, I, H, layers, p] = [9, 3, 4, 17, 3, 0.25];
    const layer = make(rt, kind, { inputSize: I, hiddenSize: H, numLayers: layers, bidirectional: true, dropout: p });
    const draw = draws(1);
    const [x, dOutput] = [draw(T * N * I), draw(T * N * 2 * H)];
    const [input, d] = [rt.tensor(x, [T, N, I]), rt.tensor(dOutput, [T, N, 2 * H])];
    const stack = { kind, T, N, I, H, layers, bidirectional: true, parameters: valuesOf(layer) };
    const close = (name: string, actual: ArrayLike<number>, expected: ArrayLike<number>) =>
      expectSum(name, actual, expected, TWIN[dtype], dtype);
    for (const mode of ["train", "eval", "train"] as const) {
      layer[mode]();
      const generator = new Generator();
      generator.state = layer.generator.state; // each forward while training draws two words a mask from here
      const size = T * N * 2 * H;
      const drawn = () => dropoutFactors(size, p, generator.bits(), generator.bits());
      const factors = mode === "train" ? [drawn(), drawn()] : [];
      const twin = stackForward({ ...stack, factors }, x);
      close("output", layer.forward(input).output.toArray(), twin.output);
      layer.zeroGrad();
      const twinBack = stackBackward({ ...stack, factors }, twin, dOutput);
      close("dX", layer.backward(d).dX.toArray(), twinBack.dX);
      for (const [name, gradient] of Object.entries(gradientsOf(layer))) close(name, gradient, twinBack.gradients[name]);
      expect(layer.generator.state).toEqual(generator.state);
    }
  });

  it("is drawn from the generator: the same seed, the same bits", async () => {
    const run = async () => {
      using rt = await operatorRuntime({ seed: 7 });
      const layer = new GRU(rt, { inputSize: 2, hiddenSize: 9, numLayers: 3, dropout: 0.5 });
      return layer.forward(rt.tensor(draws(2)(5 * 2 * 2), [5, 2, 2])).output.toArray();
    };
    expectBits("again", await run(), await run());
  });

  it("keeps 1 − p of the elements, scaled by 1 / (1 − p)", async () => {
    using rt = await operatorRuntime({ dtype: "f64" });
    const n = 100_000;
    const ones = rt.tensor(new Float64Array(n).fill(1), [n]);
    const kernels = rt.kernels("f64");
    for (const p of [0, 0.1, 0.5, 0.9]) {
      const y = rt.zeros([n]);
      kernels.dropout({ y: y.pointer(), x: ones.pointer(), n, p, seed0: 12345, seed1: -678 });
      const kept = [...y.data].filter((value) => value !== 0);
      expect(kept.every((value) => Math.abs(value - 1 / (1 - p)) < 1e-12)).toBe(true);
      // Five standard deviations of a binomial.
      expect(Math.abs(kept.length - n * (1 - p))).toBeLessThanOrEqual(5 * Math.sqrt(n * p * (1 - p)));
    }
  });

  it("has true gradients: the mask of the backward is that of the forward", async () => {
    using rt = await operatorRuntime({ dtype: "f64" });
    const options = { inputSize: 3, hiddenSize: 5, numLayers: 2, dropout: 0.4 };
    const layer = new LSTM(rt, options);
    const { generator } = rt;
    const at = generator.state;
    const data = draws(3)(4 * 2 * 3);
    const dOutput = rt.tensor(draws(4)(4 * 2 * 5), [4, 2, 5]);
    const loss = (values: ArrayLike<number>) => {
      generator.state = at;
      const { output } = layer.forward(rt.tensor(values, [4, 2, 3]));
      return Array.from(output.data).reduce((sum, value, i) => sum + value * dOutput.data[i], 0);
    };
    loss(data);
    const dX = layer.backward(dOutput).dX.toArray();
    data.forEach((value, i) => {
      const step = 1e-5;
      const moved = (to: number) => data.map((v, j) => (j === i ? to : v));
      const slope = (loss(moved(value + step)) - loss(moved(value - step))) / (2 * step);
      expect(Math.abs(slope - dX[i])).toBeLessThan(1e-8);
    });
  });
});
