/** Where the operators' binaries are: modules of the package, loaded when one of them is wanted. */
import { fileOf } from "../binaries.js";
import type { BuildName, Precision } from "../builds.js";
import { FormatError } from "../errors.js";
import { unpack } from "../unpack.js";

// Literal imports: bundlers find the modules by them.
const PACKED = {
  baseline: { f32: () => import("../generated/binaries/baseline-ops-f32.js"), f64: () => import("../generated/binaries/baseline-ops.js") },
  relaxed: { f32: () => import("../generated/binaries/relaxed-ops-f32.js"), f64: () => import("../generated/binaries/relaxed-ops.js") },
};

/** @internal The bytes of one. @throws {FormatError} when it cannot be loaded */
export async function operatorBinary(build: BuildName, precision: Precision): Promise<Uint8Array<ArrayBuffer>> {
  if (build === "debug") throw new FormatError("build: expected debug.wasm as it was built, with the operators, got one without");
  const file = fileOf(precision === "f32" ? `${build}-ops-f32` : `${build}-ops`);
  if (file) return file;
  try {
    return await unpack((await PACKED[build][precision]()).default);
  } catch (cause) {
    const got = `got ${(cause as Error).message}: where nothing can be loaded, pass { module }`;
    throw new FormatError(`operators: expected the module of the "${build}" build, ${got}`, { cause });
  }
}
