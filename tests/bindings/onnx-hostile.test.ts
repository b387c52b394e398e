/** Files of ONNX that are cut off, changed, or lie: refused in words, at once, and nothing is left. */
import { describe, expect, test } from "vitest";
import { ArgumentError, FormatError, Generator, WasmRnnError } from "../../bindings/index.js";
import { Budget } from "../../bindings/onnx/budget.js";
import type { Constant } from "../../bindings/onnx/constant.js";
import { OnnxNode } from "../../bindings/onnx/node.js";
import { loadOnnx } from "../../bindings/onnx.js";
import { onnxModel, type TestTensor } from "../helpers/onnx.js";
import { testRuntime } from "../helpers/runtime.js";
import { sweep } from "../helpers/sweep.js";

const MUTATIONS = sweep(10_000);

const numbers = (shape: readonly number[]): TestTensor => ({
  type: "float32",
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i)),
});
const integers = (...data: number[]): TestTensor => ({ type: "int64", shape: [data.length], data });

/** Shapes that are computed, a branch, a convolution and an LSTM. */
const MODEL = onnxModel({
  inputs: [["x", "float32", ["N", "L"]]],
  outputs: [["out", "float32"]],
  nodes: [
    ["Shape", ["x"], ["s"]],
    ["Gather", ["s", "one"], ["length"], { axis: 0 }],
    ["Unsqueeze", ["x", "one"], ["u"]],
    ["Conv", ["u", "k"], ["c"], { pads: [1, 1] }],
    ["Relu", ["c"], ["a"]],
    ["Transpose", ["a"], ["t"], { perm: [2, 0, 1] }],
    ["LSTM", ["t", "w", "r"], ["y", "h"], { hidden_size: 2 }],
    ["Greater", ["length", "one"], ["long"]],
    ["Squeeze", ["long", "zero"], ["is"]],
    [
      "If",
      ["is"],
      ["out"],
      {
        then_branch: { graph: { outputs: [["p", "float32"]], nodes: [["Sigmoid", ["h"], ["p"]]] } },
        else_branch: { graph: { outputs: [["q", "float32"]], nodes: [["Identity", ["h"], ["q"]]] } },
      },
    ],
  ],
  initializers: { k: numbers([3, 1, 3]), w: numbers([1, 8, 3]), r: numbers([1, 8, 2]), zero: integers(0), one: integers(1) },
  opset: 15,
});

describe("a network", () => {
  test("runs as it is", async () => {
    using rt = await testRuntime();
    using session = await loadOnnx(rt, MODEL);
    using x = rt.tensor([1, 2, 3, 4], [1, 4]);
    expect((await session.run({ x })).out?.shape).toEqual([1, 1, 2]);
  });

  test("cut off at every byte is refused", async () => {
    using rt = await testRuntime();
    for (let length = 0; length < MODEL.length; length++)
      await expect(loadOnnx(rt, MODEL.slice(0, length)), `${length}`).rejects.toThrow(FormatError);
    expect(rt.bytesInUse).toBe(0);
  });

  test(`${MUTATIONS} times with bytes changed is refused, or runs, within a second; nothing is left`, async () => {
    const random = new Generator(3);
    using rt = await testRuntime();
    using x = rt.tensor([1, 2, 3, 4], [1, 4]);
    const before = rt.bytesInUse;
    for (let i = 0; i < MUTATIONS; i++) {
      const broken = MODEL.slice();
      for (let k = random.integer(3); k >= 0; k--) broken[random.integer(broken.length)] = random.integer(256);
      const start = performance.now();
      try {
        using session = await loadOnnx(rt, broken);
        await session.run({ x });
      } catch (error) {
        if (!(error instanceof WasmRnnError)) throw error;
      }
      expect(performance.now() - start, `${i}`).toBeLessThan(1000);
      if (rt.bytesInUse !== before) expect.fail(`${i}: ${rt.bytesInUse - before} bytes are left`);
    }
  }, 120_000);
});

test("names of every object's members name inputs and outputs too; a constant without elements is a result", async () => {
  using rt = await testRuntime();
  using x = rt.tensor([1, -2], [2]);
  const names = ["__proto__", "constructor"];
  const bytes = onnxModel({
    inputs: names.map((name) => [name, "float32", [2]] as const),
    outputs: [
      ["__proto__", "float32"],
      ["toString", "float32"],
      ["none", "int64"],
    ],
    nodes: [["Sub", names, ["toString"]]],
    initializers: { none: integers() },
  });
  using session = await loadOnnx(rt, bytes);
  for (let run = 0; run < 2; run++) {
    const results = await session.run(Object.fromEntries(names.map((name) => [name, x])));
    expect(Object.entries(results).map(([name, y]) => [name, [...y.toArray()]])).toEqual([
      ["__proto__", [1, -2]],
      ["toString", [0, 0]],
      ["none", []],
    ]);
  }
});

test("what a graph makes of nothing is bounded in all", () => {
  const budget = new Budget();
  const node = new OnnxNode({ name: "n", op: "ConstantOfShape", domain: "", inputs: [], outputs: [], attributes: [] });
  const constant = (length: number): Constant => ({ type: "float32", shape: [length], data: { length } as never });
  const own = constant(2 ** 40);
  budget.free(own);
  const half = constant(2 ** 25);
  for (let k = 0; k < 9; k++) budget.spend(node, [own, half, undefined]);
  budget.spend(node, [constant(2 ** 25)]);
  expect(() => budget.spend(node, [constant(1)])).toThrow("n (ConstantOfShape): expected at most 67108864 numbers");
});

describe("is refused:", () => {
  const out = [["y", "float32"]] as const;
  const x = [["x", "float32", ["N"]]] as const;
  test.each([
    [
      "a cycle",
      {
        nodes: [
          ["Add", ["x", "b"], ["a"]],
          ["Relu", ["a"], ["b"]],
          ["Relu", ["b"], ["y"]],
        ],
      },
      'expected inputs that nodes before it give, got "b"',
    ],
    [
      "a name twice",
      {
        nodes: [
          ["Relu", ["x"], ["y"]],
          ["Relu", ["x"], ["y"]],
        ],
      },
      "expected a name of its own, got y again",
    ],
    [
      "all that is not known, at once",
      {
        nodes: [
          ["Foo", ["x"], ["a"]],
          ["Relu", ["a"], ["b"], { odd: 1 }],
          ["Bar", ["b"], ["y"]],
        ],
      },
      "got 3 that do not: a (Foo): this operator is not known here; b (Relu): its attribute odd is not known here; y (Bar)",
    ],
    [
      "an array beyond all memory",
      { nodes: [["ConstantOfShape", ["s"], ["y"]]], initializers: { s: integers(2 ** 40) } },
      "expected a shape of at most 268435456 numbers, got [1099511627776]",
    ],
    [
      "a shape of other numbers",
      { nodes: [["Reshape", ["x", "s"], ["y"]]], initializers: { s: integers(7) } },
      "expected a shape of 3 elements, got [7] of [3]",
    ],
    [
      "a reduction by the name of a member of every object",
      { nodes: [["ScatterElements", ["x", "i", "x"], ["y"], { reduction: "valueOf" }]], initializers: { i: integers(0, 1, 2) } },
      "its reduction is valueOf",
    ],
    [
      "a branch without a condition",
      { nodes: [["If", [""], ["y"], { then_branch: { graph: { outputs: out, nodes: [["Relu", ["x"], ["y"]]] } } }]] },
      "y (If): expected a condition, got none",
    ],
    ["an axis beyond all", { nodes: [["Flatten", ["x"], ["y"], { axis: -2 }]] }, "y (Flatten): expected an axis of 1, got -2"],
    [
      "parts without end",
      { nodes: [["Split", ["x"], ["y"], { num_outputs: 2 ** 53 }]], opset: 18 },
      "y (Split): expected 1 to 3 outputs, got 9007199254740992",
    ],
    [
      "starts without ends",
      { nodes: [["Slice", ["x", "s", "e"], ["y"]]], initializers: { s: integers(0, 0), e: integers(1) } },
      "y (Slice): expected a start, an end and a step for each axis",
    ],
    [
      "an index between two places",
      { nodes: [["Gather", ["w", "i"], ["y"]]], initializers: { w: numbers([3]), i: { type: "float32", shape: [1], data: [0.5] } } },
      "y (Gather): expected indices of 3 places, got 0.5",
    ],
    [
      "a unit matrix of three axes",
      { nodes: [["EyeLike", ["w"], ["y"]]], initializers: { w: numbers([2, 2, 2]) } },
      "y (EyeLike): expected a matrix, got [2, 2, 2]",
    ],
    ["inputs without end", { nodes: [["Sum", new Array(150_000).fill("x"), ["y"]]] }, "y (Sum): expected at most 16384 inputs, got 150000"],
    [
      "an equation that can be read in many ways",
      { nodes: [["Einsum", ["x"], ["y"], { equation: `${"aaa,".repeat(100)}!` }]] },
      "y (Einsum): its equation is aaa,aaa,",
    ],
  ] as const)("%s", async (_, graph, message) => {
    using rt = await testRuntime();
    using tensor = rt.tensor([1, 2, 3], [3]);
    const before = rt.bytesInUse;
    const all = async () => {
      using session = await loadOnnx(rt, onnxModel({ inputs: x, outputs: out, ...(graph as object), nodes: graph.nodes as never }));
      await session.run({ x: tensor });
    };
    await expect(all()).rejects.toThrow(message);
    await expect(all()).rejects.toThrow(FormatError);
    expect(rt.bytesInUse).toBe(before);
  });

  test.each([
    [-1, "forward"],
    [-1, "reverse"],
    [4, "forward"],
    [4, "reverse"],
  ])("a sequence of %d steps of 3, %s, that the file itself gives", async (length, direction) => {
    using rt = await testRuntime();
    const initializers = {
      ...{ t: numbers([3, 1, 1]), w: numbers([1, 4, 1]), r: numbers([1, 4, 1]) },
      l: { ...integers(length), type: "int32" as const },
    };
    const nodes = [["LSTM", ["t", "w", "r", "", "l"], ["y"], { hidden_size: 1, direction }]] as const;
    using session = await loadOnnx(rt, onnxModel({ outputs: out, initializers, nodes: nodes as never }));
    const before = rt.bytesInUse;
    const message = `y (LSTM): sequence_lens[0]: expected an integer in 0 … 3, got ${length}`;
    await expect(session.run({})).rejects.toThrow(ArgumentError);
    await expect(session.run({})).rejects.toThrow(message);
    expect(rt.bytesInUse).toBe(before);
  });

  test("messages in one another without end", async () => {
    using rt = await testRuntime();
    let graph: object = { outputs: [["y", "float32"]], nodes: [["Relu", ["x"], ["y"]]] };
    for (let k = 0; k < 60; k++)
      graph = {
        outputs: [["y", "float32"]],
        nodes: [["If", ["x"], ["y"], { then_branch: { graph }, else_branch: { graph: { outputs: [], nodes: [] } } }]],
      };
    await expect(loadOnnx(rt, onnxModel({ inputs: x, ...(graph as { outputs: never; nodes: never }) }))).rejects.toThrow("deep");
  });
});
