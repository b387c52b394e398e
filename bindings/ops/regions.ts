/** What the operators of movement make of a shape: pure arithmetic, with their checks. */
import { checkList, checkShape, MOST_AXES, show, sizeOf } from "../checks.js";
import { ArgumentError, ShapeError } from "../errors.js";
import { type Region, stridesOf, whole } from "./strides.js";

type Shape = readonly number[];

/** Where a slice of one axis begins and ends, and its step, as Python's: `null` and what is left out mean all of it; below 0 counts from the end. */
export type SliceRange = readonly [start?: number | null, stop?: number | null, step?: number | null] | null;

function withSize(shape: Shape, d: number, size: number): Shape {
  return shape.map((n, e) => (e === d ? size : n));
}

/** @internal An axis; a negative one counts from the end. @throws {ArgumentError} */
export function axisOf(argument: string, axis: unknown, rank: number): number {
  if (typeof axis !== "number" || !Number.isInteger(axis) || axis < -rank || axis >= rank)
    throw new ArgumentError(argument, rank === 1 ? "0 or -1" : `an axis in ${-rank} … ${rank - 1}`, show(axis));
  return axis < 0 ? axis + rank : axis + 0;
}

/** @internal Axes, each once. @throws {ArgumentError} */
export function axesOf(argument: string, axes: unknown, rank: number): number[] {
  const list = checkList(argument, axes, rank, `an array of at most ${rank} axes`);
  const all = list.map((axis, i) => axisOf(`${argument}[${i}]`, axis, rank));
  if (new Set(all).size !== all.length) throw new ArgumentError(argument, "each axis once", show(axes));
  return all;
}

/** @internal One −1 is what the others leave. @throws {ShapeError} */
export function reshaped(shape: Shape, wanted: unknown): Shape {
  const copy = checkList("shape", wanted, MOST_AXES, "positive integers, one of them perhaps -1");
  const size = sizeOf(shape);
  if (copy.filter((n) => n === -1).length === 1) {
    const rest = copy.reduce((product: number, n) => (n === -1 ? product : product * (n as number)), 1);
    if (size % rest === 0) copy[copy.indexOf(-1)] = size / rest;
  }
  const result = checkShape("shape", copy);
  if (sizeOf(result) !== size) throw new ShapeError("shape", `${size} elements, as ${show([...shape])} has`, show(wanted));
  return result;
}

/** @internal Without its axes of size 1, or without one of them; all of them gone leaves [1]. @throws {ArgumentError} @throws {ShapeError} */
export function squeezed(shape: Shape, axis: unknown): Shape {
  let left = shape.filter((n) => n !== 1);
  if (axis !== undefined) {
    const d = axisOf("axis", axis, shape.length);
    if (shape[d] !== 1) throw new ShapeError("x", `an axis ${d} of size 1`, show([...shape]));
    left = shape.filter((_, e) => e !== d);
  }
  return left.length > 0 ? left : [1];
}

/** @internal With an axis of size 1 more, at that place of the result. @throws {ArgumentError} */
export function unsqueezed(shape: Shape, axis: unknown): Shape {
  const d = axisOf("axis", axis, shape.length + 1);
  return [...shape.slice(0, d), 1, ...shape.slice(d)];
}

/** @internal NumPy's broadcasting to a shape: x as it is read. @throws {ShapeError} */
export function expanded(shape: Shape, wanted: unknown): Region {
  const result = checkShape("shape", wanted);
  const missing = result.length - shape.length;
  if (missing < 0 || !shape.every((n, d) => n === 1 || n === result[d + missing]))
    throw new ShapeError("shape", `a shape to which ${show([...shape])} broadcasts`, show(wanted));
  const dense = stridesOf(shape);
  const strides = result.map((_, d) => (d < missing || shape[d - missing] === 1 ? 0 : (dense[d - missing] as number)));
  return { offset: 0, shape: result, strides };
}

/** @internal Axes in another order: x as it is read. @throws {ArgumentError} */
export function permuted(shape: Shape, axes: unknown): Region {
  const order = axesOf("axes", axes, shape.length);
  if (order.length !== shape.length) throw new ArgumentError("axes", `all ${shape.length} axes`, show(axes));
  const dense = stridesOf(shape);
  return { offset: 0, shape: order.map((d) => shape[d] as number), strides: order.map((d) => dense[d] as number) };
}

/** @internal Axes backwards: x as it is read. @throws {ArgumentError} */
export function flipped(shape: Shape, axes: unknown): Region {
  const turned = new Set(axesOf("axes", axes, shape.length));
  const strides = stridesOf(shape);
  const offset = [...turned].reduce((sum, d) => sum + ((shape[d] as number) - 1) * (strides[d] as number), 0);
  return { offset, shape, strides: strides.map((stride, d) => (turned.has(d) ? -stride : stride)) };
}

/** @internal Python's slices, axis by axis: x as it is read. @throws {ArgumentError} */
export function sliced(shape: Shape, ranges: unknown): Region {
  const list = checkList("ranges", ranges, shape.length, `an array of at most ${shape.length} ranges`);
  const all = shape.map((n, d) => rangeOf(`ranges[${d}]`, list[d], n));
  const dense = stridesOf(shape);
  return {
    offset: all.reduce((sum, { start }, d) => sum + start * (dense[d] as number), 0),
    shape: all.map(({ count }) => count),
    strides: all.map(({ step }, d) => step * (dense[d] as number)),
  };
}

/** Source: Python, "Sequence Types", note 5, and slice.indices(). */
function rangeOf(argument: string, range: unknown, n: number): { start: number; count: number; step: number } {
  if (range === undefined || range === null) return { start: 0, count: n, step: 1 };
  const [start, stop, step] = checkList(argument, range, 3, "[start, stop, step], or null");
  const by = integerOr(`${argument}[2]`, step, 1);
  if (by === 0) throw new ArgumentError(`${argument}[2]`, "an integer other than 0", "0");
  const [low, high] = by > 0 ? [0, n] : [-1, n - 1];
  const place = (which: 0 | 1, value: unknown, otherwise: number) => {
    if (value === undefined || value === null) return otherwise;
    const index = integerOr(`${argument}[${which}]`, value, 0);
    return Math.min(Math.max(index < 0 ? index + n : index, low), high);
  };
  const first = place(0, start, by > 0 ? low : high);
  const end = place(1, stop, by > 0 ? high : low);
  const count = Math.ceil((end - first) / by);
  if (count <= 0) throw new ArgumentError(argument, `a range that holds some of 0 … ${n - 1}`, show(range));
  return { start: first, count, step: by };
}

function integerOr(argument: string, value: unknown, otherwise: number): number {
  if (value === undefined || value === null) return otherwise;
  if (!Number.isSafeInteger(value)) throw new ArgumentError(argument, "an integer", show(value));
  return value as number;
}

/** @internal Where x stands in the padded array. @throws {ArgumentError} */
export function padded(shape: Shape, widths: unknown): { shape: Shape; inner: Region } {
  const expected = `[before, after] of each of ${shape.length} axes, integers from 0 on`;
  const pairs = checkList("widths", widths, shape.length, expected).map((pair, d) => checkList(`widths[${d}]`, pair, 2, "[before, after]"));
  const isWidth = (n: unknown) => Number.isSafeInteger(n) && (n as number) >= 0;
  if (pairs.length !== shape.length || !pairs.every((pair) => pair.length === 2 && pair.every(isWidth)))
    throw new ArgumentError("widths", expected, show(widths));
  const [before, after] = [0, 1].map((side) => pairs.map((pair) => pair[side] as number)) as [number[], number[]];
  const result = shape.map((n, d) => n + (before[d] as number) + (after[d] as number));
  const strides = stridesOf(result);
  return { shape: result, inner: { offset: strides.reduce((sum, stride, d) => sum + (before[d] as number) * stride, 0), shape, strides } };
}

/** @internal Where each stands in the joined array. @throws {ArgumentError} @throws {ShapeError} */
export function concatenated(shapes: readonly Shape[], axis: unknown): { shape: Shape; parts: Region[] } {
  const [first] = shapes as [Shape];
  const d = axisOf("axis", axis, first.length);
  for (const [i, shape] of shapes.entries()) {
    if (shape.length !== first.length || !shape.every((n, e) => e === d || n === first[e]))
      throw new ShapeError(`tensors[${i}]`, `${show([...first])}, but for axis ${d}`, show([...shape]));
  }
  const result = withSize(
    first,
    d,
    shapes.reduce((sum, shape) => sum + (shape[d] as number), 0),
  );
  const strides = stridesOf(result);
  let at = 0;
  const parts = shapes.map((shape) => {
    const part = { offset: at * (strides[d] as number), shape, strides };
    at += shape[d] as number;
    return part;
  });
  return { shape: result, parts };
}

/** @internal Sizes along an axis, or how many equal ones: x as each part is read. @throws {ArgumentError} */
export function parted(shape: Shape, sizes: unknown, axis: unknown): Region[] {
  const d = axisOf("axis", axis, shape.length);
  const n = shape[d] as number;
  const expected = `positive integers whose sum is ${n}, or a number that divides it`;
  const equal = typeof sizes === "number" && Number.isInteger(sizes) && sizes > 0 && n % sizes === 0;
  const each = equal ? new Array<unknown>(sizes).fill(n / sizes) : checkList("sizes", sizes, n, expected);
  const isSize = (size: unknown) => Number.isInteger(size) && (size as number) > 0;
  if (!each.every(isSize) || each.reduce((sum: number, size) => sum + (size as number), 0) !== n)
    throw new ArgumentError("sizes", expected, show(sizes));
  const { strides } = whole(shape);
  let at = 0;
  return (each as number[]).map((size) => {
    const part = { offset: at * (strides[d] as number), shape: withSize(shape, d, size), strides };
    at += size;
    return part;
  });
}
