/**
 * The ABI of sequence learning: monomorphic exports, one line each, of the operators' binary. Nothing else.
 * bindings/generated/sequence-learning.ts is the only place that knows these names and positions.
 */
import { crfCheck, crfLoss, crfMarginals, crfScratch } from "./heads/crf";
import { crfPrepare, crfScoresLength } from "./heads/crf_scores";
import { crfDecode, crfDecodeScratch } from "./heads/crf_viterbi";
import { ctc, ctcTape } from "./heads/ctc";
import { attentionBackward, attentionForward } from "./ops/attention";

// f32
export function attention_forward_f32(context: usize, weights: usize, q: usize, k: usize, v: usize, w: usize, lengths: usize, rows: usize, Q: i32, S: i32, N: i32, M: i32, H: i32, D: i32, E: i32, kind: i32, scale: f64): void { attentionForward<f32>(context, weights, q, k, v, w, lengths, rows, Q, S, N, M, H, D, E, kind, scale); }
export function attention_backward_f32(dq: usize, dk: usize, dv: usize, dw: usize, scratch: usize, sums: usize, dc: usize, dWeights: usize, weights: usize, q: usize, k: usize, v: usize, w: usize, lengths: usize, rows: usize, Q: i32, S: i32, N: i32, M: i32, H: i32, D: i32, E: i32, kind: i32, scale: f64): void { attentionBackward<f32>(dq, dk, dv, dw, scratch, sums, dc, dWeights, weights, q, k, v, w, lengths, rows, Q, S, N, M, H, D, E, kind, scale); }
export function ctc_f32(dz: usize, z: usize, labels: usize, tape: usize, ld: i32, T: i32, C: i32, S: i32, blank: i32, scale: f64, impossible: f64): f64 { return ctc<f32>(dz, z, labels, tape, ld, T, C, S, blank, scale, impossible); }
export function ctc_tape_f32(T: i32, C: i32, S: i32): f64 { return ctcTape<f32>(T, C, S); }
export function crf_check_f32(targets: usize, forbidden: usize, lengths: usize, T: i32, N: i32, K: i32, batchFirst: i32): i32 { return crfCheck(targets, forbidden, lengths, T, N, K, batchFirst); }
export function crf_scores_length_f32(K: i32): f64 { return crfScoresLength<f32>(K); }
export function crf_prepare_f32(scores: usize, parameters: usize, forbidden: usize, K: i32): void { crfPrepare<f32>(scores, parameters, forbidden, K); }
export function crf_scratch_f32(T: i32, K: i32, gradient: i32): f64 { return crfScratch<f32>(T, K, gradient); }
export function crf_loss_f32(de: usize, dw: usize, scores: usize, e: usize, targets: usize, lengths: usize, T: i32, N: i32, K: i32, batchFirst: i32, scale: f64, scratch: usize): f64 { return crfLoss<f32>(de, dw, scores, e, targets, lengths, T, N, K, batchFirst, scale, scratch); }
export function crf_marginals_f32(p: usize, scores: usize, e: usize, lengths: usize, T: i32, N: i32, K: i32, batchFirst: i32, scratch: usize): void { crfMarginals<f32>(p, scores, e, lengths, T, N, K, batchFirst, scratch); }
export function crf_decode_scratch_f32(T: i32, K: i32): f64 { return crfDecodeScratch<f32>(T, K); }
export function crf_decode_f32(tags: usize, totals: usize, scores: usize, e: usize, lengths: usize, T: i32, N: i32, K: i32, batchFirst: i32, scratch: usize): i32 { return crfDecode<f32>(tags, totals, scores, e, lengths, T, N, K, batchFirst, scratch); }

// f64
export function attention_forward_f64(context: usize, weights: usize, q: usize, k: usize, v: usize, w: usize, lengths: usize, rows: usize, Q: i32, S: i32, N: i32, M: i32, H: i32, D: i32, E: i32, kind: i32, scale: f64): void { attentionForward<f64>(context, weights, q, k, v, w, lengths, rows, Q, S, N, M, H, D, E, kind, scale); }
export function attention_backward_f64(dq: usize, dk: usize, dv: usize, dw: usize, scratch: usize, sums: usize, dc: usize, dWeights: usize, weights: usize, q: usize, k: usize, v: usize, w: usize, lengths: usize, rows: usize, Q: i32, S: i32, N: i32, M: i32, H: i32, D: i32, E: i32, kind: i32, scale: f64): void { attentionBackward<f64>(dq, dk, dv, dw, scratch, sums, dc, dWeights, weights, q, k, v, w, lengths, rows, Q, S, N, M, H, D, E, kind, scale); }
export function ctc_f64(dz: usize, z: usize, labels: usize, tape: usize, ld: i32, T: i32, C: i32, S: i32, blank: i32, scale: f64, impossible: f64): f64 { return ctc<f64>(dz, z, labels, tape, ld, T, C, S, blank, scale, impossible); }
export function ctc_tape_f64(T: i32, C: i32, S: i32): f64 { return ctcTape<f64>(T, C, S); }
export function crf_check_f64(targets: usize, forbidden: usize, lengths: usize, T: i32, N: i32, K: i32, batchFirst: i32): i32 { return crfCheck(targets, forbidden, lengths, T, N, K, batchFirst); }
export function crf_scores_length_f64(K: i32): f64 { return crfScoresLength<f64>(K); }
export function crf_prepare_f64(scores: usize, parameters: usize, forbidden: usize, K: i32): void { crfPrepare<f64>(scores, parameters, forbidden, K); }
export function crf_scratch_f64(T: i32, K: i32, gradient: i32): f64 { return crfScratch<f64>(T, K, gradient); }
export function crf_loss_f64(de: usize, dw: usize, scores: usize, e: usize, targets: usize, lengths: usize, T: i32, N: i32, K: i32, batchFirst: i32, scale: f64, scratch: usize): f64 { return crfLoss<f64>(de, dw, scores, e, targets, lengths, T, N, K, batchFirst, scale, scratch); }
export function crf_marginals_f64(p: usize, scores: usize, e: usize, lengths: usize, T: i32, N: i32, K: i32, batchFirst: i32, scratch: usize): void { crfMarginals<f64>(p, scores, e, lengths, T, N, K, batchFirst, scratch); }
export function crf_decode_scratch_f64(T: i32, K: i32): f64 { return crfDecodeScratch<f64>(T, K); }
export function crf_decode_f64(tags: usize, totals: usize, scores: usize, e: usize, lengths: usize, T: i32, N: i32, K: i32, batchFirst: i32, scratch: usize): i32 { return crfDecode<f64>(tags, totals, scores, e, lengths, T, N, K, batchFirst, scratch); }
