/** Operators of ONNX that make one number of many, along axes. */
import { sizeOf } from "../../checks.js";
import { FormatError } from "../../errors.js";
import type { AxesOptions } from "../../ops/axes.js";
import { argMax, max, mean, sum } from "../../ops/reduce.js";
import { logSumExp } from "../../ops/softmax.js";
import { abs, log, neg, sqrt, square } from "../../ops/unary.js";
import type { Tensor } from "../../tensor.js";
import { arrayFor } from "../constant.js";
import { isFloat } from "../element-types.js";
import { stridesOf } from "../fold/regions.js";
import type { OnnxNode } from "../node.js";
import type { OnnxOperator, OnnxOperators } from "../operator.js";
import { axesOf, input, listed, result } from "./common.js";

interface Reduction {
  readonly start: number;
  /** What one more element does. */
  add(sofar: number, value: number): number;
  end?(sofar: number, count: number): number;
}

/** Axes, and the shape without them. */
function reduced(
  node: OnnxNode,
  shape: readonly number[],
  list: readonly number[] | undefined,
): { axes: number[]; out: number[] } | undefined {
  const isEmpty = !list || list.length === 0;
  if (isEmpty && node.int("noop_with_empty_axes", 0) === 1) return undefined;
  const axes = isEmpty ? shape.map((_, d) => d) : axesOf(node, list, shape.length);
  const keeps = node.int("keepdims", 1) === 1;
  return { axes, out: shape.flatMap((size, d) => (axes.includes(d) ? (keeps ? [1] : []) : [size])) };
}

function reduction(
  kernels: ((x: Tensor, options: AxesOptions) => Tensor) | undefined,
  { start, add, end = (x) => x }: Reduction,
): OnnxOperator {
  return {
    attributes: ["axes", "keepdims", "noop_with_empty_axes"],
    fold(node, inputs) {
      const x = input(node, inputs, 0);
      const found = reduced(node, x.shape, inputs[1] ? [...inputs[1].data] : node.ints("axes"));
      if (!found) return [x];
      const kept = x.shape.map((size, d) => (found.axes.includes(d) ? 1 : size));
      const [strides, own] = [stridesOf(x.shape), stridesOf(kept)];
      const sums = arrayFor("float64", sizeOf(kept)).fill(start);
      const count = sizeOf(found.axes.map((d) => x.shape[d] as number));
      for (let i = 0; i < x.data.length; i++) {
        let place = 0;
        for (const [d, stride] of strides.entries())
          if (kept[d] !== 1) place += (Math.floor(i / stride) % (x.shape[d] as number)) * (own[d] as number);
        sums[place] = add(sums[place] as number, x.data[i] as number);
      }
      const data = arrayFor(x.type, sums.length).map((_, i) => end(sums[i] as number, count));
      return [{ type: x.type, shape: found.out, data: isFloat(x.type) ? data : data.map(Math.trunc) }];
    },
    build(build, node, inputs) {
      const x = input(node, inputs, 0);
      const found = reduced(node, x.shape, listed(build, node, inputs, { attribute: "axes", place: 1 }));
      if (!found) return [x];
      if (!kernels || !isFloat(x.type) || sizeOf(x.shape) === 0 || x.shape.length === 0) return undefined;
      return [result(build, kernels(build.tensor(x), { axes: found.axes, keepDims: true }), x.type, found.out)];
    },
  };
}

/** The place of the greatest, or of the least: @param sign −1 of this. NaN is both. */
function place(sign: 1 | -1): OnnxOperator {
  return {
    attributes: ["axis", "keepdims", "select_last_index"],
    fold(node, inputs) {
      const x = input(node, inputs, 0);
      const [axis] = axesOf(node, [node.int("axis", 0)], x.shape.length) as [number];
      const [outer, size, inner] = [sizeOf(x.shape.slice(0, axis)), x.shape[axis] as number, sizeOf(x.shape.slice(axis + 1))];
      if (size === 0) throw new FormatError(`onnx: ${node.label}: expected an axis of at least one, got none`);
      const takesLast = node.int("select_last_index", 0) === 1;
      const data = arrayFor("int64", outer * inner);
      for (let i = 0; i < data.length; i++) {
        const from = Math.floor(i / inner) * size * inner + (i % inner);
        let best = 0;
        for (let r = 1; r < size; r++) {
          const [value, most] = [x.data[from + r * inner] as number, x.data[from + best * inner] as number];
          const isMore = sign * value > sign * most || (Number.isNaN(value) && !Number.isNaN(most));
          if (isMore || (takesLast && Object.is(value + 0, most + 0))) best = r;
        }
        data[i] = best;
      }
      const shape = x.shape.flatMap((each, d) => (d !== axis ? [each] : node.int("keepdims", 1) === 1 ? [1] : []));
      return [{ type: "int64", shape, data }];
    },
    build(build, node, inputs) {
      const x = input(node, inputs, 0);
      if (!isFloat(x.type) || sizeOf(x.shape) === 0 || x.shape.length === 0 || node.int("select_last_index", 0) === 1) return undefined;
      const [axis] = axesOf(node, [node.int("axis", 0)], x.shape.length) as [number];
      const tensor = build.tensor(x);
      const keepDims = node.int("keepdims", 1) === 1;
      const places = argMax(sign === 1 ? tensor : neg(tensor), axis, { keepDims });
      return [result(build, places, "int64", keepDims ? places.shape : x.shape.filter((_, d) => d !== axis))];
    },
  };
}

/** log(e^a + e^b). */
function logAdd(a: number, b: number): number {
  const most = Math.max(a, b);
  return Number.isFinite(most) ? most + Math.log1p(Math.exp(Math.min(a, b) - most)) : most;
}

export const REDUCTIONS: OnnxOperators = {
  ReduceSum: reduction(sum, { start: 0, add: (a, x) => a + x }),
  ReduceMean: reduction(mean, { start: 0, add: (a, x) => a + x, end: (a, count) => a / count }),
  ReduceMax: reduction(max, { start: Number.NEGATIVE_INFINITY, add: Math.max }),
  ReduceMin: reduction((x, options) => neg(max(neg(x), options)), { start: Number.POSITIVE_INFINITY, add: Math.min }),
  ReduceProd: reduction(undefined, { start: 1, add: (a, x) => a * x }),
  ReduceL1: reduction((x, options) => sum(abs(x), options), { start: 0, add: (a, x) => a + Math.abs(x) }),
  ReduceL2: reduction((x, options) => sqrt(sum(square(x), options)), { start: 0, add: (a, x) => a + x * x, end: Math.sqrt }),
  ReduceSumSquare: reduction((x, options) => sum(square(x), options), { start: 0, add: (a, x) => a + x * x }),
  ReduceLogSum: reduction((x, options) => log(sum(x, options)), { start: 0, add: (a, x) => a + x, end: Math.log }),
  ReduceLogSumExp: reduction(logSumExp, { start: Number.NEGATIVE_INFINITY, add: logAdd }),
  ArgMax: place(1),
  ArgMin: place(-1),
};
