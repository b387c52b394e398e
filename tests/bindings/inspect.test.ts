/** What is said of files, for whoever shows it. */
import { describe, expect, test } from "vitest";
import { Dense, LSTM, Sequential, saveSafetensors } from "../../bindings/index.js";
import { arraysIn, fileFormat, modelIn, networkIn, valueShapes } from "../../bindings/inspect.js";
import { saveNpy } from "../../bindings/numpy.js";
import { exportOnnx, loadOnnx } from "../../bindings/onnx.js";
import { onnxModel } from "../helpers/onnx.js";
import { testRuntime } from "../helpers/runtime.js";

const noShards = () => new Uint8Array();

describe("a file", () => {
  test("is known by what is in it; an array of NumPy has the file's name", () => {
    const npy = saveNpy({ shape: [2], data: Float32Array.of(1, 2) });
    expect(fileFormat(npy)).toBe("npy");
    expect(Object.keys(arraysIn("npy", npy, "some/where/x.npy") ?? {})).toEqual(["x"]);
    expect(fileFormat(saveSafetensors({}))).toBe("safetensors");
    expect(() => fileFormat(new TextEncoder().encode("<!doctype html>"))).toThrow("got a page of HTML or XML: download the file itself");
    expect(() => fileFormat(new Uint8Array())).toThrow("got none of these");
  });

  test("that says its layers is a model, weights alone are none", async () => {
    using rt = await testRuntime();
    using model = new Sequential(rt, { head: new Dense(rt, { inputSize: 2, outputSize: 1 }) });
    using read = await modelIn(rt, "safetensors", model.save(), noShards);
    expect(read?.namedParameters().map(([name]) => name)).toEqual(["head.weight", "head.bias"]);
    expect(await modelIn(rt, "safetensors", saveSafetensors({}), noShards)).toBeUndefined();
  });
});

describe("a network", () => {
  test("is told node by node, with what does not run", () => {
    const { nodes, faults, opset } = networkIn(
      onnxModel({
        inputs: [["x", "float32", ["N"]]],
        outputs: [["y", "float32"]],
        nodes: [
          ["LeakyRelu", ["x"], ["a"], { alpha: { f: 0.25 } }],
          ["Levitate", ["a"], ["y"]],
        ],
      }),
    );
    expect(nodes.map(({ op, attributes, fault }) => [op, attributes, fault])).toEqual([
      ["LeakyRelu", { alpha: "0.25" }, undefined],
      ["Levitate", {}, "this operator is not known here"],
    ]);
    expect(faults).toEqual(["y (Levitate): this operator is not known here"]);
    expect(opset).toBeGreaterThanOrEqual(7);
  });

  test("says the shapes of all that it computes, and holds nothing for it", async () => {
    using rt = await testRuntime();
    using model = new Sequential(rt, {
      lstm: new LSTM(rt, { inputSize: 3, hiddenSize: 4 }),
      head: new Dense(rt, { inputSize: 4, outputSize: 2 }),
    });
    const bytes = exportOnnx(model);
    using _ = await loadOnnx(rt, bytes);
    using x = rt.zeros([5, 2, 3]);
    const before = rt.bytesInUse;
    const shapes = valueShapes(rt, bytes, { x });
    expect(rt.bytesInUse).toBe(before);
    const lstm = networkIn(bytes).nodes.find(({ op }) => op === "LSTM");
    expect(shapes.get(lstm?.outputs[0] ?? "")).toEqual([5, 1, 2, 4]);
    expect(shapes.get("y")).toEqual([5, 2, 2]);
    expect(() => valueShapes(rt, bytes, {})).toThrow("feeds.x: expected a Tensor, got none");
    expect(rt.bytesInUse).toBe(before);
  });

  test("whose shapes follow from numbers of an input says them, too", async () => {
    using rt = await testRuntime();
    const bytes = onnxModel({
      inputs: [
        ["x", "float32", [6]],
        ["shape", "int64", [2]],
      ],
      outputs: [["y", "float32"]],
      nodes: [["Reshape", ["x", "shape"], ["y"]]],
    });
    using _ = await loadOnnx(rt, bytes);
    const shapes = valueShapes(rt, bytes, { x: rt.zeros([6]), shape: rt.tensor([2, 3], [2], { dtype: "i32" }) });
    expect(shapes.get("y")).toEqual([2, 3]);
  });
});
