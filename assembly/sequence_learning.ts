/**
 * The ABI of sequence learning: monomorphic exports, one line each, of the operators' binary. Nothing else.
 * bindings/generated/sequence-learning.ts is the only place that knows these names and positions.
 */
import { attentionBackward, attentionForward } from "./ops/attention";

// f32
export function attention_forward_f32(context: usize, weights: usize, q: usize, k: usize, v: usize, w: usize, lengths: usize, rows: usize, Q: i32, S: i32, N: i32, M: i32, H: i32, D: i32, E: i32, kind: i32, scale: f64): void { attentionForward<f32>(context, weights, q, k, v, w, lengths, rows, Q, S, N, M, H, D, E, kind, scale); }
export function attention_backward_f32(dq: usize, dk: usize, dv: usize, dw: usize, scratch: usize, sums: usize, dc: usize, dWeights: usize, weights: usize, q: usize, k: usize, v: usize, w: usize, lengths: usize, rows: usize, Q: i32, S: i32, N: i32, M: i32, H: i32, D: i32, E: i32, kind: i32, scale: f64): void { attentionBackward<f32>(dq, dk, dv, dw, scratch, sums, dc, dWeights, weights, q, k, v, w, lengths, rows, Q, S, N, M, H, D, E, kind, scale); }

// f64
export function attention_forward_f64(context: usize, weights: usize, q: usize, k: usize, v: usize, w: usize, lengths: usize, rows: usize, Q: i32, S: i32, N: i32, M: i32, H: i32, D: i32, E: i32, kind: i32, scale: f64): void { attentionForward<f64>(context, weights, q, k, v, w, lengths, rows, Q, S, N, M, H, D, E, kind, scale); }
export function attention_backward_f64(dq: usize, dk: usize, dv: usize, dw: usize, scratch: usize, sums: usize, dc: usize, dWeights: usize, weights: usize, q: usize, k: usize, v: usize, w: usize, lengths: usize, rows: usize, Q: i32, S: i32, N: i32, M: i32, H: i32, D: i32, E: i32, kind: i32, scale: f64): void { attentionBackward<f64>(dq, dk, dv, dw, scratch, sums, dc, dWeights, weights, q, k, v, w, lengths, rows, Q, S, N, M, H, D, E, kind, scale); }
