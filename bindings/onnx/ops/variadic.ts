/** Operators of ONNX of any number of tensors, powers, and what does nothing in use. */

import { sizeOf } from "../../checks.js";
import { FormatError } from "../../errors.js";
import { add, div, maximum, minimum, mul } from "../../ops/binary.js";
import { sqrt, square } from "../../ops/unary.js";
import type { Tensor } from "../../tensor.js";
import { arrayFor, type Constant, constantOf } from "../constant.js";
import { isFloat } from "../element-types.js";
import { broadcast, elementwise } from "../fold/elementwise.js";
import type { OnnxNode } from "../node.js";
import type { OnnxOperator, OnnxOperators, Value } from "../operator.js";
import { known } from "../values.js";
import { input, result } from "./common.js";

/** Inputs of a node: a few bytes of a file can name one each. */
const MOST = 2 ** 14;

/** @throws {FormatError} */
function every<Input extends Value | Constant>(node: OnnxNode, inputs: readonly (Input | undefined)[]): Input[] {
  if (inputs.length > MOST) throw new FormatError(`onnx: ${node.label}: expected at most ${MOST} inputs, got ${inputs.length}`);
  return inputs.map((_, i) => input(node, inputs, i));
}

/** @param end what is left to do with a result of some tensors */
function variadic(
  kernel: (a: Tensor, b: Tensor) => Tensor,
  f: (...values: number[]) => number,
  end: (y: Tensor, count: number) => Tensor = (y) => y,
): OnnxOperator {
  return {
    attributes: [],
    fold(node, inputs) {
      const all = every(node, inputs);
      return [elementwise(all, input(node, inputs, 0).type, f)];
    },
    build(build, node, inputs) {
      const all = every(node, inputs);
      const { type } = input(node, inputs, 0);
      if (!isFloat(type)) return undefined;
      const tensor = end(
        all.map((each) => build.tensor(each)).reduce((a, b) => kernel(a, b)),
        all.length,
      );
      return [result(build, tensor, type, broadcast(all.map(({ shape }) => shape)))];
    },
  };
}

/** Exponents that take no logarithm. */
const POWERS: ReadonlyMap<number | undefined, (x: Tensor) => Tensor> = new Map<number, (x: Tensor) => Tensor>([
  [0.5, sqrt],
  [2, square],
  [3, (x) => mul(square(x), x)],
  [-0.5, (x) => div(1, sqrt(x))],
  [-1, (x) => div(1, x)],
  [-2, (x) => div(1, square(x))],
]);

const POW: OnnxOperator = {
  attributes: [],
  fold(node, inputs) {
    const [x, exponent] = [input(node, inputs, 0), input(node, inputs, 1)];
    const result = elementwise([x, exponent], x.type, (a, b) => (a as number) ** (b as number));
    return [isFloat(x.type) ? result : { ...result, data: result.data.map(Math.trunc) }];
  },
  build(build, node, inputs) {
    const [x, exponent] = [input(node, inputs, 0), input(node, inputs, 1)];
    const power = exponent.constant && sizeOf(exponent.shape) === 1 ? exponent.constant.data[0] : undefined;
    const kernels = POWERS.get(power);
    if (!isFloat(x.type) || exponent.shape.length > x.shape.length || !kernels) return undefined;
    return [result(build, kernels(build.tensor(x)), x.type, x.shape)];
  },
};

const MOD: OnnxOperator = {
  attributes: ["fmod"],
  fold(node, inputs) {
    const [a, b] = [input(node, inputs, 0), input(node, inputs, 1)];
    const isC = node.int("fmod", 0) === 1;
    const mod = (x: number, y: number) => (isC ? x % y : x - y * Math.floor(x / y));
    return [elementwise([a, b], a.type, mod as (...values: number[]) => number)];
  },
};

const DROPOUT: OnnxOperator = {
  attributes: ["ratio", "seed"],
  build(build, node, inputs) {
    const x = input(node, inputs, 0);
    if (inputs[2] && build.constant(inputs[2], "whether it drops").data[0] !== 0)
      throw new FormatError(`onnx: ${node.label}: expected one that drops nothing, got one in training`);
    if (node.outputs.length < 2 || node.outputs[1] === "") return [x];
    const mask = constantOf("bool", x.shape, new Float64Array(sizeOf(x.shape)).fill(1));
    return [x, { ...mask, constant: mask }];
  },
};

const RANGE: OnnxOperator = {
  attributes: [],
  fold(node, inputs) {
    const [start, limit, delta] = [0, 1, 2].map((i) => input(node, inputs, i).data[0]) as [number, number, number];
    const count = Math.max(0, Math.ceil((limit - start) / delta));
    const { type } = input(node, inputs, 0);
    return [{ type, shape: [count], data: arrayFor(type, count).map((_, i) => start + i * delta) }];
  },
  build(build, node, inputs) {
    const numbers = [0, 1, 2].map((i) => build.constant(input(node, inputs, i), "the ends of a range"));
    return RANGE.fold?.(node, numbers, build.opset).map(known);
  },
};

export const VARIADIC: OnnxOperators = {
  Sum: variadic(add, (...values) => values.reduce((a, b) => a + b)),
  Mean: variadic(
    add,
    (...values) => values.reduce((a, b) => a + b) / values.length,
    (y, count) => div(y, count),
  ),
  Max: variadic(maximum, Math.max),
  Min: variadic(minimum, Math.min),
  Pow: POW,
  Mod: MOD,
  Dropout: DROPOUT,
  Range: RANGE,
};
