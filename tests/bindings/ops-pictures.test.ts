/** Convolution and pooling of pictures: goldens, twins over random geometries, what is not finite, the same bits in any batch, what is refused. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ArgumentError, DTypeError, type FloatType, MemoryError, ShapeError, type Tensor } from "../../bindings/index.js";
import * as ops from "../../bindings/ops.js";
import { operatorFrame } from "../helpers/operator-frame.js";
import { DTYPES, tensorOf } from "../helpers/runtime.js";
import { printedSeed } from "../helpers/seed.js";
import { conv2d, conv2dBackward, type Geometry, placesOf } from "../reference/conv2d.js";
import { avgPool2d, maxPool2d, windowsOf } from "../reference/pool2d.js";

interface Plain {
  shape: number[];
  data: number[];
}
interface Golden {
  name: "conv2d" | "maxPool2d" | "avgPool2d";
  options: ops.Conv2dOptions & ops.Pool2dOptions;
  inputs: Plain[];
  output: Plain;
  dOutput: number[];
  dInputs: number[][];
}
const { cases } = JSON.parse(readFileSync(new URL("../golden/ops-pictures.json", import.meta.url), "utf8")) as { cases: Golden[] };

function call({ name, options }: Pick<Golden, "name" | "options">, [x, weight, bias]: readonly Tensor[]): Tensor {
  if (name === "maxPool2d") return ops.maxPool2d(x as Tensor, options);
  if (name === "avgPool2d") return ops.avgPool2d(x as Tensor, options);
  return ops.conv2d(x as Tensor, weight as Tensor, bias, options);
}

function near(got: ArrayLike<number>, want: ArrayLike<number>, dtype: FloatType, what = ""): void {
  expect(got.length).toBe(want.length);
  const most = Math.max(1, ...Array.from(want, Math.abs));
  const tolerance = most * (dtype === "f32" ? 5e-6 : 1e-11); // goldens have 12 digits
  for (let i = 0; i < want.length; i++)
    expect(Math.abs((got[i] as number) - (want[i] as number)), `${what} ${i}`).toBeLessThanOrEqual(tolerance);
}

describe.each(DTYPES)("%s", (dtype) => {
  const name = ({ name, inputs, options }: Golden) =>
    `${name} ${inputs.map(({ shape }) => shape.join("×")).join(", ")} ${JSON.stringify(options)}`;

  test.each(cases.map((golden) => [name(golden), golden] as const))("PyTorch's %s", async (_, golden) => {
    const { rt, frame } = await operatorFrame();
    const xs = golden.inputs.map(({ data, shape }) => tensorOf(rt, dtype, data, shape));
    const dy = tensorOf(rt, dtype, golden.dOutput, golden.output.shape);
    let held = 0;
    for (let run = 0; run < 4; run++) {
      const y = frame.record(() => call(golden, xs));
      expect(y.shape).toEqual(golden.output.shape);
      near(y.toArray(), golden.output.data, dtype, "y");
      frame.backward(y, { gradient: dy, inputs: xs });
      for (const [i, x] of xs.entries()) near(frame.gradient(x).toArray(), golden.dInputs[i] as number[], dtype, `gradient of input ${i}`);
      if (run === 2) held = rt.bytesInUse;
    }
    expect(rt.bytesInUse).toBe(held); // the same memory again
    for (const tensor of [...xs, dy]) tensor.dispose();
  });

  test("conv2d is its twin, 100 geometries", async () => {
    const { rt, frame } = await operatorFrame();
    const { draw, whole } = numbersFrom(printedSeed("pictures"));
    for (let i = 0; i < 100; i++) {
      const groups = whole(1, 3);
      const g: Geometry = {
        ...{ N: whole(1, 3), C: groups * whole(1, 4), H: whole(1, 14), W: whole(1, 21), O: groups * whole(1, 15), groups },
        ...{ kernel: [whole(1, 4), whole(1, 5)], stride: [whole(1, 3), whole(1, 3)], padding: [whole(0, 4), whole(0, 4)] },
        dilation: [whole(1, 2), whole(1, 3)],
      };
      const [OH, OW] = placesOf(g);
      if (OH < 1 || OW < 1) continue;
      const shapes = [[g.N, g.C, g.H, g.W], [g.O, g.C / groups, ...g.kernel], [g.O], [g.N, g.O, OH, OW]];
      const [x, w, b, dy] = shapes.map((shape) => draw(shape.reduce((a, c) => a * c))) as [number[], number[], number[], number[]];
      const [X, W, B, DY] = [x, w, b, dy].map((data, k) => tensorOf(rt, dtype, data, shapes[k] as number[])) as [
        Tensor,
        Tensor,
        Tensor,
        Tensor,
      ];
      const y = frame.record(() => ops.conv2d(X, W, B, { stride: g.stride, padding: g.padding, dilation: g.dilation, groups }));
      const said = JSON.stringify(g);
      near(y.toArray(), conv2d(g, x, w, b), dtype, said);
      frame.backward(y, { gradient: DY, inputs: [X, W, B] });
      const want = conv2dBackward(g, x, w, dy);
      near(frame.gradient(X).toArray(), want.dx, dtype, `dx ${said}`);
      near(frame.gradient(W).toArray(), want.dw, dtype, `dw ${said}`);
      near(frame.gradient(B).toArray(), want.dbias, dtype, `dbias ${said}`);
      for (const tensor of [X, W, B, DY]) tensor.dispose();
    }
  });

  test("pooling is its twin, 100 geometries, ties and NaN among them", async () => {
    const { rt, frame } = await operatorFrame();
    const { draw, whole } = numbersFrom(printedSeed("pictures"));
    for (let i = 0; i < 100; i++) {
      const kernel = [whole(1, 4), whole(1, 4)] as const;
      const padding = [whole(0, kernel[0] >> 1), whole(0, kernel[1] >> 1)] as const;
      const g = {
        planes: whole(1, 6),
        H: whole(kernel[0], 11),
        W: whole(kernel[1], 19),
        kernel,
        stride: [whole(1, 3), whole(1, 3)] as const,
        padding,
      };
      const x = draw(g.planes * g.H * g.W).map((value) => (whole(0, 40) === 0 ? Number.NaN : Math.round(3 * value) + 0));
      const windows = windowsOf(g);
      const options = { kernelSize: kernel, stride: g.stride, padding };
      const X = tensorOf(rt, dtype, x, [1, g.planes, g.H, g.W]);
      const dy = draw(windows.length).map((value) => Math.round(8 * value) + 0); // sums are exact
      const max = frame.record(() => ops.maxPool2d(X, options));
      const DY = tensorOf(rt, dtype, dy, max.shape);
      const want = maxPool2d(windows, x);
      expect([...max.toArray()]).toEqual(want.y);
      frame.backward(max, { gradient: DY, inputs: [X] });
      const dx = new Array<number>(x.length).fill(0);
      for (const [k, at] of want.places.entries()) dx[at] = (dx[at] as number) + (dy[k] as number);
      expect([...frame.gradient(X).toArray()]).toEqual(dx);
      const mean = frame.record(() => ops.avgPool2d(X, options));
      const means = avgPool2d(g, windows, x);
      expect([...mean.toArray()].map(Number.isNaN)).toEqual(means.map(Number.isNaN));
      near(
        mean.toArray().map((value) => value || 0),
        means.map((value) => value || 0),
        dtype,
      );
      frame.backward(mean, { gradient: DY, inputs: [X] });
      const shares = new Array<number>(x.length).fill(0);
      for (const [k, window] of windows.entries())
        for (const at of window) shares[at] = (shares[at] as number) + (dy[k] as number) / (kernel[0] * kernel[1]);
      near(frame.gradient(X).toArray(), shares, dtype);
      X.dispose();
      DY.dispose();
    }
  });

  test("a picture has the same bits alone and in a batch, forward and backward", async () => {
    const { rt, frame } = await operatorFrame();
    const { draw } = numbersFrom(3);
    const [x, w, b, dy] = [draw(4 * 3 * 9 * 10), draw(7 * 3 * 9), draw(7), draw(4 * 7 * 5 * 5)] as const;
    const [W, B] = [tensorOf(rt, dtype, w, [7, 3, 3, 3]), tensorOf(rt, dtype, b, [7])];
    const passOf = (from: number, count: number) => {
      const X = tensorOf(rt, dtype, x.slice(from * 270, (from + count) * 270), [count, 3, 9, 10]);
      const DY = tensorOf(rt, dtype, dy.slice(from * 175, (from + count) * 175), [count, 7, 5, 5]);
      const y = frame.record(() =>
        ops.maxPool2d(ops.conv2d(X, W, B, { stride: [1, 2], padding: 1 }), { kernelSize: [2, 1], padding: [1, 0] }),
      );
      frame.backward(y, { gradient: DY, inputs: [X] });
      const bits = [[...y.toArray()], [...frame.gradient(X).toArray()]];
      X.dispose();
      DY.dispose();
      return bits;
    };
    const together = passOf(0, 4);
    const alone = [0, 1, 2, 3].map((n) => passOf(n, 1));
    for (const k of [0, 1]) expect(alone.flatMap((bits) => bits[k] as number[])).toEqual(together[k]);
    W.dispose();
    B.dispose();
  });

  test("what is not finite stays where it belongs", async () => {
    const { rt, frame } = await operatorFrame();
    const x = new Array<number>(2 * 5 * 6).fill(1);
    x[6] = Number.POSITIVE_INFINITY; // first column of the second row, behind the end of the first
    x[59] = Number.NaN; // the last element
    const [X, W] = [tensorOf(rt, dtype, x, [1, 2, 5, 6]), tensorOf(rt, dtype, new Array(3 * 2 * 9).fill(1), [3, 2, 3, 3])];
    const dys = new Array<number>(3 * 3 * 4).fill(0);
    dys[3] = 1; // channel 0: rows 0 to 2, columns 3 to 5: ones alone
    dys[12 + 4] = 1; // channel 1: rows 1 to 3, columns 0 to 2: ∞ among them
    const dy = tensorOf(rt, dtype, dys, [1, 3, 3, 4]);
    const y = frame.record(() => ops.conv2d(X, W));
    const rows = [0, 1, 2].map((r) => [...y.toArray().slice(4 * r, 4 * r + 4)]);
    expect(rows).toEqual([
      [Infinity, 18, 18, 18],
      [Infinity, 18, 18, 18],
      [18, 18, 18, Number.NaN],
    ]);
    frame.backward(y, { gradient: dy, inputs: [W] });
    const dw = [...frame.gradient(W).toArray()];
    expect(dw.slice(0, 18).filter(Number.isNaN)).toHaveLength(3); // two taps meet 0·∞, one 0·NaN: no other
    expect(dw.filter((value) => value === Infinity)).toHaveLength(1); // 1·∞
    X.dispose();
    W.dispose();
    dy.dispose();
  });
});

test("sums over a million places keep their digits, f32", async () => {
  const { rt, frame } = await operatorFrame();
  const [N, H] = [1000, 32];
  const tenths = (count: number) => new Float32Array(count).fill(0.1);
  const x = rt.tensor(tenths(N * H * H), [N, 1, H, H]);
  const [w, b] = [rt.tensor(tenths(1), [1, 1, 1, 1]), rt.tensor(tenths(1), [1])];
  const y = frame.record(() => ops.conv2d(x, w, b));
  frame.backward(y, { gradient: x, inputs: [w, b] });
  const tenth = Math.fround(0.1);
  const off = (got: Tensor, want: number) => Math.abs((got.toArray()[0] as number) / want - 1) * 2 ** 24;
  const weight = off(frame.gradient(w), N * H * H * tenth * tenth);
  const bias = off(frame.gradient(b), N * H * H * tenth);
  console.log(`of the summands: weight ${weight.toFixed(1)} u, bias ${bias.toFixed(2)} u`);
  expect(weight).toBeLessThan(260); // chains of 256 in each lane, four lanes, the rest in f64
  expect(bias).toBeLessThan(2);
  for (const tensor of [x, w, b]) tensor.dispose();
});

test("what does not fit is refused by name", async () => {
  const { rt, frame } = await operatorFrame();
  const of = (...shape: number[]) => rt.tensor(new Float32Array(shape.reduce((a, b) => a * b)), shape);
  const [x, w, b, flat, long] = [of(1, 2, 4, 4), of(3, 2, 3, 3), of(3), of(2, 4, 4), of(1, 2, 5, 5)];
  const whole = rt.tensor(new Int32Array(32), [1, 2, 4, 4]);
  const refused: [() => Tensor, new (...args: never[]) => Error, RegExp][] = [
    [() => ops.conv2d(flat, w), ShapeError, /conv2d: x: expected \[N, C, H, W\]/],
    [() => ops.conv2d(x, flat), ShapeError, /conv2d: weight: expected \[O, 2, KH, KW\]/],
    [() => ops.conv2d(x, w, flat), ShapeError, /conv2d: bias: expected \[3\]/],
    [() => ops.conv2d(x, w, 1), ShapeError, /conv2d: bias: expected \[3\]/],
    [() => ops.conv2d(x, long), ShapeError, /5 rows or more, padding counted, got 4/],
    [() => ops.conv2d(x, w, null, { groups: 2 }), ShapeError, /weight: expected \[O, 1, KH, KW\], O in 2 groups/],
    [() => ops.conv2d(x, w, null, { groups: 3 }), ShapeError, /x: expected channels in 3 groups/],
    [() => ops.conv2d(x, w, { padding: 1 } as never), ArgumentError, /conv2d: bias: expected a Tensor, .* null before the options/],
    [() => ops.conv2d(x, w, null, { stride: 0 }), ArgumentError, /conv2d: stride: expected a positive integer/],
    [() => ops.conv2d(x, w, null, { padding: [1, -1] }), ArgumentError, /padding/],
    [() => ops.conv2d(x, w, null, { padding: 0.5 }), ArgumentError, /padding: expected whole numbers/],
    [() => ops.conv2d(x, w, null, { stride: [1, 1, 1] as never }), ArgumentError, /stride/],
    [() => ops.conv2d(x, w, null, { dilation: "2" as never }), ArgumentError, /dilation/],
    [() => ops.conv2d(x, w, null, { pading: 1 } as never), ArgumentError, /pading/],
    [() => ops.conv2d(x, w, null, { padding: 2 ** 30 }), MemoryError, /elements of a picture with its padding/],
    [() => ops.conv2d(x, w, null, { padding: 2 ** 31 - 2, dilation: 2 ** 31 - 1 }), MemoryError, /elements of a picture/],
    [() => ops.conv2d(whole, w), DTypeError, /conv2d: x: expected f32 or f64/],
    [() => ops.maxPool2d(flat, { kernelSize: 2 }), ShapeError, /maxPool2d: x: expected \[N, C, H, W\]/],
    [() => ops.maxPool2d(x, { kernelSize: [5, 1] }), ShapeError, /5 rows or more/],
    [() => ops.maxPool2d(x, undefined as never), ArgumentError, /maxPool2d: options/],
    [() => ops.maxPool2d(x, 2 as never), ArgumentError, /maxPool2d: options: expected an object, got 2/],
    [() => ops.maxPool2d(x, {} as never), ArgumentError, /kernelSize/],
    [() => ops.avgPool2d(x, { kernelSize: 3, padding: 2 }), ArgumentError, /padding: expected at most half of kernelSize \[3, 3\]/],
    [() => ops.avgPool2d(whole, { kernelSize: 2 }), DTypeError, /avgPool2d/],
  ];
  const before = rt.bytesInUse;
  for (const [work, Kind, message] of refused) {
    expect(() => frame.run(work), String(work)).toThrow(message);
    expect(() => frame.run(work), String(work)).toThrow(Kind);
  }
  expect(rt.bytesInUse - before).toBeLessThan(10_000); // a frame's first block
  for (const tensor of [x, w, b, flat, long, whole]) tensor.dispose();
});

test("windows and strides far beyond the picture: means by their whole size, phases without taps cost next to nothing", async () => {
  const { rt, frame } = await operatorFrame();
  const x = rt.tensor(Float32Array.of(3), [1, 1, 1, 1]);
  const y = frame.record(() => ops.avgPool2d(x, { kernelSize: 65536, padding: 32768, stride: 1 }));
  expect(new Set(y.toArray())).toEqual(new Set([3 / 2 ** 32])); // 2^32 leaves an i32
  frame.backward(y, { gradient: y, inputs: [x] });
  expect(frame.gradient(x).toArray()[0]).toBeCloseTo((4 * 3) / 2 ** 64, 30);
  const [wide, w] = [rt.tensor(new Float32Array(16).fill(1), [1, 16, 1, 1]), rt.tensor(new Float32Array(256).fill(1), [16, 16, 1, 1])];
  const z = frame.record(() => ops.conv2d(wide, w, null, { padding: 300, stride: 600 }));
  frame.backward(z, { gradient: z, inputs: [wide] });
  expect(new Set(frame.gradient(wide).toArray())).toEqual(new Set([0])); // no place of y reads it
  for (const tensor of [x, wide, w]) tensor.dispose();
});

test("strides and dilations that have nothing to part are taken, however large", async () => {
  const { rt, frame } = await operatorFrame();
  const [x, w] = [rt.tensor(Float32Array.of(1, 2, 3, 4), [1, 1, 2, 2]), rt.tensor(Float32Array.of(3), [1, 1, 1, 1])];
  const most = 2 ** 31 - 2;
  expect([...frame.run(() => ops.conv2d(x, w, null, { stride: most, dilation: most }).toArray())]).toEqual([3]);
  expect([...frame.run(() => ops.maxPool2d(x, { kernelSize: 1, stride: most }).toArray())]).toEqual([1]);
  x.dispose();
  w.dispose();
});

/** Numbers from −1 to 1, and whole ones. */
function numbersFrom(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return {
    draw: (count: number) => Array.from({ length: count }, () => Math.fround(2 * next() - 1)),
    whole: (low: number, high: number) => low + Math.floor(next() * (high - low + 1)),
  };
}
