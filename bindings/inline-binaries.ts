/** The single-file entry's binaries: inside the script, for places that cannot load a second one. */
import type { BuildName, Precision } from "./builds.js";
import { ArgumentError } from "./errors.js";
import baseline from "./generated/binaries/baseline.js";
import relaxed from "./generated/binaries/relaxed.js";
import { unpack } from "./unpack.js";

/** The bytes of a binary. Each holds both element types: two more would make the file larger. */
export async function binaryOf(build: BuildName, _precision: Precision): Promise<Uint8Array<ArrayBuffer>> {
  if (build === "debug") throw new ArgumentError("build", '"baseline" or "relaxed" (the single-file entry has no debug build)', '"debug"');
  return unpack(build === "relaxed" ? relaxed : baseline);
}
