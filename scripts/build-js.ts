/**
 * Bundles bindings/ to dist/: ES modules that load in Node and, as plain files, in a browser; then the types.
 * dist/ changes at once, when all of it is built.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { ENTRIES } from "./entries.js";
import { writeKernels } from "./generate-kernels.js";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
writeKernels();
const unfinished = `build/dist.${process.pid}`;
process.on("exit", () => rmSync(unfinished, { recursive: true, force: true }));

const common: esbuild.BuildOptions = {
  bundle: true,
  format: "esm",
  target: "es2022",
  platform: "neutral",
  mainFields: ["module", "main"],
  conditions: ["import"],
  outdir: unfinished,
  legalComments: "eof",
  // A page may load these files as they are; names stay, for stack traces. (keepNames would keep a bundler from leaving classes out.)
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 400, // Node shows the line where an error was thrown: all of it
  logLevel: "warning",
};

const binaries = Object.fromEntries(
  readdirSync("bindings/generated/binaries").map((file) => [
    `binaries/${file.replace(/\.ts$/, "")}`,
    `bindings/generated/binaries/${file}`,
  ]),
);
const entries = Object.fromEntries([...ENTRIES, "worker-thread", "parallel-thread"].map((name) => [name, `bindings/${name}.ts`]));
await esbuild.build({
  ...common,
  entryPoints: { ...entries, ...binaries, cli: "bindings/cli.ts" },
  splitting: true,
  external: ["node:*"], // of cli alone
});
writeFileSync(`${unfinished}/cli.js`, `#!/usr/bin/env node\n${readFileSync(`${unfinished}/cli.js`, "utf8")}`);
chmodSync(`${unfinished}/cli.js`, 0o755); // npm does so once, npx in this clone not again
keepImport();
await esbuild.build({
  ...common,
  entryPoints: { inline: "bindings/index.ts" },
  plugins: [
    {
      name: "inline-binaries",
      setup(build) {
        build.onResolve({ filter: /\/binaries\.js$/ }, () => ({ path: `${process.cwd()}/bindings/inline-binaries.ts` }));
      },
    },
  ],
});
await esbuild.build({
  ...common,
  entryPoints: { terminal: "bindings/terminal.ts" },
  platform: "node",
  // cli-progress is CommonJS and requires parts of Node.
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
});
// For require() where it does not take ES modules: the library in one file, so that its entries share every class; the binaries are one for both forms.
const LIBRARY = [...ENTRIES, "errors"];
await esbuild.build({
  ...common,
  entryPoints: { library: "bindings/cjs.ts", terminal: "bindings/terminal.ts" },
  outdir: `${unfinished}/cjs`,
  format: "cjs",
  platform: "node",
  define: { "import.meta.url": "packageUrl" },
  banner: { js: 'const packageUrl = require("node:url").pathToFileURL(require("node:path").join(__dirname, "../index.js")).href;' },
  plugins: [
    {
      name: "files",
      setup(build) {
        build.onResolve({ filter: /\/generated\/binaries\// }, ({ path }) => ({
          path: path.replace(/.*\/generated/, ".."),
          external: true,
        }));
        build.onResolve({ filter: /\/errors\.js$/ }, ({ importer }) =>
          importer.includes("/terminal") ? { path: "./errors.js", external: true } : undefined,
        );
      },
    },
  ],
});
for (const entry of LIBRARY) writeFileSync(`${unfinished}/cjs/${entry}.js`, `module.exports = require("./library.js").${entry};\n`);
writeFileSync(`${unfinished}/cjs/package.json`, '{ "type": "commonjs" }\n');
/** A module of the user's is imported by its address: bundlers are told so by comments, which a minified file has lost. */
function keepImport(): void {
  const files = readdirSync(unfinished).filter((file) => file.endsWith(".js") && file !== "cli.js");
  const found = files.filter((file) => {
    const [before, after, ...more] = readFileSync(`${unfinished}/${file}`, "utf8").split(/(?<=\bimport\()(?=\w+\))/);
    if (after === undefined) return false;
    if (more.length > 0) throw new Error(`${file}: expected one import of an address`);
    writeFileSync(`${unfinished}/${file}`, `${before}/* webpackIgnore: true */ /* @vite-ignore */ ${after}`);
    return true;
  });
  if (found.length !== 1) throw new Error(`expected one file that imports an address, got ${found.join(", ") || "none"}`);
}

const tsc = ["node_modules/typescript/bin/tsc", "--project", "tsconfig.types.json", "--outDir", `${unfinished}/types`];
try {
  execFileSync(process.execPath, tsc, { stdio: "inherit" });
} catch (error) {
  process.exit((error as { status?: number }).status || 1); // tsc has said why
}
cpSync(`${unfinished}/types`, `${unfinished}/cjs/types`, { recursive: true });

const old = `build/dist.${process.pid}.old`;
if (existsSync("dist")) renameSync("dist", old);
renameSync(unfinished, "dist");
rmSync(old, { recursive: true, force: true });
