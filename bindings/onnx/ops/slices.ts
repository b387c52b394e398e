/** Operators of ONNX that take parts of a tensor, or put something around it. */
import { sizeOf } from "../../checks.js";
import { FormatError } from "../../errors.js";
import { concat, expand, flip, pad, slice, split } from "../../ops/move.js";
import type { Tensor } from "../../tensor.js";
import { arrayFor, type Constant } from "../constant.js";
import { read, stridesOf } from "../fold/regions.js";
import type { OnnxNode } from "../node.js";
import type { OnnxOperator, OnnxOperators } from "../operator.js";
import { axesOf, axisOf, boundedShape, input, listed, result } from "./common.js";

/** Of one axis: the first place, how many, from one to the next. */
interface Range {
  readonly start: number;
  readonly count: number;
  readonly step: number;
}

/** @throws {FormatError} */
function rangesOf(node: OnnxNode, shape: readonly number[], lists: readonly (readonly number[] | undefined)[]): Range[] {
  const [starts = [], ends = [], axes = starts.map((_, i) => i), steps = starts.map(() => 1)] = lists;
  if ([starts, ends, axes, steps].some((list) => list.length !== starts.length || !list.every(Number.isInteger)))
    throw new FormatError(`onnx: ${node.label}: expected a start, an end and a step for each axis, integers all, got others`);
  const ranges = shape.map((count): Range => ({ start: 0, count, step: 1 }));
  for (const [i, axis] of axesOf(node, axes, shape.length).entries()) {
    const [size, step] = [shape[axis] as number, steps[i] as number];
    if (step === 0) throw new FormatError(`onnx: ${node.label}: expected steps other than 0, got 0`);
    const at = (place: number) => (place < 0 ? place + size : place);
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const start = Math.min(Math.max(at(starts[i] as number), 0), step > 0 ? size : size - 1);
    const end = Math.min(Math.max(at(ends[i] as number), low), high);
    ranges[axis] = { start, count: Math.max(0, Math.ceil((end - start) / step)), step };
  }
  return ranges;
}

const LISTS = ["starts", "ends", "axes", "steps"];

const SLICE: OnnxOperator = {
  attributes: ["starts", "ends", "axes"],
  fold(node, inputs) {
    const x = input(node, inputs, 0);
    const lists = LISTS.map((name, i) => (inputs[i + 1] ? [...(inputs[i + 1] as Constant).data] : node.ints(name)));
    const ranges = rangesOf(node, x.shape, lists);
    const strides = stridesOf(x.shape);
    const offset = ranges.reduce((sum, { start, count }, d) => sum + (count > 0 ? start * (strides[d] as number) : 0), 0);
    return [
      read(
        x,
        ranges.map(({ count }) => count),
        ranges.map(({ step }, d) => step * (strides[d] as number)),
        offset,
      ),
    ];
  },
  build(build, node, inputs) {
    const x = input(node, inputs, 0);
    const lists = LISTS.map((attribute, i) => listed(build, node, inputs, { attribute, place: i + 1 }));
    const ranges = rangesOf(node, x.shape, lists);
    const shape = ranges.map(({ count }) => count);
    if (sizeOf(shape) === 0) return undefined;
    const backwards = ranges.flatMap(({ step }, d) => (step < 0 ? [d] : []));
    // From the end: of the flipped axis, from the place that the start has there.
    const places = ranges.map(({ start, count, step }, d) => {
      const from = step < 0 ? (x.shape[d] as number) - 1 - start : start;
      return [from, from + (count - 1) * Math.abs(step) + 1, Math.abs(step)] as [number, number, number];
    });
    const tensor = build.tensor(x);
    const turned = backwards.length > 0 ? flip(tensor, backwards) : tensor;
    return [result(build, slice(turned, places), x.type, shape)];
  },
};

const SPLIT: OnnxOperator = {
  attributes: ["axis", "split", "num_outputs"],
  fold(node, inputs) {
    const x = input(node, inputs, 0);
    const axis = axisOf(node, node.int("axis", 0), x.shape.length);
    const sizes = sizesOf(node, x.shape[axis] as number, inputs[1] ? [...inputs[1].data] : node.ints("split"));
    const strides = stridesOf(x.shape);
    let at = 0;
    return sizes.map((size) => {
      const part = read(
        x,
        x.shape.map((each, d) => (d === axis ? size : each)),
        strides,
        at * (strides[axis] as number),
      );
      at += size;
      return part;
    });
  },
  build(build, node, inputs) {
    const x = input(node, inputs, 0);
    const axis = axisOf(node, node.int("axis", 0), x.shape.length);
    const sizes = sizesOf(node, x.shape[axis] as number, listed(build, node, inputs, { attribute: "split", place: 1 }));
    if (sizes.includes(0)) return undefined;
    return split(build.tensor(x), sizes, axis).map((part) => result(build, part, x.type, part.shape));
  },
};

/** Equal parts, the last smaller, where nothing is said. @throws {FormatError} */
function sizesOf(node: OnnxNode, size: number, given: readonly number[] | undefined): readonly number[] {
  const count = node.int("num_outputs") ?? node.outputs.length;
  if (!(count >= 1 && count <= Math.max(size, node.outputs.length)))
    throw new FormatError(`onnx: ${node.label}: expected 1 to ${Math.max(size, node.outputs.length)} outputs, got ${count}`);
  const part = Math.ceil(size / count);
  const sizes = given ?? Array.from({ length: count }, (_, i) => Math.max(0, Math.min(part, size - i * part)));
  if (sizes.reduce((sum, each) => sum + each, 0) === size && sizes.every((each) => each >= 0)) return sizes;
  throw new FormatError(`onnx: ${node.label}: expected parts of ${size} in all, got [${sizes.join(", ")}]`);
}

/** Elements before and after, of each axis. @throws {FormatError} */
function padsOf(
  node: OnnxNode,
  rank: number,
  list: readonly number[] | undefined,
  axes: readonly number[] | undefined,
): [number, number][] {
  const own = axes ? axesOf(node, axes, rank) : Array.from({ length: rank }, (_, d) => d);
  if (list?.length !== 2 * own.length)
    throw new FormatError(`onnx: ${node.label}: expected ${2 * own.length} pads, got ${list?.length ?? "none"}`);
  const pads = Array.from({ length: rank }, (): [number, number] => [0, 0]);
  for (const [i, axis] of own.entries()) pads[axis] = [list[i] as number, list[i + own.length] as number];
  return pads;
}

/** The place that a place of the padded axis shows; −1 of what is filled. @throws {FormatError} */
function sourceOf(node: OnnxNode, mode: string, size: number, place: number): number {
  if (place >= 0 && place < size) return place;
  if (mode === "constant") return -1;
  if (size === 0) throw new FormatError(`onnx: ${node.label}: expected an axis of at least one, got none`);
  if (mode === "edge") return place < 0 ? 0 : size - 1;
  if (mode === "wrap") return ((place % size) + size) % size;
  const period = Math.max(1, 2 * (size - 1));
  const own = ((place % period) + period) % period;
  return own < size ? own : period - own;
}

const PAD: OnnxOperator = {
  attributes: ["mode", "pads", "value"],
  check: (node) =>
    ["constant", "reflect", "edge", "wrap"].includes(node.string("mode", "constant"))
      ? undefined
      : `its mode is ${node.string("mode", "")}`,
  fold(node, inputs) {
    const x = input(node, inputs, 0);
    const pads = padsOf(node, x.shape.length, inputs[1] ? [...inputs[1].data] : node.ints("pads"), inputs[3] && [...inputs[3].data]);
    const [mode, fill] = [node.string("mode", "constant"), inputs[2]?.data[0] ?? node.float("value", 0)];
    const shape = paddedBy(node, x.shape, pads);
    const strides = stridesOf(x.shape);
    const empty = arrayFor(x.type, sizeOf(shape));
    const sources = shape.map((size, d) =>
      Array.from({ length: size }, (_, i) => sourceOf(node, mode, x.shape[d] as number, i - (pads[d] as [number, number])[0])),
    );
    const whole = stridesOf(shape);
    const data = empty.map((_, i) => {
      let place = 0;
      for (const [d, source] of sources.entries()) {
        const from = source[Math.floor(i / (whole[d] as number)) % (shape[d] as number)] as number;
        if (from < 0) return fill;
        place += from * (strides[d] as number);
      }
      return x.data[place] as number;
    });
    return [{ type: x.type, shape, data }];
  },
  build(build, node, inputs) {
    const x = input(node, inputs, 0);
    const axes = inputs[3] && [...build.constant(inputs[3], "axes").data];
    const pads = padsOf(node, x.shape.length, listed(build, node, inputs, { attribute: "pads", place: 1 }), axes);
    const mode = node.string("mode", "constant");
    paddedBy(node, x.shape, pads);
    const isLess = pads.flat().some((each) => each < 0);
    const left = x.shape.map((size, d) => size + Math.min(0, pads[d]?.[0] ?? 0) + Math.min(0, pads[d]?.[1] ?? 0));
    const fill = inputs[2] ? build.constantIf(inputs[2])?.data[0] : node.float("value", 0);
    if (!left.every((size) => size > 0) || fill === undefined || mode === "wrap" || (isLess && mode !== "constant")) return undefined;
    let tensor = build.tensor(x);
    if (mode === "constant") tensor = filled(tensor, pads, fill);
    else for (const [axis, [before, after]] of pads.entries()) tensor = bordered(node, tensor, axis, { mode, before, after });
    return [result(build, tensor, x.type, tensor.shape)];
  },
};

/** The shape with its pads. @throws {FormatError} */
function paddedBy(node: OnnxNode, shape: readonly number[], pads: readonly [number, number][]): number[] {
  return boundedShape(
    node,
    shape.map((size, d) => size + (pads[d] as [number, number])[0] + (pads[d] as [number, number])[1]),
  );
}

/** A value around what is left where pads below 0 take away. */
function filled(x: Tensor, pads: readonly [number, number][], fill: number): Tensor {
  const left = slice(
    x,
    pads.map(([before, after], d): [number, number] => [Math.max(0, -before), (x.shape[d] as number) - Math.max(0, -after)]),
  );
  return pad(
    left,
    pads.map(([before, after]): [number, number] => [Math.max(0, before), Math.max(0, after)]),
    fill,
  );
}

/** One axis with its border, of slices. @throws {FormatError} where a reflection is wider than what is reflected */
function bordered(
  node: OnnxNode,
  x: Tensor,
  axis: number,
  { mode, before, after }: { mode: string; before: number; after: number },
): Tensor {
  if (before === 0 && after === 0) return x;
  const size = x.shape[axis] as number;
  const part = (from: number, to: number) =>
    slice(
      x,
      x.shape.map((each, d): [number, number] => (d === axis ? [from, to] : [0, each])),
    );
  if (mode === "edge") {
    const repeated = (place: number, count: number) =>
      count === 0
        ? []
        : [
            expand(
              part(place, place + 1),
              x.shape.map((each, d) => (d === axis ? count : each)),
            ),
          ];
    return concat([...repeated(0, before), x, ...repeated(size - 1, after)], axis);
  }
  if (Math.max(before, after) >= size)
    throw new FormatError(`onnx: ${node.label}: expected reflections of less than ${size}, got ${Math.max(before, after)}`);
  const pieces = [
    ...(before > 0 ? [flip(part(1, before + 1), [axis])] : []),
    x,
    ...(after > 0 ? [flip(part(size - 1 - after, size - 1), [axis])] : []),
  ];
  return concat(pieces, axis);
}

export const SLICES: OnnxOperators = { Slice: SLICE, Split: SPLIT, Pad: PAD };
