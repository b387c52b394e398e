/**
 * The ABI of weights in int8, f32 everything else, to be run only: monomorphic exports, one line each, of a binary of their own. Nothing else.
 * bindings/generated/int8.ts is the only place that knows these names and positions; those that also exist in f32 take the same arguments.
 */
import { denseInt8, denseInt8Scratch } from "./heads/dense_int8";
import { int8Pack, int8Quantize } from "./int8_pack";
import { codeRow } from "./int8_rows";
import { Sequence } from "./layout";
import { gruForward, lstmForward, lstmpForward, rnnForward } from "./sequence/loop";
import { minGruForward, minLstmForward } from "./sequence/pointwise";

export function pack_forward_int8(dst: usize, w: usize, G: i32, H: i32, K: i32, firstRow: i32, rows: i32): void { int8Pack(dst, w, G, H, K, firstRow, rows); }
export function rnn_forward_int8(s: Sequence): void { rnnForward<f32, i8>(s); }
export function lstm_forward_int8(s: Sequence): void { lstmForward<f32, i8>(s); }
export function gru_forward_int8(s: Sequence): void { gruForward<f32, i8>(s); }
export function lstmp_forward_int8(s: Sequence): void { lstmpForward<f32, i8>(s); }
export function min_gru_forward_int8(s: Sequence): void { minGruForward<f32, i8>(s); }
export function min_lstm_forward_int8(s: Sequence): void { minLstmForward<f32, i8>(s); }
export function code_row_int8(K: i32): i32 { return i32(codeRow(K)); }
export function quantize_int8(q: usize, scales: usize, w: usize, R: i32, K: i32): void { int8Quantize(q, scales, w, R, K); }
export function dense_forward_int8(y: usize, x: usize, w: usize, bias: usize, M: i32, I: i32, O: i32): void { denseInt8(y, x, w, bias, M, I, O); }
export function dense_scratch_int8(I: i32): f64 { return denseInt8Scratch(I); }
