/** What brings channels or rows to a mean of 0 and a variance of 1, and scales them. */
import { sizeOf } from "../../checks.js";
import { FormatError } from "../../errors.js";
import { add, mul } from "../../ops/binary.js";
import { reshape } from "../../ops/move.js";
import type { Tensor } from "../../tensor.js";
import { type Constant, constantOf } from "../constant.js";
import { isFloat } from "../element-types.js";
import { elementwise } from "../fold/elementwise.js";
import { normalizeRows } from "../fold/normalize.js";
import type { OnnxNode } from "../node.js";
import type { Build, OnnxOperator, OnnxOperators, Value } from "../operator.js";
import { floatTypeOf, keptTensor, numbersOf } from "../packed.js";
import { axisOf, input, result } from "./common.js";

const EPSILON = 1e-5;

/** BatchNormalization as y = x·factor + shift, channel by channel. @param statistics scale, B, mean and variance */
export function scalesOf(node: OnnxNode, statistics: readonly Constant[]): { factors: Float64Array; shifts: Float64Array } {
  const [scale, bias, mean, variance] = statistics.map(({ data }) => data) as [Float64Array, Float64Array, Float64Array, Float64Array];
  const epsilon = node.float("epsilon", EPSILON);
  const factors = Float64Array.from(scale, (value, c) => value / Math.sqrt((variance[c] as number) + epsilon));
  return { factors, shifts: factors.map((factor, c) => (bias[c] as number) - (mean[c] as number) * factor) };
}

/** [C, 1, …]: along axis 1 of x. */
function alongChannels(x: readonly number[], channels: number): number[] {
  return [channels, ...x.slice(2).map(() => 1)];
}

/** @throws {FormatError} */
export function checkChannels(
  node: OnnxNode,
  x: readonly number[],
  given: readonly (Value | Constant)[],
  of: number | undefined = x[1],
): void {
  if (x.length < 2 || of === undefined || given.some(({ shape }) => shape.length !== 1 || shape[0] !== of))
    throw new FormatError(
      `onnx: ${node.label}: expected [${of ?? "C"}] for each channel of [${x.join(", ")}], got ${given.map(({ shape }) => `[${shape.join(", ")}]`).join(", ")}`,
    );
}

const BATCH_NORMALIZATION: OnnxOperator = {
  attributes: ["epsilon", "momentum", "spatial", "training_mode"],
  check(node) {
    if (node.int("training_mode", 0) !== 0 || node.outputs.filter((name) => name !== "").length > 1) return "it is in training";
    return node.int("spatial", 1) === 1 ? undefined : "its statistics are not those of channels";
  },
  fold(node, inputs) {
    const [x, ...statistics] = [0, 1, 2, 3, 4].map((i) => input(node, inputs, i)) as [Constant, ...Constant[]];
    checkChannels(node, x.shape, statistics);
    const { factors, shifts } = scalesOf(node, statistics);
    const shape = alongChannels(x.shape, factors.length);
    const [factor, shift] = [factors, shifts].map((data): Constant => ({ type: "float64", shape, data })) as [Constant, Constant];
    return [elementwise([x, factor, shift], x.type, (value, by, more) => (value as number) * (by as number) + (more as number))];
  },
  build(build, node, inputs) {
    const [x, ...given] = [0, 1, 2, 3, 4].map((i) => input(node, inputs, i)) as [Value, ...Value[]];
    checkChannels(node, x.shape, given);
    const statistics = given.map((value) => numbersOf(build, value));
    if (!isFloat(x.type) || statistics.some((value) => value === undefined)) return undefined;
    const { factors, shifts } = scalesOf(node, statistics as Constant[]);
    const shape = alongChannels(x.shape, factors.length);
    const made = (factors: Float64Array, how: string) =>
      keptTensor(build, node, statistics as Constant[], how, { type: x.type, shape, numbers: () => factors });
    const y = add(mul(build.tensor(x), made(factors, "factors")), made(shifts, "shifts"));
    return [result(build, y, x.type, x.shape)];
  },
};

/** Rows of D by the kernel, scaled and moved along each row where there is something to do it by. */
function builtRows(build: Build, x: Value, D: number, epsilon: number, scale?: Value, bias?: Value): Tensor {
  const dtype = floatTypeOf(x);
  const y = build.empty(x.type, x.shape);
  const M = y.size / D;
  const stats = build.empty("float64", [M, 3]);
  const [w, b] = [scale, bias].map((value) => (value ? build.tensor(value).pointer() : 0)) as [number, number];
  const args = { y: y.pointer(), stats: stats.pointer(), x: build.tensor(x).pointer(), w, b, M, D, epsilon };
  const { layerNormForward } = build.runtime.kernels(dtype);
  build.step(() => layerNormForward(args));
  return y;
}

const INSTANCE_NORMALIZATION: OnnxOperator = {
  attributes: ["epsilon"],
  fold(node, inputs) {
    const [x, scale, bias] = [0, 1, 2].map((i) => input(node, inputs, i)) as [Constant, Constant, Constant];
    checkChannels(node, x.shape, [scale, bias]);
    const S = sizeOf(x.shape.slice(2));
    const channel = (i: number) => Math.floor(i / S) % scale.data.length;
    const scaled = (value: number, i: number) => value * (scale.data[channel(i)] as number) + (bias.data[channel(i)] as number);
    return [normalizeRows(x, S, node.float("epsilon", EPSILON), scaled).y];
  },
  build(build, node, inputs) {
    const [x, scale, bias] = [0, 1, 2].map((i) => input(node, inputs, i)) as [Value, Value, Value];
    checkChannels(node, x.shape, [scale, bias]);
    if (!isFloat(x.type) || sizeOf(x.shape) === 0) return undefined;
    const rows = builtRows(build, x, sizeOf(x.shape.slice(2)), node.float("epsilon", EPSILON));
    const [factor, shift] = [scale, bias].map((value) => reshape(build.tensor(value), alongChannels(x.shape, value.shape[0] as number)));
    return [result(build, add(mul(rows, factor as Tensor), shift as Tensor), x.type, x.shape)];
  },
};

const LAYER_NORMALIZATION: OnnxOperator = {
  attributes: ["axis", "epsilon", "stash_type"],
  fold(node, inputs) {
    const [x, scale, bias] = [input(node, inputs, 0), input(node, inputs, 1), inputs[2]];
    const axis = axisOf(node, node.int("axis", -1), x.shape.length);
    const D = sizeOf(x.shape.slice(axis));
    const { y, mean, inverse } = normalizeRows(x, D, node.float("epsilon", EPSILON), (value) => value);
    const factors: Constant = { ...scale, type: "float64" };
    const all = bias ? [y, factors, bias] : [y, factors];
    const shape = x.shape.map((size, d) => (d < axis ? size : 1));
    return [
      elementwise(all, x.type, (value, by, more = 0) => (value as number) * (by as number) + more),
      constantOf("float32", shape, mean),
      constantOf("float32", shape, inverse),
    ];
  },
  build(build, node, inputs) {
    const [x, scale, bias] = [input(node, inputs, 0), input(node, inputs, 1), inputs[2]];
    const D = sizeOf(x.shape.slice(axisOf(node, node.int("axis", -1), x.shape.length)));
    const isRow = [scale, ...(bias ? [bias] : [])].every(({ shape, type }) => sizeOf(shape) === D && type === x.type);
    const asksMore = node.outputs.filter((name) => name !== "").length > 1;
    if (!isFloat(x.type) || !isRow || asksMore || sizeOf(x.shape) === 0) return undefined;
    return [result(build, builtRows(build, x, D, node.float("epsilon", EPSILON), scale, bias), x.type, x.shape)];
  },
};

const GROUP_NORMALIZATION: OnnxOperator = {
  attributes: ["epsilon", "num_groups", "stash_type"],
  fold(node, inputs, opset) {
    const [x, scale, bias] = [0, 1, 2].map((i) => input(node, inputs, i)) as [Constant, Constant, Constant];
    const [groups, C] = [node.int("num_groups", 0), x.shape[1] ?? 0];
    if (groups < 1 || C % groups !== 0) throw new FormatError(`onnx: ${node.label}: expected groups of ${C} channels, got ${groups}`);
    const given = opset < 21 ? groups : C; // until then one for each group
    checkChannels(node, x.shape, [scale, bias], given);
    const S = sizeOf(x.shape.slice(2));
    const place = (i: number) => Math.floor((Math.floor(i / S) % C) / (C / given));
    const scaled = (value: number, i: number) => value * (scale.data[place(i)] as number) + (bias.data[place(i)] as number);
    return [normalizeRows(x, (C / groups) * S, node.float("epsilon", EPSILON), scaled).y];
  },
};

const LP_NORMALIZATION: OnnxOperator = {
  attributes: ["axis", "p"],
  check: (node) => ([1, 2].includes(node.int("p", 2)) ? undefined : `its p is ${node.int("p", 2)}`),
  fold(node, inputs) {
    const x = input(node, inputs, 0);
    const axis = axisOf(node, node.int("axis", -1), x.shape.length);
    const [R, inner] = [x.shape[axis] as number, sizeOf(x.shape.slice(axis + 1))];
    const data = x.data.slice();
    for (let at = 0; at < data.length; at += R * inner)
      for (let i = at; i < at + inner; i++) {
        let norm = 0;
        for (let r = 0; r < R; r++) norm += Math.abs(data[i + r * inner] as number) ** node.int("p", 2);
        if (node.int("p", 2) === 2) norm = Math.sqrt(norm);
        for (let r = 0; r < R && norm > 0; r++) data[i + r * inner] = (data[i + r * inner] as number) / norm;
      }
    return [{ ...x, data }];
  },
};

export const NORMALIZATION: OnnxOperators = {
  BatchNormalization: BATCH_NORMALIZATION,
  InstanceNormalization: INSTANCE_NORMALIZATION,
  LayerNormalization: LAYER_NORMALIZATION,
  GroupNormalization: GROUP_NORMALIZATION,
  LpNormalization: LP_NORMALIZATION,
};
