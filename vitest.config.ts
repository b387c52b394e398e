import { defineConfig } from "vitest/config";

/** What is the same whichever build is under test: floors, both builds' operation counts, the bench, the examples over the package, files. */
const ANY_BUILD = [
  "architecture",
  "opcounts",
  "bench",
  "figures",
  "package",
  "bindings/char-lstm",
  "bindings/docs-snippets",
  "bindings/examples*",
  "bindings/server",
  ...[
    "hostile-files",
    "onnx-hostile",
    "keras-hostile",
    "weights-attacks",
    "pickle-bombs",
    "numpy-attacks",
    "cli",
    "load-weights",
    "safetensors*",
  ].map((name) => `bindings/${name}`),
  "bindings/killed",
].map((name) => `tests/${name}.test.ts`);

export default defineConfig({
  oxc: { target: "es2022" }, // Node 20 has no `using`
  test: {
    include: ["tests/**/*.test.ts"],
    exclude: [
      "tests/slow/**",
      "tests/browser/**",
      "tests/hosts/**",
      "tests/playground/**",
      "tests/peers/**",
      "node_modules/**",
      ...(process.env.WASM_RNN_BUILD === "relaxed" ? ANY_BUILD : []),
    ],
    testTimeout: 30_000,
    pool: "forks",
    maxWorkers: "100%", // one for each thread; by default one is left idle
  },
});
