/** What a killed run leaves of a checkpoint half written is removed by the next; what is another's, or still being written, stays. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { Adam, CrossEntropyLoss, Dense, fit, loadSafetensors, type Runtime, Sequential } from "../../bindings/index.js";
import { testRuntime } from "../helpers/runtime.js";
import { compileScript } from "../helpers/script.js";

const script = compileScript("killed-writer");
afterAll(() => script.dispose());

let folder: string;
let file: string;
let rt: Runtime;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "wasm-rnn-part-"));
  file = join(folder, "run.safetensors");
  rt = await testRuntime({ seed: 1 });
});
afterEach(() => {
  rt.dispose();
  rmSync(folder, { recursive: true });
});

/** A process is killed between writing and renaming. @returns its id */
function killWriter(): number {
  const { pid, signal } = spawnSync(process.execPath, [script.path, file], { stdio: ["ignore", "ignore", "inherit"] });
  expect(signal).toBe("SIGKILL");
  return pid;
}

function run(options: object = {}) {
  const model = new Sequential(rt, [new Dense(rt, { inputSize: 1, outputSize: 2 })]);
  const optimizer = new Adam(model.parameters());
  return fit(model, { data: [{ x: [1], y: 1 }], loss: new CrossEntropyLoss(rt), optimizer, checkpoint: { file }, ...options });
}

test("each run removes what a killed one has left, the last one all of it", { timeout: 60_000 }, async () => {
  const pids = [killWriter(), killWriter(), killWriter()];
  const last = `run.safetensors.${hostname()}.${pids[2]}.part`;
  expect(readdirSync(folder)).toContain(last); // the second and third writer have removed the parts before their own
  await run();
  expect(readdirSync(folder)).toEqual(["run.safetensors"]);
  expect(Object.keys(loadSafetensors(readFileSync(file)).tensors)).toContain("model.0.weight");
});

test("resuming removes them, where there is a checkpoint and where there is none", { timeout: 60_000 }, async () => {
  killWriter();
  expect(readdirSync(folder).length).toBe(1);
  const controller = new AbortController();
  const callbacks = { onProgress: () => void controller.abort(new Error("enough")) };
  const seen: string[][] = [];
  const save = () => void seen.push(readdirSync(folder));
  await expect(run({ resume: true, checkpoint: { file, save }, callbacks, signal: controller.signal })).rejects.toThrow("enough");
  expect(seen).toEqual([["run.safetensors"]]);
  writeFileSync(join(folder, `run.safetensors.${hostname()}.${killWriter()}.part`), "half"); // and another, by hand
  await run({ resume: true, epochs: 1 });
  expect(readdirSync(folder)).toEqual(["run.safetensors"]);
});

test("what is not ours, or of one that lives, stays", { timeout: 60_000 }, async () => {
  const other: ChildProcess = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)"], { stdio: "ignore" });
  const { pid: dead } = spawnSync(process.execPath, ["-e", ""]);
  const theirs = [
    `run.safetensors.${hostname()}.${other.pid}.part`, // a process that lives
    `run.safetensors.some-other-host.${dead}.part`, // whose processes cannot be asked
    `run2.safetensors.${hostname()}.${dead}.part`,
    `my-run.safetensors.${hostname()}.${dead}.part`,
    `run.safetensors.${hostname()}.${dead}.partial`,
    `run.safetensors.${hostname()}.x.part`,
    "run.safetensors.part",
    "run.safetensors.bak",
    "video.part",
  ];
  for (const name of theirs) writeFileSync(join(folder, name), name);
  mkdirSync(join(folder, `run.safetensors.${hostname()}.${dead}0.part`)); // a folder is no file that is left over
  writeFileSync(join(folder, `run.safetensors.${hostname()}.${dead}.part`), "ours");
  try {
    await run();
  } finally {
    other.kill("SIGKILL");
  }
  const left = [...theirs, "run.safetensors", `run.safetensors.${hostname()}.${dead}0.part`];
  expect(readdirSync(folder).sort()).toEqual(left.sort());
  for (const name of theirs) expect(readFileSync(join(folder, name), "utf8")).toBe(name);
});

test("a name with characters that a pattern has a meaning for", async () => {
  const { pid: dead } = spawnSync(process.execPath, ["-e", ""]);
  file = join(folder, "run (1) [a+b]*.safetensors");
  writeFileSync(join(folder, `run (1) [a+b]*.safetensors.${hostname()}.${dead}.part`), "ours");
  await run();
  expect(readdirSync(folder)).toEqual(["run (1) [a+b]*.safetensors"]);
});

test("a path that cannot be one is refused by name", async () => {
  for (const bad of ["", "a\0b", 5, null, {}]) {
    await expect(run({ checkpoint: { file: bad } })).rejects.toThrow("checkpoint.file: expected a path");
  }
  expect(readdirSync(folder)).toEqual([]);
});

test("a path at which no file can be is refused before training; a link stays one", async () => {
  writeFileSync(join(folder, "a file"), "kept");
  let steps = 0;
  const callbacks = { onProgress: () => void steps++ };
  const paths = [folder, `${join(folder, "new")}/`, join(folder, "a file", "below"), join(folder, "a file", "far", "below"), "/dev/null"];
  for (const bad of paths) {
    for (const resume of [false, true])
      await expect(run({ checkpoint: { file: bad }, callbacks, resume })).rejects.toThrow("checkpoint.file: expected the path of a file");
  }
  expect(steps).toBe(0);
  expect(lstatSync("/dev/null").isFile()).toBe(false);
  expect(readdirSync(folder)).toEqual(["a file"]);
  symlinkSync(join(folder, "a file"), file);
  const leftover = `a file.${hostname()}.${spawnSync(process.execPath, ["-e", ""]).pid}.t3.part`; // a thread's, in a process that is gone
  writeFileSync(join(folder, leftover), "half");
  await run();
  expect(lstatSync(file).isSymbolicLink()).toBe(true);
  expect(Object.keys(loadSafetensors(readFileSync(join(folder, "a file"))).tensors)).toContain("model.0.weight");
  expect(readdirSync(folder).sort()).toEqual(["a file", "run.safetensors"]);
});
