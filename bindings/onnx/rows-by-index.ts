/** Rows of a table by indices that are known when it runs: an embedding. */
import { sizeOf } from "../checks.js";
import { FormatError } from "../errors.js";
import type { OnnxNode } from "./node.js";
import type { Build, Value } from "./operator.js";

/** Along axis 0; of real numbers, by the embedding's kernel. @returns nothing of integers */
export function embeddingAt(build: Build, node: OnnxNode, x: Value, indices: Value, shape: readonly number[]): Value[] | undefined {
  const [table, tokens] = [build.tensor(x), build.tensor(indices)];
  if (table.dtype === "i32") return undefined;
  const [V, M] = [x.shape[0] as number, sizeOf(indices.shape)];
  const { runtime } = build;
  const kernels = runtime.kernels(table.dtype);
  const y = build.empty(x.type, shape);
  const own = build.take(4 * M);
  build.step(() => {
    const [from, to] = [runtime.view("i32", tokens.pointer(), M), runtime.view("i32", own, M)];
    for (let i = 0; i < M; i++) {
      const index = from[i] as number;
      if (index < -V || index >= V) throw new FormatError(`onnx: ${node.label}: expected indices of ${V} rows, got ${index}`);
      to[i] = index < 0 ? index + V : index;
    }
    kernels.embeddingForward({ y: y.pointer(), tokens: own, w: table.pointer(), M, E: table.size / V });
  });
  return [build.value(y, x.type, shape)];
}
