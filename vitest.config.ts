import { defineConfig } from "vitest/config";

/** What is the same whichever build is under test: floors, both builds' operation counts, the bench and the example over the package. */
const ANY_BUILD = ["tests/architecture.test.ts", "tests/opcounts.test.ts", "tests/bench.test.ts", "tests/bindings/char-lstm.test.ts"];

export default defineConfig({
  oxc: { target: "es2022" }, // Node 20 has no `using`
  test: {
    include: ["tests/**/*.test.ts"],
    exclude: ["tests/slow/**", "tests/browser/**", "node_modules/**", ...(process.env.WASM_RNN_BUILD === "relaxed" ? ANY_BUILD : [])],
    testTimeout: 30_000,
    pool: "forks",
  },
});
