/** Windows over a series: which steps lie in which, to the last one. */
import * as fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { ArgumentError, type FloatArray, ShapeError, windows } from "../../bindings/index.js";
import { expectRefusal } from "../helpers/refusal.js";
import { printedSeed } from "../helpers/seed.js";

const seed = printedSeed("windows");
const lists = (found: { x: unknown; y: ArrayLike<number> }[]) =>
  found.map(({ x, y }) => ({
    x: Array.from(x as ArrayLike<unknown>, (step) => (typeof step === "number" ? step : [...(step as number[])])),
    y: [...(y as number[])],
  }));

describe("of numbers in a row", () => {
  test.each<[number, { length: number; horizon?: number; stride?: number }, { x: number[]; y: number[] }[]]>([
    [
      5,
      { length: 3 },
      [
        { x: [1, 2, 3], y: [4] },
        { x: [2, 3, 4], y: [5] },
      ],
    ],
    [4, { length: 3 }, [{ x: [1, 2, 3], y: [4] }]],
    [5, { length: 3, horizon: 2 }, [{ x: [1, 2, 3], y: [4, 5] }]],
    [
      6,
      { length: 2, horizon: 2, stride: 2 },
      [
        { x: [1, 2], y: [3, 4] },
        { x: [3, 4], y: [5, 6] },
      ],
    ],
    [
      7,
      { length: 2, horizon: 2, stride: 2 },
      [
        { x: [1, 2], y: [3, 4] },
        { x: [3, 4], y: [5, 6] },
      ],
    ],
    [
      7,
      { length: 1, stride: 5 },
      [
        { x: [1], y: [2] },
        { x: [6], y: [7] },
      ],
    ],
    [6, { length: 1, stride: 5 }, [{ x: [1], y: [2] }]],
  ])("1 … %d, %j", (T, options, expected) => {
    expect(
      lists(
        windows(
          Array.from({ length: T }, (_, t) => t + 1),
          options,
        ),
      ),
    ).toEqual(expected);
  });

  test("a Float32Array stays one; all else is of 64 bits, integers too, which would be tokens", () => {
    const kinds = [Float32Array, Float64Array, Int32Array, Uint8Array].map((Kind) => windows(Kind.of(1, 2, 3), { length: 2 })[0]);
    expect(kinds.map((each) => [each?.x.constructor.name, each?.y.constructor.name])).toEqual([
      ["Float32Array", "Float32Array"],
      ...Array.from({ length: 3 }, () => ["Float64Array", "Float64Array"]),
    ]);
  });
});

describe("of steps with features", () => {
  const rows = [
    [1, 10],
    [2, 20],
    [3, 30],
    [4, 40],
  ];
  const shaped = { data: rows.flat(), shape: [4, 2] };

  test.each([
    ["an array of steps", rows],
    ["steps in typed arrays", rows.map((row) => Float32Array.from(row))],
    ["{ data, shape }", shaped],
  ])("%s: all features are targets, or those that are chosen, in their order", (_, series) => {
    expect(lists(windows(series, { length: 2, horizon: 2 }))).toEqual([{ x: rows.slice(0, 2), y: [3, 30, 4, 40] }]);
    expect(lists(windows(series, { length: 3, targets: [1] }))).toEqual([{ x: rows.slice(0, 3), y: [40] }]);
    expect(lists(windows(series, { length: 1, horizon: 2, stride: 2, targets: [1, 0] }))).toEqual([{ x: [[1, 10]], y: [20, 2, 30, 3] }]);
  });

  test("{ data, shape: [T] } are steps of one feature", () => {
    expect(lists(windows({ data: [1, 2, 3], shape: [3] }, { length: 2 }))).toEqual([{ x: [[1], [2]], y: [3] }]);
  });

  test("the series is copied, windows are views of the copy", () => {
    const series = Float64Array.of(1, 2, 3, 4);
    const [first, second] = windows(series, { length: 2 }) as [{ x: FloatArray; y: FloatArray }, { x: FloatArray; y: FloatArray }];
    series.fill(9);
    expect([...first.x, ...first.y]).toEqual([1, 2, 3]);
    first.x[1] = 7;
    expect(second.x[0]).toBe(7);
  });

  test("the types say what x is", () => {
    expectTypeOf(windows([1, 2, 3], { length: 1 })[0]?.x).toEqualTypeOf<FloatArray>();
    expectTypeOf(windows(rows, { length: 1 })[0]?.x).toEqualTypeOf<FloatArray[]>();
    expectTypeOf(windows(shaped, { length: 1 })[0]?.x).toEqualTypeOf<FloatArray[]>();
  });
});

test("as many as there can be, each where the formula says", () => {
  const size = fc.integer({ min: 1, max: 6 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), size, size, size, (T, length, horizon, stride) => {
      fc.pre(T >= length + horizon);
      const found = windows(
        Array.from({ length: T }, (_, t) => t),
        { length, horizon, stride },
      );
      const starts = Array.from({ length: T }, (_, t) => t).filter((t) => t % stride === 0 && t + length + horizon <= T);
      expect(found.map(({ x }) => x[0])).toEqual(starts);
      for (const { x, y } of found) expect([...x, ...y]).toEqual(Array.from({ length: length + horizon }, (_, i) => (x[0] as number) + i));
    }),
    { seed },
  );
});

test("refusals", () => {
  const refused = (series: unknown, options: unknown, type: typeof ArgumentError, ...texts: string[]) =>
    expectRefusal(() => windows(series as never, options as never), type, ...texts);
  refused([1, 2, 3], { length: 3 }, ShapeError, "series: expected 4 steps or more, as length + horizon, got 3");
  refused([1, 2, 3], { length: 2, horizon: 2 }, ShapeError, "series: expected 4 steps");
  refused([], { length: 1 }, ArgumentError, "series: expected one number or more, got none");
  refused([1, 2, 3], {}, ArgumentError, "length: expected a positive integer, got undefined");
  for (const name of ["length", "horizon", "stride"])
    refused([1, 2, 3, 4], { length: 1, [name]: 0 }, ArgumentError, `${name}: expected a positive integer, got 0`);
  refused([[1, 2], [3]], { length: 1 }, ShapeError, "series[1]: expected 2 features, as series[0], got 1");
  refused([[1], "x"], { length: 1 }, ArgumentError, "series[1]: expected an array of numbers");
  refused([[1], [2]], { length: 1, targets: [1] }, ArgumentError, "targets[0]: expected an integer in 0 … 0, got 1");
  refused([[1], [2]], { length: 1, targets: [] }, ArgumentError, "targets: expected places of features, 1 to 1 of them");
  refused(
    [
      [1, 2],
      [2, 3],
    ],
    { length: 1, targets: [0, 0] },
    ArgumentError,
    "targets: expected each place once, got 0 twice",
  );
  refused({ data: [1, 2, 3], shape: [2, 2] }, { length: 1 }, ShapeError, "series.data: expected 4 elements, got 3");
  refused("series", { length: 1 }, ArgumentError, "series: expected numbers, an array of steps, or { data, shape }");
});
