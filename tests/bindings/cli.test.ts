/** `npx wasm-rnn`, as it was built: files in, files out, one line for what goes wrong. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Dense, LSTM, loadSafetensors, Sequential, saveSafetensors } from "../../bindings/index.js";
import { quantize, saveQuantized } from "../../bindings/int8.js";
import { loadNpz, saveNpy } from "../../bindings/numpy.js";
import { exportOnnx } from "../../bindings/onnx.js";
import { onnxModel } from "../helpers/onnx.js";
import { testRuntime } from "../helpers/runtime.js";

const CLI = new URL("../../dist/cli.js", import.meta.url).pathname;
const golden = JSON.parse(readFileSync(new URL("../golden/weights-files.json", import.meta.url), "utf8"));

let folder: string;
const at = (name: string) => join(folder, name);

function run(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { encoding: "utf8" });
  return { code: status, out: stdout, err: stderr };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "wasm-rnn-cli-"));
  using rt = await testRuntime();
  const model = new Sequential(rt, {
    lstm: new LSTM(rt, { inputSize: 3, hiddenSize: 4 }),
    head: new Dense(rt, { inputSize: 4, outputSize: 2 }),
  });
  const header = '{"w":{"dtype":"F8_E4M3","shape":[1,2],"data_offsets":[0,2]}}';
  writeFileSync(at("f8.safetensors"), Uint8Array.of(header.length, 0, 0, 0, 0, 0, 0, 0, ...Buffer.from(header), 0, 0));
  writeFileSync(at("model.safetensors"), model.save());
  writeFileSync(at("model.onnx"), exportOnnx(model));
  writeFileSync(at("states.onnx"), exportOnnx(model, { states: true }));
  writeFileSync(at("x.npy"), saveNpy({ shape: [5, 1, 3], data: Float32Array.from({ length: 15 }, (_, i) => Math.sin(i)) }));
  writeFileSync(at("layers.pt"), inflateSync(Buffer.from(golden.torch["layers zip"].file, "base64")));
  writeFileSync(at("arrays.safetensors"), saveSafetensors({ a: { shape: [2], data: Float32Array.of(0.1, 2) } }));
  writeFileSync(
    at("strange.onnx"),
    onnxModel({
      inputs: [["x", "float32", [1]]],
      outputs: [["y", "float32"]],
      nodes: [
        ["Foo", ["x"], ["a"]],
        ["Bar", ["a"], ["y"]],
      ],
    }),
  );
  const relu = { inputs: [["x", "float32", [1]]], outputs: [["y", "float32"]], nodes: [["Relu", ["x"], ["y"]]], opset: 22 } as const;
  writeFileSync(at("later.onnx"), onnxModel(relu));
  writeFileSync(at("text.txt"), "nothing of the kind");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("inspect", () => {
  test.each([
    ["model.safetensors", 0, ["safetensors", "lstm.weight_ih_l0", "[16, 3]", "This model runs here."]],
    ["model.onnx", 0, ["ONNX", "LSTM", "output  y     float32  [T, N, 2]", "This network runs here."]],
    ["layers.pt", 0, ["PyTorch", "lstm.weight_hh_l0", "[12, 3]", "6 arrays"]],
    ["f8.safetensors", 1, ["w     F8_E4M3  [1, 2]", "1 array, 2 numbers", "These numbers are not read here:", 'got "F8_E4M3"']],
    ["x.npy", 0, ["NumPy", "[5, 1, 3]", "1 array, 15 numbers"]],
    ["strange.onnx", 1, ["This network does not run here:", "a (Foo)", "y (Bar)"]],
    ["later.onnx", 1, ["This network does not run here:", "expected opset 7 to 21, got 22"]],
  ])("%s", (file, code, parts) => {
    const told = run("inspect", at(file));
    for (const part of parts) expect(told.out).toContain(part);
    expect([told.code, told.err]).toEqual([code, ""]);
  });
});

test("convert takes PyTorch to NumPy and halves weights", () => {
  expect(run("convert", at("layers.pt"), at("layers.npz")).out).toContain("6 arrays");
  const { shape, data } = golden.torch["layers zip"].arrays["head.weight"];
  const found = loadNpz(new Uint8Array(readFileSync(at("layers.npz"))))["head.weight"];
  expect([found?.shape, [...(found?.data ?? [])]]).toEqual([shape, data]);
  expect(run("convert", at("arrays.safetensors"), at("half.safetensors"), "--dtype", "f16").code).toBe(0);
  expect([...(loadSafetensors(new Uint8Array(readFileSync(at("half.safetensors")))).tensors.a?.data ?? [])]).toEqual([0.0999755859375, 2]);
});

test("run gives the same of a model and of what convert made of it", () => {
  expect(run("convert", at("model.safetensors"), at("again.onnx")).code).toBe(0);
  const numbers = ["model.safetensors", "model.onnx", "again.onnx"].map((model) => {
    const { code, out, err } = run("run", at(model), "--input", at("x.npy"), "--output", at("y.npz"));
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("[5, 1, 2]");
    return [...(loadNpz(new Uint8Array(readFileSync(at("y.npz")))).y?.data ?? [])];
  });
  expect(numbers[0]).toHaveLength(10);
  for (const other of numbers.slice(1))
    for (const [i, value] of other.entries()) expect(Math.abs(value - (numbers[0]?.[i] as number))).toBeLessThan(1e-5);
});

test.each([
  [["inspect", "none.pt"], "cannot read none.pt: there is no such file"],
  [["inspect"], "inspect: expected a file, got 0"],
  [["bake", "x"], "there is no command bake: expected inspect, convert or run"],
  [["inspect", "TEXT"], "expected a file of safetensors, NumPy, PyTorch, Keras, TensorFlow.js or ONNX, got none of these"],
  [["convert", "ARRAYS", "out.xyz"], "out.xyz: expected a name that ends in .safetensors, .npz or .npy"],
  [["convert", "ARRAYS", "none/out.npz"], "cannot write none/out.npz: there is no such folder"],
  [["convert", "ARRAYS", "out.safetensors", "--dtype", "f8"], 'expected "F64" or "F32" or "F16" or "BF16", got "F8"'],
  [["run", "STATES", "--input", "x=X"], "run: expected --input h0=FILE.npy of [1, N, 4] and --input c0=FILE.npy of [1, N, 4] too"],
  [["run", "STATES", "--input", "X"], "since there are several inputs: x, h0, c0"],
  [["convert", "ARRAYS", "out.onnx"], "without a model: an .onnx file needs its layers"],
])("%s is told in one line", (args, message) => {
  const told = run(
    ...args.map((arg) =>
      arg
        .replace("TEXT", at("text.txt"))
        .replace("ARRAYS", at("arrays.safetensors"))
        .replace("STATES", at("states.onnx"))
        .replace(/\bX$/, at("x.npy")),
    ),
  );
  expect(told.err).toContain(message);
  expect([told.code, told.err.trim().split("\n").length, told.out]).toEqual([1, 1, ""]);
});

test("inspect makes the model of an int8 file", async () => {
  using rt = await testRuntime();
  const model = new Sequential(rt, { head: new Dense(rt, { inputSize: 4, outputSize: 2 }) });
  await quantize(model);
  writeFileSync(at("int8.safetensors"), saveQuantized(model));
  const { code, out } = run("inspect", at("int8.safetensors"));
  expect(out).toContain("head.weight.scale");
  expect(out).toContain("This model runs here.");
  expect(code).toBe(0);
});

test("what a file says begins no line of its own, and is listed up to a bound", () => {
  const forged = "x\x1b[2J\nThis model runs here.\u200f";
  const none = { shape: [0], data: new Float32Array(0) };
  const names = Array.from({ length: 150_000 }, (_, i) => [`k${i}`, "v"] as const);
  const arrays = { ["L".repeat(2 ** 22)]: none, [forged]: none, ...Object.fromEntries(names.slice(0, 300).map(([name]) => [name, none])) };
  writeFileSync(at("forged.safetensors"), saveSafetensors(arrays, { [forged]: forged, ...Object.fromEntries(names) }));
  const { code, out, err } = run("inspect", at("forged.safetensors"));
  expect([code, err]).toEqual([0, ""]);
  expect(out).toContain("x·[2J·This model runs here.·");
  expect(out.split("\n").filter((line) => line.startsWith("This"))).toEqual([]);
  expect(out.length).toBeLessThan(100_000);
  expect(run("constructor", "a", "b").err).toBe("wasm-rnn: there is no command constructor: expected inspect, convert or run\n");
});

test("whoever reads may stop at any time", () => {
  const piped = `"${process.execPath}" "${CLI}" inspect "${at("forged.safetensors")}" | true`;
  expect(spawnSync("sh", ["-c", piped], { encoding: "utf8" }).stderr).toBe("");
});
