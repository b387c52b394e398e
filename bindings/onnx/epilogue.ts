/** What is done to a product's result in its own memory. */
import { operatorKernels } from "../ops/load.js";
import type { FloatType } from "../tensor.js";
import type { OnnxNode } from "./node.js";
import type { Build } from "./operator.js";

/** The activation at the end of what follows a product: over n elements at y, in place. */
export function activationOf(build: Build, node: OnnxNode, dtype: FloatType, y: number, n: number): (() => void) | undefined {
  const kernels = operatorKernels(build.runtime, dtype);
  const args = { y, x: y, n };
  switch (node.tail.at(-1)?.node.op) {
    case "Relu":
      return () => kernels.opRelu(args);
    case "Sigmoid":
      return () => kernels.opSigmoid(args);
    case "Tanh":
      return () => kernels.opTanh(args);
    default:
      return undefined;
  }
}
