/** Operators of ONNX beside ONNX Runtime's. */
import { InferenceSession, Tensor as Theirs } from "onnxruntime-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Runtime } from "../../bindings/index.js";
import { loadOnnx } from "../../bindings/onnx.js";
import type { TestTensor } from "../helpers/onnx.js";
import { CASES, modelOf } from "../helpers/onnx-operators.js";
import { operatorRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeAll(async () => {
  rt = await operatorRuntime();
});
afterAll(() => rt.dispose());

function feedOf({ type, shape, data }: TestTensor): Theirs {
  const numbers = Array.from(data);
  if (type === "bool") return new Theirs("bool", Uint8Array.from(numbers), shape);
  if (type === "int64") return new Theirs("int64", BigInt64Array.from(numbers.map(BigInt)), shape);
  return new Theirs("float32", Float32Array.from(numbers), shape);
}

test.each(CASES.map((one, i) => [`${one[0]} (${i})`, one] as const))("%s", async (label, one) => {
  const { bytes, feeds, outputs } = modelOf(one);
  const theirs = await InferenceSession.create(bytes, { logSeverityLevel: 4 });
  const expected = await theirs.run(Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, feedOf(tensor)])));
  await theirs.release();
  using session = await loadOnnx(rt, bytes);
  const tensors = Object.fromEntries(
    session.inputs.map(({ name, dtype }) => {
      const { shape, data } = feeds[name] as TestTensor;
      return [name, rt.tensor(dtype === "i32" ? Int32Array.from(data) : data, shape.length === 0 ? [1] : shape, { dtype })];
    }),
  );
  const results = await session.run(tensors);
  for (const name of outputs) {
    const { dims, data } = expected[name] as Theirs;
    expect(results[name]?.shape, label).toEqual(dims);
    const ours = results[name]?.toArray() ?? [];
    for (const [i, value] of Array.from(data as Float32Array, Number).entries())
      if (!(Math.abs((ours[i] as number) - value) <= 1e-6 + 1e-5 * Math.abs(value)) && !Object.is(ours[i], value))
        expect.fail(`${label}, ${name}[${i}]: ${ours[i]}, expected ${value}`);
  }
  for (const tensor of Object.values(tensors)) tensor.dispose();
});
