/** Models that run, out of files that say what their layers are. */
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { FormatError } from "../errors.js";
import { loadQuantized, scaledIn } from "../int8/save.js";
import { loadSafetensors } from "../io/safetensors.js";
import { kerasClasses, loadKeras, loadTFJS } from "../keras.js";
import { loadModel } from "../load-model.js";
import type { Model } from "../model.js";
import { loadOperators } from "../ops/load.js";
import type { Runtime } from "../runtime.js";
import { MODEL } from "../weights.js";
import type { Format } from "./formats.js";

/** @returns nothing of a file that holds arrays alone @throws {FormatError} */
export async function modelIn(rt: Runtime, format: Format, bytes: Uint8Array, path: string): Promise<Model | undefined> {
  if (format === "keras" || format === "tfjs") await loadOperators(rt);
  if (format === "keras") return loadKeras(rt, bytes);
  if (format === "tfjs") return loadTFJS(rt, bytes, (shard) => beside(path, shard));
  if (format !== "safetensors") return undefined;
  const { tensors, metadata } = loadSafetensors(bytes);
  if (!Object.hasOwn(metadata, MODEL)) return undefined;
  await loadOperators(rt);
  if (Object.keys(scaledIn(tensors)).length > 0) return loadQuantized(rt, bytes, { classes: kerasClasses });
  return loadModel(rt, bytes, { classes: kerasClasses });
}

/** A shard, which lies beside its model.json and nowhere else. */
function beside(path: string, shard: string): Uint8Array {
  const own = normalize(shard);
  if (own.startsWith("..") || own.startsWith("/"))
    throw new FormatError(`model.json: expected shards beside it, got ${shard.slice(0, 200)}`);
  return readFileSync(join(dirname(path), own));
}
