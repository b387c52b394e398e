import { defineConfig, mergeConfig } from "vitest/config";
import { base } from "../../vitest.config.js";

const config = mergeConfig(
  base,
  defineConfig({
    root: new URL("../..", import.meta.url).pathname,
    test: {
      globalSetup: "tests/fleet/setup.ts",
      ...{ testTimeout: 300_000, hookTimeout: 60_000 },
      fileParallelism: false, // a fleet takes all that a small machine has
    },
  }),
);
config.test.include = ["tests/fleet/**/*.test.ts"]; // mergeConfig would add to the lists
config.test.exclude = ["**/node_modules/**"];
export default config;
