/** The last step of a build: binaryen folds constant address offsets into the load and store instructions. */
import binaryen from "binaryen";

/**
 * @param target its name in asconfig.json
 * @param names whether to keep the names of functions
 */
export function foldOffsets(binary: Uint8Array, target: string, names = false): Uint8Array {
  const module = binaryen.readBinary(binary);
  module.setFeatures(features(target));
  binaryen.setLowMemoryUnused(true); // memoryBase 1024: no pointer lies below it
  binaryen.setOptimizeLevel(3);
  binaryen.setShrinkLevel(0);
  binaryen.setDebugInfo(names);
  module.runPasses(["optimize-added-constants-propagate", "vacuum", "simplify-locals", "coalesce-locals", "vacuum"]);
  if (!module.validate()) throw new Error(`${target} does not validate after binaryen`);
  const folded = module.emitBinary();
  module.dispose();
  return folded;
}

/** What a target may use; binaryen wants it said. */
export function features(target: string): number {
  const { Features } = binaryen;
  const baseline =
    Features.MVP |
    Features.MutableGlobals |
    Features.SignExt |
    Features.NontrappingFPToInt |
    Features.BulkMemory |
    Features.BulkMemoryOpt |
    Features.SIMD128;
  return target === "relaxed" ? baseline | Features.RelaxedSIMD : baseline;
}
