/** Products in the shapes that LSTMs use: rows × K × gate columns. One row: a streaming step. */

import { matmul } from "../../tests/reference/gemm.js";
import { assertClose, type Case, numbers } from "../harness.js";
import { instantiate, suffix } from "../raw.js";

const SHAPES = [
  [1, 64, 256],
  [1, 128, 512],
  [1, 256, 1024],
  [4, 128, 512],
  [32, 128, 512],
  [64, 256, 1024],
  [100, 128, 512],
] as const;

export function gemmCases(build: string, binary: Uint8Array): Case[] {
  return (["f32", "f64"] as const).flatMap((dtype) => SHAPES.map(([M, K, N]) => gemmCase(build, binary, dtype, M, K, N)));
}

function gemmCase(build: string, binary: Uint8Array, dtype: "f32" | "f64", M: number, K: number, N: number): Case {
  const { exports, memory, base } = instantiate(binary, 256);
  const size = dtype === "f32" ? 4 : 8;
  const Typed = dtype === "f32" ? Float32Array : Float64Array;
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
      const transposed = Float64Array.from({ length: K * N }, (_, i) => W[(i % N) * K + Math.floor(i / N)] as number);
      assertClose(this.id, new Typed(memory.buffer, c, M * N), matmul(A, [M, K], transposed, [K, N]), dtype === "f32" ? 1e-5 : 1e-13);
    },
  };
}
