/** Bundles bindings/ to dist/: ES modules that load in Node and, as plain files, in a browser; then the types. */
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import * as esbuild from "esbuild";

process.chdir(new URL("..", import.meta.url).pathname);
rmSync("dist", { recursive: true, force: true });

/** @type {esbuild.BuildOptions} */
const common = {
  bundle: true,
  format: "esm",
  target: "es2022",
  platform: "neutral",
  mainFields: ["module", "main"],
  conditions: ["import"],
  outdir: "dist",
  legalComments: "eof",
  keepNames: true, // error messages name classes
  logLevel: "warning",
};

await esbuild.build({ ...common, entryPoints: { index: "bindings/index.ts", notebook: "bindings/notebook.ts" }, splitting: true });
await esbuild.build({
  ...common,
  entryPoints: { inline: "bindings/index.ts" },
  loader: { ".wasm": "binary" },
  plugins: [
    {
      name: "inline-binaries",
      setup(build) {
        build.onResolve({ filter: /\/binaries\.js$/ }, () => ({ path: `${process.cwd()}/bindings/inline-binaries.ts` }));
      },
    },
  ],
});
execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "--project", "tsconfig.types.json"], { stdio: "inherit" });
