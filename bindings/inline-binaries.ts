/** The single-file entry's binaries: bytes inside the script, for places that can neither read files nor fetch. */
import baseline from "../build/baseline.wasm";
import relaxed from "../build/relaxed.wasm";
import type { BuildName } from "./builds.js";
import { ArgumentError } from "./errors.js";

export async function compileBinary(build: BuildName): Promise<WebAssembly.Module> {
  if (build === "debug") throw new ArgumentError("build", '"baseline" or "relaxed" (the single-file entry has no debug build)', '"debug"');
  return WebAssembly.compile(build === "relaxed" ? relaxed : baseline);
}
