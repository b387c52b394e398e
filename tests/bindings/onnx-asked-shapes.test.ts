/** Shapes that numbers ask for: of inputs, laid out for each; of a file that lies, refused at once. */
import { describe, expect, test } from "vitest";
import { FormatError } from "../../bindings/index.js";
import { loadOnnx } from "../../bindings/onnx.js";
import { onnxModel, type TestNode, type TestTensor } from "../helpers/onnx.js";
import { operatorRuntime } from "../helpers/runtime.js";

const ints = (...data: number[]): TestTensor => ({ type: "int64", shape: [data.length], data });
const one = (data: number, type = "int64"): TestTensor => ({ type, shape: [], data: [data] });
const empty = (...shape: number[]): TestTensor => ({ type: "float32", shape, data: [] });
const pair: TestTensor = { type: "float32", shape: [2], data: [0, 1] };

/** Of a graph without inputs that matter: `x` is [2, 2]. */
function modelOf(op: string, known: readonly TestTensor[], attributes?: TestNode[3], reads: readonly string[] = []): Uint8Array {
  return onnxModel({
    inputs: [["x", "float32", [2, 2]]],
    outputs: [["y", "float32"]],
    nodes: [[op, [...reads, ...known.map((_, i) => `k${i}`)], ["y"], attributes]],
    initializers: Object.fromEntries(known.map((tensor, i) => [`k${i}`, tensor])),
    opset: 15,
  });
}

const HOSTILE: readonly (readonly [op: string, known: readonly TestTensor[], attributes?: TestNode[3], reads?: readonly string[]])[] = [
  ["Expand", [ints(2 ** 40, 2, 2)], {}, ["x"]],
  ["Expand", [ints(-2, -2)], {}, ["x"]],
  ["Expand", [empty(2 ** 20, 0), ints(2 ** 40, 1, 1)]],
  ["Tile", [ints(-1, -1)], {}, ["x"]],
  ["Tile", [ints(2 ** 20, 2 ** 20)], {}, ["x"]],
  ["Tile", [ints(2)], {}, ["x"]],
  ["Tile", [pair, one(1.5, "float32")]],
  ["ConstantOfShape", [ints(2 ** 40, 0)]],
  ["ConstantOfShape", [ints(-1)]],
  ["OneHot", [ints(1), one(2 ** 40), pair]],
  ["OneHot", [ints(1), one(-3), pair]],
  ["OneHot", [ints(1), one(3), ints(1, 2, 3)]],
  ["Pad", [ints(2 ** 30, 0, 0, 2 ** 30)], {}, ["x"]],
  ["Pad", [ints(-3, 0, 0, 0)], {}, ["x"]],
  ["Pad", [empty(0, 1), ints(0, 2 ** 40, 0, 0)]],
  ["Range", [one(0), one(2 ** 40), one(1)]],
  ["Range", [one(0), one(1), one(0)]],
  ["Reshape", [empty(0, 3), ints(0, 2 ** 40)]],
  ["Gather", [pair, ints(2)]],
  ["GatherElements", [pair, { type: "int64", shape: [1, 2], data: [0, 1] }]],
  ["GatherElements", [pair, ints(0, 5)]],
  ["GatherND", [pair, ints(0, 0)]],
  ["GatherND", [pair, ints(7)]],
  ["GatherND", [pair, ints(0)], { batch_dims: 3 }],
  ["ScatterElements", [pair, ints(0), pair]],
  ["ScatterND", [pair, ints(0), pair]],
  ["ScatterND", [pair, ints(-3), one(1, "float32")]],
  ["TopK", [pair, ints(3)]],
  ["TopK", [pair, ints(-1)]],
  ["Trilu", [pair]],
  ["EyeLike", [pair]],
  ["CumSum", [pair, ints(1)]],
  ["ReduceSum", [empty(2 ** 40, 0), ints(1)]],
  ["ArgMax", [empty(2 ** 40, 0)], { axis: 1 }],
  ["NonZero", [], {}, ["x"]],
];

describe("of files that lie", () => {
  test.each(HOSTILE.map((one, i) => [`${one[0]} (${i})`, one] as const))("%s is refused at once", async (_, one) => {
    using rt = await operatorRuntime();
    const before = rt.bytesInUse;
    const began = performance.now();
    {
      using session = await loadOnnx(rt, modelOf(...one));
      using x = rt.tensor([1, 2, 3, 4], [2, 2]);
      await expect(session.run({ x })).rejects.toThrow(FormatError);
    }
    expect(performance.now() - began).toBeLessThan(1000);
    expect(rt.bytesInUse).toBe(before);
  });

  test("many axes of none are walked at once", async () => {
    using rt = await operatorRuntime();
    const wide = empty(2 ** 27, 0);
    const nodes: TestNode[] = [
      ["Concat", ["wide", "wide"], ["a"], { axis: 1 }],
      ["Gather", ["wide", "none"], ["b"], { axis: 1 }],
      ["CumSum", ["wide", "axis"], ["c"]],
      ["TopK", ["wide", "none0"], ["d", "e"]],
      ["Tile", ["wide", "twice"], ["f"]],
      ["Shape", ["a"], ["sa"]],
      ["Shape", ["b"], ["sb"]],
      ["Shape", ["c"], ["sc"]],
      ["Shape", ["d"], ["sd"]],
      ["Shape", ["f"], ["sf"]],
      ["Concat", ["sa", "sb", "sc", "sd", "sf"], ["y"], { axis: 0 }],
    ];
    const known = { wide, none: ints(), none0: ints(0), axis: one(1), twice: ints(1, 2) };
    using session = await loadOnnx(rt, onnxModel({ outputs: [["y", "int64"]], nodes, initializers: known, opset: 13 }));
    const began = performance.now();
    const { y } = await session.run({});
    expect([...(y?.toArray() ?? [])]).toEqual([2 ** 27, 0, 2 ** 27, 0, 2 ** 27, 0, 2 ** 27, 0, 2 ** 27, 0]);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

describe("of inputs", () => {
  test("a range is as long as its ends say, real or whole", async () => {
    using rt = await operatorRuntime();
    for (const [type, dtype] of [
      ["float32", "f32"],
      ["int64", "i32"],
    ] as const) {
      const bytes = onnxModel({
        inputs: [["n", type, []]],
        outputs: [["y", type]],
        nodes: [["Range", ["zero", "n", "two"], ["y"]]],
        initializers: { zero: one(0, type), two: one(2, type) },
      });
      using session = await loadOnnx(rt, bytes);
      for (const [n, expected] of [
        [5, [0, 2, 4]],
        [2, [0]],
        [5, [0, 2, 4]],
      ] as const) {
        using end = rt.tensor([n], [1], { dtype });
        expect([...((await session.run({ n: end })).y?.toArray() ?? [])]).toEqual(expected);
      }
    }
  });

  test("tokens become vectors as wide as is said", async () => {
    using rt = await operatorRuntime();
    const bytes = onnxModel({
      inputs: [
        ["tokens", "int64", [2]],
        ["depth", "int64", []],
      ],
      outputs: [["y", "float32"]],
      nodes: [["OneHot", ["tokens", "depth", "values"], ["y"]]],
      initializers: { values: pair },
    });
    using session = await loadOnnx(rt, bytes);
    using tokens = rt.tensor([1, -1], [2], { dtype: "i32" });
    for (const [n, expected] of [
      [3, [0, 1, 0, 0, 0, 1]],
      [2, [0, 1, 0, 1]],
    ] as const) {
      using depth = rt.tensor([n], [1], { dtype: "i32" });
      expect([...((await session.run({ tokens, depth })).y?.toArray() ?? [])]).toEqual(expected);
    }
  });

  test("what is computed from shapes goes with the plan that it was computed for", async () => {
    using rt = await operatorRuntime();
    const bytes = onnxModel({
      inputs: [["x", "float32", ["N", 3]]],
      outputs: [["y", "float32"]],
      nodes: [
        ["Shape", ["x"], ["s"]],
        ["ConstantOfShape", ["s"], ["ones"], { value: { tensor: { type: "float32", shape: [1], data: [1] } } }],
        ["Sub", ["x", "ones"], ["d"]],
        ["Trilu", ["d"], ["y"]],
      ],
    });
    using session = await loadOnnx(rt, bytes);
    const inUse: number[] = [];
    for (let round = 0; round < 4; round++) {
      for (let N = 1; N <= 12; N++) {
        using x = rt.tensor(new Float32Array(3 * N).fill(5), [N, 3]);
        expect(Array.from((await session.run({ x })).y?.toArray().subarray(0, 3) ?? [])).toEqual([4, 4, 4]);
      }
      inUse.push(rt.bytesInUse);
    }
    expect(new Set(inUse.slice(1)).size, `${inUse}`).toBe(1);
  });
});
