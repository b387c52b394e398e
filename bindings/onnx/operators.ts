/** The one table of ONNX's operators. */
import type { OnnxNode } from "./node.js";
import type { OnnxOperator, OnnxOperators } from "./operator.js";
import { ARITHMETIC } from "./ops/arithmetic.js";
import { CONVOLUTION, FUSED_CONVOLUTION } from "./ops/convolution.js";
import { NORMALIZATION } from "./ops/normalization.js";
import { POOLING } from "./ops/pooling.js";
import { FUSED_PRODUCTS, PRODUCTS } from "./ops/products.js";
import { SHAPES } from "./ops/shapes.js";
import { SOFTMAX } from "./ops/softmax.js";

const ALL: OnnxOperators = { ...ARITHMETIC, ...SHAPES, ...PRODUCTS, ...CONVOLUTION, ...NORMALIZATION, ...POOLING, ...SOFTMAX };
/** Those that take along what follows them. */
const WITH_TAIL: OnnxOperators = { ...FUSED_PRODUCTS, ...FUSED_CONVOLUTION };

export function operatorOf({ domain, op, tail }: OnnxNode): OnnxOperator | undefined {
  const table = tail.length > 0 ? WITH_TAIL : ALL;
  return domain === "" && Object.hasOwn(table, op) ? table[op] : undefined;
}
