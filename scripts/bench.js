/** Bundles the bench (it shares the naive twin with the tests, which is TypeScript) and runs it. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
await esbuild.build({
  entryPoints: ["bench/main.ts"],
  outfile: "build/bench/main.mjs", // two folders deep, as tests/helpers is: the binaries are found from there
  bundle: true,
  format: "esm",
  platform: "node",
  target: "es2022",
  external: ["wasm-rnn"],
  logLevel: "warning",
});
const { status } = spawnSync(process.execPath, ["build/bench/main.mjs", ...process.argv.slice(2)], { stdio: "inherit" });
process.exit(status ?? 1);
