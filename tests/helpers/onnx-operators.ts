/** Operators of ONNX with what they are given: for tests against the definition and against ONNX Runtime. */
import { Generator } from "../../bindings/index.js";
import { onnxModel, type TestNode, type TestTensor } from "./onnx.js";

export const OPSET = 15;
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
export type Case = readonly [op: string, fed: readonly TestTensor[], known?: readonly TestTensor[], attributes?: TestNode[3]];

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
export const CASES: readonly Case[] = [
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

/** A file of the one node, what is fed to it, and the names of its results. */
export function modelOf([op, fed, known = [], attributes]: Case): {
  bytes: Uint8Array;
  feeds: Readonly<Record<string, TestTensor>>;
  outputs: readonly string[];
} {
  const names = (kind: string, count: number) => Array.from({ length: count }, (_, i) => `${kind}${i}`);
  const [feeds, consts, outputs] = [names("x", fed.length), names("k", known.length), names("y", OUTPUTS[op] ?? 1)];
  const bytes = onnxModel({
    inputs: fed.map(({ type, shape }, i) => [feeds[i] as string, type, shape]),
    outputs: outputs.map((name, i) => [name, typeOf(op, fed, attributes, i)]),
    nodes: [[op, [...feeds, ...consts], outputs, attributes]],
    initializers: Object.fromEntries(known.map((tensor, i) => [consts[i], tensor])),
    opset: OPSET,
  });
  return { bytes, feeds: Object.fromEntries(fed.map((tensor, i) => [feeds[i], tensor])), outputs };
}

const TRUTHS = ["And", "Or", "Xor", "Not", "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "IsNaN", "IsInf"];
const CASTS: Readonly<Record<number, string>> = { 1: "float32", 7: "int64", 9: "bool" };

/** Of a result: ONNX Runtime asks for it. */
function typeOf(op: string, fed: readonly TestTensor[], attributes: TestNode[3], place: number): string {
  if (TRUTHS.includes(op)) return "bool";
  if (op === "Cast") return CASTS[attributes?.to as number] as string;
  if (op.startsWith("Arg") || (op === "TopK" && place === 1)) return "int64";
  return op === "Where" || op === "OneHot" ? "float32" : (fed[0] as TestTensor).type;
}
