/** What files and feeds of ONNX may say at the edges of its definition: sizes, lengths, casts. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ArgumentError, type Runtime, type Tensor } from "../../bindings/index.js";
import { loadOnnx } from "../../bindings/onnx.js";
import { onnxModel, type TestTensor } from "../helpers/onnx.js";
import { operatorRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeAll(async () => {
  rt = await operatorRuntime();
});
afterAll(() => rt.dispose());

test("a size of −1 in a file is one that may vary", async () => {
  const shape = [-1, -1, 3];
  const model = onnxModel({ inputs: [["x", "float32", shape]], outputs: [["y", "float32"]], nodes: [["Neg", ["x"], ["y"]]] });
  using session = await loadOnnx(rt, model);
  expect(session.inputs[0]?.shape).toEqual(["", "", 3]);
  using x = rt.tensor([1, 2, 3, 4, 5, 6], [2, 1, 3]);
  expect([...((await session.run({ x })).y as Tensor).toArray()]).toEqual([-1, -2, -3, -4, -5, -6]);
  using flat = rt.tensor([1, 2, 3], [3]);
  await expect(session.run({ x: flat })).rejects.toThrow("feeds.x: expected [?, ?, 3], got [3]");
});

describe("lengths of sequences", () => {
  const numbers = (shape: readonly number[]): TestTensor => ({
    type: "float32",
    shape,
    data: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i)),
  });
  const model = (direction: string, clip: number) =>
    onnxModel({
      inputs: [
        ["x", "float32", ["T", "N", 3]],
        ["lengths", "int32", ["N"]],
      ],
      outputs: [["y", "float32"]],
      nodes: [["GRU", ["x", "w", "r", "", "lengths"], ["y"], { hidden_size: 2, direction, ...(clip > 0 && { clip: { f: clip } }) }]],
      initializers: { w: numbers([1, 6, 3]), r: numbers([1, 6, 2]) },
    });

  test.each([
    ["by a layer", "forward", 0],
    ["by the definition", "forward", 100],
    ["from the end", "reverse", 0],
  ])("below 0, or beyond the steps, are refused: %s", async (_, direction, clip) => {
    using session = await loadOnnx(rt, model(direction, clip));
    using x = rt.tensor(numbers([4, 2, 3]).data, [4, 2, 3]);
    using lengths = rt.tensor(Int32Array.of(4, 5), [2]);
    const refused = (got: number) => new ArgumentError("sequence_lens[1]", "an integer in 0 … 4", `${got}`).message;
    await expect(session.run({ x, lengths })).rejects.toThrow(refused(5));
    lengths.set([4, 0]);
    const y = [...((await session.run({ x, lengths })).y as Tensor).toArray()];
    expect(y.filter((_, i) => i % 4 >= 2)).toEqual(new Array(8).fill(0)); // of the sequence without steps
    lengths.set([4, -1]);
    await expect(session.run({ x, lengths })).rejects.toThrow(refused(-1));
    lengths.set([4, 0]);
    expect([...((await session.run({ x, lengths })).y as Tensor).toArray()]).toEqual(y);
  });
});

test("a cast to fewer bits keeps the low ones", async () => {
  const casts = [
    [2, [44, 255, 128, 7]],
    [3, [44, -1, -128, 7]],
    [4, [300, 65535, 65408, 7]],
    [5, [300, -1, -128, 7]],
  ] as const;
  const types = ["uint8", "int8", "uint16", "int16"];
  const given = [300, -1, -128, 7];
  for (const isFed of [true, false]) {
    const bytes = onnxModel({
      inputs: [["x", "int32", [4]]],
      outputs: types.map((type) => [type, type]),
      nodes: casts.map(([to], i) => ["Cast", [isFed ? "x" : "k"], [types[i] as string], { to }]),
      initializers: { k: { type: "int32", shape: [4], data: given } },
    });
    using session = await loadOnnx(rt, bytes);
    using x = rt.tensor(Int32Array.from(given), [4]);
    const results = await session.run({ x });
    expect(types.map((type) => [...(results[type] as Tensor).toArray()])).toEqual(casts.map(([, expected]) => expected));
  }
});
