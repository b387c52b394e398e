/** Operators of ONNX by kernels beside their twins in JavaScript, and the recurrent ones beside the definition; each runs twice, with other numbers in between. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Generator, type Runtime, type Tensor } from "../../bindings/index.js";
import { constantOf } from "../../bindings/onnx/constant.js";
import { readGraph } from "../../bindings/onnx/graph.js";
import { operatorOf } from "../../bindings/onnx/operators.js";
import { readModel } from "../../bindings/onnx/proto.js";
import { loadOnnx } from "../../bindings/onnx.js";
import { onnxModel, type TestNode, type TestTensor } from "../helpers/onnx.js";
import { recurrentCase } from "../helpers/onnx-recurrent.js";
import { operatorRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeAll(async () => {
  rt = await operatorRuntime();
});
afterAll(() => rt.dispose());

const OPSET = 15;
const random = new Generator(11);
const floats = (...shape: number[]): TestTensor => ({
  type: "float32",
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 4 * random.uniform() - 2),
});
const ints = (...data: number[]): TestTensor => ({ type: "int64", shape: [data.length], data });
const scalar = (data: number, type = "int64"): TestTensor => ({ type, shape: [], data: [data] });
const bools = (...data: number[]): TestTensor => ({ type: "bool", shape: [data.length], data });

/** The operator, what is fed, what is in the file, its attributes. */
type Case = readonly [op: string, fed: readonly TestTensor[], known?: readonly TestTensor[], attributes?: TestNode[3]];

const ELEMENTWISE = [
  "Neg",
  "Abs",
  "Exp",
  "Sigmoid",
  "Tanh",
  "Relu",
  "Softplus",
  "Erf",
  "Round",
  "Floor",
  "Ceil",
  "Sign",
  "Reciprocal",
  "Softsign",
  "HardSwish",
  "Selu",
  "Celu",
  "Elu",
  "LeakyRelu",
  "ThresholdedRelu",
  "HardSigmoid",
  "Sin",
  "Cos",
  "Tan",
  "Atan",
  "Sinh",
  "Cosh",
  "Asinh",
];
const odd: TestTensor = { type: "float32", shape: [4], data: [Number.NaN, Number.POSITIVE_INFINITY, 1, Number.NEGATIVE_INFINITY] };
const positive = (size: number): TestTensor => {
  const { data, ...rest } = floats(size);
  return { ...rest, data: Float32Array.from(data, (value) => Math.abs(value) + 0.1) };
};
const CASES: readonly Case[] = [
  ...ELEMENTWISE.map((op): Case => [op, [floats(3, 5)]]),
  ...["Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "Mean"].map((op): Case => [op, [floats(2, 1, 5), floats(3, 1)]]),
  ...["Less", "Greater", "LessOrEqual", "GreaterOrEqual", "Equal"].map((op): Case => [op, [floats(2, 3), floats(3)]]),
  ...["And", "Or", "Xor"].map((op): Case => [op, [bools(1, 0, 1, 0), bools(1, 1, 0, 0)]]),
  ["Not", [bools(1, 0)]],
  ["Equal", [ints(1, 2, 3), ints(1, 0, 3)]],
  ["IsNaN", [odd]],
  ["IsInf", [odd]],
  ["IsInf", [odd], [], { detect_negative: 0 }],
  ["IsInf", [odd], [], { detect_positive: 0 }],
  ["IsInf", [odd], [], { detect_negative: 0, detect_positive: 0 }],
  ["Abs", [ints(-2, 3)]],
  ["Cast", [ints(-2, 0, 3)], [], { to: 1 }],
  ["Cast", [ints(-2, 0, 3)], [], { to: 9 }],
  ["Cast", [floats(7)], [], { to: 7 }],
  ["Cast", [{ type: "float32", shape: [3], data: [0, -0.5, Number.NaN] }], [], { to: 9 }],
  ["Where", [bools(1, 0, 1), floats(2, 3), floats(1)]],
  ...[2, 3, -1, -2].map((power): Case => ["Pow", [floats(3, 2)], [scalar(power, "float32")]]),
  ...[0.5, -0.5, 1.25].map((power): Case => ["Pow", [positive(5)], [scalar(power, "float32")]]),
  ["Sum", [floats(2, 3), floats(3), floats(2, 1)]],
  ["Mean", [floats(2, 3), floats(3), floats(2, 1)]],
  ["Max", [floats(4)]],
  ["Mod", [ints(-5, 5, -5), ints(3, -3, -3)]],
  ["Mod", [ints(-5, 5, -5), ints(3, -3, -3)], [], { fmod: 1 }],
  ["PRelu", [floats(2, 3)], [floats(3)]],
  ["HardSigmoid", [floats(9)], [], { alpha: { f: 0.7 }, beta: { f: 0.1 } }],
  ["Elu", [floats(9)], [], { alpha: { f: 0.3 } }],
  ["Celu", [floats(9)], [], { alpha: { f: 0.3 } }],
  [
    "Clip",
    [floats(9)],
    [
      { type: "float32", shape: [], data: [-0.5] },
      { type: "float32", shape: [], data: [1] },
    ],
  ],
  ["LeakyRelu", [floats(7)], [], { alpha: { f: 0.2 } }],
  ["Slice", [floats(4, 6)], [ints(1, -1), ints(9, -7), ints(0, 1), ints(2, -2)]],
  ["Slice", [floats(5)], [ints(-3), ints(2 ** 40)]],
  ["Split", [floats(2, 5)], [ints(2, 3)], { axis: 1 }],
  ["Pad", [floats(2, 4)], [ints(1, 2, 0, 3)]],
  ["Pad", [floats(2, 4)], [ints(0, 3, 0, 2)], { mode: "reflect" }],
  ["Pad", [floats(2, 4)], [ints(2, 1, 1, 2)], { mode: "edge" }],
  ["Pad", [floats(3, 5)], [ints(1, -2, -1, 1), scalar(1.5, "float32")]],
  ["Gather", [floats(3, 4)], [ints(-1, 0)], { axis: 1 }],
  ["Gather", [floats(3, 4), ints(2, 0, -3)]],
  ["GatherElements", [floats(2, 3)], [{ type: "int64", shape: [2, 2], data: [0, -1, 2, 1] }], { axis: 1 }],
  ["ScatterElements", [floats(2, 3)], [{ type: "int64", shape: [1, 2], data: [1, 0] }, floats(1, 2)], { axis: 1 }],
  ["Expand", [floats(3, 1)], [ints(2, 1, 4)]],
  ["Tile", [floats(2, 3)], [ints(2, 2)]],
  ["Transpose", [floats(2, 3, 4)], [], { perm: [2, 0, 1] }],
  ["Reshape", [floats(2, 6)], [ints(0, -1, 2)]],
  ["Squeeze", [floats(1, 3, 1)], [ints(0)]],
  ["Unsqueeze", [floats(3, 2)], [ints(0, -1)]],
  ["Concat", [floats(2, 3), floats(2, 1)], [], { axis: 1 }],
  ["Tile", [floats(2, 1, 3)], [ints(1, 4, 2)]],
  ["Tile", [floats(2, 3)], [ints(1, 1)]],
  ["GatherND", [floats(2, 3, 2)], [{ type: "int64", shape: [2, 2], data: [0, -1, 1, 1] }]],
  ["GatherND", [floats(2, 3, 2)], [{ type: "int64", shape: [2, 1], data: [2, -3] }], { batch_dims: 1 }],
  ["ScatterND", [floats(4, 2)], [{ type: "int64", shape: [2, 1], data: [3, -3] }, floats(2, 2)]],
  ["OneHot", [ints(1, -1, 7)], [scalar(4), { type: "float32", shape: [2], data: [-1, 2] }], { axis: 0 }],
  ["Trilu", [floats(2, 3, 4)]],
  ["Trilu", [floats(3, 4)], [scalar(-1)], { upper: 0 }],
  ...[
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ].map(([reverse = 0, exclusive = 0]): Case => ["CumSum", [floats(2, 4)], [scalar(1)], { reverse, exclusive }]),
  ["TopK", [floats(3, 5)], [ints(2)]],
  ...["ArgMax", "ArgMin"].flatMap((op): Case[] => [
    [op, [floats(3, 5)], [], { axis: 1, keepdims: 0 }],
    [op, [floats(3, 5)], [], { axis: 0 }],
    [op, [{ type: "float32", shape: [1, 4], data: [1, 1, 0, 0] }], [], { axis: 1, select_last_index: 1 }],
    [op, [odd]],
  ]),
  ...["ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp"].flatMap(
    (op): Case[] => [
      [op, [floats(2, 3, 4)], [], { axes: [0, 2], keepdims: 0 }],
      [op, [floats(2, 3, 4)], [], { axes: [1] }],
    ],
  ),
  ...(
    [
      ["ij,jk->ik", [2, 3], [3, 4]],
      ["bid, bjd -> bij", [2, 3, 4], [2, 2, 4]],
      ["bhid,bhjd->ibjh", [2, 2, 3, 4], [2, 2, 2, 4]],
      ["i,j->ji", [2], [3]],
      ["i,i->", [4], [4]],
      ["...ij,jk", [2, 2, 3], [3, 2]],
      ["ij...,...->i...", [2, 3, 2], [2]],
      ["bii,i->b", [2, 3, 3], [3]],
      ["ab,cb->ac", [2, 1], [3, 4]],
    ] as const
  ).map(([equation, a, b]): Case => ["Einsum", [floats(...a), floats(...b)], [], { equation }]),
  ["Einsum", [floats(2, 3, 4)], [], { equation: "ijk->ki" }],
  ["Einsum", [floats(3, 2), floats(2), floats(3)], [], { equation: "ab,b,a" }],
  ["ReduceLogSum", [positive(6)]],
  ["ReduceLogSumExp", [{ type: "float32", shape: [3], data: [500, 499, -500] }]],
  ["ReduceSum", [floats(2, 3, 4)], [ints(1)]],
  ["ReduceSum", [floats(2, 3)], []],
];

const OUTPUTS: Readonly<Record<string, number>> = { Split: 2, TopK: 2 };

describe("by kernels as by the definition", () => {
  test.each(CASES.map((one, i) => [`${one[0]} (${i})`, one] as const))("%s", async (_, [op, fed, known = [], attributes]) => {
    const names = (kind: string, count: number) => Array.from({ length: count }, (__, i) => `${kind}${i}`);
    const [feeds, consts, outs] = [names("x", fed.length), names("k", known.length), names("y", OUTPUTS[op] ?? 1)];
    const bytes = onnxModel({
      inputs: fed.map(({ type, shape }, i) => [feeds[i] as string, type, shape]),
      outputs: outs.map((name) => [name, "float32"]),
      nodes: [[op, [...feeds, ...consts], outs, attributes]],
      initializers: Object.fromEntries(known.map((tensor, i) => [consts[i], tensor])),
      opset: OPSET,
    });
    const graph = readGraph(readModel(bytes).graph as never);
    const node = graph.nodes[0] as (typeof graph.nodes)[0];
    const constants = [...fed, ...known].map(({ type, shape, data }) => constantOf(type as "float32", shape, data));
    const expected = operatorOf(node)?.fold?.(node, constants, OPSET) ?? [];
    await compare(bytes, Object.fromEntries(fed.map((tensor, i) => [feeds[i], tensor])), outs, expected);
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
