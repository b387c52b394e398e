/** What operators over axes make of a shape: [outer,R,inner], R being the axis, or several that lie together, as one. */
import { checkBoolean, show, sizeOf } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { ParameterTensor } from "../layers/parameter-tensor.js";
import { Tensor } from "../tensor.js";
import { permute } from "./move.js";
import type { Operand } from "./operands.js";
import { axesOf, axisOf } from "./regions.js";

/** Options of what reduces over axes. */
export interface AxesOptions {
  /** Default: all; negative ones count from the end. */
  axes?: number | readonly number[];
  /** Keeps the axes, with size 1. Default: false; where no axis is left, the shape is [1]. */
  keepDims?: boolean;
}

/** @internal Sizes as the kernels take them, and the shape of the result. */
export interface Walk {
  readonly outer: number;
  readonly R: number;
  readonly inner: number;
  readonly shape: readonly number[];
  /** Of the result: x's, where the axes of time and batch stay. */
  readonly batchFirst?: boolean | undefined;
}

/** @internal As the kernels take them. */
export function sizesOf({ outer, R, inner }: Walk): { outer: number; R: number; inner: number } {
  return { outer, R, inner };
}

/** @throws {ArgumentError} */
function shapeOf(name: string, x: unknown): readonly number[] {
  if (x instanceof Tensor) return x.shape;
  if (x instanceof ParameterTensor) return x.shape;
  throw new ArgumentError(`${name}: x`, "a Tensor or a ParameterTensor", show(x));
}

/** @internal Along one axis; the result has x's shape. @throws {ArgumentError} */
export function alongAxis(name: string, x: unknown, axis: unknown): Walk {
  const shape = shapeOf(name, x);
  return walkOf(shape, [axisOf("axis", axis, shape.length)], shape);
}

/** @internal Over one axis. @throws {ArgumentError} */
export function overAxis(name: string, x: unknown, axis: unknown, keepDims: unknown): Walk {
  const shape = shapeOf(name, x);
  const axes = [axisOf("axis", axis, shape.length)];
  const keep = checkBoolean("keepDims", keepDims === undefined ? false : keepDims);
  return { ...walkOf(shape, axes, undefined, keep), batchFirst: layoutWithout(x, axes) };
}

/** @internal Over some axes. Where they do not lie together, x is what `permute` makes of it, with them at its end. @throws {ArgumentError} */
export function overAxes(name: string, x: Operand, { axes: given, keepDims = false }: AxesOptions): { x: Operand; walk: Walk } {
  const shape = shapeOf(name, x);
  const rank = shape.length;
  const keep = checkBoolean("keepDims", keepDims);
  const all = shape.map((_, d) => d);
  const axes = given === undefined ? all : typeof given === "number" ? [axisOf("axes", given, rank)] : axesOf("axes", given, rank);
  if (axes.length === 0) throw new ArgumentError("axes", "at least one axis", "none");
  axes.sort((a, b) => a - b);
  const [first, last] = [axes[0] as number, axes[axes.length - 1] as number];
  const between = all.filter((d) => d > first && d < last && shape[d] !== 1);
  const batchFirst = layoutWithout(x, axes);
  if (between.every((d) => axes.includes(d))) return { x, walk: { ...walkOf(shape, axes, undefined, keep), batchFirst } };
  const order = [...all.filter((d) => !axes.includes(d)), ...axes];
  const { shape: result } = walkOf(shape, axes, undefined, keep);
  const kept = order.slice(0, rank - axes.length).map((d) => shape[d] as number);
  return { x: permute(x, order), walk: { outer: sizeOf(kept), R: sizeOf(shape) / sizeOf(kept), inner: 1, shape: result, batchFirst } };
}

/** What x says of the axes of time and batch, unless one of them goes. */
function layoutWithout(x: unknown, axes: readonly number[]): boolean | undefined {
  return x instanceof Tensor && axes.every((d) => d > 1) ? x.batchFirst : undefined;
}

/** Of axes that lie together, in order. */
function walkOf(shape: readonly number[], axes: readonly number[], whole?: readonly number[], keepDims = false): Walk {
  const [first, last] = [axes[0] as number, axes[axes.length - 1] as number];
  const sizes = (from: number, to: number, of: (d: number) => boolean) =>
    shape.slice(from, to).reduce((n, m, i) => (of(from + i) ? n * m : n), 1);
  const isReduced = (d: number) => axes.includes(d);
  const result = keepDims ? shape.map((n, d) => (isReduced(d) ? 1 : n)) : shape.filter((_, d) => !isReduced(d));
  return {
    outer: sizes(0, first, () => true),
    R: sizes(first, last + 1, isReduced), // between them are axes of size 1 at most
    inner: sizes(last + 1, shape.length, () => true),
    shape: whole ?? (result.length > 0 ? result : [1]),
  };
}
