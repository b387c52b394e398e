/**
 * wasm-rnn/ops: operators on tensors, for models of one's own.
 *
 * @module wasm-rnn/ops
 */

export type { AxesOptions } from "./ops/axes.js";
export { add, div, maximum, minimum, mul, sub } from "./ops/binary.js";
export { clip } from "./ops/clip.js";
export { equal, greater, greaterEqual, less, lessEqual, notEqual } from "./ops/compare.js";
export { detach } from "./ops/constant.js";
export { type Conv2dOptions, conv2d } from "./ops/conv2d.js";
export { cumulativeSum } from "./ops/cumulative.js";
export { gather, scatterAdd } from "./ops/gather.js";
export { type LoadOptions, loadOperators } from "./ops/load.js";
export { type MatmulOptions, matmul } from "./ops/matmul.js";
export { concat, expand, flip, pad, permute, reshape, slice, split, squeeze, stack, unsqueeze } from "./ops/move.js";
export type { Operand } from "./ops/operands.js";
export type { Pair } from "./ops/planes.js";
export { avgPool2d, maxPool2d, type Pool2dOptions } from "./ops/pool2d.js";
export { type ArgMaxOptions, argMax, max, mean, sum, type VarianceOptions, variance } from "./ops/reduce.js";
export type { SliceRange } from "./ops/regions.js";
export { type ScanBody, type ScanOptions, type ScanState, scan } from "./ops/scan.js";
export { ScanStream } from "./ops/scan-stream.js";
export { logSoftmax, logSumExp, softmax } from "./ops/softmax.js";
export { abs, exp, type GeluOptions, gelu, log, neg, relu, sigmoid, silu, softplus, sqrt, square, tanh } from "./ops/unary.js";
export { where } from "./ops/where.js";
