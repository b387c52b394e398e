/** Networks of ONNX from files. */
import { loadOperators } from "../ops/load.js";
import type { Runtime } from "../runtime.js";
import { checkedBytes, OnnxSession } from "./session.js";

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
export async function loadOnnx(runtime: Runtime, bytes: Uint8Array): Promise<OnnxSession> {
  const own = checkedBytes(runtime, bytes);
  await loadOperators(runtime);
  return new OnnxSession(runtime, own);
}
