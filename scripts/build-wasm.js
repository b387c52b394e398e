/**
 * Compiles assembly/ to build/{baseline,relaxed,debug}.wasm.
 *
 * asc compiles and optimises; binaryen then folds constant address offsets into the load and store instructions
 * (asc cannot know that no pointer lies below memoryBase, so it leaves an addition before each access).
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import asc from "assemblyscript/asc";
import binaryen from "binaryen";

process.chdir(new URL("..", import.meta.url).pathname);
mkdirSync("build", { recursive: true });

const { targets } = JSON.parse(readFileSync("asconfig.json", "utf8"));
for (const target of Object.keys(targets)) {
  const { error, stderr } = await asc.main(["--config", "asconfig.json", "--target", target]);
  if (error) {
    process.stderr.write(stderr.toString());
    process.exit(1);
  }
  if (target !== "debug") foldOffsets(targets[target].outFile);
}

/** Rewrites a binary in place. */
function foldOffsets(file) {
  const module = binaryen.readBinary(readFileSync(file));
  module.setFeatures(features(file));
  binaryen.setLowMemoryUnused(true); // memoryBase 1024: no pointer lies below it
  binaryen.setOptimizeLevel(3);
  binaryen.setShrinkLevel(0);
  module.runPasses(["optimize-added-constants-propagate", "vacuum", "simplify-locals", "coalesce-locals", "vacuum"]);
  if (!module.validate()) throw new Error(`${file} does not validate after binaryen`);
  writeFileSync(file, module.emitBinary());
  module.dispose();
}

function features(file) {
  const { Features } = binaryen;
  const baseline =
    Features.MVP |
    Features.MutableGlobals |
    Features.SignExt |
    Features.NontrappingFPToInt |
    Features.BulkMemory |
    Features.BulkMemoryOpt |
    Features.SIMD128;
  return file.includes("relaxed") ? baseline | Features.RelaxedSIMD : baseline;
}
