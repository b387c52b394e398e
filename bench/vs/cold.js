/**
 * A cold start, each in a process of its own: this package's createRuntime() (compile and instantiate) and
 * onnxruntime-web's session creation, which does the same and reads a model. Imports are not counted.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const PROGRAMS = {
  "wasm-rnn/baseline": `
    const { createRuntime } = await import("${new URL("../../dist/index.js", import.meta.url)}");
    const begin = performance.now();
    await createRuntime({ build: "baseline" });
    console.log(performance.now() - begin);`,
  "onnxruntime-web": `
    const ort = await import("onnxruntime-web");
    const { onnxModel } = await import("./onnx.js");
    const numbers = (n) => new Float32Array(n);
    const weights = { wih: numbers(4 * 64 * 64), whh: numbers(4 * 64 * 64), bih: numbers(256), bhh: numbers(256) };
    const model = onnxModel("lstm", { T: 1, N: 1, I: 64, H: 64 }, weights);
    ort.env.wasm.numThreads = 1;
    ort.env.logLevel = "error";
    const begin = performance.now();
    await ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
    console.log(performance.now() - begin);
    process.exit(0);`,
};

/** @param {number} rounds */
export function coldStart(rounds) {
  const samples = Object.fromEntries(Object.keys(PROGRAMS).map((name) => [name, /** @type {number[]} */ ([])]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, program] of Object.entries(PROGRAMS)) {
      const cwd = fileURLToPath(new URL(".", import.meta.url));
      const printed = execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd, encoding: "utf8" });
      samples[name]?.push(Number(printed));
    }
  }
  const contenders = Object.fromEntries(
    Object.entries(samples).map(([name, list]) => {
      const sorted = list.sort((a, b) => a - b);
      return [name, { minMs: sorted[0], medianMs: sorted[sorted.length >> 1] }];
    }),
  );
  const ratio = contenders["onnxruntime-web"].minMs / contenders["wasm-rnn/baseline"].minMs;
  return { id: "cold-start/compile-and-instantiate", contenders, ratios: { "onnxruntime-web": ratio } };
}
