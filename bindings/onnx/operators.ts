/** The one table of ONNX's operators. */
import type { OnnxNode } from "./node.js";
import type { OnnxOperator, OnnxOperators } from "./operator.js";
import { ACTIVATIONS } from "./ops/activations.js";
import { ARITHMETIC } from "./ops/arithmetic.js";
import { CONVOLUTION, FUSED_CONVOLUTION } from "./ops/convolution.js";
import { EINSUMS } from "./ops/einsum.js";
import { GATHERS } from "./ops/gathers.js";
import { INDICES } from "./ops/indices.js";
import { LOGIC } from "./ops/logic.js";
import { NORMALIZATION } from "./ops/normalization.js";
import { PLACES } from "./ops/places.js";
import { POOLING } from "./ops/pooling.js";
import { FUSED_PRODUCTS, PRODUCTS } from "./ops/products.js";
import { QUANTIZATION } from "./ops/quantization.js";
import { RECURRENT } from "./ops/recurrent.js";
import { REDUCTIONS } from "./ops/reductions.js";
import { SHAPES } from "./ops/shapes.js";
import { SLICES } from "./ops/slices.js";
import { SOFTMAX } from "./ops/softmax.js";
import { TRIANGLES } from "./ops/triangles.js";
import { VARIADIC } from "./ops/variadic.js";

export const OPERATORS: OnnxOperators = {
  ...{ ...ACTIVATIONS, ...ARITHMETIC, ...GATHERS, ...LOGIC, ...REDUCTIONS, ...SHAPES, ...SLICES, ...VARIADIC },
  ...{ ...PRODUCTS, ...CONVOLUTION, ...NORMALIZATION, ...PLACES, ...POOLING, ...RECURRENT, ...SOFTMAX },
  ...{ ...EINSUMS, ...INDICES, ...QUANTIZATION, ...TRIANGLES },
};
/** Those that take along what follows them. */
const WITH_TAIL: OnnxOperators = { ...FUSED_PRODUCTS, ...FUSED_CONVOLUTION };

export function operatorOf({ domain, op, tail }: OnnxNode): OnnxOperator | undefined {
  const table = tail.length > 0 ? WITH_TAIL : OPERATORS;
  return domain === "" && Object.hasOwn(table, op) ? table[op] : undefined;
}
