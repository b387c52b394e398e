/** What the tab "Your model" makes of files that come together, and of networks that are drawn: without a browser. */
import { describe, expect, it } from "vitest";
import { networkIn } from "wasm-rnn/inspect";
import { BOX, type Drawing, drawn } from "../../examples/playground/src/model/drawing";
import { mainOf } from "../../examples/playground/src/model/files";
import { read } from "../../examples/playground/src/model/reading";
import { onnxModel } from "../helpers/onnx.js";

const file = (name: string, content: string | Uint8Array = "") => ({
  name,
  bytes: new Uint8Array(typeof content === "string" ? new TextEncoder().encode(content) : content),
});

describe("of files that come together", () => {
  it.each([
    ["model.json", [file("metadata.json", '{"labels":["a"]}'), file("model.json", '{"modelTopology":{}}'), file("weights.bin", "1234")]],
    ["model.safetensors", [file("config.json", "{}"), file("tokenizer.json", "{}"), file("model.safetensors")]],
    ["net.onnx", [file("net.onnx.data"), file("net.onnx")]],
    ["pytorch_model.bin", [file("config.json", "{}"), file("pytorch_model.bin")]],
    ["notes", [file("notes")]],
  ])("%s is the one that says what the others are, wherever it stands", (name, files) => {
    expect(mainOf(files).name).toBe(name);
    expect(mainOf([...files].reverse()).name).toBe(name);
  });

  it("those that are not read are named", async () => {
    const relu = onnxModel({ inputs: [["x", "float32", [1]]], outputs: [["y", "float32"]], nodes: [["Relu", ["x"], ["y"]]] });
    const { opened, rt } = await read([file("a.onnx", relu), file("b.onnx", relu)]);
    rt.dispose();
    expect(opened.notes).toEqual(["What came with it is not read, one file at a time: b.onnx."]);
    expect(opened.bytes).toBe(relu.length);
  });
});

it("an array of a type that is not read here is listed with the others, and named", async () => {
  const header = JSON.stringify({ w: { dtype: "F8_E4M3", shape: [2, 2], data_offsets: [0, 4] } });
  const length = new Uint8Array(BigUint64Array.of(BigInt(header.length)).buffer);
  const { opened, rt } = await read([file("w.safetensors", Uint8Array.of(...length, ...new TextEncoder().encode(header), 0, 0, 0, 0))]);
  rt.dispose();
  expect(opened.arrays).toEqual([{ name: "w", dtype: "F8_E4M3", shape: [2, 2], numbers: 4 }]);
  expect(opened.faults?.map((fault) => fault.slice(0, 32))).toEqual(["safetensors: w: expected dtype F"]);
});

describe("the drawing", () => {
  function drawnOf(bytes: Uint8Array, most: number): Drawing {
    const { inputs, outputs, nodes } = networkIn(bytes);
    const port = ({ name, type, shape }: (typeof inputs)[number]) => ({ name, type, shape, isInteger: false });
    return drawn({ inputs: inputs.map(port), outputs: outputs.map(port), nodes, shapes: new Map(), constants: new Set() }, new Map(), most);
  }

  /** What each line joins, by the titles of the boxes at its ends. */
  function joined(bytes: Uint8Array): string[] {
    const { boxes, lines } = drawnOf(bytes, 60);
    const at = ([x, y] = [0, 0] as readonly [number, number]) =>
      boxes.find((box) => Math.abs(box.x - x) <= BOX.width / 2 + 1 && Math.abs(box.y - y) <= BOX.height / 2 + 1)?.title;
    return lines.map((points) => `${at(points[0])} → ${at(points.at(-1))}`).sort();
  }

  const weight = (...shape: number[]) => ({ type: "float32", shape, data: new Float32Array(shape.reduce((a, b) => a * b)) });
  const initializers = { W: weight(1, 1, 1), R: weight(1, 1, 1) };
  const one = { hidden_size: { i: 1 } };

  it("has no line between what one node leaves out and what another does", () => {
    const nodes = [
      ["RNN", ["x", "W", "R"], ["", "h"], one],
      ["Relu", ["x"], ["r"]],
      ["GRU", ["r", "W", "R", "", "", "h"], ["", "y"], one],
      ["LSTM", ["x", "W", "R", ""], ["", "z"], one],
    ] as const;
    const ports = { inputs: [["x", "float32", [2, 1, 1]]], outputs: ["y", "z"].map((name) => [name, "float32"] as const) } as const;
    const lines = ["GRU → y", "LSTM → z", "RNN → GRU", "Relu → GRU", "x → LSTM", "x → RNN", "x → Relu"];
    expect(joined(onnxModel({ ...ports, nodes, initializers }))).toEqual(lines);
  });

  it("takes thousands of nodes, each below the one that it reads", () => {
    const count = 2200; // more than dagre alone bears
    const nodes = Array.from({ length: count }, (_, i) => ["Relu", [i === 0 ? "x" : `v${i}`], [`v${i + 1}`]] as const);
    const drawing = drawnOf(onnxModel({ inputs: [["x", "float32", [1]]], outputs: [[`v${count}`, "float32"]], nodes }), count);
    const { boxes, lines, leftOut, width, height } = drawing;
    expect([boxes.length, lines.length, leftOut]).toEqual([count + 2, count + 1, 0]);
    for (const [i, { x, y }] of boxes.entries()) {
      expect(x).toBe(width / 2);
      expect(y).toBeGreaterThan(boxes[i - 1]?.y ?? 0);
    }
    expect(boxes.at(-1)?.y).toBeLessThan(height);
    for (const points of lines) expect((points.at(-1)?.[1] ?? 0) - (points[0]?.[1] ?? 0)).toBeLessThan(2 * BOX.height);
  });

  it("has lines to what a branch takes from around it, and none to what is the branch's own", () => {
    const inner = (op: string) => ({
      graph: { outputs: [["b", "float32"]], nodes: [[op, ["a"], ["s"]] as const, ["Neg", ["s"], ["b"]] as const] } as const,
    });
    const nodes = [
      ["Relu", ["x"], ["a"]],
      ["If", ["c"], ["y"], { then_branch: inner("Tanh"), else_branch: inner("Sigmoid") }],
    ] as const;
    const ports = {
      inputs: [
        ["x", "float32", [1]],
        ["c", "bool", []],
      ],
      outputs: [["y", "float32"]],
    } as const;
    expect(joined(onnxModel({ ...ports, nodes }))).toEqual(["If → y", "Relu → If", "c → If", "x → Relu"]);
  });
});
