/** Pools of worker threads that run the sources, bundled once for a test file: threads start faster than from sources. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildSync } from "esbuild";
import { createPool, type Pool, type PoolOptions } from "../../bindings/parallel.js";

export interface Threads {
  /** A pool of such threads. */
  pool(workers: number, options?: PoolOptions): Promise<Pool>;
  /** Writes a module, and says where it is. */
  module(name: string, code: string): URL;
  readonly folder: string;
  dispose(): void;
}

export function bundledThreads(): Threads {
  const folder = mkdtempSync(join(tmpdir(), "wasm-rnn-parallel-"));
  buildSync({
    entryPoints: [fileURLToPath(new URL("../../bindings/parallel-thread.ts", import.meta.url))],
    ...{ outdir: folder, outExtension: { ".js": ".mjs" }, logLevel: "error" },
    ...{ bundle: true, splitting: true, format: "esm", platform: "neutral", target: "es2022", mainFields: ["module", "main"] },
  });
  const script = pathToFileURL(join(folder, "parallel-thread.mjs"));
  return {
    folder,
    pool: (workers, options = {}) => createPool({ workers, script, ...options }),
    module: (name, code) => {
      writeFileSync(join(folder, name), code);
      return pathToFileURL(join(folder, name));
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}
