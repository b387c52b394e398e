/**
 * wasm-rnn/ops: operators on tensors, for models of one's own.
 *
 * @module wasm-rnn/ops
 */
export { type LoadOptions, loadOperators } from "./ops/load.js";
export type { Operand } from "./ops/operands.js";
export { tanh } from "./ops/unary.js";
