/**
 * Compiles assembly/ to build/{baseline,relaxed,debug}.wasm and, of f32 alone, build/{baseline,relaxed}-f32.wasm; the release builds also as
 * modules of bindings/generated/binaries, for the package to import.
 *
 * asc compiles and optimises; binaryen then folds constant address offsets into the load and store instructions
 * (asc cannot know that no pointer lies below memoryBase, so it leaves an addition before each access).
 * A binary appears under its name when it is whole: whoever loads it meanwhile finds the old one.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { foldOffsets } from "./fold-offsets.js";
import { packModule } from "./pack-module.js";
import { withoutExports } from "./without-exports.js";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const MODULES = "bindings/generated/binaries";
for (const folder of ["build", MODULES]) mkdirSync(folder, { recursive: true });

const { targets }: { targets: Record<string, { outFile: string }> } = JSON.parse(readFileSync("asconfig.json", "utf8"));
for (const [target, { outFile }] of Object.entries(targets)) {
  const unfinished = outFile.replace(/\.wasm$/, `.${process.pid}.wasm.tmp`);
  const { error, stderr } = await asc.main(["--config", "asconfig.json", "--target", target, "--outFile", unfinished]);
  if (error) {
    process.stderr.write(stderr.toString());
    process.exit(1);
  }
  if (target === "debug") {
    renameSync(unfinished, outFile);
    continue;
  }
  const binary = foldOffsets(readFileSync(unfinished), target);
  rmSync(unfinished);
  for (const [name, bytes] of [
    [target, binary],
    [`${target}-f32`, withoutExports(binary, target, /_f64$/)], // the same code: the same bits
  ] as const) {
    write(`build/${name}.wasm`, bytes);
    write(`${MODULES}/${name}.ts`, packModule(bytes));
  }
}

function write(file: string, content: Uint8Array | string): void {
  writeFileSync(`${file}.${process.pid}.tmp`, content);
  renameSync(`${file}.${process.pid}.tmp`, file);
}
