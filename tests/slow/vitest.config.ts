import { defineConfig, mergeConfig } from "vitest/config";
import { base } from "../../vitest.config.js";

/** Of the other tests, those that check by chance: here as often as it is worth (tests/helpers/sweep.ts). */
const SWEEPS = [
  ...["random-graphs", "killed", "memory"],
  ...["onnx-hostile", "keras-hostile", "weights-attacks", "numpy-attacks", "load-weights", "weights-files"],
].map((name) => `tests/bindings/${name}.test.ts`);

const slow = { testTimeout: 600_000, env: { WASM_RNN_SWEEPS: "all" } };
const config = mergeConfig(base, defineConfig({ root: new URL("../..", import.meta.url).pathname, test: slow }));
config.test.include = ["tests/slow/**/*.test.ts", ...SWEEPS]; // mergeConfig would add to the lists
config.test.exclude = ["node_modules/**"];
export default config;
