/** Picks a build, compiles it and instantiates it over a memory. With binaries.ts the only file that knows the binaries. */
import { relaxedSimd, simd } from "wasm-feature-detect";
import { binaryOf } from "./binaries.js";
import { BUILDS, type BuildName, type Precision } from "./builds.js";
import { checkOneOf, checkOptions } from "./checks.js";
import { FormatError, WasmRnnError } from "./errors.js";
import { checkWebAssembly } from "./host.js";
import type { RawMemory } from "./memory.js";

/** What hosts say when a page's policy forbids it: Chromium's words, Firefox's; Safari throws an EvalError. */
const POLICY = /content security policy|blocked by CSP|unsafe-eval/i;
/** The same of Cloudflare's workerd, where nothing is compiled at run time, and of older Chromium on a page. */
const EMBEDDER = /disallowed by embedder/i;

/** A `WebAssembly.Module`; its own name is known only to the types of browsers and of Node. */
export type Compiled = object;

/** The raw exports: numbers in, a number out. */
export type RawExports = Record<string, ((...args: number[]) => number) & { value: number }>;

/** A binary at work. */
export interface Instantiated {
  readonly exports: RawExports;
  readonly build: BuildName;
  /** The first byte above the binary's own data. */
  readonly heapBase: number;
}

/**
 * The bytes of the binary that `createRuntime` would take here: for `createRuntimeSync` in a place that can neither import nor fetch,
 * such as an AudioWorklet, to which a message carries them.
 *
 * @param options build: by default the fastest that this host can run; dtype: "f64" for a binary of both element types
 * @example
 * const binary = await loadBinary();
 * new AudioWorkletNode(context, "filter", { processorOptions: { binary } });
 * @throws {ArgumentError} on an option that it cannot take
 * @throws {FormatError} when the package's module with it cannot be loaded
 */
export async function loadBinary(options: { build?: BuildName; dtype?: "f32" | "f64" } = {}): Promise<Uint8Array<ArrayBuffer>> {
  const { build, dtype = "f32" } = checkOptions(options, ["build", "dtype"]);
  checkOneOf("dtype", dtype, ["f32", "f64"]);
  return binaryOf(await pickBuild(build), dtype);
}

/** The asked build, or the fastest that this host can run. @throws {ArgumentError} on an unknown name @throws {FormatError} when there is none */
async function pickBuild(asked: BuildName | undefined): Promise<BuildName> {
  if (asked !== undefined) return checkOneOf("build", asked, BUILDS);
  checkWebAssembly();
  if (await relaxedSimd()) return "relaxed";
  if (await simd()) return "baseline";
  throw new FormatError("build: expected a host with SIMD in WebAssembly, got one without");
}

/** A build over a memory. @throws {FormatError} when the host cannot compile it */
export async function instantiateBuild(asked: BuildName | undefined, precision: Precision, memory: RawMemory): Promise<Instantiated> {
  const build = await pickBuild(asked);
  const bytes = await binaryOf(build, precision);
  return instantiateModule(await WebAssembly.compile(bytes).catch(refused), memory);
}

/** A compiled binary over a memory. @throws {FormatError} when it is not of this version of the package */
export async function instantiateModule(module: Compiled, memory: RawMemory): Promise<Instantiated> {
  // Older browsers refuse more than 4 KB at once on a page; to Node the promise is 2 ms of work.
  if (globalThis.process?.versions?.node) return instantiateSync(module, memory);
  return inspect(await WebAssembly.instantiate(module as WebAssembly.Module, importsOf(memory)).catch(refused));
}

/** The same at once. @param binary its bytes, or compiled @throws {FormatError} */
export function instantiateSync(binary: Uint8Array<ArrayBuffer> | Compiled, memory: RawMemory): Instantiated {
  try {
    const module = isModule(binary) ? binary : new WebAssembly.Module(binary as Uint8Array<ArrayBuffer>);
    return inspect(new WebAssembly.Instance(module as WebAssembly.Module, importsOf(memory)));
  } catch (cause) {
    return refused(cause);
  }
}

/** One of another realm too. */
export function isModule(value: unknown): value is Compiled {
  try {
    WebAssembly.Module.exports(value as WebAssembly.Module);
    return true;
  } catch {
    return false;
  }
}

function importsOf(memory: RawMemory) {
  const abort = (_message: number, _file: number, line: number, column: number) => {
    throw new Error(`assertion failed in the debug build at ${line}:${column}`);
  };
  return { env: { memory: memory as WebAssembly.Memory, abort } };
}

function inspect({ exports }: { readonly exports: object }): Instantiated {
  const { build, heap_base: heapBase } = exports as RawExports;
  const name = BUILDS[Number(build?.value)];
  if (!name || !heapBase) throw new FormatError("module: expected a binary of this version of the package, got another's");
  return { exports: exports as RawExports, build: name, heapBase: heapBase() >>> 0 };
}

/** @throws {FormatError} that says why the host does not take a binary */
function refused(cause: unknown): never {
  if (cause instanceof WasmRnnError) throw cause;
  const { message } = cause as Error;
  throw new FormatError(`build: expected ${expectedBy(cause as Error)} (${message})`, { cause });
}

function expectedBy(cause: Error): string {
  if (cause instanceof EvalError || POLICY.test(cause.message))
    return "leave to compile WebAssembly, got a Content-Security-Policy without: add 'wasm-unsafe-eval' to its script-src";
  if (EMBEDDER.test(cause.message))
    return "leave to compile WebAssembly, got a host without: pass { module } (on a page, add 'wasm-unsafe-eval' to the script-src of its Content-Security-Policy)";
  return "a binary of this package that the host can run, got a refusal";
}
