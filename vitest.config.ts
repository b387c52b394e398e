import { defineConfig } from "vitest/config";

export default defineConfig({
  oxc: { target: "es2022" }, // Node 20 has no `using`
  test: {
    include: ["tests/**/*.test.ts"],
    exclude: ["tests/slow/**", "tests/browser/**", "node_modules/**"],
    testTimeout: 30_000,
    pool: "forks",
  },
});
