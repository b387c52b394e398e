/** What is said of files, for whoever shows it. */
import { describe, expect, test } from "vitest";
import { Dense, LSTM, Sequential, saveSafetensors } from "../../bindings/index.js";
import { arraysIn, fileFormat, listedIn, modelIn, networkIn, valueShapes } from "../../bindings/inspect.js";
import { loadTFJS } from "../../bindings/keras.js";
import { saveNpy } from "../../bindings/numpy.js";
import { exportOnnx, loadOnnx } from "../../bindings/onnx.js";
import { onnxModel } from "../helpers/onnx.js";
import { operatorRuntime, testRuntime } from "../helpers/runtime.js";

/** As tf.io.browserDownloads writes it. */
const DOWNLOADED = {
  modelTopology: {
    class_name: "Sequential",
    config: { name: "s", layers: [{ class_name: "Dense", config: { name: "dense", units: 1, batch_input_shape: [null, 2] } }] },
  },
  weightsManifest: [
    {
      paths: ["./model.weights.bin"],
      weights: [
        { name: "dense/kernel", shape: [2, 1], dtype: "float32" },
        { name: "dense/bias", shape: [1], dtype: "float32" },
      ],
    },
  ],
};

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

  test("of safetensors is one whatever the length of its header looks like", () => {
    for (const length of [0x7b, 0x7b20, 0x2020]) {
      const header = JSON.stringify({ a: { dtype: "F32", shape: [0], data_offsets: [0, 0] } }).padEnd(length);
      const file = new Uint8Array(8 + length);
      new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
      new TextEncoder().encodeInto(header, file.subarray(8));
      expect(fileFormat(file)).toBe("safetensors");
      expect(Object.keys(arraysIn("safetensors", file, "a.safetensors") ?? {})).toEqual(["a"]);
    }
  });

  test("of safetensors says its own types, those that are not read here too, where it was cut short as well", () => {
    const entry = (dtype: string, begin: number, end: number) => ({ dtype, shape: [1, 4], data_offsets: [begin, end] });
    const header = JSON.stringify({ a: entry("F8_E4M3", 0, 4), b: entry("BF16", 4, 12), __metadata__: { by: "hand" } });
    const file = new Uint8Array(8 + header.length + 12);
    new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
    new TextEncoder().encodeInto(header, file.subarray(8));
    const listed = [
      { name: "a", type: "F8_E4M3", shape: [1, 4] },
      { name: "b", type: "BF16", shape: [1, 4] },
    ];
    expect(() => arraysIn("safetensors", file, "a.safetensors")).toThrow('got "F8_E4M3"');
    for (const length of [file.length, file.length - 1, file.length - 12])
      expect(listedIn("safetensors", file.subarray(0, length))).toEqual(listed);
    expect(() => listedIn("safetensors", file.subarray(0, file.length - 13))).toThrow("expected a header within the file's");
    for (const wrong of [
      '{"a":null}',
      '{"a":{"dtype":8,"shape":[]}}',
      '{"a":{"dtype":"F8","shape":[-1]}}',
      `{"a":{"dtype":"${"F".repeat(21)}","shape":[]}}`,
    ]) {
      const own = new Uint8Array(8 + wrong.length);
      new DataView(own.buffer).setBigUint64(0, BigInt(wrong.length), true);
      new TextEncoder().encodeInto(wrong, own.subarray(8));
      expect(() => listedIn("safetensors", own)).toThrow("safetensors: a: expected a dtype and a shape");
    }
    expect(listedIn("npy", file)).toBeUndefined();
  });

  test("of TensorFlow.js is read as a browser downloads it: shards by ./, a mark of UTF-8", async () => {
    using rt = await operatorRuntime();
    const paths: string[] = [];
    const shards = (path: string) => {
      paths.push(path);
      return new Uint8Array(Float32Array.of(1, 2, 3).buffer);
    };
    for (const mark of ["", "\ufeff"]) {
      const bytes = new TextEncoder().encode(mark + JSON.stringify(DOWNLOADED));
      expect(fileFormat(bytes)).toBe("tfjs");
      using model = await modelIn(rt, "tfjs", bytes, shards);
      expect(model?.namedParameters().map(([name, { shape }]) => [name, shape])).toEqual([
        ["dense.weight", [1, 2]],
        ["dense.bias", [1]],
      ]);
      (await loadTFJS(rt, mark + JSON.stringify(DOWNLOADED), shards)).dispose();
    }
    expect(new Set(paths)).toEqual(new Set(["model.weights.bin"]));
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
