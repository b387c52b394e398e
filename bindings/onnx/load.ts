/** Networks of ONNX from files. */
import { checkOptions } from "../checks.js";
import { checkStored } from "../layers/doors.js";
import { loadOperators } from "../ops/load.js";
import type { Runtime } from "../runtime.js";
import { checkedBytes, OnnxSession } from "./session.js";

/** Options of `loadOnnx`. */
export interface LoadOnnxOptions {
  /**
   * `"int8"`: weights of f32 that are known beforehand, those of RNN, LSTM, GRU, MatMul and Gemm, are rounded to int8, for a runtime that has
   * its kernels (`loadInt8` of wasm-rnn/int8). Default: as the file has them.
   */
  weights?: "int8";
}

/**
 * Reads a network of ONNX: operators and attributes that cannot run here are refused now, all at once, by the names of their nodes.
 *
 * @param runtime with operators: `await loadOperators(runtime)` is done here where it was not
 * @param bytes of an .onnx file
 * @example
 * const session = await loadOnnx(rt, readFileSync("model.onnx"));
 * const { y } = await session.run({ x: rt.tensor(samples, [1, 16, 3]) });
 * @throws {FormatError} @throws {ArgumentError} @throws {DisposedError}
 */
export async function loadOnnx(runtime: Runtime, bytes: Uint8Array, options: LoadOnnxOptions = {}): Promise<OnnxSession> {
  const { weights } = checkOptions(options, ["weights"]);
  const own = checkedBytes(runtime, bytes);
  const storage = checkStored(runtime, { dtype: "f32" as const, ...(weights !== undefined && { weights }) }, []);
  await loadOperators(runtime);
  return new OnnxSession(runtime, own, storage);
}
