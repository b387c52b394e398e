/** The binaries of the package for `require()`: files, read at once. A script that is compiled by hand, as test runners do, has no `import()`. */
import type { BuildName, Precision } from "./builds.js";
import { FormatError } from "./errors.js";

/** The bytes of a binary. @throws {FormatError} when its file cannot be read */
export async function binaryOf(build: BuildName, precision: Precision): Promise<Uint8Array<ArrayBuffer>> {
  const file = `../build/${build}${precision === "f32" && build !== "debug" ? "-f32" : ""}.wasm`;
  try {
    const fs = globalThis.process.getBuiltinModule("node:fs");
    return Uint8Array.from(fs.readFileSync(new URL(file, import.meta.url)));
  } catch (cause) {
    throw new FormatError(`build: expected the file ${file} beside the package, got ${(cause as Error).message}`, { cause });
  }
}
