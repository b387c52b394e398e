/** Operators over axes: goldens, twins, special values, bits, what is refused. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, DTypeError, type FloatType, type Tensor } from "../../bindings/index.js";
import * as ops from "../../bindings/ops.js";
import { operatorFrame } from "../helpers/operator-frame.js";
import { DTYPES, tensorOf } from "../helpers/runtime.js";
import * as twin from "../reference/ops-reduce.js";

interface Golden {
  name: string;
  shape: number[];
  axes: number | number[] | null;
  keepDims: boolean;
  x: number[];
  yShape: number[];
  y: number[];
  dy?: number[];
  dx?: number[];
}
const { cases } = JSON.parse(readFileSync(new URL("../golden/ops-reduce.json", import.meta.url), "utf8")) as { cases: Golden[] };

type Reducing = (x: Tensor, options?: object) => Tensor;
const REDUCING = { sum: ops.sum, mean: ops.mean, max: ops.max, variance: ops.variance, logSumExp: ops.logSumExp } as Record<
  string,
  Reducing
>;
const ALONG = { softmax: ops.softmax, logSoftmax: ops.logSoftmax, cumulativeSum: ops.cumulativeSum } as Record<
  string,
  (x: Tensor, axis: number) => Tensor
>;

function call(name: string, x: Tensor, axes: Golden["axes"], keepDims: boolean): Tensor {
  const along = ALONG[name];
  if (along) return along(x, axes as number);
  if (name === "argMax") return ops.argMax(x, axes as number, { keepDims });
  const options = { ...(axes === null ? {} : { axes }), keepDims };
  if (name === "variance0") return ops.variance(x, { ...options, correction: 0 });
  return (REDUCING[name] as Reducing)(x, options);
}

function near(got: ArrayLike<number>, want: ArrayLike<number>, dtype: FloatType, f32 = 2e-6): void {
  expect(got.length).toBe(want.length);
  const tolerance = dtype === "f32" ? f32 : 2e-11; // goldens have 12 digits
  for (let i = 0; i < want.length; i++) {
    const [a, b] = [got[i] as number, want[i] as number];
    expect(Math.abs(a - b), `element ${i}: ${a} for ${b}`).toBeLessThanOrEqual(tolerance * (1 + Math.abs(b)));
  }
}

describe.each(DTYPES)("goldens, %s", (dtype) => {
  test.each([...new Set(cases.map(({ name }) => name))])("%s", async (wanted) => {
    const { rt, frame } = await operatorFrame();
    for (const { name, shape, axes, keepDims, x: data, yShape, y: want, dy, dx } of cases.filter(({ name }) => name === wanted)) {
      const x = tensorOf(rt, dtype, data, shape);
      const y = frame.record(() => call(name, x, axes, keepDims));
      expect(y.shape, `${shape} over ${axes}`).toEqual(yShape);
      expect(y.dtype).toBe(dy ? dtype : "i32");
      near(y.toArray(), want, dtype);
      if (dy && dx) {
        const gradient = tensorOf(rt, dtype, dy, yShape);
        frame.backward(y, { gradient, inputs: [x] });
        near(frame.gradient(x).toArray(), dx, dtype, 8e-6);
        gradient.dispose();
      }
      x.dispose();
    }
  });
});

describe.each(DTYPES)("the twin, %s", (dtype) => {
  const shapes = fc
    .array(fc.constantFrom<number>(1, 2, 3, 4, 5, 7, 9, 18, 35), { minLength: 1, maxLength: 3 })
    .filter((s) => s.reduce((a, b) => a * b) < 3000);
  test("any shape, any axes", async () => {
    const { rt, frame } = await operatorFrame();
    fc.assert(
      fc.property(shapes, fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), fc.nat(1000), (shape, chosen, seed) => {
        const size = shape.reduce((a, b) => a * b);
        const data = Array.from(Float32Array.from({ length: size }, (_, i) => 3 * Math.sin(1 + seed + i * i)));
        const picked = shape.map((_, d) => d).filter((d) => chosen[d]);
        const axes = picked.length > 0 ? picked : [0];
        const axis = axes[0] as number;
        const x = tensorOf(rt, dtype, data, shape);
        frame.run(() => {
          for (const [name, f] of Object.entries(REDUCING)) {
            const want = twin.reduce(name, { shape, data }, axes);
            if (want.data.some(Number.isNaN)) continue; // the variance of one
            const y = f(x, { axes, keepDims: true });
            expect(y.shape).toEqual(want.shape);
            near(y.toArray(), want.data, dtype, 1e-5);
          }
          for (const [name, f] of Object.entries(ALONG))
            near(f(x, axis).toArray(), twin.along(name, { shape, data }, axis).data, dtype, 1e-5);
          expect([...ops.argMax(x, axis).toArray()]).toEqual(twin.reduce("argMax", { shape, data }, [axis]).data);
        });
        x.dispose();
      }),
      { seed: 5, numRuns: 60 },
    );
  });

  test("an element's bits do not depend on what lies beside it", async () => {
    const { rt, frame } = await operatorFrame();
    const [R, inner] = [75, 23];
    const data = Array.from({ length: R * inner }, (_, i) => Math.sin(i * i));
    const columns = tensorOf(rt, dtype, data, [R, inner]);
    const rows = frame.run(() => ops.permute(columns, [1, 0]).clone());
    const bits = (f: () => Tensor) => [...frame.run(f).toArray()];
    for (const name of [...Object.keys(REDUCING), ...Object.keys(ALONG)]) {
      const ofColumns = bits(() => call(name, columns, 0, false));
      const ofRows = bits(() => call(name, rows, 1, false));
      const alone = Array.from({ length: inner }, (_, i) => bits(() => call(name, ops.slice(rows, [[i, i + 1]]), 1, false)));
      expect(alone.flat(), name).toEqual(ofRows);
      const few = bits(() => call(name, ops.slice(columns, [null, [20, 22]]), 0, false));
      expect(few, name).toEqual(ofColumns.filter((_, i) => i % inner >= 20 && i % inner < 22));
    }
    columns.dispose();
    rows.dispose();
  });
});

/** Special rows, and what PyTorch 1.13 makes of them. */
const [INF, NAN] = [Number.POSITIVE_INFINITY, Number.NaN];
const SPECIAL: [string, number[], number[], number[]?][] = [
  ["sum", [-0, -0], [0]],
  ["sum", [INF, -INF], [NAN]],
  ["max", [NAN, 1], [NAN], [NAN, NAN]],
  ["max", [INF, -INF], [INF], [1, 0]],
  ["max", [-INF, -INF], [-INF], [0.5, 0.5]],
  ["max", [3, 3], [3], [0.5, 0.5]],
  ["variance", [INF, 1], [NAN]],
  ["logSumExp", [INF, 0], [INF], [NAN, 0]],
  ["logSumExp", [-INF, -INF], [-INF], [NAN, NAN]],
  ["logSumExp", [-INF, 0], [0], [0, 1]],
  ["logSumExp", [NAN, INF], [NAN], [NAN, NAN]],
  ["logSumExp", [NAN, -INF], [NAN], [NAN, NAN]],
  ["softmax", [INF, 0], [NAN, NAN]],
  ["softmax", [-INF, -INF], [NAN, NAN]],
  ["softmax", [-INF, 0], [0, 1]],
  ["softmax", [NAN, 0], [NAN, NAN]],
  ["logSoftmax", [INF, 0], [NAN, NAN]],
  ["logSoftmax", [-INF, -INF], [NAN, NAN]],
  ["logSoftmax", [-INF, 0], [-INF, 0]],
  ["logSoftmax", [NAN, 0], [NAN, NAN]],
  ["cumulativeSum", [INF, -INF], [INF, NAN]],
  ["cumulativeSum", [-0, -0], [0, 0]],
  ["argMax", [NAN, NAN], [0]],
  ["argMax", [1, NAN], [1]],
  ["argMax", [-INF, -INF], [0]],
  ["argMax", [0, 0], [0]],
];

describe.each(DTYPES)("special values, %s", (dtype) => {
  test.each([1, 3, 20])("as PyTorch's, %s at once", async (inner) => {
    const { rt, frame } = await operatorFrame();
    for (const [name, values, want, dx] of SPECIAL) {
      const spread = (list: number[]) => list.flatMap((value) => Array.from({ length: inner }, () => value));
      const x = tensorOf(rt, dtype, spread(values), [values.length, inner]);
      const y = frame.record(() => call(name, x, 0, false));
      expect([...y.toArray()], `${name} of ${values}`).toEqual(spread(want));
      if (dx) {
        const gradient = tensorOf(rt, dtype, spread([1]), [inner]);
        frame.backward(y, { gradient, inputs: [x] });
        expect([...frame.gradient(x).toArray()], `gradient of ${name} of ${values}`).toEqual(spread(dx));
        gradient.dispose();
      }
      x.dispose();
    }
  });
});

test("sums of f32 keep their digits; no variance of f32 overflows", async () => {
  const { rt, frame } = await operatorFrame();
  const n = 1_000_000;
  const tenth = Math.fround(0.1);
  const x = tensorOf(rt, "f32", new Array(n).fill(tenth), [n]);
  const columns = tensorOf(rt, "f32", new Array(n).fill(tenth), [n / 20, 20]);
  const value = (f: () => Tensor) => frame.run(f).toArray()[0] as number;
  const off = (got: number, want: number) => Math.abs(got - want) / want / 2 ** -24;
  expect(
    off(
      value(() => ops.sum(x)),
      n * tenth,
    ),
  ).toBeLessThan(20);
  expect(
    off(
      value(() => ops.sum(columns, { axes: 0 })),
      (n / 20) * tenth,
    ),
  ).toBeLessThan(20);
  expect(
    off(
      value(() => ops.mean(x)),
      tenth,
    ),
  ).toBeLessThan(20);
  expect(value(() => ops.variance(x))).toBe(0);
  expect(value(() => ops.variance(columns, { axes: 0 }))).toBe(0);
  const great = tensorOf(rt, "f32", [1e19, -1e19, 1e19, -1e19], [4]);
  expect(
    off(
      value(() => ops.variance(great, { correction: 0 })),
      Math.fround(1e19) ** 2,
    ),
  ).toBeLessThan(1);
  const near1 = tensorOf(rt, "f64", [40, 0], [2]);
  expect(value(() => ops.logSoftmax(near1))).toBeCloseTo(-Math.exp(-40), 30);
  for (const tensor of [x, columns, great, near1]) tensor.dispose();
});

test("what is refused", async () => {
  const { rt, frame } = await operatorFrame();
  const x = tensorOf(rt, "f32", [1, 2, 3, 4, 5, 6], [2, 3]);
  const whole = rt.tensor(Int32Array.of(1, 2), [2]);
  const refused = (f: () => unknown, message: RegExp, kind: new (...args: never[]) => Error = ArgumentError) => {
    expect(() => frame.run(() => f() as Tensor)).toThrow(message);
    expect(() => frame.run(() => f() as Tensor)).toThrow(kind);
  };
  refused(() => ops.sum(x, { axes: 2 }), /axes.*-2 … 1.*2/s);
  refused(() => ops.max(x, { axes: [0, -2] }), /axes.*once/s);
  refused(() => ops.mean(x, { axes: [] }), /axes.*at least one/s);
  refused(() => ops.mean(x, { axis: 1 } as object), /axes, keepDims.*axis/s);
  refused(() => ops.sum(x, { keepDims: 1 as never }), /keepDims/);
  refused(() => ops.variance(x, { correction: 2 as never }), /correction.*0 or 1.*2/s);
  refused(() => ops.softmax(x, 0.5), /axis.*0\.5/s);
  refused(() => ops.cumulativeSum(x, undefined as never), /axis/);
  refused(() => ops.argMax(x, -3), /axis.*-3/s);
  refused(() => ops.sum([1, 2] as never), /sum: x.*Tensor/s);
  refused(() => ops.sum(whole), /f32 or f64.*i32/s, DTypeError);
  refused(() => ops.argMax(whole), /f32 or f64.*i32/s, DTypeError);
  expect(() => ops.sum(x)).toThrow(/frame/);
  x.dispose();
  whole.dispose();
});
