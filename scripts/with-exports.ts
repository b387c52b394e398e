/** A part of a binary: what its other exports need, and nothing else. */
import binaryen from "binaryen";
import { features } from "./fold-offsets.js";

/**
 * @param target its name in asconfig.json
 * @param wanted whether an export is kept
 */
export function withExports(binary: Uint8Array, target: string, wanted: (name: string) => boolean): Uint8Array {
  const module = binaryen.readBinary(binary);
  module.setFeatures(features(target));
  const names = Array.from({ length: module.getNumExports() }, (_, i) => binaryen.getExportInfo(module.getExportByIndex(i)).name);
  for (const name of names) if (!wanted(name)) module.removeExport(name);
  module.runPasses(["remove-unused-module-elements"]);
  if (!module.validate()) throw new Error(`a part of ${target} does not validate`);
  const part = module.emitBinary();
  module.dispose();
  return part;
}
