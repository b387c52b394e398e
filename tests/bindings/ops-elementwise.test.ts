/** Operators element by element: goldens, special values, bits, differences, what is refused. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ArgumentError, DTypeError, type FloatType, gradcheck, ShapeError, type Tensor } from "../../bindings/index.js";
import * as ops from "../../bindings/ops.js";
import { draws } from "../helpers/compare.js";
import { operatorFrame } from "../helpers/operator-frame.js";
import { DTYPES, operatorRuntime, tensorOf } from "../helpers/runtime.js";

interface Unary {
  name: string;
  x: number[];
  y: number[];
  dy: number[];
  dx: number[];
}
interface Binary {
  name: string;
  aShape: number[];
  bShape: number[];
  yShape: number[];
  a: number[];
  b: number[];
  y: number[];
  dy?: number[];
  da?: number[];
  db?: number[];
}
interface Choice extends Required<Omit<Binary, "name">> {
  cShape: number[];
  c: number[];
}
interface Special {
  name: string;
  a?: string[];
  b?: string[];
  y: string[];
  dx?: string[];
  da?: string[];
  db?: string[];
}
const golden = JSON.parse(readFileSync(new URL("../golden/ops-elementwise.json", import.meta.url), "utf8")) as {
  unary: Unary[];
  binary: Binary[];
  where: Choice[];
  special: Special[];
};

type OfOne = (x: Tensor) => Tensor;
type OfTwo = (a: Tensor | number, b: Tensor | number) => Tensor;
const one = (name: string): OfOne => {
  if (name === "geluTanh") return (x) => ops.gelu(x, { approximate: "tanh" });
  if (name === "clip") return (x) => ops.clip(x, -0.75, 1.5);
  return (ops as unknown as Record<string, OfOne>)[name] as OfOne;
};
const two = (name: string): OfTwo => (ops as unknown as Record<string, OfTwo>)[name] as OfTwo;
const UNARY = golden.unary.map(({ name }) => name);
const BINARY = [...new Set(golden.binary.map(({ name }) => name))];

/** What torch.clamp and ours were given: its SPECIAL. */
const SPECIAL = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1, -1];
const numberOf = (text: string): number =>
  text === "nan" ? Number.NaN : text.endsWith("inf") ? Number(`${text.replace("inf", "")}Infinity`) : Number(text);

function near(what: string, got: ArrayLike<number>, want: ArrayLike<number>, dtype: FloatType): void {
  expect(got.length).toBe(want.length);
  const tolerance = dtype === "f32" ? 2e-6 : 2e-11; // goldens have 12 digits
  for (let i = 0; i < want.length; i++) {
    const [a, b] = [got[i] as number, want[i] as number];
    expect(Math.abs(a - b), `${what}, element ${i}: ${a} for ${b}`).toBeLessThanOrEqual(tolerance * (1 + Math.abs(b)));
  }
}

/** NaN for NaN, the same infinity, the same zero; else nearly. */
function alike(what: string, got: ArrayLike<number>, want: readonly string[], dtype: FloatType): void {
  for (const [i, text] of want.entries()) {
    const [a, b] = [got[i] as number, numberOf(text)];
    if (Number.isFinite(b) && b !== 0) near(`${what}[${i}]`, [a], [b], dtype);
    else expect(a, `${what}[${i}]`).toBe(b);
  }
}

describe.each(DTYPES)("as PyTorch, %s", (dtype) => {
  test.each(UNARY)("%s", async (name) => {
    const { rt, frame } = await operatorFrame();
    const { x: data, y, dy, dx } = golden.unary.find((each) => each.name === name) as Unary;
    const [x, gradient] = [data, dy].map((values) => tensorOf(rt, dtype, values, [values.length])) as [Tensor, Tensor];
    const result = frame.record(() => one(name)(x));
    near("y", result.toArray(), y, dtype);
    frame.backward(result, { gradient, inputs: [x] });
    near("dx", frame.gradient(x).toArray(), dx, dtype);
  });

  test.each(BINARY)("%s, broadcast", async (name) => {
    const { rt, frame } = await operatorFrame();
    for (const { aShape, bShape, yShape, a: left, b: right, y: want, dy, da, db } of golden.binary.filter((each) => each.name === name)) {
      const [a, b] = [tensorOf(rt, dtype, left, aShape), tensorOf(rt, dtype, right, bShape)];
      const y = frame.record(() => two(name)(a, b));
      expect(y.shape).toEqual(yShape);
      expect(y.dtype).toBe(dy ? dtype : "i32");
      near(`${aShape} with ${bShape}`, y.toArray(), want, dtype);
      if (!dy || !da || !db) continue;
      const gradient = tensorOf(rt, dtype, dy, yShape);
      frame.backward(y, { gradient, inputs: [a, b] });
      near(`da of ${aShape} with ${bShape}`, frame.gradient(a).toArray(), da, dtype);
      near(`db of ${aShape} with ${bShape}`, frame.gradient(b).toArray(), db, dtype);
    }
  });

  test("where", async () => {
    const { rt, frame } = await operatorFrame();
    for (const { cShape, aShape, bShape, yShape, c, a: left, b: right, y: want, dy, da, db } of golden.where) {
      const condition = rt.tensor(Int32Array.from(c), cShape);
      const [a, b, gradient] = [tensorOf(rt, dtype, left, aShape), tensorOf(rt, dtype, right, bShape), tensorOf(rt, dtype, dy, yShape)];
      const y = frame.record(() => ops.where(condition, a, b));
      expect(y.shape).toEqual(yShape);
      near("y", y.toArray(), want, dtype);
      frame.backward(y, { gradient, inputs: [a, b] });
      near("da", frame.gradient(a).toArray(), da, dtype);
      near("db", frame.gradient(b).toArray(), db, dtype);
    }
  });

  test.each(golden.special.map((each) => each.name))("%s of NaN, ∞ and zeros", async (name) => {
    const { rt, frame } = await operatorFrame();
    const { a: left, b: right, y: want, dx, da, db } = golden.special.find((each) => each.name === name) as Special;
    const x = tensorOf(rt, dtype, left?.map(numberOf) ?? SPECIAL, [want.length]);
    const other = right && tensorOf(rt, dtype, right.map(numberOf), [want.length]);
    const y = frame.record(() => (other ? two(name)(x, other) : one(name)(x)));
    const isExtreme = name === "maximum" || name === "minimum"; // of zeros of both signs PyTorch takes now one, now the other
    alike(
      name,
      isExtreme ? y.toArray().map((v) => v + 0) : y.toArray(),
      isExtreme ? want.map((v) => (v === "-0.0" ? "0.0" : v)) : want.map((v) => (v === "True" ? "1" : v === "False" ? "0" : v)),
      dtype,
    );
    if (!dx && !da) return;
    const gradient = tensorOf(rt, dtype, new Float64Array(want.length).fill(1), [want.length]);
    frame.backward(y, { gradient, inputs: other ? [x, other] : [x] });
    const zeros = (values: ArrayLike<number>) => Array.from(values, (v) => v + 0);
    const plain = (texts: readonly string[]) => texts.map((v) => (v === "-0.0" ? "0.0" : v)); // of a gradient 0 the sign is no matter
    alike(`gradient of ${name}`, zeros(frame.gradient(x).toArray()), plain(dx ?? da ?? []), dtype);
    if (other) alike(`second gradient of ${name}`, zeros(frame.gradient(other).toArray()), plain(db ?? []), dtype);
  });
});

describe.each(DTYPES)("bits, %s", (dtype) => {
  test("an element's do not depend on its place or on how many there are, forward and backward", async () => {
    const { rt, frame } = await operatorFrame();
    const values = draws(3)(41).map((v) => Math.abs(3 * v) + 0.01);
    const passes = (name: string, n: number, from: number): number[][] => {
      const x = tensorOf(rt, dtype, values.subarray(from, from + n), [n]);
      const gradient = tensorOf(rt, dtype, values.subarray(from, from + n), [n]);
      const y = frame.record(() => (UNARY.includes(name) ? one(name)(x) : two(name)(x, gradient)));
      const forward = [...y.toArray()];
      frame.backward(y, { gradient, inputs: [x] });
      const result = [forward, [...frame.gradient(x).toArray()]];
      for (const each of [x, gradient]) each.dispose();
      return result;
    };
    for (const name of [...UNARY, "add", "mul", "div", "maximum"]) {
      const [forward, backward] = passes(name, 41, 0) as [number[], number[]];
      for (const [n, from] of [
        [1, 0],
        [1, 7],
        [3, 5],
        [4, 1],
        [7, 11],
        [16, 2],
        [40, 1],
      ] as const) {
        const [part, partBack] = passes(name, n, from);
        expect(part, name).toEqual(forward.slice(from, from + n));
        expect(partBack, name).toEqual(backward.slice(from, from + n));
      }
    }
  });
});

test.each(UNARY)("%s: gradients against differences", async (name) => {
  const { rt } = await operatorFrame();
  const x = tensorOf(
    rt,
    "f64",
    draws(5)(23).map((v) => Math.abs(2 * v) + 0.2),
    [23],
  );
  expect(gradcheck({ forward: one(name), parameters: () => [], zeroGrad: () => {} }, x)).toMatchObject({ passed: true });
});

test("numbers stand on either side, and a sum over what was broadcast keeps its digits", async () => {
  const { rt, frame } = await operatorFrame();
  const x = rt.tensor([1, 2, 4], [3]);
  expect([...frame.run(() => ops.sub(1, x)).toArray()]).toEqual([0, -1, -3]);
  expect([...frame.run(() => ops.div(x, 2)).toArray()]).toEqual([0.5, 1, 2]);
  expect([...frame.run(() => ops.greater(x, 1)).toArray()]).toEqual([0, 1, 1]);
  expect([...frame.run(() => ops.where(ops.less(x, 2), x, 0)).toArray()]).toEqual([1, 0, 0]);
  const n = 100_000;
  const many = rt.tensor(new Float32Array(n).fill(0.1), [n]);
  const [scale] = [rt.tensor([1], [1])];
  const y = frame.record(() => ops.mul(many, scale));
  const gradient = rt.tensor(new Float32Array(n).fill(1), [n]);
  frame.backward(y, { gradient, inputs: [scale] });
  expect(Math.abs((frame.gradient(scale).at(0) as number) / (n * Math.fround(0.1)) - 1)).toBeLessThan(1e-6);
});

test("what is not chosen may be NaN, and gets no gradient", async () => {
  const { rt, frame } = await operatorFrame();
  const [x, bad] = [rt.tensor([1, 2], [2]), rt.tensor([Number.NaN, Number.NaN], [2])];
  const condition = rt.tensor(Int32Array.of(1, 7), [2]);
  const y = frame.record(() => ops.where(condition, x, bad));
  expect([...y.toArray()]).toEqual([1, 2]);
  const gradient = rt.tensor([3, 4], [2]);
  frame.backward(y, { gradient, inputs: [x, bad] });
  expect([...frame.gradient(x).toArray(), ...frame.gradient(bad).toArray()]).toEqual([3, 4, 0, 0]);
});

test("comparisons of integers: tokens, masks, and numbers that no float tells apart", async () => {
  const { rt, frame } = await operatorFrame();
  const INTEGERS = [0, 1, -1, 16777216, 16777217, -(2 ** 31), 2 ** 31 - 1, 7];
  using a = rt.tensor(Int32Array.from(INTEGERS), [8, 1]);
  using b = rt.tensor(Int32Array.from(INTEGERS), [8]);
  const holds: Record<string, (x: number, y: number) => boolean> = {
    ...{ equal: (x, y) => x === y, notEqual: (x, y) => x !== y, less: (x, y) => x < y },
    ...{ lessEqual: (x, y) => x <= y, greater: (x, y) => x > y, greaterEqual: (x, y) => x >= y },
  };
  const { equal, notEqual, less, lessEqual, greater, greaterEqual } = ops;
  for (const [name, compare] of Object.entries({ equal, notEqual, less, lessEqual, greater, greaterEqual })) {
    const of = holds[name] as (x: number, y: number) => boolean;
    const want = INTEGERS.flatMap((x) => INTEGERS.map((y) => Number(of(x, y))));
    expect([...frame.run(() => compare(a, b).toArray())]).toEqual(want);
    expect([...frame.run(() => compare(a, 7).toArray())]).toEqual(INTEGERS.map((x) => Number(of(x, 7))));
    expect([...frame.run(() => ops.where(compare(1, b), 2, -3).toArray())]).toEqual(INTEGERS.map((y) => (of(1, y) ? 2 : -3)));
  }
  expect(() => frame.run(() => ops.equal(a, 0.5))).toThrow(/number: expected a 32-bit integer beside tensors of i32, got 0.5/);
  expect(() => frame.run(() => ops.less(a, rt.zeros([1])))).toThrow(/less: a: expected f32 or f64, got i32/);
});

test("gelu's gradients go to 1 and 0, however great x is", async () => {
  const { rt, frame } = await operatorFrame();
  for (const [dtype, xs] of [
    ["f32", [1e3, 2e13, 1e18, -1e3, -2e13, -1e18]],
    ["f64", [1e3, 1e103, 1e150, -1e3, -1e103, -1e150]],
  ] as const) {
    for (const approximate of ["none", "tanh"] as const) {
      using x = rt.tensor([...xs], [6], { dtype });
      using one = rt.tensor(new Float64Array(6).fill(1), [6], { dtype });
      const y = frame.record(() => ops.gelu(x, { approximate }));
      frame.backward(y, { gradient: one, inputs: [x] });
      expect(Array.from(frame.gradient(x).toArray(), (g) => g + 0)).toEqual([1, 1, 1, 0, 0, 0]);
    }
  }
});

test("what they cannot take is refused", async () => {
  const { rt, frame } = await operatorFrame();
  const [x, tokens, wide] = [rt.zeros([2, 3]), rt.zeros([2, 3], { dtype: "i32" }), rt.zeros([2, 3], { dtype: "f64" })];
  const other = await operatorRuntime();
  const refuse = (work: () => unknown, type: unknown) => expect(() => frame.run(work)).toThrow(type as ErrorConstructor);
  refuse(() => ops.add(x, rt.zeros([4])), ShapeError);
  refuse(() => ops.add(x, tokens), DTypeError);
  refuse(() => ops.mul(x, wide), DTypeError);
  refuse(() => ops.exp(tokens), DTypeError);
  refuse(() => ops.where(x, x, x), DTypeError);
  refuse(() => ops.add(x, other.zeros([3])), ArgumentError);
  refuse(() => ops.add(1, 2), ArgumentError);
  refuse(() => ops.add(x, "2" as never), ArgumentError);
  refuse(() => ops.clip(x, 1, 0), ArgumentError);
  refuse(() => ops.clip(x, Number.NaN, 0), ArgumentError);
  refuse(() => ops.gelu(x, { approximate: "erf" as never }), ArgumentError);
  expect(() => ops.add(x, x)).toThrow(/inside of frame/);
  other.dispose();
});
