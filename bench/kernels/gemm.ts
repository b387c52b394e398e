/** Products in the shapes that LSTMs use: rows × K × gate columns. One row: a streaming step. */

import { instantiateRaw } from "../../tests/helpers/raw.js";
import { matmul } from "../../tests/reference/gemm.js";
import { assertClose, type Case, numbers } from "../harness.js";

const SHAPES = [
  [1, 64, 256],
  [1, 128, 512],
  [1, 256, 1024],
  [4, 128, 512],
  [32, 128, 512],
  [64, 256, 1024],
  [100, 128, 512],
] as const;

export function gemmCases(build: string): Case[] {
  return (["f32", "f64"] as const).flatMap((dtype) => SHAPES.map(([M, K, N]) => gemmCase(build, dtype, M, K, N)));
}

function gemmCase(build: string, dtype: "f32" | "f64", M: number, K: number, N: number): Case {
  const { exports, memory, base } = instantiateRaw(256, build);
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
    id: `gemm/M${M}-K${K}-N${N}`,
    contender: `${build} ${dtype}`,
    flops: 2 * M * K * N,
    run: () => void gemm(c, N * size, a, K * size, b, K * 32, 0, 0, M, K, N),
    validate() {
      this.run();
      const transposed = Float64Array.from({ length: K * N }, (_, i) => W[(i % N) * K + Math.floor(i / N)] as number);
      assertClose(this.id, new Typed(memory.buffer, c, M * N), matmul(A, [M, K], transposed, [K, N]), dtype === "f32" ? 1e-5 : 1e-13);
    },
  };
}
