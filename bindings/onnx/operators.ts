/** The one table of ONNX's operators. */
import type { OnnxNode } from "./node.js";
import type { OnnxOperator, OnnxOperators } from "./operator.js";
import { ACTIVATIONS } from "./ops/activations.js";
import { ARITHMETIC } from "./ops/arithmetic.js";
import { GATHERS } from "./ops/gathers.js";
import { LOGIC } from "./ops/logic.js";
import { REDUCTIONS } from "./ops/reductions.js";
import { SHAPES } from "./ops/shapes.js";
import { SLICES } from "./ops/slices.js";
import { VARIADIC } from "./ops/variadic.js";

const ALL: OnnxOperators = {
  ...{ ...ACTIVATIONS, ...ARITHMETIC, ...GATHERS, ...LOGIC, ...REDUCTIONS, ...SHAPES, ...SLICES, ...VARIADIC },
};

export function operatorOf({ domain, op }: OnnxNode): OnnxOperator | undefined {
  return domain === "" && Object.hasOwn(ALL, op) ? ALL[op] : undefined;
}
