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

/** The bytes of a binary. @throws {FormatError} when its module cannot be loaded */
export async function binaryOf(build: BuildName, precision: Precision): Promise<Uint8Array<ArrayBuffer>> {
  if (build === "debug") return debugBinary();
  return unpack(await packedOf(build, precision));
}

async function packedOf(build: Exclude<BuildName, "debug">, precision: Precision): Promise<string> {
  try {
    return (await PACKED[build][precision]()).default;
  } catch (cause) {
    const got = `got ${(cause as Error).message}: where nothing can be loaded, pass { module }, or bytes to createRuntimeSync`;
    throw new FormatError(`build: expected the module of the "${build}" build, ${got}`, { cause });
  }
}

/** It stays a file, so that it is in nobody's bundle. */
function debugBinary(): Uint8Array<ArrayBuffer> {
  const fs = globalThis.process?.getBuiltinModule?.("node:fs");
  try {
    if (!fs) throw new Error("a host without files");
    return fs.readFileSync(debugFile(import.meta.url)) as Uint8Array<ArrayBuffer>;
  } catch (cause) {
    const got = `got ${(cause as Error).message}: elsewhere compile wasm-rnn/build/debug.wasm and pass { module }`;
    throw new FormatError(`build: expected "debug" in Node, beside the package, ${got}`, { cause });
  }
}

/** Of a function's argument: bundlers copy what they find at `new URL(…, import.meta.url)`, or warn where they find nothing. */
function debugFile(here: string): URL {
  return new URL("../build/debug.wasm", here);
}
