/**
 * Where the binaries are: files beside the package. In Node they are read, elsewhere they are fetched and compiled
 * while they stream. The single-file entry replaces this module by inline-binaries.ts.
 */
import type { BuildName } from "./builds.js";
import { FormatError } from "./errors.js";

// Literal URLs: bundlers find and copy the files by them.
const urls: Record<BuildName, () => URL> = {
  baseline: () => new URL("../build/baseline.wasm", import.meta.url),
  relaxed: () => new URL("../build/relaxed.wasm", import.meta.url),
  debug: () => new URL("../build/debug.wasm", import.meta.url),
};

export async function compileBinary(build: BuildName): Promise<WebAssembly.Module> {
  const url = urls[build]();
  if (url.protocol === "file:") {
    // Not an import: a browser, which has no node:fs, loads this module too.
    const fs = globalThis.process?.getBuiltinModule?.("node:fs");
    if (fs) return WebAssembly.compile(readBinary(fs, url));
  }
  const response = await fetch(url).catch((cause) => missing(url, cause.message, cause));
  if (!response.ok) missing(url, `status ${response.status}`);
  if (response.headers.get("content-type")?.startsWith("application/wasm")) return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer()); // a server that does not know the type
}

/** At once: 80 KB take 0.1 ms, and the first promise of node:fs takes 2. */
function readBinary(fs: { readFileSync(url: URL): Uint8Array<ArrayBuffer> }, url: URL): Uint8Array<ArrayBuffer> {
  try {
    return fs.readFileSync(url);
  } catch (cause) {
    return missing(url, (cause as NodeJS.ErrnoException).code ?? "an error", cause);
  }
}

function missing(url: URL, got: string, cause?: unknown): never {
  const hint = "a bundler that does not copy it: import wasm-rnn/inline instead";
  throw new FormatError(`build: expected the binary at ${url.href}, got ${got} (${hint})`, { cause });
}
