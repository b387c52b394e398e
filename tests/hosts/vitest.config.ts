import { defineConfig, mergeConfig } from "vitest/config";
import { base } from "../../vitest.config.js";

const config = mergeConfig(
  base,
  defineConfig({
    root: new URL("../..", import.meta.url).pathname,
    test: {
      globalSetup: "tests/hosts/setup.ts",
      ...{ testTimeout: 60_000, hookTimeout: 120_000 },
      fileParallelism: false, // each host takes all that a small machine has
    },
  }),
);
config.test.include = ["tests/hosts/**/*.test.ts"]; // mergeConfig would add to the lists
config.test.exclude = ["**/node_modules/**"];
export default config;
