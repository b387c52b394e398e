/** What the kernels of products and movement are told: plans against goldens, kernels called bare. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { forwardProduct, type MatmulShapes, productForA, productForB } from "../../bindings/ops/products.js";
import { isDense, joined, movePlan, stridesOf, whole } from "../../bindings/ops/strides.js";
import { type Float, RawOps } from "../helpers/raw-ops.js";
import { broadcastShapes } from "../reference/ops-shape.js";

interface Plain {
  shape: number[];
  data: number[];
}
interface Case {
  name: string;
  args: { transposeA?: boolean; transposeB?: boolean }[];
  inputs: [Plain, Plain];
  outputs: [Plain];
  dOutputs: [number[]];
  dInputs: [number[], number[]];
}
const { cases } = JSON.parse(readFileSync(new URL("../golden/ops-shape.json", import.meta.url), "utf8")) as { cases: Case[] };
const products = cases.filter(({ name }) => name === "matmul");

function shapesOf({ inputs: [a, b], args: [options] }: Case): MatmulShapes {
  const { transposeA = false, transposeB = false } = options ?? {};
  const [batchA, batchB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  return {
    M: a.shape.at(transposeA ? -1 : -2) as number,
    K: a.shape.at(transposeA ? -2 : -1) as number,
    N: b.shape.at(transposeB ? -2 : -1) as number,
    batch: broadcastShapes(batchA, batchB),
    batchA,
    batchB,
    transposeA,
    transposeB,
  };
}

function farthest(got: ArrayLike<number>, want: ArrayLike<number>): number {
  expect(got.length).toBe(want.length);
  return Math.max(...Array.from(want, (value, i) => Math.abs((got[i] as number) - value)));
}

describe.each(["f32", "f64"] as const)("products, %s", (dtype: Float) => {
  const tolerance = dtype === "f32" ? 1e-5 : 1e-10; // goldens have 12 digits
  test.each(
    products.map(
      (each) => [`${each.inputs.map(({ shape }) => shape.join("×")).join(" · ")} ${JSON.stringify(each.args[0])}`, each] as const,
    ),
  )("%s", (_, golden) => {
    const ops = new RawOps(dtype);
    const shapes = shapesOf(golden);
    const at = { a: ops.put(golden.inputs[0].data), b: ops.put(golden.inputs[1].data), dy: ops.put(golden.dOutputs[0]) };
    for (const [{ product, left, right }, want] of [
      [forwardProduct(shapes), golden.outputs[0].data],
      [productForA(shapes), golden.dInputs[0]],
      [productForB(shapes), golden.dInputs[1]],
    ] as const) {
      const c = ops.put(new Float64Array(want.length).fill(Number.NaN));
      ops.matmul(c, at[left], at[right], product);
      expect(farthest(ops.view(c, want.length), want)).toBeLessThan(tolerance);
      ops.view(c, want.length).fill(3);
      ops.matmul(c, at[left], at[right], product, 1);
      expect(
        farthest(
          ops.view(c, want.length),
          want.map((value) => value + 3),
        ),
      ).toBeLessThan(tolerance);
    }
  });
});

test("a batch that shares b is one product of all rows, and one sum over them", () => {
  const shapes = { M: 4, K: 5, N: 6, batch: [2, 3], batchA: [2, 3], batchB: [], transposeA: false, transposeB: false };
  expect(forwardProduct(shapes).product).toEqual({ M: 24, K: 5, N: 6, kind: 0, axes: [], summed: 0 });
  expect(productForA(shapes).product).toEqual({ M: 24, K: 6, N: 5, kind: 2, axes: [], summed: 0 });
  expect(productForB(shapes).product).toEqual({ M: 5, K: 24, N: 6, kind: 4, axes: [], summed: 0 });
});

test("b is packed once for all that share it", () => {
  const { product } = forwardProduct({
    M: 2,
    K: 3,
    N: 4,
    batch: [5, 6, 7],
    batchA: [5, 6, 1],
    batchB: [1, 6, 7],
    transposeA: false,
    transposeB: false,
  });
  expect(product.axes).toEqual([
    [6, 56, 6, 84],
    [7, 8, 0, 12],
    [5, 336, 36, 0],
  ]);
});

test("a plan has as few axes as can be", () => {
  expect(
    joined([
      [2, 12, 24],
      [3, 4, 8],
      [1, 9, 9],
      [4, 1, 2],
    ]),
  ).toEqual([[24, 1, 2]]);
  expect(movePlan(whole([2, 3, 4]), whole([2, 3, 4]))).toEqual([[24, 1, 1]]);
  expect(movePlan(whole([1, 1]), whole([1, 1]))).toEqual([[1, 1, 1]]);
  // a transposition: the row of src goes before the row of dst
  expect(movePlan(whole([5, 2, 3]), { offset: 0, shape: [5, 2, 3], strides: [1, 15, 5] })).toEqual(
    [
      [6, 1, 5],
      [5, 6, 1],
    ].reverse(),
  );
  expect(isDense({ offset: 3, shape: [2, 1, 3], strides: [3, 99, 1] })).toBe(true);
  expect(isDense({ offset: 0, shape: [2, 3], strides: [4, 1] })).toBe(false);
});

test("moves by any strides, in any order of axes", () => {
  const ops = new RawOps("f64");
  const axis = fc.record({ n: fc.integer({ min: 1, max: 6 }), flip: fc.boolean(), still: fc.boolean(), place: fc.double() });
  fc.assert(
    fc.property(fc.array(axis, { minLength: 1, maxLength: 4 }), (axes) => {
      const shape = axes.map(({ n }) => n);
      const order = axes.map((_, d) => d).sort((d, e) => (axes[d]?.place as number) - (axes[e]?.place as number) || d - e);
      const inOrder = stridesOf(order.map((d) => shape[d] as number));
      const strides = axes.map(({ flip, still }, d) => (still ? 0 : (flip ? -1 : 1) * (inOrder[order.indexOf(d)] as number)));
      const offset = strides.reduce((sum, stride, d) => (stride < 0 ? sum - stride * ((shape[d] as number) - 1) : sum), 0);
      const size = shape.reduce((product, n) => product * n, 1);
      const src = ops.put(Float64Array.from({ length: size }, (_, i) => i));
      const dst = ops.put(new Float64Array(size));
      const plan = movePlan(whole(shape), { offset, shape, strides });
      ops.call("move", dst, src + 8 * offset, ops.integers(plan.flat()), plan.length, 0);
      const dense = stridesOf(shape);
      const want = Array.from({ length: size }, (_, i) =>
        strides.reduce((place, stride, d) => place + (Math.floor(i / (dense[d] as number)) % (shape[d] as number)) * stride, offset),
      );
      expect([...ops.view(dst, size)]).toEqual(want);
    }),
    { seed: 7, numRuns: 300 },
  );
});

test.each([
  "f32",
  "f64",
] as const)("scratch of a product beyond what a memory holds keeps its size, so that taking it is refused: %s", (dtype) => {
  const ops = new RawOps(dtype);
  const [long, panel] = [2 ** 29, dtype === "f32" ? 8 : 4];
  for (const [name, ...sizes] of [
    ["b's panels", 1, long, 1, 0, 0],
    ["a transposed", long, 8, 1, 1, 0],
    ["sums of gradients", long, 1, 8, 0, 1],
    ["stretches over rows", long, 8192, 1, 4, 0],
  ] as const) {
    expect(ops.call("matmul_scratch", ...sizes), name).toBeGreaterThanOrEqual(long * Math.min(panel, 2));
  }
});
