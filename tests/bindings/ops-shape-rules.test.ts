/** Products, movement and gathering: views, bits, numbers at the edge, long sums, what is refused. */
import { describe, expect, onTestFinished, test } from "vitest";
import { ArgumentError, DTypeError, Frame, type Runtime, ShapeError, StaleError, type Tensor } from "../../bindings/index.js";
import { ParameterTensor } from "../../bindings/layers/parameter-tensor.js";
import {
  concat,
  expand,
  flip,
  gather,
  matmul,
  pad,
  permute,
  reshape,
  scatterAdd,
  slice,
  split,
  squeeze,
  stack,
  unsqueeze,
} from "../../bindings/ops.js";
import { DTYPES, operatorRuntime, tensorOf } from "../helpers/runtime.js";

async function setUp(): Promise<{ rt: Runtime; frame: Frame; zeros: (shape: number[]) => Tensor }> {
  const rt = await operatorRuntime();
  const frame = new Frame(rt);
  const made: Tensor[] = [];
  onTestFinished(() => {
    for (const tensor of made) tensor.dispose();
    frame.dispose();
    expect(rt.bytesInUse).toBe(0);
    rt.dispose();
  });
  const zeros = (shape: number[]) => {
    const tensor = rt.zeros(shape);
    made.push(tensor);
    return tensor;
  };
  return { rt, frame, zeros };
}

const wave = (n: number, seed: number) => Float64Array.from({ length: n }, (_, i) => Math.fround(Math.sin(i * 1.7 + seed)));

test("what moves nothing is a view: both have the same memory", async () => {
  const { rt, frame } = await setUp();
  const x = tensorOf(rt, "f32", wave(24, 1), [4, 3, 2]);
  frame.run(() => {
    const views = [
      reshape(x, [6, -1]),
      squeeze(unsqueeze(x, 1)),
      slice(x, [[0, 4]]),
      permute(unsqueeze(x, 0), [1, 0, 2, 3]),
      expand(x, [4, 3, 2]),
    ];
    for (const view of views) expect(view.pointer()).toBe(x.pointer());
    const [, second] = split(x, 2) as [Tensor, Tensor];
    for (const view of [slice(x, [[2, null]]), slice(x, [[-2]]), second]) expect(view.pointer()).toBe(x.pointer() + 2 * 6 * 4);
    expect(slice(x, [[2, 1, -1]]).pointer()).toBe(x.pointer() + 2 * 6 * 4);
    expect(slice(x, [[0, 4, 2]]).pointer()).not.toBe(x.pointer());
    expect(
      squeeze(
        reshape(
          slice(x, [
            [0, 1],
            [0, 1],
            [0, 1],
          ]),
          [1, 1],
        ),
      ).shape,
    ).toEqual([1]);
  });
  x.dispose();
});

test("integers move too", async () => {
  const { rt, frame } = await setUp();
  const x = rt.tensor(Int32Array.of(1, -2, 0x7fffffff, -0x80000000, 0x7f800001, 5), [2, 3]);
  expect([...frame.run(() => permute(x, [1, 0])).toArray()]).toEqual([1, -0x80000000, -2, 0x7f800001, 0x7fffffff, 5]);
  expect([
    ...frame
      .run(() =>
        pad(
          flip(x, [1]),
          [
            [0, 0],
            [0, 1],
          ],
          9,
        ),
      )
      .toArray(),
  ]).toEqual([0x7fffffff, -2, 1, 9, 5, 0x7f800001, -0x80000000, 9]);
  x.dispose();
});

test("one step of an input each: the gradient is summed in its places", async () => {
  const { rt, frame } = await setUp();
  const [T, N, I] = [50, 3, 4];
  const x = tensorOf(rt, "f64", wave(T * N * I, 2), [T, N, I]);
  const gradient = tensorOf(rt, "f64", wave(T * N * I, 3), [T, N, I]);
  const y = frame.record(() => stack(Array.from({ length: T }, (_, t) => squeeze(slice(x, [[T - 1 - t, T - t]]), 0))));
  frame.backward(y, { gradient, inputs: [x] });
  const turned = frame.gradient(x).toArray();
  expect([...turned]).toEqual([...frame.run(() => flip(gradient, [0])).toArray()]);
  const overlapping = frame.record(() => concat([slice(x, [[0, 2]]), slice(x, [[1, 3]]), slice(x, [[1, 2]])]));
  const ones = tensorOf(rt, "f64", new Float64Array(5 * N * I).fill(1), [5, N, I]);
  frame.backward(overlapping, { gradient: ones, inputs: [x] });
  expect([...frame.gradient(x).toArray()].filter((_, i) => i % (N * I) === 0).slice(0, 5)).toEqual([1, 3, 1, 0, 0]);
  for (const tensor of [x, gradient, ones]) tensor.dispose();
});

describe.each(DTYPES)("bits and edges, %s", (dtype) => {
  test("a row of a product has the same bits in any batch, as folded rows, and beside transposed copies", async () => {
    const { rt, frame } = await setUp();
    const [B, M, K, N] = [3, 7, 33, 21];
    const a = tensorOf(rt, dtype, wave(B * M * K, 4), [B, M, K]);
    const b = tensorOf(rt, dtype, wave(K * N, 5), [K, N]);
    const all = frame.run(() => matmul(a, b)).toArray();
    const row = (n: number) => [...all.slice(n * N, (n + 1) * N)];
    for (let n = 0; n < B * M; n++) {
      const alone = frame.run(() => matmul(reshape(slice(reshape(a, [B * M, K]), [[n, n + 1]]), [1, K]), b)).toArray();
      expect([...alone]).toEqual(row(n));
    }
    for (const y of [
      () => matmul(a, expand(b, [B, K, N])),
      () => matmul(permute(a, [0, 2, 1]), b, { transposeA: true }),
      () => matmul(a, permute(b, [1, 0]), { transposeB: true }),
      () => matmul(permute(a, [0, 2, 1]), permute(b, [1, 0]), { transposeA: true, transposeB: true }),
    ])
      expect([...frame.run(y).toArray()]).toEqual([...all]);
    a.dispose();
    b.dispose();
  });

  test("infinity, NaN and −0 go where PyTorch sends them", async () => {
    const { rt, frame } = await setUp();
    const x = tensorOf(rt, dtype, [-0, Number.NaN, Number.POSITIVE_INFINITY, 1e-40, -1, 0], [2, 3]);
    const expected = [Object.is(Math.fround(1e-40), 0) ? 0 : dtype === "f32" ? Math.fround(1e-40) : 1e-40];
    const turned = [...frame.run(() => permute(x, [1, 0])).toArray()];
    expect(turned).toEqual([-0, expected[0], Number.NaN, -1, Number.POSITIVE_INFINITY, 0]);
    const zero = tensorOf(rt, dtype, [0, 0, 0], [3, 1]);
    expect([...frame.run(() => matmul(x, zero)).toArray()]).toEqual([Number.NaN, 0]); // ∞·0 is NaN
    const index = rt.tensor(Int32Array.of(0, 0), [2, 1]);
    expect([...frame.run(() => gather(x, 1, index)).toArray()]).toEqual([-0, expected[0]]);
    for (const tensor of [x, zero, index]) tensor.dispose();
  });

  test("a product with a parameter adds up in the parameter's gradient", async () => {
    const { rt, frame } = await setUp();
    const w = new ParameterTensor(rt, [4, 2], { dtype });
    const x = tensorOf(rt, dtype, wave(12, 6), [3, 4]);
    const gradient = tensorOf(rt, dtype, wave(6, 7), [3, 2]);
    for (let times = 1; times <= 2; times++) {
      frame.backward(
        frame.record(() => matmul(x, w)),
        { gradient },
      );
      const [xs, dy] = [x.toArray(), gradient.toArray()];
      const want = Array.from(
        { length: 8 },
        (_, i) => times * [0, 1, 2].reduce((s, r) => s + xs[4 * r + (i >> 1)] * dy[2 * r + (i & 1)], 0),
      );
      for (const [i, value] of w.parameter.grad.entries()) expect(Math.abs(value - want[i])).toBeLessThan(dtype === "f32" ? 1e-6 : 1e-14);
    }
    for (const each of [w, x, gradient]) each.dispose();
  });
});

test("long sums keep their digits in f32", async () => {
  const { rt, frame } = await setUp();
  const n = 1_000_000;
  const ones = tensorOf(rt, "f32", new Float32Array(n).fill(0.1), [n, 1]);
  const w = tensorOf(rt, "f32", [1], [1, 1]);
  frame.backward(
    frame.record(() => matmul(reshape(ones, [1, n, 1]), w)),
    { gradient: frameless(rt, [1, n, 1]), inputs: [w] },
  );
  expect(Math.abs(frame.gradient(w).at(0) / 100000 - 1)).toBeLessThan(1e-5); // one chain alone: 1e-2 off
  frame.backward(
    frame.record(() => expand(w, [n, 1])),
    { gradient: ones, inputs: [w] },
  );
  expect(Math.abs(frame.gradient(w).at(0) / 100000 - 1)).toBeLessThan(1e-6);
  const index = rt.zeros([n, 1], { dtype: "i32" });
  expect(Math.abs(frame.run(() => scatterAdd(w, 0, index, ones)).at(0) / 100001 - 1)).toBeLessThan(1e-6);
  // Every batch has its own b, all share a: products are summed in f64.
  const b = tensorOf(rt, "f32", new Float32Array(n).fill(0.1), [n, 1, 1]);
  frame.backward(
    frame.record(() => matmul(w, b)),
    { gradient: frameless(rt, [n, 1, 1]), inputs: [w] },
  );
  expect(Math.abs(frame.gradient(w).at(0) / 100000 - 1)).toBeLessThan(1e-6);
  for (const each of [ones, w, index, b, ...disposable.splice(0)]) each.dispose();
});

const disposable: Tensor[] = [];
function frameless(rt: Runtime, shape: number[]): Tensor {
  const tensor = rt.tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1), shape, { dtype: "f32" });
  disposable.push(tensor);
  return tensor;
}

test("what does not fit is refused, by name", async () => {
  const { rt, frame, zeros } = await setUp();
  const x = zeros([2, 3, 4]);
  const index = rt.tensor(Int32Array.of(0, 1, 2, 0, 1, 3), [1, 3, 2]);
  const bad = rt.tensor(Int32Array.of(0, 1, 2, 0, -1, 9), [2, 3, 1]);
  const cases: [() => unknown, new (...args: never[]) => Error, string][] = [
    [() => reshape(x, [5, -1]), ShapeError, "shape: expected"],
    [() => reshape(x, [-1, -1]), ShapeError, "shape: expected"],
    [() => reshape(x, [24, 0] as number[]), ShapeError, "shape: expected"],
    [() => squeeze(x, 0), ShapeError, "an axis 0 of size 1"],
    [() => squeeze(x, 3), ArgumentError, "axis: expected an axis in -3 … 2, got 3"],
    [() => unsqueeze(x, -5), ArgumentError, "axis: expected an axis in -4 … 3, got -5"],
    [() => expand(x, [2, 3]), ShapeError, "shape: expected a shape to which [2, 3, 4] broadcasts, got [2, 3]"],
    [() => permute(x, [0, 1]), ArgumentError, "axes: expected all 3 axes"],
    [() => permute(x, [0, 1, -2]), ArgumentError, "axes: expected each axis once"],
    [() => flip(x, [1.5]), ArgumentError, "axes[0]"],
    [() => slice(x, [[2]]), ArgumentError, "ranges[0]: expected a range that holds some of 0 … 1"],
    [() => slice(x, [[0, 1, 0]]), ArgumentError, "ranges[0][2]"],
    [() => slice(x, [null, null, null, null]), ArgumentError, "at most 3 ranges"],
    [() => slice(x, [["1"] as never]), ArgumentError, "ranges[0][0]"],
    [() => pad(x, [[0, 1]]), ArgumentError, "widths"],
    [() => pad(reshape(index, [6]), [[0, 1]], 0.5), ArgumentError, "value: expected a 32-bit integer"],
    [() => pad(reshape(index, [6]), [[0, 1]], 2 ** 31), ArgumentError, "value: expected a 32-bit integer"],
    [
      () =>
        pad(x, [
          [0, 1],
          [0, -1],
          [0, 0],
        ]),
      ArgumentError,
      "widths",
    ],
    [
      () =>
        pad(
          x,
          [
            [0, 1],
            [0, 1],
            [0, 0],
          ],
          "0" as never,
        ),
      ArgumentError,
      "value",
    ],
    [() => concat([]), ArgumentError, "tensors"],
    [() => concat([x, zeros([2, 3, 5])], 1), ShapeError, "tensors[1]"],
    [() => stack([x, zeros([2, 3, 5])]), ShapeError, "tensors[1]"],
    [() => concat([x, index]), DTypeError, "tensors[1]"],
    [() => split(x, 2, 1), ArgumentError, "sizes"],
    [() => split(x, [1, 1], 1), ArgumentError, "sizes"],
    [() => split(x, [4, -1], 1), ArgumentError, "sizes"],
    [() => matmul(x, zeros([3])), ShapeError, "b: expected two axes or more"],
    [() => matmul(x, zeros([5, 4])), ShapeError, "b: expected [\u2026, 4, N]"],
    [() => matmul(x, zeros([3, 4, 5])), ShapeError, "batch axes that broadcast"],
    [() => matmul(x, zeros([4, 5]), { transposeC: true } as never), ArgumentError, "transposeC"],
    [() => matmul(x, zeros([4, 5]), { transposeA: 1 } as never), ArgumentError, "transposeA"],
    [() => matmul(x, index), DTypeError, "b: expected"],
    [() => gather(x, 0, x), DTypeError, "index"],
    [() => gather(x, 3, index), ArgumentError, "axis"],
    [() => gather(x, 0, zeros([2, 3]) as never), DTypeError, "index"],
    [() => gather(x, 2, bad), ArgumentError, "index[1,1,0]: expected an integer in 0 … 3, got -1"],
    [() => gather(x, 1, index), ArgumentError, "index[0,2,1]: expected an integer in 0 … 2, got 3"],
    [() => scatterAdd(x, 2, bad, x), ArgumentError, "index[1,1,0]"],
    [() => scatterAdd(x, 2, index, zeros([1, 3, 1])), ShapeError, "source"],
  ];
  for (const [run, kind, message] of cases) {
    const attempt = () => frame.run(run as () => Tensor);
    expect(attempt, message).toThrow(kind);
    expect(attempt, message).toThrow(message);
  }
  expect(() => permute(x, [2, 1, 0])).toThrow("a call inside of frame.run()");
  index.dispose();
  bad.dispose();
});

test("a backward pass notices what was written since", async () => {
  const { rt, frame } = await setUp();
  const a = tensorOf(rt, "f32", wave(6, 1), [2, 3]);
  const b = tensorOf(rt, "f32", wave(6, 2), [3, 2]);
  const gradient = tensorOf(rt, "f32", wave(4, 3), [2, 2]);
  const y = frame.record(() => matmul(a, b));
  b.set(wave(6, 4));
  expect(() => frame.backward(y, { gradient, inputs: [a] })).toThrow(StaleError);
  const z = frame.record(() => permute(matmul(a, b), [1, 0]));
  a.set(wave(6, 5));
  expect(() => frame.backward(z, { gradient, inputs: [a] })).toThrow(StaleError);
  for (const each of [a, b, gradient]) each.dispose();
});
