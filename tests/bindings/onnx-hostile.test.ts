/** Files of ONNX that are cut off, changed, or lie: refused in words, at once, and nothing is left. */
import { describe, expect, test } from "vitest";
import { FormatError, Generator, WasmRnnError } from "../../bindings/index.js";
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
