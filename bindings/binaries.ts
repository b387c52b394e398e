/**
 * Where the binaries are: modules of the package, loaded when one of them is wanted, so that a page takes in one alone and every bundler
 * finds them. The single-file entry replaces this module by inline-binaries.ts.
 */
import type { BuildName, Precision } from "./builds.js";
import { FormatError } from "./errors.js";
import { unpack } from "./unpack.js";

// Literal imports: bundlers find the modules by them.
const PACKED = {
  baseline: { f32: () => import("./generated/binaries/baseline-f32.js"), f64: () => import("./generated/binaries/baseline.js") },
  relaxed: { f32: () => import("./generated/binaries/relaxed-f32.js"), f64: () => import("./generated/binaries/relaxed.js") },
};

/**
 * The bytes of a binary: in Node those of its file, which takes half the time, where the package lies as it was installed; else those of its module.
 *
 * @throws {FormatError} when its module cannot be loaded
 */
export async function binaryOf(build: BuildName, precision: Precision): Promise<Uint8Array<ArrayBuffer>> {
  if (build === "debug") return debugBinary();
  return fileOf(precision === "f32" ? `${build}-f32` : build) ?? unpack(await packedOf(build, precision));
}

async function packedOf(build: Exclude<BuildName, "debug">, precision: Precision): Promise<string> {
  try {
    return (await PACKED[build][precision]()).default;
  } catch (cause) {
    const got = `got ${(cause as Error).message}: where nothing can be loaded, pass { module }, or bytes to createRuntimeSync`;
    throw new FormatError(`build: expected the module of the "${build}" build, ${got}`, { cause });
  }
}

/** Undefined where there is none. Deno would ask the user for leave to read it. */
export function fileOf(name: string): Uint8Array<ArrayBuffer> | undefined {
  if (!globalThis.process?.versions?.node || "Deno" in globalThis) return undefined;
  try {
    const fs = globalThis.process.getBuiltinModule("node:fs");
    return fs.readFileSync(addressOf(name, import.meta.url)) as Uint8Array<ArrayBuffer>;
  } catch {
    return undefined; // in a bundle, which has the module
  }
}

/** It stays a file alone, so that it is in nobody's bundle. */
function debugBinary(): Uint8Array<ArrayBuffer> {
  const bytes = fileOf("debug");
  if (bytes) return bytes;
  throw new FormatError(
    'build: expected "debug" in Node, beside the package, got none: elsewhere compile wasm-rnn/build/debug.wasm and pass { module }',
  );
}

/** Of a function's argument: bundlers copy what they find at `new URL(…, import.meta.url)`, or warn where they find nothing. */
function addressOf(name: string, here: string): URL {
  return new URL(`../build/${name}.wasm`, here);
}
