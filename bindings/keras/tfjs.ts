/** Models of TensorFlow.js: model.json and its shards. */
import { isPlain } from "../by-name.js";
import { isArray, show, typedKind } from "../checks.js";
import { ArgumentError, FormatError } from "../errors.js";
import { textOf } from "../host.js";
import { checkConstruction } from "../layers/doors.js";
import type { Model, ModelForwardOptions } from "../model.js";
import type { Runtime } from "../runtime.js";
import type { Tensor } from "../tensor.js";
import { convert } from "./convert.js";
import { parsedJSON } from "./json-text.js";
import { majorOf } from "./source.js";
import { readManifest, weightsByLayer } from "./tfjs-weights.js";

/** A model of one input and one output. */
export type ImportedModel = Model & {
  /** @param x [N, T, I], or as the model's own input is, the batch first @returns the output */
  forward(x: Tensor, options?: ModelForwardOptions): Tensor;
};

/** Where the bytes of the shards come from: all of them, one behind the other, or a function that gets one by its path. */
export type Shards = Uint8Array | ((path: string) => Uint8Array | Promise<Uint8Array>);

/**
 * A layers model of TensorFlow.js with its weights, as `model.save()` and the converter write it: a Sequential of this package's layers where it
 * is such layers one after another, else a `KerasModel`. It is in `eval()` mode.
 *
 * @param model model.json: parsed, as text or as bytes; or the artifacts that a save handler is given
 * @param weights bytes of all shards, one behind the other in the manifest's order, or a function that gets one by its path
 * @throws {FormatError} that lists every layer and attribute that is not supported; when the weights do not fit
 * @throws {ArgumentError} when it is none of these @throws {DisposedError} @throws {MemoryError}
 * @example
 * const json = await (await fetch("model/model.json")).text();
 * const model = await loadTFJS(rt, json, async (path) => new Uint8Array(await (await fetch(`model/${path}`)).arrayBuffer()));
 * Source: github.com/tensorflow/tfjs, tfjs-layers.
 */
export async function loadTFJS<Loaded extends Model = ImportedModel>(
  runtime: Runtime,
  model: object | string | Uint8Array,
  weights: Shards,
): Promise<Loaded> {
  checkConstruction(runtime, {}, []);
  const json = parsed(model);
  const { modelTopology, format } = json;
  if (format === "graph-model") throw new FormatError("model.json: expected a layers model, got a graph model (convert it to layers)");
  if (!isPlain(modelTopology)) throw new FormatError(`model.json: expected a modelTopology, got ${show(modelTopology)}`);
  const { model_config: config = modelTopology, keras_version: version } = modelTopology;
  const { paths, specs } = readManifest(json);
  const bytes = typeof weights === "function" ? await fetched(paths, weights) : checkBytes("weights", weights);
  const byLayer = weightsByLayer(specs, bytes, layersOf(config));
  const major = majorOf(version); // "tfjs-layers 4.22.0" is like 2
  return (await convert(runtime, config, { weights: byLayer, major })) as Loaded;
}

/** @throws {FormatError} on text that is no JSON of an object */
function parsed(model: unknown): Record<string, unknown> {
  if (typeof model !== "string" && typedKind(model) !== "Uint8Array") {
    if (isPlain(model)) return model;
    throw new ArgumentError("model", "model.json, parsed, as text or as bytes", show(model));
  }
  return parsedJSON("model.json", typeof model === "string" ? model : textIn(model as Uint8Array));
}

function textIn(bytes: Uint8Array): string {
  try {
    return textOf(bytes);
  } catch (cause) {
    throw new FormatError("model.json: expected UTF-8, got other bytes", { cause });
  }
}

/** Names of all layers of a config. */
function layersOf(model: unknown): Set<string> {
  const { config } = Object(model) as Record<string, unknown>;
  const list: unknown = isArray(config) ? config : Object(config).layers;
  return new Set(isArray(list) ? list.flatMap((layer) => [Object(layer).name, Object(Object(layer).config).name]) : []);
}

function checkBytes(argument: string, bytes: unknown): Uint8Array {
  if (typedKind(bytes) !== "Uint8Array") throw new ArgumentError(argument, "a Uint8Array, or a function that gives one", show(bytes));
  return bytes as Uint8Array;
}

/** All shards, one behind the other. */
async function fetched(paths: readonly string[], get: (path: string) => Uint8Array | Promise<Uint8Array>): Promise<Uint8Array> {
  const shards: Uint8Array[] = [];
  for (const path of paths) shards.push(checkBytes(`weights(${show(path)})`, await get(path)));
  const bytes = new Uint8Array(shards.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const shard of shards) {
    bytes.set(shard, at);
    at += shard.length;
  }
  return bytes;
}
