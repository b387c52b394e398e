/** Products, movement and gathering: goldens, twins, differences, what is refused. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, type FloatType, type Frame, type Runtime, type Tensor } from "../../bindings/index.js";
import * as ops from "../../bindings/ops.js";
import { operatorFrame } from "../helpers/operator-frame.js";
import { DTYPES, tensorOf } from "../helpers/runtime.js";
import * as twin from "../reference/ops-shape.js";

interface Plain {
  shape: number[];
  data: number[];
}
interface Golden {
  name: string;
  args: unknown[];
  inputs: Plain[];
  index?: Plain;
  outputs: Plain[];
  dOutputs: number[][];
  dInputs: number[][];
}
const { cases } = JSON.parse(readFileSync(new URL("../golden/ops-shape.json", import.meta.url), "utf8")) as { cases: Golden[] };

/** The operator of a golden, by our interface. */
function call({ name, args }: Golden, xs: Tensor[], index?: Tensor): Tensor[] {
  const [x, y] = xs as [Tensor, Tensor];
  const [first, second] = args as [never, never];
  if (name === "matmul") return [ops.matmul(x, y, first)];
  if (name === "gather") return [ops.gather(x, first, index as Tensor)];
  if (name === "scatterAdd") return [ops.scatterAdd(x, first, index as Tensor, y)];
  if (name === "concat") return [ops.concat(xs, first)];
  if (name === "stack") return [ops.stack(xs, first)];
  if (name === "split") return ops.split(x, first, second);
  if (name === "slice") {
    const [starts, stops, steps] = args as [number[], number[], number[]];
    return [
      ops.slice(
        x,
        starts.map((start, d) => [start, stops[d], steps[d]] as const),
      ),
    ];
  }
  const { reshape, squeeze, unsqueeze, expand, permute, flip, pad } = ops;
  const others: Record<string, (...given: never[]) => Tensor> = { reshape, squeeze, unsqueeze, expand, permute, flip, pad };
  return [(others[name] as (...given: unknown[]) => Tensor)(x, ...args)];
}

function near(got: ArrayLike<number>, want: ArrayLike<number>, dtype: FloatType): void {
  expect(got.length).toBe(want.length);
  const tolerance = dtype === "f32" ? 1e-5 : 1e-10; // goldens have 12 digits
  for (let i = 0; i < want.length; i++) expect(Math.abs((got[i] as number) - (want[i] as number)), `element ${i}`).toBeLessThan(tolerance);
}

describe.each(DTYPES)("goldens, %s", (dtype) => {
  const name = ({ name, args, inputs }: Golden) =>
    `${name} ${inputs.map(({ shape }) => shape.join("×")).join(", ")} ${JSON.stringify(args)}`;
  test.each(cases.map((golden) => [name(golden), golden] as const))("%s", async (_, golden) => {
    const { rt, frame } = await operatorFrame();
    const xs = golden.inputs.map(({ data, shape }) => tensorOf(rt, dtype, data, shape));
    const index = golden.index ? [rt.tensor(Int32Array.from(golden.index.data), golden.index.shape)] : [];
    const dy = tensorOf(rt, dtype, golden.dOutputs.flat(), [golden.dOutputs.flat().length]);
    let held = 0;
    for (let run = 0; run < 4; run++) {
      const ys = frame.record(() => call(golden, xs, index[0]));
      ys.forEach((y, i) => {
        expect(y.shape).toEqual(golden.outputs[i]?.shape);
        expect(y.dtype).toBe(dtype);
        near(y.toArray(), golden.outputs[i]?.data as number[], dtype);
      });
      const joined = frame.record(() => ops.concat(call(golden, xs, index[0]).map((y) => ops.reshape(y, [-1]))));
      frame.backward(joined, { gradient: dy, inputs: xs });
      for (const [i, x] of xs.entries()) near(frame.gradient(x).toArray(), golden.dInputs[i] as number[], dtype);
      if (run === 2) held = rt.bytesInUse;
    }
    expect(rt.bytesInUse).toBe(held); // the same memory again
    for (const tensor of [...xs, ...index, dy]) tensor.dispose();
  });
});

const dims = (most: number, axes: number) => fc.array(fc.integer({ min: 1, max: most }), { minLength: 1, maxLength: axes });
const counted = (shape: readonly number[]) => Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1);

/** Compares f with its twin on a tensor of 1, 2, 3 …, and the gradient of Σ y·w with what the twin's linearity says, element by element. */
function compareWithTwin(
  rt: Runtime,
  frame: Frame,
  shape: readonly number[],
  f: (x: Tensor) => Tensor,
  twinOf: (x: twin.Plain) => twin.Plain,
): void {
  const data = counted(shape);
  const x = tensorOf(rt, "f64", data, shape);
  const want = twinOf({ shape, data });
  const y = frame.record(() => f(x));
  expect(y.shape).toEqual(want.shape);
  expect([...y.toArray()]).toEqual(want.data);
  const w = want.data.map((_, i) => 2 ** (i % 5) - i);
  const gradient = tensorOf(rt, "f64", w, want.shape);
  frame.backward(y, { gradient, inputs: [x] });
  const offset = twinOf({ shape, data: data.map(() => 0) }).data;
  const expected = data.map((_, i) => {
    const alone = twinOf({ shape, data: data.map((_, j) => (i === j ? 1 : 0)) }).data;
    return alone.reduce((sum, value, k) => sum + (value - (offset[k] as number)) * (w[k] as number), 0);
  });
  expect([...frame.gradient(x).toArray()]).toEqual(expected);
  x.dispose();
  gradient.dispose();
}

describe("movement is its twin", () => {
  const range = fc.tuple(
    fc.option(fc.integer({ min: -7, max: 7 })),
    fc.option(fc.integer({ min: -7, max: 7 })),
    fc.constantFrom(1, 2, 3, -1, -2),
  );

  test("permute, flip, expand and pad", async () => {
    const { rt, frame } = await operatorFrame();
    const places = fc.array(fc.double({ noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(dims(4, 4), places, fc.array(fc.nat(2), { minLength: 9, maxLength: 9 }), (shape, keys, n) => {
        const axes = shape.map((_, d) => d);
        const order = [...axes].sort((d, e) => (keys[d] as number) - (keys[e] as number));
        compareWithTwin(
          rt,
          frame,
          shape,
          (x) => ops.permute(x, order),
          (x) => twin.permute(x, order),
        );
        const turned = axes.filter((d) => n[d] !== 0);
        compareWithTwin(
          rt,
          frame,
          shape,
          (x) => ops.flip(x, turned),
          (x) => twin.flip(x, turned),
        );
        const widths = axes.map((d) => [n[2 * d] as number, n[2 * d + 1] as number] as [number, number]);
        compareWithTwin(
          rt,
          frame,
          shape,
          (x) => ops.pad(x, widths, -3),
          (x) => twin.pad(x, widths, -3),
        );
        const narrow = shape.map((size, d) => (n[d] === 1 ? 1 : size));
        const wide = n[8] === 0 ? shape : [(n[8] as number) + 1, ...shape];
        compareWithTwin(
          rt,
          frame,
          narrow,
          (x) => ops.expand(x, wide),
          (x) => twin.expand(x, wide),
        );
      }),
      { seed: 11, numRuns: 60 },
    );
  });

  test("slice, as Python's", async () => {
    const { rt, frame } = await operatorFrame();
    fc.assert(
      fc.property(dims(5, 3), fc.array(fc.option(range), { minLength: 3, maxLength: 3 }), (shape, given) => {
        const ranges = given.slice(0, shape.length);
        const picks = shape.map((n, d) => pythonRange(n, ranges[d] ?? [null, null, 1]));
        if (picks.some(({ length }) => length === 0)) {
          const x = tensorOf(rt, "f64", counted(shape), shape);
          expect(() => frame.run(() => ops.slice(x, ranges))).toThrow(ArgumentError);
          x.dispose();
          return;
        }
        const step = picks.map((pick) => (pick.length > 1 ? (pick[1] as number) - (pick[0] as number) : 1));
        const start = picks.map((pick) => pick[0] as number);
        const count = picks.map(({ length }) => length);
        compareWithTwin(
          rt,
          frame,
          shape,
          (x) => ops.slice(x, ranges),
          (x) => twin.slice(x, start, count, step),
        );
      }),
      { seed: 12, numRuns: 100 },
    );
  });

  test("concat is undone by split, stack by slices", async () => {
    const { rt, frame } = await operatorFrame();
    fc.assert(
      fc.property(dims(4, 3), fc.nat(), fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }), (shape, at, sizes) => {
        const axis = at % shape.length;
        const total = sizes.reduce((a, b) => a + b, 0);
        const whole = shape.map((n, d) => (d === axis ? total : n));
        compareWithTwin(
          rt,
          frame,
          whole,
          (x) => ops.concat(ops.split(x, sizes, axis), axis),
          (x) => x,
        );
        const equal = shape.map((n, d) => (d === axis ? 3 * n : n));
        compareWithTwin(
          rt,
          frame,
          equal,
          (x) => ops.concat(ops.split(x, 3, axis - shape.length), axis),
          (x) => x,
        );
      }),
      { seed: 13, numRuns: 40 },
    );
  });

  test("gather and scatterAdd", async () => {
    const { rt, frame } = await operatorFrame();
    fc.assert(
      fc.property(dims(4, 3), fc.nat(), fc.array(fc.nat(), { minLength: 64, maxLength: 64 }), (shape, at, numbers) => {
        const axis = at % shape.length;
        const picked = shape.map((n, d) => (d === axis ? 1 + (at % 5) : Math.max(1, n - (at % 2))));
        const data = counted(picked).map((i) => (numbers[i % 64] as number) % (shape[axis] as number));
        const index = rt.tensor(Int32Array.from(data), picked);
        const plain = { shape: picked, data };
        compareWithTwin(
          rt,
          frame,
          shape,
          (x) => ops.gather(x, axis, index),
          (x) => twin.gather(x, axis, plain),
        );
        const other = { shape, data: counted(shape) };
        const base = tensorOf(rt, "f64", other.data, shape);
        compareWithTwin(
          rt,
          frame,
          picked,
          (x) => ops.scatterAdd(base, axis, index, x),
          (x) => twin.scatterAdd(other, axis, plain, x),
        );
        index.dispose();
        base.dispose();
      }),
      { seed: 14, numRuns: 60 },
    );
  });
});

function pythonRange(n: number, [start, stop, step]: readonly [number | null, number | null, number]): number[] {
  const all = Array.from({ length: n }, (_, i) => i);
  const wrap = (i: number) => (i < 0 ? i + n : i);
  if (step > 0) return all.filter((i) => i >= wrap(start ?? 0) && i < wrap(stop ?? n) && (i - Math.max(0, wrap(start ?? 0))) % step === 0);
  const first = Math.min(n - 1, start === null ? n - 1 : wrap(start));
  return all.reverse().filter((i) => i <= first && (stop === null || i > wrap(stop)) && (first - i) % step === 0);
}
