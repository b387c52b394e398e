/**
 * Compiles assembly/ to build/{baseline,relaxed,debug}.wasm.
 *
 * asc compiles and optimises; binaryen then folds constant address offsets into the load and store instructions
 * (asc cannot know that no pointer lies below memoryBase, so it leaves an addition before each access).
 * A binary appears under its name when it is whole: whoever loads it meanwhile finds the old one.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { foldOffsets } from "./fold-offsets.js";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
mkdirSync("build", { recursive: true });

const { targets }: { targets: Record<string, { outFile: string }> } = JSON.parse(readFileSync("asconfig.json", "utf8"));
for (const [target, { outFile }] of Object.entries(targets)) {
  const unfinished = outFile.replace(/\.wasm$/, `.${process.pid}.wasm.tmp`);
  const { error, stderr } = await asc.main(["--config", "asconfig.json", "--target", target, "--outFile", unfinished]);
  if (error) {
    process.stderr.write(stderr.toString());
    process.exit(1);
  }
  if (target !== "debug") writeFileSync(unfinished, foldOffsets(readFileSync(unfinished), target));
  renameSync(unfinished, outFile);
}
