/** Where the binaries of int8 are: modules of the package, loaded when one of them is wanted. */
import { fileOf } from "../binaries.js";
import type { BuildName } from "../builds.js";
import { FormatError } from "../errors.js";
import { unpack } from "../unpack.js";

// Literal imports: bundlers find the modules by them.
const PACKED = {
  baseline: () => import("../generated/binaries/baseline-int8.js"),
  relaxed: () => import("../generated/binaries/relaxed-int8.js"),
};

/** @internal The bytes of one. @throws {FormatError} when it cannot be loaded */
export async function int8Binary(build: BuildName): Promise<Uint8Array<ArrayBuffer>> {
  if (build === "debug") throw new FormatError("build: expected debug.wasm as it was built, with int8, got one without");
  const file = fileOf(`${build}-int8`);
  if (file) return file;
  try {
    return await unpack((await PACKED[build]()).default);
  } catch (cause) {
    const got = `got ${(cause as Error).message}: where nothing can be loaded, pass { module }`;
    throw new FormatError(`int8: expected the module of the "${build}" build, ${got}`, { cause });
  }
}
