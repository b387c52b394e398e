import { defineConfig, mergeConfig } from "vitest/config";
import { base } from "../../vitest.config.js";

const config = mergeConfig(
  base,
  defineConfig({
    root: new URL("../..", import.meta.url).pathname,
    test: {
      globalSetup: "tests/playground/setup.ts",
      ...{ testTimeout: 60_000, hookTimeout: 60_000 },
      fileParallelism: false, // a page that trains takes all that a small machine has
      retry: process.env.CI ? 1 : 0, // others work on that machine, too: once may be chance, twice is none
    },
  }),
);
config.test.include = ["tests/playground/**/*.test.ts"]; // mergeConfig would add to the lists
config.test.exclude = ["**/node_modules/**"];
export default config;
