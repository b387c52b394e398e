/** Comparisons and logic of ONNX: truth values are 0 and 1. */
import { equal, greater, greaterEqual, less, lessEqual, notEqual } from "../../ops/compare.js";
import { abs } from "../../ops/unary.js";
import type { Tensor } from "../../tensor.js";
import { isFloat } from "../element-types.js";
import { broadcast, elementwise } from "../fold/elementwise.js";
import type { OnnxNode } from "../node.js";
import type { OnnxOperator, OnnxOperators } from "../operator.js";
import { input, result } from "./common.js";

function compared(kernel: (a: Tensor, b: Tensor) => Tensor, f: (a: number, b: number) => boolean): OnnxOperator {
  return {
    attributes: [],
    fold(node, inputs) {
      const [a, b] = [input(node, inputs, 0), input(node, inputs, 1)];
      return [elementwise([a, b], "bool", (x, y) => Number(f(x as number, y as number)))];
    },
    build(build, node, inputs) {
      const [a, b] = [input(node, inputs, 0), input(node, inputs, 1)];
      return [result(build, kernel(build.tensor(a), build.tensor(b)), "bool", broadcast([a.shape, b.shape]))];
    },
  };
}

const NOT: OnnxOperator = {
  attributes: [],
  fold: (node, inputs) => [elementwise([input(node, inputs, 0)], "bool", (x) => (x === 0 ? 1 : 0))],
  build(build, node, inputs) {
    const x = input(node, inputs, 0);
    return [result(build, equal(build.tensor(x), 0), "bool", x.shape)];
  },
};

/** What a real number may be beside a number. */
function kind(
  attributes: readonly string[],
  f: (x: number, node: OnnxNode) => boolean,
  kernels: (x: Tensor, node: OnnxNode) => Tensor | undefined,
): OnnxOperator {
  return {
    attributes,
    fold: (node, inputs) => [elementwise([input(node, inputs, 0)], "bool", (x) => Number(f(x as number, node)))],
    build(build, node, inputs) {
      const x = input(node, inputs, 0);
      const tensor = isFloat(x.type) ? kernels(build.tensor(x), node) : undefined;
      return tensor && [result(build, tensor, "bool", x.shape)];
    },
  };
}

const IS_INF = kind(
  ["detect_negative", "detect_positive"],
  (x, node) => node.int(x < 0 ? "detect_negative" : "detect_positive", 1) === 1 && Math.abs(x) === Number.POSITIVE_INFINITY,
  (x, node) => {
    const [below, above] = [node.int("detect_negative", 1) === 1, node.int("detect_positive", 1) === 1];
    if (below && above) return equal(abs(x), Number.POSITIVE_INFINITY);
    return below || above ? equal(x, above ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY) : undefined;
  },
);

export const LOGIC: OnnxOperators = {
  Equal: compared(equal, (a, b) => a === b),
  Greater: compared(greater, (a, b) => a > b),
  GreaterOrEqual: compared(greaterEqual, (a, b) => a >= b),
  Less: compared(less, (a, b) => a < b),
  LessOrEqual: compared(lessEqual, (a, b) => a <= b),
  // Of truth values as 0 and 1: a ∧ b is a > ¬b, a ∨ b is a ≥ ¬b.
  And: compared(
    (a, b) => greater(notEqual(a, 0), equal(b, 0)),
    (a, b) => a !== 0 && b !== 0,
  ),
  Or: compared(
    (a, b) => greaterEqual(notEqual(a, 0), equal(b, 0)),
    (a, b) => a !== 0 || b !== 0,
  ),
  Xor: compared(
    (a, b) => notEqual(equal(a, 0), equal(b, 0)),
    (a, b) => (a !== 0) !== (b !== 0),
  ),
  Not: NOT,
  IsNaN: kind([], Number.isNaN, (x) => notEqual(x, x)),
  IsInf: IS_INF,
};
