/** ONNX's own cases for its operators (Debian's libonnx-testdata): every one either gives what is stored, or is refused by name. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { expect, test } from "vitest";
import { createRuntime, type Runtime, type Tensor, WasmRnnError } from "../../bindings/index.js";
import type { Constant } from "../../bindings/onnx/constant.js";
import { readConstant } from "../../bindings/onnx/node.js";
import { type ProtoGraph, readModel } from "../../bindings/onnx/proto.js";
import { readFields } from "../../bindings/onnx/proto-fields.js";
import { emptyTensor, TENSOR } from "../../bindings/onnx/proto-tensor.js";
import { loadOnnx } from "../../bindings/onnx.js";
import { debianFolders } from "../../examples/shared/debian.js";
import { ONNX_CASES } from "./onnx-cases.js";

/** What is otherwise here, and why. */
const OTHERWISE: readonly (readonly [RegExp, string])[] = [
  [/FLOAT16|BFLOAT16/, "halves are computed as f32: a cast to one does not round"],
  [/window.*_expanded/, "the file's own constant of π is 3.1415; its stored results are of all digits"],
];

const [folder = ""] = debianFolders(["libonnx-testdata"]);
const root =
  [join(folder, "usr/share/libonnx-testdata/data/node"), join(folder, "usr/share/onnx/data/node")].find((each) => existsSync(each)) ??
  folder;

/** @throws {FormatError} of strings, sequences and the like */
function constantIn(file: string): Constant {
  const bytes = new Uint8Array(readFileSync(file)); // a Buffer's slice would be a view
  return readConstant(file, readFields(new BinaryReader(bytes), bytes.length, 0, TENSOR, emptyTensor()));
}

async function run(rt: Runtime, name: string): Promise<string | undefined> {
  const model = readFileSync(join(root, name, "model.onnx"));
  using session = await loadOnnx(rt, model);
  const data = join(root, name, "test_data_set_0");
  const read = (kind: string, count: number) => Array.from({ length: count }, (_, i) => constantIn(join(data, `${kind}_${i}.pb`)));
  const inputs = read("input", session.inputs.length);
  const expected = read("output", session.outputs.length);
  const feeds: Record<string, Tensor> = {};
  try {
    for (const [i, { shape, data: numbers }] of inputs.entries()) {
      const { name: port, dtype } = session.inputs[i] as (typeof session.inputs)[number];
      feeds[port] = rt.tensor(dtype === "i32" ? Int32Array.from(numbers) : numbers, shape.length === 0 ? [1] : shape, { dtype });
    }
    for (const time of ["", " again"]) {
      const results = await session.run(feeds);
      for (const [i, { name: port }] of session.outputs.entries()) {
        const [want, got] = [expected[i] as Constant, results[port] as Tensor];
        if (String(want.shape) !== String(got.shape)) return `${port}${time}: shape [${got.shape}], expected [${want.shape}]`;
        const ours = got.toArray();
        const wrong = want.data.findIndex(
          (value, k) =>
            !Object.is(value, ours[k]) && !(Math.abs(value - (ours[k] as number)) <= 1e-6 + 1e-5 * Math.abs(value)) && value !== ours[k],
        );
        if (wrong >= 0) return `${port}[${wrong}]${time}: ${ours[wrong]}, expected ${want.data[wrong]}`;
      }
    }
  } finally {
    for (const tensor of Object.values(feeds)) tensor.dispose();
  }
  return undefined;
}

/** How many cases there are of each operator; "several" of graphs of more than one. */
function countsOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) {
    const { nodes } = readModel(readFileSync(join(root, name, "model.onnx"))).graph as ProtoGraph;
    const op = nodes.length === 1 ? (nodes[0] as (typeof nodes)[0]).op : "several";
    counts[op] = (counts[op] ?? 0) + 1;
  }
  return counts;
}

test("every case gives what is stored, or is refused by name", async () => {
  using rt = await createRuntime({ dtype: "f64" }); // has both element types
  const all = readdirSync(root).filter((name) => existsSync(join(root, name, "model.onnx")));
  const names = all.filter((name) => !OTHERWISE.some(([pattern]) => pattern.test(name)));
  expect(all.length).toBe(932);
  const [wrong, refused]: [string[], Map<string, string>] = [[], new Map()];
  for (const name of names) {
    try {
      const fault = await run(rt, name);
      if (fault !== undefined) wrong.push(`${name}: ${fault}`);
    } catch (error) {
      if (error instanceof WasmRnnError) refused.set(name, error.message);
      else wrong.push(`${name}: ${error}`);
    }
  }
  const passed = names.filter((name) => !refused.has(name)).length - wrong.length;
  console.log(`${names.length} cases: ${passed} as stored, ${refused.size} refused`);

  expect(wrong).toEqual([]);
  expect(rt.bytesInUse).toBe(0);
  for (const [name, message] of refused) expect(message, name).toMatch(/^onnx: |^shape: expected one or more positive integers/);
  const counts = countsOf(names.filter((name) => !refused.has(name)));
  const lost = Object.entries(ONNX_CASES).filter(([op, count]) => (counts[op] ?? 0) < count);
  expect(lost).toEqual([]);
}, 120_000);
