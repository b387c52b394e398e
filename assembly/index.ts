/**
 * The ABI: monomorphic exports, one line each, and the size of the sequence descriptor. Nothing else.
 * bindings/kernels.ts is the only place that knows these names and positions.
 */
import { addTo, maxAbs, scale, sumSquares } from "./blas";
import { fingerprint as fingerprintOf } from "./fingerprint";
import { gemm } from "./gemm";
import { gemmTransposed, gemmTransposedScratch } from "./gemm_tn";
import { bce, bceCheck } from "./heads/bce";
import { crossEntropy, crossEntropyWeight } from "./heads/cross_entropy";
import { denseBackward, denseForward } from "./heads/dense";
import { dropout } from "./ops/dropout";
import { checkTokens, embeddingBackward, embeddingForward } from "./ops/embedding";
import { layerNormBackward, layerNormForward } from "./ops/norm";
import { lastStepBackward, lastStepForward, maxPoolBackward, maxPoolForward, meanPoolBackward, meanPoolForward } from "./ops/pool";
import { huber, l1, mse } from "./heads/regression";
import { softmaxBackward, softmaxForward } from "./heads/softmax";
import { padded, Sequence } from "./layout";
import { sigmoidArray } from "./math_arrays";
import { adagrad, adam, amsgrad, clamp, rmsprop, sgd } from "./optim";
import { packBackward, packBias, packForward } from "./pack";
import { gatherRows, scatterAddRows, scatterRows } from "./rows";
import { gruBackward, gruForward, lstmBackward, lstmForward, rnnBackward, rnnForward } from "./sequence/loop";

// f32
export function sigmoid_f32(y: usize, x: usize, n: i32): void { sigmoidArray<f32>(y, x, n); }
export function gemm_f32(c: usize, ldc: usize, a: usize, lda: usize, b: usize, panelBytes: usize, init: usize, ldi: usize, M: i32, K: i32, cols: i32): void { gemm<f32, f32>(c, ldc, a, lda, b, panelBytes, init, ldi, M, K, cols); }
export function gemm_transposed_f32(c: usize, a: usize, lda: usize, b: usize, scratch: usize, G: i32, H: i32, K: i32, cols: i32): void { gemmTransposed<f32>(c, a, lda, b, scratch, G, H, K, cols); }
export function gemm_transposed_scratch_f32(width: i32, K: i32, cols: i32): f64 { return gemmTransposedScratch<f32>(width, K, cols); }
export function padded_f32(H: i32): i32 { return padded<f32>(H); }
export function pack_forward_f32(dst: usize, w: usize, G: i32, H: i32, K: i32, firstRow: i32, rows: i32): void { packForward<f32, f32>(dst, w, G, H, K, firstRow, rows); }
export function pack_backward_f32(dst: usize, w: usize, G: i32, H: i32, cols: i32, exact: i32): void { packBackward<f32>(dst, w, G, H, cols, exact != 0); }
export function pack_bias_f32(dst: usize, bx: usize, ba: usize, G: i32, H: i32): void { packBias<f32>(dst, bx, ba, G, H); }
export function rnn_forward_f32(s: Sequence): void { rnnForward<f32, f32>(s); }
export function rnn_backward_f32(s: Sequence): void { rnnBackward<f32>(s); }
export function lstm_forward_f32(s: Sequence): void { lstmForward<f32, f32>(s); }
export function lstm_backward_f32(s: Sequence): void { lstmBackward<f32>(s); }
export function gru_forward_f32(s: Sequence): void { gruForward<f32, f32>(s); }
export function gru_backward_f32(s: Sequence): void { gruBackward<f32>(s); }
export function gather_rows_f32(dst: usize, ldd: i32, src: usize, lds: i32, index: usize, M: i32, width: i32): void { gatherRows<f32>(dst, ldd, src, lds, index, M, width); }
export function scatter_rows_f32(dst: usize, ldd: i32, src: usize, lds: i32, index: usize, M: i32, width: i32): void { scatterRows<f32>(dst, ldd, src, lds, index, M, width); }
export function scatter_add_rows_f32(dst: usize, ldd: i32, src: usize, lds: i32, index: usize, M: i32, width: i32): void { scatterAddRows<f32>(dst, ldd, src, lds, index, M, width); }
export function embedding_forward_f32(y: usize, tokens: usize, w: usize, M: i32, E: i32): void { embeddingForward<f32>(y, tokens, w, M, E); }
export function embedding_backward_f32(dw: usize, links: usize, sums: usize, dy: usize, tokens: usize, M: i32, V: i32, E: i32, padding: i32): void { embeddingBackward<f32>(dw, links, sums, dy, tokens, M, V, E, padding); }
export function last_step_forward_f32(y: usize, x: usize, lengths: usize, T: i32, N: i32, H: i32, batchFirst: i32): void { lastStepForward<f32>(y, x, lengths, T, N, H, batchFirst); }
export function last_step_backward_f32(dx: usize, dy: usize, lengths: usize, T: i32, N: i32, H: i32, batchFirst: i32): void { lastStepBackward<f32>(dx, dy, lengths, T, N, H, batchFirst); }
export function mean_pool_forward_f32(y: usize, x: usize, lengths: usize, T: i32, N: i32, H: i32, batchFirst: i32): void { meanPoolForward<f32>(y, x, lengths, T, N, H, batchFirst); }
export function mean_pool_backward_f32(dx: usize, dy: usize, lengths: usize, T: i32, N: i32, H: i32, batchFirst: i32): void { meanPoolBackward<f32>(dx, dy, lengths, T, N, H, batchFirst); }
export function max_pool_forward_f32(y: usize, places: usize, x: usize, lengths: usize, T: i32, N: i32, H: i32, batchFirst: i32): void { maxPoolForward<f32>(y, places, x, lengths, T, N, H, batchFirst); }
export function max_pool_backward_f32(dx: usize, dy: usize, places: usize, T: i32, N: i32, H: i32, batchFirst: i32): void { maxPoolBackward<f32>(dx, dy, places, T, N, H, batchFirst); }
export function layer_norm_forward_f32(y: usize, stats: usize, x: usize, w: usize, b: usize, M: i32, D: i32, epsilon: f64): void { layerNormForward<f32>(y, stats, x, w, b, M, D, epsilon); }
export function layer_norm_backward_f32(dx: usize, dw: usize, db: usize, sums: usize, dy: usize, x: usize, stats: usize, w: usize, M: i32, D: i32): void { layerNormBackward<f32>(dx, dw, db, sums, dy, x, stats, w, M, D); }
export function dense_forward_f32(y: usize, x: usize, w: usize, bias: usize, M: i32, I: i32, O: i32): void { denseForward<f32>(y, x, w, bias, M, I, O); }
export function dense_backward_f32(dx: usize, dw: usize, db: usize, scratch: usize, dy: usize, x: usize, wT: usize, M: i32, I: i32, O: i32): void { denseBackward<f32>(dx, dw, db, scratch, dy, x, wT, M, I, O); }
export function dropout_f32(y: usize, x: usize, n: i32, p: f64, seed0: u32, seed1: u32): void { dropout<f32>(y, x, n, p, seed0, seed1); }
export function softmax_forward_f32(p: usize, z: usize, M: i32, C: i32): void { softmaxForward<f32>(p, z, M, C); }
export function softmax_backward_f32(dz: usize, dp: usize, p: usize, M: i32, C: i32): void { softmaxBackward<f32>(dz, dp, p, M, C); }
export function cross_entropy_weight_f32(targets: usize, weights: usize, lengths: usize, M: i32, N: i32, T: i32, C: i32, ignored: i32): f64 { return crossEntropyWeight<f32>(targets, weights, lengths, M, N, T, C, ignored); }
export function cross_entropy_f32(dz: usize, z: usize, targets: usize, weights: usize, lengths: usize, M: i32, N: i32, T: i32, C: i32, scale: f64, smoothing: f64, ignored: i32): f64 { return crossEntropy<f32>(dz, z, targets, weights, lengths, M, N, T, C, scale, smoothing, ignored); }
export function bce_check_f32(y: usize, lengths: usize, rows: i32, N: i32, T: i32, D: i32): i32 { return bceCheck<f32>(y, lengths, rows, N, T, D); }
export function bce_f32(dx: usize, x: usize, y: usize, weights: usize, lengths: usize, rows: i32, N: i32, T: i32, D: i32, C: i32, weight: f64, scale: f64): f64 { return bce<f32>(dx, x, y, weights, lengths, rows, N, T, D, C, weight, scale); }
export function mse_f32(dx: usize, x: usize, y: usize, lengths: usize, rows: i32, N: i32, T: i32, D: i32, scale: f64): f64 { return mse<f32>(dx, x, y, lengths, rows, N, T, D, scale); }
export function l1_f32(dx: usize, x: usize, y: usize, lengths: usize, rows: i32, N: i32, T: i32, D: i32, scale: f64): f64 { return l1<f32>(dx, x, y, lengths, rows, N, T, D, scale); }
export function huber_f32(dx: usize, x: usize, y: usize, lengths: usize, rows: i32, N: i32, T: i32, D: i32, scale: f64, delta: f64): f64 { return huber<f32>(dx, x, y, lengths, rows, N, T, D, scale, delta); }
export function sgd_f32(p: usize, v: usize, g: usize, n: i32, lr: f64, momentum: f64, nesterov: i32, decay: f64): void { sgd<f32>(p, v, g, n, lr, momentum, nesterov, decay); }
export function adam_f32(p: usize, m: usize, v: usize, g: usize, n: i32, beta1: f64, beta2: f64, epsilon: f64, stepSize: f64, root: f64, decay: f64, keep: f64): void { adam<f32>(p, m, v, g, n, beta1, beta2, epsilon, stepSize, root, decay, keep); }
export function amsgrad_f32(p: usize, m: usize, v: usize, top: usize, g: usize, n: i32, beta1: f64, beta2: f64, epsilon: f64, stepSize: f64, root: f64, decay: f64, keep: f64): void { amsgrad<f32>(p, m, v, top, g, n, beta1, beta2, epsilon, stepSize, root, decay, keep); }
export function rmsprop_f32(p: usize, v: usize, mean: usize, b: usize, g: usize, n: i32, lr: f64, alpha: f64, epsilon: f64, momentum: f64, decay: f64): void { rmsprop<f32>(p, v, mean, b, g, n, lr, alpha, epsilon, momentum, decay); }
export function adagrad_f32(p: usize, v: usize, g: usize, n: i32, lr: f64, epsilon: f64, decay: f64): void { adagrad<f32>(p, v, g, n, lr, epsilon, decay); }
export function clamp_f32(x: usize, n: i32, bound: f64): void { clamp<f32>(x, n, bound); }
export function sum_squares_f32(x: usize, n: i32, s: f64): f64 { return sumSquares<f32>(x, n, s); }
export function max_abs_f32(x: usize, n: i32): f64 { return maxAbs<f32>(x, n); }
export function scale_f32(x: usize, n: i32, s: f64): void { scale<f32>(x, n, s); }
export function add_to_f32(y: usize, x: usize, n: i32): void { addTo<f32>(y, x, n); }

// f64
export function sigmoid_f64(y: usize, x: usize, n: i32): void { sigmoidArray<f64>(y, x, n); }
export function gemm_f64(c: usize, ldc: usize, a: usize, lda: usize, b: usize, panelBytes: usize, init: usize, ldi: usize, M: i32, K: i32, cols: i32): void { gemm<f64, f64>(c, ldc, a, lda, b, panelBytes, init, ldi, M, K, cols); }
export function gemm_transposed_f64(c: usize, a: usize, lda: usize, b: usize, scratch: usize, G: i32, H: i32, K: i32, cols: i32): void { gemmTransposed<f64>(c, a, lda, b, scratch, G, H, K, cols); }
export function gemm_transposed_scratch_f64(width: i32, K: i32, cols: i32): f64 { return gemmTransposedScratch<f64>(width, K, cols); }
export function padded_f64(H: i32): i32 { return padded<f64>(H); }
export function pack_forward_f64(dst: usize, w: usize, G: i32, H: i32, K: i32, firstRow: i32, rows: i32): void { packForward<f64, f64>(dst, w, G, H, K, firstRow, rows); }
export function pack_backward_f64(dst: usize, w: usize, G: i32, H: i32, cols: i32, exact: i32): void { packBackward<f64>(dst, w, G, H, cols, exact != 0); }
export function pack_bias_f64(dst: usize, bx: usize, ba: usize, G: i32, H: i32): void { packBias<f64>(dst, bx, ba, G, H); }
export function rnn_forward_f64(s: Sequence): void { rnnForward<f64, f64>(s); }
export function rnn_backward_f64(s: Sequence): void { rnnBackward<f64>(s); }
export function lstm_forward_f64(s: Sequence): void { lstmForward<f64, f64>(s); }
export function lstm_backward_f64(s: Sequence): void { lstmBackward<f64>(s); }
export function gru_forward_f64(s: Sequence): void { gruForward<f64, f64>(s); }
export function gru_backward_f64(s: Sequence): void { gruBackward<f64>(s); }
export function gather_rows_f64(dst: usize, ldd: i32, src: usize, lds: i32, index: usize, M: i32, width: i32): void { gatherRows<f64>(dst, ldd, src, lds, index, M, width); }
export function scatter_rows_f64(dst: usize, ldd: i32, src: usize, lds: i32, index: usize, M: i32, width: i32): void { scatterRows<f64>(dst, ldd, src, lds, index, M, width); }
export function scatter_add_rows_f64(dst: usize, ldd: i32, src: usize, lds: i32, index: usize, M: i32, width: i32): void { scatterAddRows<f64>(dst, ldd, src, lds, index, M, width); }
export function embedding_forward_f64(y: usize, tokens: usize, w: usize, M: i32, E: i32): void { embeddingForward<f64>(y, tokens, w, M, E); }
export function embedding_backward_f64(dw: usize, links: usize, sums: usize, dy: usize, tokens: usize, M: i32, V: i32, E: i32, padding: i32): void { embeddingBackward<f64>(dw, links, sums, dy, tokens, M, V, E, padding); }
export function last_step_forward_f64(y: usize, x: usize, lengths: usize, T: i32, N: i32, H: i32, batchFirst: i32): void { lastStepForward<f64>(y, x, lengths, T, N, H, batchFirst); }
export function last_step_backward_f64(dx: usize, dy: usize, lengths: usize, T: i32, N: i32, H: i32, batchFirst: i32): void { lastStepBackward<f64>(dx, dy, lengths, T, N, H, batchFirst); }
export function mean_pool_forward_f64(y: usize, x: usize, lengths: usize, T: i32, N: i32, H: i32, batchFirst: i32): void { meanPoolForward<f64>(y, x, lengths, T, N, H, batchFirst); }
export function mean_pool_backward_f64(dx: usize, dy: usize, lengths: usize, T: i32, N: i32, H: i32, batchFirst: i32): void { meanPoolBackward<f64>(dx, dy, lengths, T, N, H, batchFirst); }
export function max_pool_forward_f64(y: usize, places: usize, x: usize, lengths: usize, T: i32, N: i32, H: i32, batchFirst: i32): void { maxPoolForward<f64>(y, places, x, lengths, T, N, H, batchFirst); }
export function max_pool_backward_f64(dx: usize, dy: usize, places: usize, T: i32, N: i32, H: i32, batchFirst: i32): void { maxPoolBackward<f64>(dx, dy, places, T, N, H, batchFirst); }
export function layer_norm_forward_f64(y: usize, stats: usize, x: usize, w: usize, b: usize, M: i32, D: i32, epsilon: f64): void { layerNormForward<f64>(y, stats, x, w, b, M, D, epsilon); }
export function layer_norm_backward_f64(dx: usize, dw: usize, db: usize, sums: usize, dy: usize, x: usize, stats: usize, w: usize, M: i32, D: i32): void { layerNormBackward<f64>(dx, dw, db, sums, dy, x, stats, w, M, D); }
export function dense_forward_f64(y: usize, x: usize, w: usize, bias: usize, M: i32, I: i32, O: i32): void { denseForward<f64>(y, x, w, bias, M, I, O); }
export function dense_backward_f64(dx: usize, dw: usize, db: usize, scratch: usize, dy: usize, x: usize, wT: usize, M: i32, I: i32, O: i32): void { denseBackward<f64>(dx, dw, db, scratch, dy, x, wT, M, I, O); }
export function dropout_f64(y: usize, x: usize, n: i32, p: f64, seed0: u32, seed1: u32): void { dropout<f64>(y, x, n, p, seed0, seed1); }
export function softmax_forward_f64(p: usize, z: usize, M: i32, C: i32): void { softmaxForward<f64>(p, z, M, C); }
export function softmax_backward_f64(dz: usize, dp: usize, p: usize, M: i32, C: i32): void { softmaxBackward<f64>(dz, dp, p, M, C); }
export function cross_entropy_weight_f64(targets: usize, weights: usize, lengths: usize, M: i32, N: i32, T: i32, C: i32, ignored: i32): f64 { return crossEntropyWeight<f64>(targets, weights, lengths, M, N, T, C, ignored); }
export function cross_entropy_f64(dz: usize, z: usize, targets: usize, weights: usize, lengths: usize, M: i32, N: i32, T: i32, C: i32, scale: f64, smoothing: f64, ignored: i32): f64 { return crossEntropy<f64>(dz, z, targets, weights, lengths, M, N, T, C, scale, smoothing, ignored); }
export function bce_check_f64(y: usize, lengths: usize, rows: i32, N: i32, T: i32, D: i32): i32 { return bceCheck<f64>(y, lengths, rows, N, T, D); }
export function bce_f64(dx: usize, x: usize, y: usize, weights: usize, lengths: usize, rows: i32, N: i32, T: i32, D: i32, C: i32, weight: f64, scale: f64): f64 { return bce<f64>(dx, x, y, weights, lengths, rows, N, T, D, C, weight, scale); }
export function mse_f64(dx: usize, x: usize, y: usize, lengths: usize, rows: i32, N: i32, T: i32, D: i32, scale: f64): f64 { return mse<f64>(dx, x, y, lengths, rows, N, T, D, scale); }
export function l1_f64(dx: usize, x: usize, y: usize, lengths: usize, rows: i32, N: i32, T: i32, D: i32, scale: f64): f64 { return l1<f64>(dx, x, y, lengths, rows, N, T, D, scale); }
export function huber_f64(dx: usize, x: usize, y: usize, lengths: usize, rows: i32, N: i32, T: i32, D: i32, scale: f64, delta: f64): f64 { return huber<f64>(dx, x, y, lengths, rows, N, T, D, scale, delta); }
export function sgd_f64(p: usize, v: usize, g: usize, n: i32, lr: f64, momentum: f64, nesterov: i32, decay: f64): void { sgd<f64>(p, v, g, n, lr, momentum, nesterov, decay); }
export function adam_f64(p: usize, m: usize, v: usize, g: usize, n: i32, beta1: f64, beta2: f64, epsilon: f64, stepSize: f64, root: f64, decay: f64, keep: f64): void { adam<f64>(p, m, v, g, n, beta1, beta2, epsilon, stepSize, root, decay, keep); }
export function amsgrad_f64(p: usize, m: usize, v: usize, top: usize, g: usize, n: i32, beta1: f64, beta2: f64, epsilon: f64, stepSize: f64, root: f64, decay: f64, keep: f64): void { amsgrad<f64>(p, m, v, top, g, n, beta1, beta2, epsilon, stepSize, root, decay, keep); }
export function rmsprop_f64(p: usize, v: usize, mean: usize, b: usize, g: usize, n: i32, lr: f64, alpha: f64, epsilon: f64, momentum: f64, decay: f64): void { rmsprop<f64>(p, v, mean, b, g, n, lr, alpha, epsilon, momentum, decay); }
export function adagrad_f64(p: usize, v: usize, g: usize, n: i32, lr: f64, epsilon: f64, decay: f64): void { adagrad<f64>(p, v, g, n, lr, epsilon, decay); }
export function clamp_f64(x: usize, n: i32, bound: f64): void { clamp<f64>(x, n, bound); }
export function sum_squares_f64(x: usize, n: i32, s: f64): f64 { return sumSquares<f64>(x, n, s); }
export function max_abs_f64(x: usize, n: i32): f64 { return maxAbs<f64>(x, n); }
export function scale_f64(x: usize, n: i32, s: f64): void { scale<f64>(x, n, s); }
export function add_to_f64(y: usize, x: usize, n: i32): void { addTo<f64>(y, x, n); }

// bf16 weights, f32 everything else: inference
export function pack_forward_bf16(dst: usize, w: usize, G: i32, H: i32, K: i32, firstRow: i32, rows: i32): void { packForward<f32, u16>(dst, w, G, H, K, firstRow, rows); }
export function rnn_forward_bf16(s: Sequence): void { rnnForward<f32, u16>(s); }
export function lstm_forward_bf16(s: Sequence): void { lstmForward<f32, u16>(s); }
export function gru_forward_bf16(s: Sequence): void { gruForward<f32, u16>(s); }

// both
export function fingerprint(ptr: usize, bytes: i32): f64 { return fingerprintOf(ptr, bytes); }
export function check_tokens(tokens: usize, M: i32, vocabulary: i32): i32 { return checkTokens(tokens, M, vocabulary); }

// the descriptor of a sequence, whose fields are words in the order of the class: its size
export const Sequence_size: i32 = offsetof<Sequence>();

// which build this is, by its place in bindings/builds.ts
export const build: i32 = i32(ASC_FEATURE_RELAXED_SIMD) + 2 * i32(!ASC_NO_ASSERT);

// the first byte that is the host's: nothing of the module lies above
export function heap_base(): usize { return __heap_base; }
