/** Softmax and its logarithm. */
import { sizeOf } from "../../checks.js";
import { reshape } from "../../ops/move.js";
import { logSoftmax, softmax } from "../../ops/softmax.js";
import type { Tensor } from "../../tensor.js";
import { isFloat } from "../element-types.js";
import { softmaxAlong } from "../fold/normalize.js";
import type { OnnxNode } from "../node.js";
import type { OnnxOperator, OnnxOperators } from "../operator.js";
import { axisOf, input, result } from "./common.js";

/** From this opset on along one axis; before, along all from that axis on. */
const ONE_AXIS = 13;

/** Which axes it goes along: from the first up to the last, which is none of them. */
function span(node: OnnxNode, shape: readonly number[], opset: number): [first: number, last: number] {
  if (shape.length === 0) return [0, 0];
  const isOne = opset >= ONE_AXIS;
  const axis = node.int("axis", isOne ? -1 : 1);
  const first = !isOne && axis === shape.length ? axis : axisOf(node, axis, shape.length);
  return [first, isOne ? first + 1 : shape.length];
}

function normalising(kernel: (x: Tensor, axis: number) => Tensor, isLog: boolean): OnnxOperator {
  return {
    attributes: ["axis"],
    fold(node, inputs, opset) {
      const x = input(node, inputs, 0);
      return [softmaxAlong(x, ...span(node, x.shape, opset), isLog)];
    },
    build(build, node, inputs) {
      const x = input(node, inputs, 0);
      if (!isFloat(x.type) || sizeOf(x.shape) === 0) return undefined;
      const [first, last] = span(node, x.shape, build.opset);
      const sizes = [x.shape.slice(0, first), x.shape.slice(first, last), x.shape.slice(last)].map(sizeOf);
      return [result(build, kernel(reshape(build.tensor(x), sizes), 1), x.type, x.shape)];
    },
  };
}

export const SOFTMAX: OnnxOperators = { Softmax: normalising(softmax, false), LogSoftmax: normalising(logSoftmax, true) };
