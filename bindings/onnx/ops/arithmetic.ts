/** Operators of ONNX that go element by element. */
import { sameShape, sizeOf } from "../../checks.js";
import { add, div, mul, sub } from "../../ops/binary.js";
import { abs, exp, log, neg, relu, sigmoid, softplus, sqrt, tanh } from "../../ops/unary.js";
import type { Tensor } from "../../tensor.js";
import { byElement } from "../by-element.js";
import { constantOf } from "../constant.js";
import type { ElementType } from "../element-types.js";
import { isFloat, wrapped } from "../element-types.js";
import { broadcast, elementwise } from "../fold/elementwise.js";
import type { OnnxOperator, OnnxOperators, Value } from "../operator.js";
import { input, result } from "./common.js";

const rounded = Math.trunc;

/** What needs no arithmetic: integers times zeros, as a sampling rate that is asked for and not used, and what zeros are added to. */
function simplified(kernel: unknown, a: Value, b: Value): Value | undefined {
  const zeros = [b, a].find(({ constant }) => constant?.data.every((value) => value === 0));
  if (!zeros) return undefined;
  const other = zeros === b ? a : b;
  const shape = broadcast([a.shape, b.shape]);
  if (kernel === mul && !isFloat(a.type)) {
    const constant = constantOf(a.type, shape, new Float64Array(sizeOf(shape)));
    return { ...constant, constant };
  }
  return kernel === add && sameShape(shape, other.shape) ? other : undefined;
}

/** Of the type of the first; of real numbers by a kernel. */
function binary(
  kernel: ((a: Tensor, b: Tensor) => Tensor) | undefined,
  f: (a: number, b: number, type: ElementType) => number,
): OnnxOperator {
  return {
    attributes: [],
    fold(node, inputs) {
      const [a, b] = [input(node, inputs, 0), input(node, inputs, 1)];
      return [elementwise([a, b], a.type, (x, y) => wrapped(a.type, f(x as number, y as number, a.type)))];
    },
    build(build, node, inputs) {
      const [a, b] = [input(node, inputs, 0), input(node, inputs, 1)];
      const plain = simplified(kernel, a, b);
      if (plain) return [plain];
      if (!kernel || !isFloat(a.type)) return undefined;
      return [result(build, kernel(build.tensor(a), build.tensor(b)), a.type, broadcast([a.shape, b.shape]))];
    },
  };
}

function unary(kernel: (x: Tensor) => Tensor, f: (x: number) => number): OnnxOperator {
  return {
    attributes: [],
    fold(node, inputs) {
      const x = input(node, inputs, 0);
      return [elementwise([x], x.type, (value) => f(value as number))];
    },
    build(build, node, inputs) {
      const x = input(node, inputs, 0);
      if (!isFloat(x.type)) return [byElement(build, x, x.type, f)];
      return [result(build, kernel(build.tensor(x)), x.type, x.shape)];
    },
  };
}

export const ARITHMETIC: OnnxOperators = {
  Add: binary(add, (a, b) => a + b),
  Sub: binary(sub, (a, b) => a - b),
  Mul: binary(mul, (a, b, type) => (type === "int32" ? Math.imul(a, b) : a * b)),
  Div: binary(div, (a, b, type) => (isFloat(type) ? a / b : rounded(a / b))),
  Neg: unary(neg, (x) => -x),
  Abs: unary(abs, Math.abs),
  Exp: unary(exp, Math.exp),
  Log: unary(log, Math.log),
  Sqrt: unary(sqrt, Math.sqrt),
  Sigmoid: unary(sigmoid, (x) => 1 / (1 + Math.exp(-x))),
  Tanh: unary(tanh, Math.tanh),
  Relu: unary(relu, (x) => Math.max(x, 0)),
  Softplus: unary(softplus, (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
};
