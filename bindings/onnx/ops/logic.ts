/** Comparisons and logic of ONNX: truth values are 0 and 1. */
import { equal, greater, greaterEqual, less, lessEqual } from "../../ops/compare.js";
import type { Tensor } from "../../tensor.js";
import { broadcast, elementwise } from "../fold/elementwise.js";
import type { OnnxOperator, OnnxOperators } from "../operator.js";
import { input, result } from "./common.js";

function compared(kernel: ((a: Tensor, b: Tensor) => Tensor) | undefined, f: (a: number, b: number) => boolean): OnnxOperator {
  return {
    attributes: [],
    fold(node, inputs) {
      const [a, b] = [input(node, inputs, 0), input(node, inputs, 1)];
      return [elementwise([a, b], "bool", (x, y) => Number(f(x as number, y as number)))];
    },
    build(build, node, inputs) {
      if (!kernel) return undefined;
      const [a, b] = [input(node, inputs, 0), input(node, inputs, 1)];
      return [result(build, kernel(build.tensor(a), build.tensor(b)), "bool", broadcast([a.shape, b.shape]))];
    },
  };
}

const NOT: OnnxOperator = {
  attributes: [],
  fold: (node, inputs) => [elementwise([input(node, inputs, 0)], "bool", (x) => (x === 0 ? 1 : 0))],
};

export const LOGIC: OnnxOperators = {
  Equal: compared(equal, (a, b) => a === b),
  Greater: compared(greater, (a, b) => a > b),
  GreaterOrEqual: compared(greaterEqual, (a, b) => a >= b),
  Less: compared(less, (a, b) => a < b),
  LessOrEqual: compared(lessEqual, (a, b) => a <= b),
  And: compared(undefined, (a, b) => a !== 0 && b !== 0),
  Or: compared(undefined, (a, b) => a !== 0 || b !== 0),
  Xor: compared(undefined, (a, b) => (a !== 0) !== (b !== 0)),
  Not: NOT,
};
