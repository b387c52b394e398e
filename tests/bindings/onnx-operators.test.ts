/** Operators of ONNX by kernels beside their twins in JavaScript, and the recurrent ones beside the definition; each runs twice, with other numbers in between. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Runtime, Tensor } from "../../bindings/index.js";
import { constantOf } from "../../bindings/onnx/constant.js";
import { readGraph } from "../../bindings/onnx/graph.js";
import { operatorOf } from "../../bindings/onnx/operators.js";
import { readModel } from "../../bindings/onnx/proto.js";
import { loadOnnx } from "../../bindings/onnx.js";
import type { TestTensor } from "../helpers/onnx.js";
import { CASES, modelOf, OPSET } from "../helpers/onnx-operators.js";
import { recurrentCase } from "../helpers/onnx-recurrent.js";
import { operatorRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeAll(async () => {
  rt = await operatorRuntime();
});
afterAll(() => rt.dispose());

describe("by kernels as by the definition", () => {
  test.each(CASES.map((one, i) => [`${one[0]} (${i})`, one] as const))("%s", async (_, one) => {
    const { bytes, feeds, outputs } = modelOf(one);
    const [, fed, known = []] = one;
    const graph = readGraph(readModel(bytes).graph as never);
    const node = graph.nodes[0] as (typeof graph.nodes)[0];
    const constants = [...fed, ...known].map(({ type, shape, data }) => constantOf(type as "float32", shape, data));
    const expected = operatorOf(node)?.fold?.(node, constants, OPSET) ?? [];
    await compare(bytes, feeds, outputs, expected);
  });

  test("RNN, LSTM and GRU, with attributes drawn at random", async () => {
    for (let seed = 5000; seed < 5060; seed++) {
      const { label, bytes, feeds, outputs } = recurrentCase(seed);
      const graph = readGraph(readModel(bytes).graph as never);
      const node = graph.nodes[0] as (typeof graph.nodes)[0];
      const constants = node.inputs.map((name) => {
        const { type, shape, data } = (feeds[name] ?? graph.constants.get(name) ?? {}) as TestTensor;
        return name === "" ? undefined : constantOf(type as "float32", shape, data);
      });
      const expected = operatorOf(node)?.fold?.(node, constants, OPSET) ?? [];
      await compare(bytes, feeds, outputs, expected, label);
    }
  });
});

async function compare(
  bytes: Uint8Array,
  feeds: Readonly<Record<string, TestTensor>>,
  outputs: readonly string[],
  expected: readonly { shape: readonly number[]; data: ArrayLike<number> }[],
  label = "",
): Promise<void> {
  const before = rt.bytesInUse;
  const session = await loadOnnx(rt, bytes);
  const tensors: Record<string, Tensor> = {};
  for (const [name, { type, shape, data }] of Object.entries(feeds))
    tensors[name] = rt.tensor(type === "float32" ? data : Int32Array.from(data), shape, { dtype: type === "float32" ? "f32" : "i32" });
  const others = Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, rt.zeros(tensor.shape, { dtype: tensor.dtype })]),
  );
  if (!("lengths" in feeds)) await session.run(others);
  const results = await session.run(tensors);
  for (const [i, name] of outputs.entries()) {
    const [want, got] = [expected[i], results[name]];
    expect(got?.shape, label).toEqual(want?.shape);
    const ours = got?.toArray() ?? [];
    const scale = Array.from(want?.data ?? []).reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    for (let k = 0; k < (want?.data.length ?? 0); k++)
      if (!(Math.abs((ours[k] as number) - (want?.data[k] as number)) <= 3e-6 * scale))
        expect.fail(`${label} ${name}[${k}]: ${ours[k]}, expected ${want?.data[k]}`);
  }
  session.dispose();
  for (const tensor of [...Object.values(tensors), ...Object.values(others)]) tensor.dispose();
  expect(rt.bytesInUse).toBe(before);
}
