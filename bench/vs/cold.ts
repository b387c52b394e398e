/**
 * A cold start, each in a process of its own: this package's createRuntime() (compile and instantiate) and
 * onnxruntime-web's session creation, which does the same and reads a model. Imports are not counted.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Result, Timed } from "./contender.js";
import { onnxModel } from "./onnx.js";

const PROGRAMS = {
  "wasm-rnn/baseline": `
    const { createRuntime } = await import("${new URL("../../dist/index.js", import.meta.url)}");
    const begin = performance.now();
    await createRuntime({ build: "baseline" });
    console.log(performance.now() - begin);`,
  "onnxruntime-web": `
    const ort = await import("onnxruntime-web");
    const model = new Uint8Array((await import("node:fs")).readFileSync(process.argv[1]));
    ort.env.wasm.numThreads = 1;
    ort.env.logLevel = "error";
    const begin = performance.now();
    await ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
    console.log(performance.now() - begin);
    process.exit(0);`,
};

export function coldStart(rounds: number): Result {
  const folder = mkdtempSync(join(tmpdir(), "wasm-rnn-bench-"));
  const model = join(folder, "lstm.onnx");
  const zeros = (length: number) => new Float32Array(length);
  const weights = { wih: zeros(4 * 64 * 64), whh: zeros(4 * 64 * 64), bih: zeros(256), bhh: zeros(256) };
  writeFileSync(model, onnxModel("lstm", { T: 1, N: 1, I: 64, H: 64 }, weights));
  const samples = Object.entries(PROGRAMS).map(([name, program]) => ({ name, program, times: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const { program, times } of samples) {
      const cwd = fileURLToPath(new URL(".", import.meta.url));
      times.push(Number(execFileSync(process.execPath, ["--input-type=module", "-e", program, model], { cwd, encoding: "utf8" })));
    }
  }
  rmSync(folder, { recursive: true });
  const contenders = Object.fromEntries(
    samples.map(({ name, times }) => {
      const sorted = times.sort((a, b) => a - b);
      return [name, { minMs: sorted[0] as number, medianMs: sorted[sorted.length >> 1] as number }];
    }),
  ) as Record<keyof typeof PROGRAMS, Timed>;
  const ratio = contenders["onnxruntime-web"].minMs / contenders["wasm-rnn/baseline"].minMs;
  return { id: "cold-start/compile-and-instantiate", contenders, ratios: { "onnxruntime-web": ratio } };
}
