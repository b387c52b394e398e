/** Picks a build and instantiates it over a memory. With binaries.ts the only file that knows the binaries. */
import { instantiate, instantiateSync } from "@assemblyscript/loader";
import { relaxedSimd } from "wasm-feature-detect";
import { compileBinary } from "./binaries.js";
import { BUILDS, type BuildName } from "./builds.js";
import { checkOneOf } from "./checks.js";
import { FormatError, WasmRnnError } from "./errors.js";
import type { RawMemory } from "./memory.js";

/** What hosts say when a page's policy forbids it: Chromium's words, older ones, Firefox's; Safari throws an EvalError. */
const POLICY = /content security policy|disallowed by embedder|blocked by CSP|unsafe-eval/i;

/** The raw exports: numbers in, a number out. */
export type RawExports = Record<string, ((...args: number[]) => number) & { value: number }>;

/** The asked build, or the fastest that this host can run. @throws {ArgumentError} on an unknown name */
export async function pickBuild(asked: BuildName | undefined): Promise<BuildName> {
  if (asked !== undefined) return checkOneOf("build", asked, BUILDS);
  return (await relaxedSimd()) ? "relaxed" : "baseline";
}

/**
 * @returns the exports, and the first byte above the binary's own data
 * @throws {FormatError} when the host cannot compile the binary
 */
export async function instantiateBuild(build: BuildName, memory: RawMemory): Promise<{ exports: RawExports; heapBase: number }> {
  let module: WebAssembly.Module;
  try {
    module = await compileBinary(build);
  } catch (cause) {
    if (cause instanceof WasmRnnError) throw cause;
    const { message } = cause as Error;
    if (cause instanceof EvalError || POLICY.test(message)) {
      const cure = "add 'wasm-unsafe-eval' to its script-src";
      throw new FormatError(`build: expected leave to compile WebAssembly, got a Content-Security-Policy without: ${cure} (${message})`, {
        cause,
      });
    }
    throw new FormatError(`build: expected a host that runs "${build}", got one that refuses it (${message})`, { cause });
  }
  const abort = (_message: number, _file: number, line: number, column: number) => {
    throw new Error(`assertion failed in the ${build} build at ${line}:${column}`);
  };
  const imports = { env: { memory: memory as WebAssembly.Memory, abort } };
  // In Node the loader's asynchronous form asks for Response, and so loads all of fetch: 20 ms where instantiation takes 0.2.
  const { instance } = globalThis.process?.versions?.node ? instantiateSync(module, imports) : await instantiate(module, imports);
  const exports = instance.exports as unknown as RawExports;
  const heapBase = Number(exports.heap_base?.()) >>> 0;
  if (!(heapBase > 0)) throw new FormatError(`build: expected a binary of this package, got one without heap_base (${heapBase})`);
  return { exports, heapBase };
}
