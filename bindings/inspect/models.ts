/** Models that run, out of files that say what their layers are. */
import { loadQuantized, scaledIn } from "../int8/save.js";
import { loadSafetensors } from "../io/safetensors.js";
import { kerasClasses } from "../keras/classes.js";
import { loadKeras } from "../keras/load-keras.js";
import { loadTFJS, type Shards } from "../keras/tfjs.js";
import { loadModel } from "../load-model.js";
import type { Model } from "../model.js";
import { loadOperators } from "../ops/load.js";
import type { Runtime } from "../runtime.js";
import { MODEL } from "../weights.js";
import type { FileFormat } from "./formats.js";

/**
 * The model of a file that says what its layers are: one of `model.save()` or `saveQuantized`, of Keras or of TensorFlow.js, in `eval()` mode.
 *
 * @param format as `fileFormat` tells it @param shards of a model.json: what gives each of its files of weights
 * @returns nothing of a file that holds arrays alone, or is of ONNX
 * @example
 * const model = await modelIn(rt, fileFormat(bytes), bytes, (path) => readFile(path));
 * @throws {FormatError} where it cannot be made here: each layer, with the reason @throws {DisposedError} @throws {MemoryError}
 */
export async function modelIn(runtime: Runtime, format: FileFormat, bytes: Uint8Array, shards: Shards): Promise<Model | undefined> {
  if (format === "keras" || format === "tfjs") await loadOperators(runtime);
  if (format === "keras") return loadKeras(runtime, bytes);
  if (format === "tfjs") return loadTFJS(runtime, bytes, shards);
  if (format !== "safetensors") return undefined;
  const { tensors, metadata } = loadSafetensors(bytes);
  if (!Object.hasOwn(metadata, MODEL)) return undefined;
  await loadOperators(runtime);
  if (Object.keys(scaledIn(tensors)).length > 0) return loadQuantized(runtime, bytes, { classes: kerasClasses });
  return loadModel(runtime, bytes, { classes: kerasClasses });
}
