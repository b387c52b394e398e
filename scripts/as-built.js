/**
 * Loads dist/ as it is built, in a process whose loader of TypeScript would rewrite it: private members would be maps, 8 µs a call.
 * `node --import @oxc-node/core/register --import ./scripts/as-built.js file.ts`
 */
import { readFileSync } from "node:fs";
import { register } from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";

const DIST = new URL("../dist/", import.meta.url).href;

export async function load(url, context, next) {
  if (!url.startsWith(DIST) || url.includes("/cjs/")) return next(url, context);
  return { format: "module", source: readFileSync(fileURLToPath(url), "utf8"), shortCircuit: true };
}

if (isMainThread) register("./as-built.js", import.meta.url);
