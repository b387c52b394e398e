/** Operators of ONNX that take elements by indices, or choose between two. */
import { sizeOf } from "../../checks.js";
import { FormatError } from "../../errors.js";
import { concat, expand, reshape, slice } from "../../ops/move.js";
import { where } from "../../ops/where.js";
import { arrayFor, type Constant } from "../constant.js";
import { broadcast, elementwise } from "../fold/elementwise.js";
import type { OnnxNode } from "../node.js";
import type { OnnxOperator, OnnxOperators } from "../operator.js";
import { embeddingAt } from "../rows-by-index.js";
import { axisOf, boundedShape, input, result } from "./common.js";

/** Counted from the end where it is negative. @throws {FormatError} */
function indexOf(node: OnnxNode, index: number, size: number): number {
  const own = index < 0 ? index + size : index;
  if (Number.isInteger(own) && own >= 0 && own < size) return own;
  throw new FormatError(`onnx: ${node.label}: expected indices of ${size} places, got ${index}`);
}

const GATHER: OnnxOperator = {
  attributes: ["axis"],
  fold(node, inputs) {
    const [x, indices] = [input(node, inputs, 0), input(node, inputs, 1)];
    const axis = axisOf(node, node.int("axis", 0), x.shape.length);
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    const [outer, size, inner] = [sizeOf(x.shape.slice(0, axis)), x.shape[axis] as number, sizeOf(x.shape.slice(axis + 1))];
    const data = arrayFor(x.type, sizeOf(shape));
    if (data.length === 0) return [{ type: x.type, shape, data }];
    let at = 0;
    for (let o = 0; o < outer; o++)
      for (const index of indices.data) {
        const from = (o * size + indexOf(node, index, size)) * inner;
        data.set(x.data.subarray(from, from + inner), at);
        at += inner;
      }
    return [{ type: x.type, shape, data }];
  },
  build(build, node, inputs) {
    const [x, indices] = [input(node, inputs, 0), input(node, inputs, 1)];
    const axis = axisOf(node, node.int("axis", 0), x.shape.length);
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    if (sizeOf(shape) === 0) return undefined;
    if (!indices.constant) return axis === 0 ? embeddingAt(build, node, x, indices, shape) : undefined;
    const places = [...indices.constant.data].map((index) => indexOf(node, index, x.shape[axis] as number));
    if (places.length > 64) return undefined;
    const tensor = build.tensor(x);
    const parts = places.map((place) =>
      slice(
        tensor,
        x.shape.map((size, d): [number, number] => (d === axis ? [place, place + 1] : [0, size])),
      ),
    );
    const joined = parts.length === 1 ? (parts[0] as typeof tensor) : concat(parts, axis);
    return [result(build, reshape(joined, shape.length === 0 ? [1] : shape), x.type, shape)];
  },
};

const EXPAND: OnnxOperator = {
  attributes: [],
  fold(node, inputs) {
    const [x, sizes] = [input(node, inputs, 0), input(node, inputs, 1)];
    const whole: Constant = { type: x.type, shape: boundedShape(node, [...sizes.data]), data: arrayFor(x.type, 0) };
    return [elementwise([x, whole], x.type, (value) => value as number)];
  },
  build(build, node, inputs) {
    const x = input(node, inputs, 0);
    const sizes = boundedShape(node, [...build.constant(input(node, inputs, 1), "a shape").data]);
    const shape = broadcast([x.shape, sizes]);
    if (sizeOf(shape) === 0) return undefined;
    return [result(build, expand(build.tensor(x), shape.length === 0 ? [1] : shape), x.type, shape)];
  },
};

const WHERE: OnnxOperator = {
  attributes: [],
  fold(node, inputs) {
    const [condition, a, b] = [0, 1, 2].map((i) => input(node, inputs, i)) as [Constant, Constant, Constant];
    return [elementwise([condition, a, b], a.type, (chosen, x, y) => (chosen ? x : y) as number)];
  },
  build(build, node, inputs) {
    const [condition, a, b] = [input(node, inputs, 0), input(node, inputs, 1), input(node, inputs, 2)];
    if (build.tensor(a).dtype === "i32") return undefined;
    const shape = broadcast([condition.shape, a.shape, b.shape]);
    return [result(build, where(build.tensor(condition), build.tensor(a), build.tensor(b)), a.type, shape)];
  },
};

export const GATHERS: OnnxOperators = { Gather: GATHER, Expand: EXPAND, Where: WHERE };
