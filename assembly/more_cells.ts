/**
 * The ABI of the further cells: monomorphic exports, one line each, of the operators' binary. Nothing else.
 * bindings/generated/more-cells.ts is the only place that knows these names and positions.
 */
import { Sequence } from "./layout";
import { lstmpBackward, lstmpForward } from "./sequence/loop";
import { minGruBackward, minGruForward, minLstmBackward, minLstmForward } from "./sequence/pointwise";

// f32
export function lstmp_forward_f32(s: Sequence): void { lstmpForward<f32, f32>(s); }
export function lstmp_backward_f32(s: Sequence): void { lstmpBackward<f32>(s); }
export function min_gru_forward_f32(s: Sequence): void { minGruForward<f32, f32>(s); }
export function min_gru_backward_f32(s: Sequence): void { minGruBackward<f32>(s); }
export function min_lstm_forward_f32(s: Sequence): void { minLstmForward<f32, f32>(s); }
export function min_lstm_backward_f32(s: Sequence): void { minLstmBackward<f32>(s); }

// f64
export function lstmp_forward_f64(s: Sequence): void { lstmpForward<f64, f64>(s); }
export function lstmp_backward_f64(s: Sequence): void { lstmpBackward<f64>(s); }
export function min_gru_forward_f64(s: Sequence): void { minGruForward<f64, f64>(s); }
export function min_gru_backward_f64(s: Sequence): void { minGruBackward<f64>(s); }
export function min_lstm_forward_f64(s: Sequence): void { minLstmForward<f64, f64>(s); }
export function min_lstm_backward_f64(s: Sequence): void { minLstmBackward<f64>(s); }

// bf16 weights, f32 everything else: inference
export function min_gru_forward_bf16(s: Sequence): void { minGruForward<f32, u16>(s); }
export function min_lstm_forward_bf16(s: Sequence): void { minLstmForward<f32, u16>(s); }
