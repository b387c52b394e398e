/**
 * Products in the shapes that LSTMs use: rows × K × gate columns. One row: a streaming step; two and three: sequences of
 * different lengths; 6,400: all steps at once. And the weight gradients' product over as many rows.
 */

import { matmul } from "../../tests/reference/gemm.js";
import { assertClose, type Case, numbers } from "../harness.js";
import { instantiate, suffix } from "../raw.js";

const SHAPES = [
  [1, 64, 256],
  [1, 128, 512],
  [1, 256, 1024],
  [2, 128, 512],
  [3, 128, 512],
  [4, 128, 512],
  [32, 128, 512],
  [64, 256, 1024],
  [100, 128, 512],
  [6400, 1024, 256],
] as const;

export function gemmCases(build: string, binary: Uint8Array): Case[] {
  return (["f32", "f64"] as const).flatMap((dtype) => [
    ...SHAPES.map(([M, K, N]) => gemmCase(build, binary, dtype, M, K, N)),
    transposedCase(build, binary, dtype, 6400, 512, 128),
  ]);
}

/** Rows that are checked: the last ones. */
const CHECKED = 100;

/** What the bindings' typed arrays and the binary need for so many elements. */
function room(binary: Uint8Array, dtype: "f32" | "f64", elements: number) {
  const size = dtype === "f32" ? 4 : 8;
  return { ...instantiate(binary, 8 + Math.ceil((elements * size) / 65536)), size, Typed: dtype === "f32" ? Float32Array : Float64Array };
}

function gemmCase(build: string, binary: Uint8Array, dtype: "f32" | "f64", M: number, K: number, N: number): Case {
  const { exports, memory, base, size, Typed } = room(binary, dtype, M * K + 2 * N * K + M * N);
  const [a, w, b] = [base, base + M * K * size, base + (M + N) * K * size];
  const c = b + N * K * size;
  const A = new Typed(memory.buffer, a, M * K);
  const W = new Typed(memory.buffer, w, N * K);
  A.set(numbers(M * K));
  W.set(numbers(N * K));
  exports[`pack_forward_${dtype}`]?.(b, w, 1, N, K, 0, K);
  const gemm = exports[`gemm_${dtype}`] as (...args: number[]) => number;
  return {
    id: `gemm/M${M}-K${K}-N${N}${suffix(dtype)}`,
    contender: `wasm-rnn/${build}`,
    flops: 2 * M * K * N,
    bytes: M === 1 ? K * N * size : 0, // one row is bound by the loads of its weights
    run: () => void gemm(c, N * size, a, K * size, b, K * 32, 0, 0, M, K, N),
    validate() {
      this.run();
      const rows = Math.min(M, CHECKED);
      const transposed = Float64Array.from({ length: K * N }, (_, i) => W[(i % N) * K + Math.floor(i / N)] as number);
      const want = matmul(A.subarray((M - rows) * K), [rows, K], transposed, [K, N]);
      assertClose(this.id, new Typed(memory.buffer, c + (M - rows) * N * size, rows * N), want, dtype === "f32" ? 1e-5 : 1e-13);
    },
  };
}

/** Weight gradients: K rows of M gate columns and of N inputs. */
function transposedCase(build: string, binary: Uint8Array, dtype: "f32" | "f64", K: number, M: number, N: number): Case {
  const { exports, memory, base, size, Typed } = room(binary, dtype, K * (M + N) + M * N + 256 * (M + N));
  const [b, c] = [base + K * M * size, base + K * (M + N) * size];
  const [A, B, C] = [new Typed(memory.buffer, base, K * M), new Typed(memory.buffer, b, K * N), new Typed(memory.buffer, c, M * N)];
  A.set(numbers(K * M));
  B.set(numbers(K * N).reverse());
  const product = exports[`gemm_transposed_${dtype}`] as (...args: number[]) => number;
  return {
    id: `gemm-transposed/M${M}-K${K}-N${N}${suffix(dtype)}`,
    contender: `wasm-rnn/${build}`,
    flops: 2 * M * K * N,
    bytes: 0,
    run: () => void product(c, base, M * size, b, c + M * N * size, 1, M, K, N),
    validate() {
      C.fill(0);
      this.run();
      const rows = Math.min(M, CHECKED);
      const transposed = Float64Array.from({ length: rows * K }, (_, i) => A[(i % K) * M + (M - rows) + Math.floor(i / K)] as number);
      const want = matmul(transposed, [rows, K], B, [K, N]);
      assertClose(this.id, C.subarray((M - rows) * N), want, dtype === "f32" ? 1e-5 : 1e-13);
    },
  };
}
