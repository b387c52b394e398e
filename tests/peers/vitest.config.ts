import { defineConfig, mergeConfig } from "vitest/config";
import { base } from "../../vitest.config.js";

const config = mergeConfig(base, defineConfig({ root: new URL("../..", import.meta.url).pathname, test: { testTimeout: 60_000 } }));
config.test.include = ["tests/peers/**/*.test.ts"]; // mergeConfig would add to the lists
config.test.exclude = ["**/node_modules/**"];
export default config;
