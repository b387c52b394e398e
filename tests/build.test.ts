import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createRuntime } from "../bindings/index.js";
import { BUILD, instantiateRaw } from "./helpers/raw.js";

/** (1 + step)² minus its rounded square, by one multiply-add: the lost part where it is fused, else 0. */
function remainder(): number {
  const { exports, memory, base } = instantiateRaw();
  const x = 1 + 2 ** -12;
  const [c, a, b, init] = [base, base + 64, base + 128, base + 192];
  new Float32Array(memory.buffer, a, 1)[0] = x;
  new Float32Array(memory.buffer, b, 8).fill(x);
  new Float32Array(memory.buffer, init, 8).fill(-Math.fround(x * x));
  exports.gemm_f32!(c, 32, a, 4, b, 32, init, 32, 1, 1, 8);
  return new Float32Array(memory.buffer, c, 1)[0]!;
}

test("the build under test is the one that WASM_RNN_BUILD names: relaxed fuses, the others round twice", async () => {
  expect(remainder()).toBe(process.env.WASM_RNN_BUILD === "relaxed" ? 2 ** -24 : 0);
  const rt = await createRuntime({ build: BUILD as "baseline" });
  expect(rt.build).toBe(process.env.WASM_RNN_BUILD ?? "baseline");
  rt.dispose();
});

test("left to itself, the runtime takes the relaxed build where the host runs it", async () => {
  const relaxed = WebAssembly.validate(readFileSync(new URL("../build/relaxed.wasm", import.meta.url)));
  const rt = await createRuntime();
  expect(rt.build).toBe(relaxed ? "relaxed" : "baseline");
  rt.dispose();
});
