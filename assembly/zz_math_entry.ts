import * as m from "./math";
export function exp_f32(y: usize, x: usize, n: i32): void { m.expArray<f32>(y, x, n); }
export function exp_f64(y: usize, x: usize, n: i32): void { m.expArray<f64>(y, x, n); }
export function sigmoid_f32(y: usize, x: usize, n: i32): void { m.sigmoidArray<f32>(y, x, n); }
export function sigmoid_f64(y: usize, x: usize, n: i32): void { m.sigmoidArray<f64>(y, x, n); }
export function tanh_f32(y: usize, x: usize, n: i32): void { m.tanhArray<f32>(y, x, n); }
export function tanh_f64(y: usize, x: usize, n: i32): void { m.tanhArray<f64>(y, x, n); }
export function log_f32(y: usize, x: usize, n: i32): void { m.logArray<f32>(y, x, n); }
export function log_f64(y: usize, x: usize, n: i32): void { m.logArray<f64>(y, x, n); }
