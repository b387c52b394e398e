/** Operators of ONNX by kernels beside their twins in JavaScript, and the recurrent ones beside the definition; each runs twice, with other numbers in between. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Runtime, Tensor } from "../../bindings/index.js";
import { constantOf } from "../../bindings/onnx/constant.js";
import { readGraph } from "../../bindings/onnx/graph.js";
import { operatorOf } from "../../bindings/onnx/operators.js";
import { readModel } from "../../bindings/onnx/proto.js";
import { loadOnnx } from "../../bindings/onnx.js";
import { onnxModel, type TestTensor } from "../helpers/onnx.js";
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

/** What ONNX Runtime gives. */
const WRAPPED: [to: number, numbers: number[]][] = [
  [2, [44, 255, 128, 5, 1]],
  [3, [44, -1, -128, 5, 1]],
  [4, [300, 65535, 128, 5, 1]],
  [5, [300, -1, 128, 5, 1]],
  [6, [300, -1, 128, 65541, 1]],
  [9, [1, 1, 1, 1, 1]],
];
test.each(WRAPPED)("integers as the type %i has them, of the file and fed", async (to, numbers) => {
  const x: TestTensor = { type: "int64", shape: [5], data: [300, -1, 128, 65541, 1] };
  const nodes = [
    ["Cast", ["x"], ["c"], { to }],
    ["Cast", ["c"], ["y"], { to: 7 }],
  ] as const;
  const outputs = [["y", "int64"]] as const;
  using x32 = rt.tensor(Int32Array.from(x.data), [5]);
  using fed = await loadOnnx(rt, onnxModel({ inputs: [["x", "int64", [5]]], outputs, nodes }));
  using whole = await loadOnnx(rt, onnxModel({ outputs, nodes, initializers: { x } }));
  for (const run of [() => fed.run({ x: x32 }), () => fed.run({ x: x32 }), () => whole.run({})])
    expect([...((await run()).y as Tensor).toArray()]).toEqual(numbers);
});

test("sums and products of int32 go round, and those of bytes", async () => {
  const model = onnxModel({
    inputs: [["x", "int32", [2]]],
    outputs: [
      ["p", "int32"],
      ["s", "int32"],
      ["d", "int32"],
    ],
    nodes: [
      ["Mul", ["x", "x"], ["p"]],
      ["Add", ["p", "most"], ["s"]],
      ["Cast", ["x"], ["b"], { to: 2 }],
      ["Cast", ["most"], ["byte"], { to: 2 }],
      ["Sub", ["b", "byte"], ["e"]],
      ["Cast", ["e"], ["d"], { to: 6 }],
    ],
    initializers: { most: { type: "int32", shape: [1], data: [2147483647] } },
  });
  using x = rt.tensor(Int32Array.of(123456789, 3), [2]);
  using session = await loadOnnx(rt, model);
  const { p, s, d } = await session.run({ x });
  expect([p, s, d].map((y) => [...(y as Tensor).toArray()])).toEqual([
    [-1757895751, 9],
    [389587896, -2147483640],
    [22, 4],
  ]);
});
