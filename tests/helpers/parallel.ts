/** Pools of workers from the sources. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import { createPool, type Pool, type PoolOptions } from "../../bindings/parallel.js";
import { ROOT } from "./package.js";

const folder = mkdtempSync(join(tmpdir(), "wasm-rnn-parallel-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const built = new Map<string, Promise<string>>();

/** A file of TypeScript as a module that a worker loads without a loader: the address. Paths are of the package's folder. */
export function asModule(path: string): Promise<string> {
  const known = built.get(path);
  if (known) return known;
  const name = path.replaceAll(/\W/g, "-");
  const made = esbuild
    .build({
      ...{ entryPoints: { [name]: join(ROOT, path) }, bundle: true, format: "esm", platform: "neutral", mainFields: ["module", "main"] },
      ...{ outdir: folder, outExtension: { ".js": ".mjs" }, splitting: true, external: ["node:*"], target: "es2022" },
    })
    .then(() => pathToFileURL(join(folder, `${name}.mjs`)).href);
  built.set(path, made);
  return made;
}

/** A pool whose workers run bindings/parallel-thread.ts. */
export async function sourcePool(options: PoolOptions = {}): Promise<Pool> {
  return createPool({ script: await asModule("bindings/parallel-thread.ts"), ...options });
}
