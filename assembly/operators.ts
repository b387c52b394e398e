/**
 * The ABI of the operators: monomorphic exports, one line each. Nothing else. They make a binary of their own, which works over the memory
 * of that of index.ts. bindings/ops/ is the only place that knows these names and positions.
 */
import { tanhBackward, tanhForward } from "./ops/unary";

// f32
export function op_tanh_f32(y: usize, x: usize, n: i32): void { tanhForward<f32>(y, x, n); }
export function op_tanh_backward_f32(dx: usize, dy: usize, y: usize, n: i32): void { tanhBackward<f32>(dx, dy, y, n); }

// f64
export function op_tanh_f64(y: usize, x: usize, n: i32): void { tanhForward<f64>(y, x, n); }
export function op_tanh_backward_f64(dx: usize, dy: usize, y: usize, n: i32): void { tanhBackward<f64>(dx, dy, y, n); }
