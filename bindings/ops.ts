/**
 * wasm-rnn/ops: operators on tensors, for models of one's own.
 *
 * @module wasm-rnn/ops
 */

export { detach } from "./ops/constant.js";
export { gather, scatterAdd } from "./ops/gather.js";
export { type LoadOptions, loadOperators } from "./ops/load.js";
export { type MatmulOptions, matmul } from "./ops/matmul.js";
export { concat, expand, flip, pad, permute, reshape, slice, split, squeeze, stack, unsqueeze } from "./ops/move.js";
export type { Operand } from "./ops/operands.js";
export type { SliceRange } from "./ops/regions.js";
export { tanh } from "./ops/unary.js";
