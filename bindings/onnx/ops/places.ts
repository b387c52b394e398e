/** Operators of ONNX that go by places: the greatest, those that an index names, copies and running sums. */
import { sameShape, sizeOf } from "../../checks.js";
import { FormatError } from "../../errors.js";
import { cumulativeSum } from "../../ops/cumulative.js";
import { expand, flip, pad, reshape, slice } from "../../ops/move.js";
import type { Tensor } from "../../tensor.js";
import { arrayFor, type Constant } from "../constant.js";
import { type ElementType, isFloat } from "../element-types.js";
import { stridesOf } from "../fold/regions.js";
import type { OnnxNode } from "../node.js";
import type { OnnxOperator, OnnxOperators } from "../operator.js";
import { axisOf, boundedShape, input, result } from "./common.js";

/** Sizes before, along and behind an axis. */
function around(shape: readonly number[], axis: number): [number, number, number] {
  return [sizeOf(shape.slice(0, axis)), shape[axis] as number, sizeOf(shape.slice(axis + 1))];
}

const TOP_K: OnnxOperator = {
  attributes: ["axis", "largest", "sorted", "k"],
  fold(node, inputs) {
    const x = input(node, inputs, 0);
    const axis = axisOf(node, node.int("axis", -1), x.shape.length);
    const k = inputs[1]?.data[0] ?? node.int("k", 0);
    const [outer, size, inner] = around(x.shape, axis);
    if (!(Number.isInteger(k) && k >= 0 && k <= size))
      throw new FormatError(`onnx: ${node.label}: expected k of at most ${size}, got ${k}`);
    const sign = node.int("largest", 1) === 1 ? -1 : 1;
    const shape = x.shape.map((each, d) => (d === axis ? k : each));
    if (k === 0) return [emptyOf(x.type, shape), emptyOf("int64", shape)];
    const [values, places] = [arrayFor(x.type, sizeOf(shape)), arrayFor("int64", sizeOf(shape))];
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++) {
        const at = (r: number) => x.data[(o * size + r) * inner + i] as number;
        const order = Array.from({ length: size }, (_, r) => r).sort((a, b) => sign * (at(a) - at(b)) || a - b);
        for (let r = 0; r < k; r++) {
          values[(o * k + r) * inner + i] = at(order[r] as number);
          places[(o * k + r) * inner + i] = order[r] as number;
        }
      }
    return [
      { type: x.type, shape, data: values },
      { type: "int64", shape, data: places },
    ];
  },
  build(build, _, inputs) {
    if (inputs[1]) build.constant(inputs[1], "how many");
    return undefined; // sorted in JavaScript
  },
};

const emptyOf = (type: ElementType, shape: readonly number[]): Constant => ({ type, shape, data: arrayFor(type, 0) });

/** For each element of an index: its own place, and the place in x that it names. */
function* named(node: OnnxNode, x: Constant, index: Constant): Iterable<[number, number]> {
  const axis = axisOf(node, node.int("axis", 0), x.shape.length);
  if (index.shape.length !== x.shape.length || !index.shape.every((size, d) => d === axis || size <= (x.shape[d] as number)))
    throw new FormatError(`onnx: ${node.label}: expected indices of at most [${x.shape.join(", ")}], got [${index.shape.join(", ")}]`);
  const [strides, own] = [stridesOf(x.shape), stridesOf(index.shape)];
  const size = x.shape[axis] as number;
  for (let i = 0; i < index.data.length; i++) {
    let place = 0;
    for (const [d, stride] of own.entries())
      if (d !== axis) place += (Math.floor(i / stride) % (index.shape[d] as number)) * (strides[d] as number);
    const at = index.data[i] as number;
    const along = at < 0 ? at + size : at;
    if (!(Number.isInteger(along) && along >= 0 && along < size))
      throw new FormatError(`onnx: ${node.label}: expected indices of ${size} places, got ${at}`);
    yield [i, place + along * (strides[axis] as number)];
  }
}

/** What becomes of a number where another falls on it. */
export const REDUCTIONS_OF_SCATTER: Readonly<Record<string, (old: number, value: number) => number>> = {
  none: (_, value) => value,
  add: (old, value) => old + value,
  mul: (old, value) => old * value,
  max: Math.max,
  min: Math.min,
};

const SCATTER_ELEMENTS: OnnxOperator = {
  attributes: ["axis", "reduction"],
  check: (node) =>
    Object.hasOwn(REDUCTIONS_OF_SCATTER, node.string("reduction", "none")) ? undefined : `its reduction is ${node.string("reduction", "")}`,
  fold(node, inputs) {
    const [x, index, updates] = [input(node, inputs, 0), input(node, inputs, 1), input(node, inputs, 2)];
    if (!sameShape(index.shape, updates.shape))
      throw new FormatError(`onnx: ${node.label}: expected updates of [${index.shape.join(", ")}], got [${updates.shape.join(", ")}]`);
    const join = REDUCTIONS_OF_SCATTER[node.string("reduction", "none")] as (old: number, value: number) => number;
    const data = x.data.slice();
    for (const [i, place] of named(node, x, index)) data[place] = join(data[place] as number, updates.data[i] as number);
    return [{ ...x, data }];
  },
};

const GATHER_ELEMENTS: OnnxOperator = {
  attributes: ["axis"],
  fold(node, inputs) {
    const [x, index] = [input(node, inputs, 0), input(node, inputs, 1)];
    const data = arrayFor(x.type, index.data.length);
    for (const [i, place] of named(node, x, index)) data[i] = x.data[place] as number;
    return [{ type: x.type, shape: index.shape, data }];
  },
};

const TILE: OnnxOperator = {
  attributes: [],
  fold(node, inputs) {
    const [x, repeats] = [input(node, inputs, 0), input(node, inputs, 1)];
    const shape = tiled(node, x.shape, repeats);
    const [strides, whole] = [stridesOf(x.shape), stridesOf(shape)];
    const data = arrayFor(x.type, sizeOf(shape)).map((_, i) => {
      let place = 0;
      for (const [d, stride] of whole.entries())
        place += ((Math.floor(i / stride) % (shape[d] as number)) % (x.shape[d] as number)) * (strides[d] as number);
      return x.data[place] as number;
    });
    return [{ type: x.type, shape, data }];
  },
  /** Each axis behind one of its own, along which it is repeated. */
  build(build, node, inputs) {
    const x = input(node, inputs, 0);
    const repeats = build.constant(input(node, inputs, 1), "repeats");
    const shape = tiled(node, x.shape, repeats);
    if (sizeOf(shape) === 0 || x.shape.length === 0) return undefined;
    const both = (of: (d: number) => number) => x.shape.flatMap((size, d) => (repeats.data[d] === 1 ? [size] : [of(d), size]));
    const lifted = reshape(
      build.tensor(x),
      both(() => 1),
    );
    const repeated = expand(
      lifted,
      both((d) => repeats.data[d] as number),
    );
    return [result(build, repeated, x.type, shape)];
  },
};

/** @throws {FormatError} */
function tiled(node: OnnxNode, shape: readonly number[], { data: repeats }: Constant): number[] {
  if (repeats.length !== shape.length || !repeats.every((count) => Number.isSafeInteger(count) && count >= 0))
    throw new FormatError(`onnx: ${node.label}: expected repeats of ${shape.length} axes, got [${[...repeats].slice(0, 20).join(", ")}]`);
  return boundedShape(
    node,
    shape.map((size, d) => size * (repeats[d] as number)),
  );
}

const CUM_SUM: OnnxOperator = {
  attributes: ["exclusive", "reverse"],
  fold(node, inputs) {
    const x = input(node, inputs, 0);
    const axis = axisOf(node, input(node, inputs, 1).data[0] as number, x.shape.length);
    const [outer, size, inner] = around(x.shape, axis);
    const [isExclusive, isReverse] = [node.int("exclusive", 0) === 1, node.int("reverse", 0) === 1];
    const data = arrayFor(x.type, x.data.length);
    if (data.length === 0) return [x];
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++) {
        let sum = 0;
        for (let s = 0; s < size; s++) {
          const at = (o * size + (isReverse ? size - 1 - s : s)) * inner + i;
          const before = sum;
          sum += x.data[at] as number;
          data[at] = isExclusive ? before : sum;
        }
      }
    return [{ ...x, data }];
  },
  build(build, node, inputs) {
    const x = input(node, inputs, 0);
    const along = build.constantIf(input(node, inputs, 1))?.data[0];
    if (along === undefined || !isFloat(x.type) || sizeOf(x.shape) === 0) return undefined;
    const axis = axisOf(node, along, x.shape.length);
    const [isExclusive, isReverse] = [node.int("exclusive", 0) === 1, node.int("reverse", 0) === 1];
    if (isExclusive && x.shape[axis] === 1) return undefined;
    const turned = isReverse ? flip(build.tensor(x), [axis]) : build.tensor(x);
    const sums = cumulativeSum(isExclusive ? shifted(turned, axis) : turned, axis);
    return [result(build, isReverse ? flip(sums, [axis]) : sums, x.type, x.shape)];
  },
};

/** One place on along an axis, behind a zero. */
function shifted(x: Tensor, axis: number): Tensor {
  const most = slice(
    x,
    x.shape.map((_, d) => (d === axis ? [0, -1] : null)),
  );
  return pad(
    most,
    x.shape.map((_, d) => (d === axis ? [1, 0] : [0, 0])),
  );
}

export const PLACES: OnnxOperators = {
  TopK: TOP_K,
  ScatterElements: SCATTER_ELEMENTS,
  Scatter: SCATTER_ELEMENTS,
  GatherElements: GATHER_ELEMENTS,
  Tile: TILE,
  CumSum: CUM_SUM,
};
