/** docs/scaling.md and docs/weights-onnx-export.md: what their first program writes, their second one serves by ONNX Runtime. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InferenceSession } from "onnxruntime-node";
import { afterAll, beforeAll, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wasm-rnn-scaling-"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(ROOT, join(folder, "node_modules/wasm-rnn"), "junction");
  symlinkSync(join(ROOT, "tests/peers/node_modules/onnxruntime-node"), join(folder, "node_modules/onnxruntime-node"), "junction");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the program of a page behind a mark. @returns what it prints */
function run(page: string, mark: string): string {
  const [, code] = readFileSync(join(ROOT, "docs", page), "utf8").split(`<!-- ${mark} -->`);
  const program = /^\s*```(?:js)?\n([\s\S]*?)```/.exec(code ?? "")?.[1];
  expect(program, mark).toBeDefined();
  writeFileSync(join(folder, "program.mjs"), program as string);
  return execFileSync(process.execPath, ["program.mjs"], { cwd: folder, encoding: "utf8" });
}

it("the exported detector answers a request in ONNX Runtime as here, and the server's settings name what the file has", async () => {
  run("scaling.md", "example: to-a-cluster");
  const { y } = JSON.parse(readFileSync(join(folder, "repository/detector/request.json"), "utf8"));
  expect(y).toHaveLength(3);
  expect(Math.max(...y.map(Math.abs))).toBeGreaterThan(0.01); // zeros would agree with anything
  expect(run("scaling.md", "served: onnxruntime-node")).toBe("true\n");

  const session = await InferenceSession.create(join(folder, "repository/detector/1/model.onnx"));
  const settings = readFileSync(join(folder, "repository/detector/config.pbtxt"), "utf8");
  const named = (kind: string) => [...settings.matchAll(new RegExp(`^${kind} \\{ name: "(\\w+)"`, "gm"))].map(([, name]) => name);
  expect(named("input")).toEqual([...session.inputNames]);
  expect(named("output")).toEqual([...session.outputNames]);
  await session.release();
});

it("an exported model runs in ONNX Runtime as the page says", () => {
  run("weights-onnx-export.md", "example: to-onnx");
  expect(run("weights-onnx-export.md", "served: onnxruntime-node")).toBe("2,2\n");
});
