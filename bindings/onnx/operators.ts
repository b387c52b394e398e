/** The one table of ONNX's operators. */
import type { OnnxNode } from "./node.js";
import type { OnnxOperator, OnnxOperators } from "./operator.js";
import { ARITHMETIC } from "./ops/arithmetic.js";
import { SHAPES } from "./ops/shapes.js";

const ALL: OnnxOperators = { ...ARITHMETIC, ...SHAPES };

export function operatorOf({ domain, op }: OnnxNode): OnnxOperator | undefined {
  return domain === "" && Object.hasOwn(ALL, op) ? ALL[op] : undefined;
}
