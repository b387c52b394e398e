import { gemm } from "./gemm";
export function gemm_f32(c: usize, ldc: usize, a: usize, lda: usize, b: usize, panelBytes: usize, init: usize, ldi: usize, M: i32, K: i32, cols: i32): void { gemm<f32>(c, ldc, a, lda, b, panelBytes, init, ldi, M, K, cols); }
export function gemm_f64(c: usize, ldc: usize, a: usize, lda: usize, b: usize, panelBytes: usize, init: usize, ldi: usize, M: i32, K: i32, cols: i32): void { gemm<f64>(c, ldc, a, lda, b, panelBytes, init, ldi, M, K, cols); }
