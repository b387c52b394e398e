/** Pooling. */
import { sizeOf } from "../../checks.js";
import { FormatError } from "../../errors.js";
import { mul } from "../../ops/binary.js";
import { pad, reshape } from "../../ops/move.js";
import { avgPool2d, maxPool2d } from "../../ops/pool2d.js";
import { max, mean as meanOver } from "../../ops/reduce.js";
import type { Tensor } from "../../tensor.js";
import type { Constant } from "../constant.js";
import { isFloat } from "../element-types.js";
import { greatest, mean, type Pool, pool } from "../fold/pooling.js";
import { WINDOW_ATTRIBUTES, type Window, windowFault, windowsOf } from "../fold/windows.js";
import type { OnnxNode } from "../node.js";
import type { Build, OnnxOperator, OnnxOperators, Value } from "../operator.js";
import { keptTensor } from "../packed.js";
import { input, result } from "./common.js";

/** @throws {FormatError} */
function poolWindows(node: OnnxNode, { shape }: Value | Constant): Window[] {
  if (shape.length < 3) throw new FormatError(`onnx: ${node.label}: expected [N, C, …], got [${shape.join(", ")}]`);
  return windowsOf(node, shape.slice(2), node.ints("kernel_shape") ?? [], node.int("ceil_mode", 0) === 1);
}

/** By the kernels for pictures, which know padding of the same width at both sides alone: here it is laid around x before. */
function built(build: Build, node: OnnxNode, x: Value, isMax: boolean): Tensor | undefined {
  const windows = poolWindows(node, x);
  if (!isFloat(x.type) || windows.length > 2 || sizeOf(x.shape) === 0 || windows.some(({ dilation }) => dilation > 1)) return undefined;
  const [N, C, ...sizes] = x.shape as [number, number, ...number[]];
  const widths = windows.map(({ size, taps, stride, before, places }): [number, number] => [
    before,
    Math.max((places - 1) * stride + taps - before - size, 0),
  ]);
  const own = reshape(build.tensor(x), [N, C, ...(sizes.length === 1 ? [1] : []), ...sizes]);
  const lead = Array.from({ length: 4 - widths.length }, (): [number, number] => [0, 0]);
  const isBare = widths.every(([before, after]) => before + after === 0);
  const padded = isBare ? own : pad(own, [...lead, ...widths], isMax ? Number.NEGATIVE_INFINITY : 0);
  const pair = (of: (window: Window) => number): [number, number] => [
    windows.length === 2 ? of(windows[0] as Window) : 1,
    of(windows.at(-1) as Window),
  ];
  const y = (isMax ? maxPool2d : avgPool2d)(padded, { kernelSize: pair(({ taps }) => taps), stride: pair(({ stride }) => stride) });
  const shape = [N, C, ...windows.map(({ places }) => places)];
  return reshape(isMax || isBare ? y : mul(y, sharesOf(build, node, x, windows)), shape);
}

/** All taps of a window over those that count. */
function sharesOf(build: Build, node: OnnxNode, { type }: Value, windows: readonly Window[]): Tensor {
  const sizes = windows.map(({ size }) => size);
  const all = sizeOf(windows.map(({ taps }) => taps));
  const x = (): Constant => ({ type: "float64", shape: [1, 1, ...sizes], data: new Float64Array(sizeOf(sizes)) });
  const numbers = () => pool(x(), windows, (_, taps) => all / taps, node.int("count_include_pad", 0) === 1).data;
  const places = windows.map((window) => window.places);
  const shape = [1, 1, ...(places.length === 1 ? [1] : []), ...places];
  const how = sizes.join(" ");
  return keptTensor(build, node, [], how, { type, shape, numbers });
}

function pooling(f: Pool, more: readonly string[]): OnnxOperator {
  const isMax = f === greatest;
  return {
    attributes: [...WINDOW_ATTRIBUTES, "ceil_mode", ...more],
    check(node) {
      if (node.outputs.filter((name) => name !== "").length > 1) return "it gives places beside values";
      return windowFault(node);
    },
    fold(node, inputs) {
      const x = input(node, inputs, 0);
      return [pool(x, poolWindows(node, x), f, node.int("count_include_pad", 0) === 1)];
    },
    build(build, node, inputs) {
      const x = input(node, inputs, 0);
      const y = built(build, node, x, isMax);
      return y && [result(build, y, x.type, y.shape)];
    },
  };
}

/** Of all places of a channel. */
function global(f: Pool, over: (x: Tensor, options: { axes: number[]; keepDims: boolean }) => Tensor): OnnxOperator {
  const axesOfSpace = (node: OnnxNode, { shape }: Value | Constant): number[] => {
    if (shape.length < 3) throw new FormatError(`onnx: ${node.label}: expected [N, C, …], got [${shape.join(", ")}]`);
    return shape.slice(2).map((_, d) => d + 2);
  };
  return {
    attributes: [],
    fold(node, inputs) {
      const x = input(node, inputs, 0);
      const windows = axesOfSpace(node, x).map((d): Window => {
        const size = x.shape[d] as number;
        return { size, taps: size, stride: 1, dilation: 1, before: 0, after: 0, places: 1 };
      });
      return [pool(x, windows, f)];
    },
    build(build, node, inputs) {
      const x = input(node, inputs, 0);
      const axes = axesOfSpace(node, x);
      if (!isFloat(x.type) || sizeOf(x.shape) === 0) return undefined;
      const y = over(build.tensor(x), { axes, keepDims: true });
      return [result(build, y, x.type, y.shape)];
    },
  };
}

export const POOLING: OnnxOperators = {
  MaxPool: pooling(greatest, ["dilations", "storage_order"]),
  AveragePool: pooling(mean, ["count_include_pad"]),
  GlobalMaxPool: global(greatest, max),
  GlobalAveragePool: global(mean, meanOver),
};
