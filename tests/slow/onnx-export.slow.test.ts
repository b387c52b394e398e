/** Exported files before ONNX's own checker, of the Python package onnx; with shapes inferred. Skipped where there is none. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Runtime } from "../../bindings/index.js";
import { exportOnnx } from "../../bindings/onnx.js";
import { EXPORT_CASES } from "../helpers/exported-models.js";
import { operatorRuntime } from "../helpers/runtime.js";

const PYTHON = ["python3", "/usr/bin/python3"].find((python) => spawnSync(python, ["-c", "import onnx"]).status === 0);

const CHECK = `
import sys, onnx
for path in sys.argv[1:]:
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    print(path, [d.dim_value or d.dim_param for d in model.graph.output[0].type.tensor_type.shape.dim])
`;

let rt: Runtime;
let folder: string;
beforeAll(async () => {
  rt = await operatorRuntime();
  folder = mkdtempSync(join(tmpdir(), "wasm-rnn-onnx-"));
});
afterAll(() => {
  rt.dispose();
  rmSync(folder, { recursive: true, force: true });
});

test.skipIf(PYTHON === undefined)("onnx.checker finds no fault", () => {
  const paths = EXPORT_CASES.map(([, { model, options }], i) => {
    const path = join(folder, `${i}.onnx`);
    writeFileSync(path, exportOnnx(model(rt), options));
    return path;
  });
  const printed = execFileSync(PYTHON as string, ["-c", CHECK, ...paths], { encoding: "utf8" });
  expect(printed.trim().split("\n").length).toBe(paths.length);
});
