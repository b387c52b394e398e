/**
 * The ABI of the operators: monomorphic exports, one line each. Nothing else. They make a binary of their own, which works over the memory
 * of that of index.ts. bindings/ops/ is the only place that knows these names and positions.
 */
import { binary, compare } from "./ops/binary";
import { conv2d, conv2dBias, conv2dScratch, conv2dWeights } from "./ops/conv2d";
import { conv2dInput, conv2dInputScratch } from "./ops/conv2d_input";
import { cumulativeSum } from "./ops/cumulative";
import { argMax, maxBackward, maxForward } from "./ops/extremes";
import { avgPool2d, avgPool2dBackward, maxPool2d, maxPool2dBackward } from "./ops/pool2d";
import { sumBackward, sumForward } from "./ops/reduce";
import { logSumExpBackward, softmaxAxis, softmaxAxisBackward } from "./ops/softmax_axis";
import { gather, scatterAdd } from "./ops/gather";
import { matmul, matmulScratch } from "./ops/matmul";
import { addRows, move } from "./ops/move";
import { absForward, clipForward, expForward, geluForward, geluTanhForward, logForward, negForward, reluForward, sigmoidForward, siluForward, softplusForward, sqrtForward, squareForward, tanhForward } from "./ops/unary";
import { absBackward, clipBackward, expBackward, geluBackward, geluTanhBackward, logBackward, reluBackward, sigmoidBackward, siluBackward, softplusBackward, sqrtBackward, squareBackward, tanhBackward } from "./ops/unary_backward";
import { varianceBackward, varianceForward } from "./ops/variance";
import { ternary } from "./ops/where";

// f32
export function op_neg_f32(y: usize, x: usize, n: i32): void { negForward<f32>(y, x, n); }
export function op_exp_f32(y: usize, x: usize, n: i32): void { expForward<f32>(y, x, n); }
export function op_log_f32(y: usize, x: usize, n: i32): void { logForward<f32>(y, x, n); }
export function op_sqrt_f32(y: usize, x: usize, n: i32): void { sqrtForward<f32>(y, x, n); }
export function op_square_f32(y: usize, x: usize, n: i32): void { squareForward<f32>(y, x, n); }
export function op_abs_f32(y: usize, x: usize, n: i32): void { absForward<f32>(y, x, n); }
export function op_sigmoid_f32(y: usize, x: usize, n: i32): void { sigmoidForward<f32>(y, x, n); }
export function op_tanh_f32(y: usize, x: usize, n: i32): void { tanhForward<f32>(y, x, n); }
export function op_relu_f32(y: usize, x: usize, n: i32): void { reluForward<f32>(y, x, n); }
export function op_gelu_f32(y: usize, x: usize, n: i32): void { geluForward<f32>(y, x, n); }
export function op_gelu_tanh_f32(y: usize, x: usize, n: i32): void { geluTanhForward<f32>(y, x, n); }
export function op_silu_f32(y: usize, x: usize, n: i32): void { siluForward<f32>(y, x, n); }
export function op_softplus_f32(y: usize, x: usize, n: i32): void { softplusForward<f32>(y, x, n); }
export function op_clip_f32(y: usize, x: usize, n: i32, low: f64, high: f64): void { clipForward<f32>(y, x, n, low, high); }
export function op_exp_backward_f32(dx: usize, dy: usize, v: usize, n: i32): void { expBackward<f32>(dx, dy, v, n); }
export function op_log_backward_f32(dx: usize, dy: usize, v: usize, n: i32): void { logBackward<f32>(dx, dy, v, n); }
export function op_sqrt_backward_f32(dx: usize, dy: usize, v: usize, n: i32): void { sqrtBackward<f32>(dx, dy, v, n); }
export function op_square_backward_f32(dx: usize, dy: usize, v: usize, n: i32): void { squareBackward<f32>(dx, dy, v, n); }
export function op_abs_backward_f32(dx: usize, dy: usize, v: usize, n: i32): void { absBackward<f32>(dx, dy, v, n); }
export function op_sigmoid_backward_f32(dx: usize, dy: usize, v: usize, n: i32): void { sigmoidBackward<f32>(dx, dy, v, n); }
export function op_tanh_backward_f32(dx: usize, dy: usize, v: usize, n: i32): void { tanhBackward<f32>(dx, dy, v, n); }
export function op_relu_backward_f32(dx: usize, dy: usize, v: usize, n: i32): void { reluBackward<f32>(dx, dy, v, n); }
export function op_gelu_backward_f32(dx: usize, dy: usize, v: usize, n: i32): void { geluBackward<f32>(dx, dy, v, n); }
export function op_gelu_tanh_backward_f32(dx: usize, dy: usize, v: usize, n: i32): void { geluTanhBackward<f32>(dx, dy, v, n); }
export function op_silu_backward_f32(dx: usize, dy: usize, v: usize, n: i32): void { siluBackward<f32>(dx, dy, v, n); }
export function op_softplus_backward_f32(dx: usize, dy: usize, v: usize, n: i32): void { softplusBackward<f32>(dx, dy, v, n); }
export function op_clip_backward_f32(dx: usize, dy: usize, v: usize, n: i32, low: f64, high: f64): void { clipBackward<f32>(dx, dy, v, n, low, high); }
export function op_binary_f32(op: i32, y: usize, scratch: usize, a: usize, b: usize, R: i32, C: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32): void { binary<f32>(op, y, scratch, a, b, R, C, aRow, aCol, bRow, bCol); }
export function op_compare_f32(op: i32, y: usize, scratch: usize, a: usize, b: usize, R: i32, C: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32): void { compare<f32>(op, y, scratch, a, b, R, C, aRow, aCol, bRow, bCol); }
export function op_ternary_f32(op: i32, y: usize, scratch: usize, c: usize, a: usize, b: usize, R: i32, C: i32, cRow: i32, cCol: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32): void { ternary<f32>(op, y, scratch, c, a, b, R, C, cRow, cCol, aRow, aCol, bRow, bCol); }
export function op_sum_f32(y: usize, x: usize, outer: i32, R: i32, inner: i32, divisor: f64): void { sumForward<f32>(y, x, outer, R, inner, divisor); }
export function op_sum_backward_f32(dx: usize, dy: usize, outer: i32, R: i32, inner: i32, divisor: f64): void { sumBackward<f32>(dx, dy, outer, R, inner, divisor); }
export function op_variance_f32(y: usize, mean: usize, x: usize, outer: i32, R: i32, inner: i32, correction: f64): void { varianceForward<f32>(y, mean, x, outer, R, inner, correction); }
export function op_variance_backward_f32(dx: usize, dy: usize, mean: usize, x: usize, outer: i32, R: i32, inner: i32, correction: f64): void { varianceBackward<f32>(dx, dy, mean, x, outer, R, inner, correction); }
export function op_max_f32(y: usize, x: usize, outer: i32, R: i32, inner: i32): void { maxForward<f32>(y, x, outer, R, inner); }
export function op_max_backward_f32(dx: usize, dy: usize, y: usize, x: usize, outer: i32, R: i32, inner: i32): void { maxBackward<f32>(dx, dy, y, x, outer, R, inner); }
export function op_arg_max_f32(places: usize, x: usize, outer: i32, R: i32, inner: i32): void { argMax<f32>(places, x, outer, R, inner); }
export function op_softmax_f32(y: usize, z: usize, outer: i32, R: i32, inner: i32, kind: i32): void { softmaxAxis<f32>(y, z, outer, R, inner, kind); }
export function op_softmax_backward_f32(dz: usize, dy: usize, y: usize, outer: i32, R: i32, inner: i32, isLog: i32): void { softmaxAxisBackward<f32>(dz, dy, y, outer, R, inner, isLog); }
export function op_log_sum_exp_backward_f32(dz: usize, ds: usize, s: usize, z: usize, outer: i32, R: i32, inner: i32): void { logSumExpBackward<f32>(dz, ds, s, z, outer, R, inner); }
export function op_cumulative_sum_f32(y: usize, x: usize, outer: i32, R: i32, inner: i32, back: i32): void { cumulativeSum<f32>(y, x, outer, R, inner, back); }
export function op_move_f32(dst: usize, src: usize, plan: usize, rank: i32, adds: i32): void { move<f32>(dst, src, plan, rank, adds); }
export function op_add_rows_f32(dst: usize, src: usize, rows: i32, n: i32): void { addRows<f32>(dst, src, rows, n); }
export function op_gather_f32(y: usize, x: usize, index: usize, plan: usize, rank: i32, along: i32, adds: i32): void { gather<f32>(y, x, index, plan, rank, along, adds); }
export function op_scatter_add_f32(x: usize, sums: usize, n: i32, y: usize, index: usize, plan: usize, rank: i32, along: i32): void { scatterAdd<f32>(x, sums, n, y, index, plan, rank, along); }
export function op_matmul_f32(c: usize, a: usize, b: usize, scratch: usize, plan: usize, rank: i32, summed: i32, M: i32, K: i32, N: i32, kind: i32, adds: i32): void { matmul<f32>(c, a, b, scratch, plan, rank, summed, M, K, N, kind, adds); }
export function op_matmul_scratch_f32(M: i32, K: i32, N: i32, kind: i32, summed: i32): f64 { return matmulScratch<f32>(M, K, N, kind, summed); }
export function op_conv2d_f32(y: usize, x: usize, w: usize, bias: usize, scratch: usize, plan: usize): void { conv2d<f32>(y, x, w, bias, scratch, plan); }
export function op_conv2d_input_f32(dx: usize, dy: usize, w: usize, scratch: usize, plan: usize): void { conv2dInput<f32>(dx, dy, w, scratch, plan); }
export function op_conv2d_weights_f32(dw: usize, dy: usize, x: usize, scratch: usize, plan: usize): void { conv2dWeights<f32>(dw, dy, x, scratch, plan); }
export function op_conv2d_bias_f32(dbias: usize, dy: usize, N: i32, O: i32, places: i32): void { conv2dBias<f32>(dbias, dy, N, O, places); }
export function op_conv2d_scratch_f32(plan: usize, weights: i32): f64 { return conv2dScratch<f32>(plan, weights); }
export function op_conv2d_input_scratch_f32(plan: usize): f64 { return conv2dInputScratch<f32>(plan); }
export function op_max_pool2d_f32(y: usize, x: usize, scratch: usize, plan: usize): void { maxPool2d<f32>(y, x, scratch, plan); }
export function op_max_pool2d_backward_f32(dx: usize, dy: usize, y: usize, x: usize, plan: usize): void { maxPool2dBackward<f32>(dx, dy, y, x, plan); }
export function op_avg_pool2d_f32(y: usize, x: usize, scratch: usize, plan: usize): void { avgPool2d<f32>(y, x, scratch, plan); }
export function op_avg_pool2d_backward_f32(dx: usize, dy: usize, plan: usize): void { avgPool2dBackward<f32>(dx, dy, plan); }

// f64
export function op_neg_f64(y: usize, x: usize, n: i32): void { negForward<f64>(y, x, n); }
export function op_exp_f64(y: usize, x: usize, n: i32): void { expForward<f64>(y, x, n); }
export function op_log_f64(y: usize, x: usize, n: i32): void { logForward<f64>(y, x, n); }
export function op_sqrt_f64(y: usize, x: usize, n: i32): void { sqrtForward<f64>(y, x, n); }
export function op_square_f64(y: usize, x: usize, n: i32): void { squareForward<f64>(y, x, n); }
export function op_abs_f64(y: usize, x: usize, n: i32): void { absForward<f64>(y, x, n); }
export function op_sigmoid_f64(y: usize, x: usize, n: i32): void { sigmoidForward<f64>(y, x, n); }
export function op_tanh_f64(y: usize, x: usize, n: i32): void { tanhForward<f64>(y, x, n); }
export function op_relu_f64(y: usize, x: usize, n: i32): void { reluForward<f64>(y, x, n); }
export function op_gelu_f64(y: usize, x: usize, n: i32): void { geluForward<f64>(y, x, n); }
export function op_gelu_tanh_f64(y: usize, x: usize, n: i32): void { geluTanhForward<f64>(y, x, n); }
export function op_silu_f64(y: usize, x: usize, n: i32): void { siluForward<f64>(y, x, n); }
export function op_softplus_f64(y: usize, x: usize, n: i32): void { softplusForward<f64>(y, x, n); }
export function op_clip_f64(y: usize, x: usize, n: i32, low: f64, high: f64): void { clipForward<f64>(y, x, n, low, high); }
export function op_exp_backward_f64(dx: usize, dy: usize, v: usize, n: i32): void { expBackward<f64>(dx, dy, v, n); }
export function op_log_backward_f64(dx: usize, dy: usize, v: usize, n: i32): void { logBackward<f64>(dx, dy, v, n); }
export function op_sqrt_backward_f64(dx: usize, dy: usize, v: usize, n: i32): void { sqrtBackward<f64>(dx, dy, v, n); }
export function op_square_backward_f64(dx: usize, dy: usize, v: usize, n: i32): void { squareBackward<f64>(dx, dy, v, n); }
export function op_abs_backward_f64(dx: usize, dy: usize, v: usize, n: i32): void { absBackward<f64>(dx, dy, v, n); }
export function op_sigmoid_backward_f64(dx: usize, dy: usize, v: usize, n: i32): void { sigmoidBackward<f64>(dx, dy, v, n); }
export function op_tanh_backward_f64(dx: usize, dy: usize, v: usize, n: i32): void { tanhBackward<f64>(dx, dy, v, n); }
export function op_relu_backward_f64(dx: usize, dy: usize, v: usize, n: i32): void { reluBackward<f64>(dx, dy, v, n); }
export function op_gelu_backward_f64(dx: usize, dy: usize, v: usize, n: i32): void { geluBackward<f64>(dx, dy, v, n); }
export function op_gelu_tanh_backward_f64(dx: usize, dy: usize, v: usize, n: i32): void { geluTanhBackward<f64>(dx, dy, v, n); }
export function op_silu_backward_f64(dx: usize, dy: usize, v: usize, n: i32): void { siluBackward<f64>(dx, dy, v, n); }
export function op_softplus_backward_f64(dx: usize, dy: usize, v: usize, n: i32): void { softplusBackward<f64>(dx, dy, v, n); }
export function op_clip_backward_f64(dx: usize, dy: usize, v: usize, n: i32, low: f64, high: f64): void { clipBackward<f64>(dx, dy, v, n, low, high); }
export function op_binary_f64(op: i32, y: usize, scratch: usize, a: usize, b: usize, R: i32, C: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32): void { binary<f64>(op, y, scratch, a, b, R, C, aRow, aCol, bRow, bCol); }
export function op_compare_f64(op: i32, y: usize, scratch: usize, a: usize, b: usize, R: i32, C: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32): void { compare<f64>(op, y, scratch, a, b, R, C, aRow, aCol, bRow, bCol); }
export function op_ternary_f64(op: i32, y: usize, scratch: usize, c: usize, a: usize, b: usize, R: i32, C: i32, cRow: i32, cCol: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32): void { ternary<f64>(op, y, scratch, c, a, b, R, C, cRow, cCol, aRow, aCol, bRow, bCol); }
export function op_sum_f64(y: usize, x: usize, outer: i32, R: i32, inner: i32, divisor: f64): void { sumForward<f64>(y, x, outer, R, inner, divisor); }
export function op_sum_backward_f64(dx: usize, dy: usize, outer: i32, R: i32, inner: i32, divisor: f64): void { sumBackward<f64>(dx, dy, outer, R, inner, divisor); }
export function op_variance_f64(y: usize, mean: usize, x: usize, outer: i32, R: i32, inner: i32, correction: f64): void { varianceForward<f64>(y, mean, x, outer, R, inner, correction); }
export function op_variance_backward_f64(dx: usize, dy: usize, mean: usize, x: usize, outer: i32, R: i32, inner: i32, correction: f64): void { varianceBackward<f64>(dx, dy, mean, x, outer, R, inner, correction); }
export function op_max_f64(y: usize, x: usize, outer: i32, R: i32, inner: i32): void { maxForward<f64>(y, x, outer, R, inner); }
export function op_max_backward_f64(dx: usize, dy: usize, y: usize, x: usize, outer: i32, R: i32, inner: i32): void { maxBackward<f64>(dx, dy, y, x, outer, R, inner); }
export function op_arg_max_f64(places: usize, x: usize, outer: i32, R: i32, inner: i32): void { argMax<f64>(places, x, outer, R, inner); }
export function op_softmax_f64(y: usize, z: usize, outer: i32, R: i32, inner: i32, kind: i32): void { softmaxAxis<f64>(y, z, outer, R, inner, kind); }
export function op_softmax_backward_f64(dz: usize, dy: usize, y: usize, outer: i32, R: i32, inner: i32, isLog: i32): void { softmaxAxisBackward<f64>(dz, dy, y, outer, R, inner, isLog); }
export function op_log_sum_exp_backward_f64(dz: usize, ds: usize, s: usize, z: usize, outer: i32, R: i32, inner: i32): void { logSumExpBackward<f64>(dz, ds, s, z, outer, R, inner); }
export function op_cumulative_sum_f64(y: usize, x: usize, outer: i32, R: i32, inner: i32, back: i32): void { cumulativeSum<f64>(y, x, outer, R, inner, back); }
export function op_move_f64(dst: usize, src: usize, plan: usize, rank: i32, adds: i32): void { move<f64>(dst, src, plan, rank, adds); }
export function op_add_rows_f64(dst: usize, src: usize, rows: i32, n: i32): void { addRows<f64>(dst, src, rows, n); }
export function op_gather_f64(y: usize, x: usize, index: usize, plan: usize, rank: i32, along: i32, adds: i32): void { gather<f64>(y, x, index, plan, rank, along, adds); }
export function op_scatter_add_f64(x: usize, sums: usize, n: i32, y: usize, index: usize, plan: usize, rank: i32, along: i32): void { scatterAdd<f64>(x, sums, n, y, index, plan, rank, along); }
export function op_matmul_f64(c: usize, a: usize, b: usize, scratch: usize, plan: usize, rank: i32, summed: i32, M: i32, K: i32, N: i32, kind: i32, adds: i32): void { matmul<f64>(c, a, b, scratch, plan, rank, summed, M, K, N, kind, adds); }
export function op_matmul_scratch_f64(M: i32, K: i32, N: i32, kind: i32, summed: i32): f64 { return matmulScratch<f64>(M, K, N, kind, summed); }
export function op_conv2d_f64(y: usize, x: usize, w: usize, bias: usize, scratch: usize, plan: usize): void { conv2d<f64>(y, x, w, bias, scratch, plan); }
export function op_conv2d_input_f64(dx: usize, dy: usize, w: usize, scratch: usize, plan: usize): void { conv2dInput<f64>(dx, dy, w, scratch, plan); }
export function op_conv2d_weights_f64(dw: usize, dy: usize, x: usize, scratch: usize, plan: usize): void { conv2dWeights<f64>(dw, dy, x, scratch, plan); }
export function op_conv2d_bias_f64(dbias: usize, dy: usize, N: i32, O: i32, places: i32): void { conv2dBias<f64>(dbias, dy, N, O, places); }
export function op_conv2d_scratch_f64(plan: usize, weights: i32): f64 { return conv2dScratch<f64>(plan, weights); }
export function op_conv2d_input_scratch_f64(plan: usize): f64 { return conv2dInputScratch<f64>(plan); }
export function op_max_pool2d_f64(y: usize, x: usize, scratch: usize, plan: usize): void { maxPool2d<f64>(y, x, scratch, plan); }
export function op_max_pool2d_backward_f64(dx: usize, dy: usize, y: usize, x: usize, plan: usize): void { maxPool2dBackward<f64>(dx, dy, y, x, plan); }
export function op_avg_pool2d_f64(y: usize, x: usize, scratch: usize, plan: usize): void { avgPool2d<f64>(y, x, scratch, plan); }
export function op_avg_pool2d_backward_f64(dx: usize, dy: usize, plan: usize): void { avgPool2dBackward<f64>(dx, dy, plan); }
