/** Models in Keras 3's own form: a zip archive of config.json, metadata.json and model.weights.h5. */
import { FormatError } from "../errors.js";
import { textOf } from "../host.js";
import { type H5Object, openHDF5 } from "../io/hdf5/hdf5.js";
import { readZip } from "../io/zip.js";
import type { Weight } from "./builder.js";
import { parsedJSON } from "./json-text.js";
import { type ModelSource, majorOf } from "./source.js";
import { readTopology } from "./topology.js";

/** Weights hardly shrink: what would grow by more than this is no model, but made to fill a memory. */
const MOST_GROWTH = 100;
/** Bytes that any member may have. */
const SPARE = 2 ** 20;
/** Arrays of a layer at most. */
const MOST_ARRAYS = 64;

/** Layers within layers whose arrays belong to the outer one, in Keras' order. */
const INSIDE = ["cell", "layer", "layer/cell", "forward_layer", "forward_layer/cell", "backward_layer", "backward_layer/cell"];

/** @throws {FormatError} */
export function readArchive(bytes: Uint8Array): ModelSource {
  const members = readZip(bytes, "keras");
  const read = (name: string) => {
    const member = members.get(name);
    if (!member) throw new FormatError(`keras: expected ${name} in the archive, got none`);
    const most = bytes.length * MOST_GROWTH + SPARE;
    if (member.size > most) throw new FormatError(`keras: expected at most ${most} bytes of ${name}, got ${member.size}`);
    return member.read();
  };
  const text = (name: string) => parsedText(name, read(name));
  const config = parsedJSON("config.json", text("config.json"));
  const { keras_version: version } = members.has("metadata.json") ? parsedJSON("metadata.json", text("metadata.json")) : {};
  const root = openHDF5(read("model.weights.h5"), "model.weights.h5");
  return { config, weights: weightsIn(root, config), major: majorOf(version ?? "3.") };
}

function parsedText(name: string, bytes: Uint8Array): string {
  try {
    return textOf(bytes);
  } catch (cause) {
    throw new FormatError(`${name}: expected UTF-8, got other bytes`, { cause });
  }
}

/** Keras' own rule for names: words that capitals begin, in small letters with lines between. */
function snake(className: string): string {
  return className
    .replace(/\W+/g, "")
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
}

/**
 * Each layer's group is named by its class, and numbered from the second on: lstm, lstm_1. Where there is none of that name, by its own. Keras 2
 * keeps two lists of the layers, and the arrays in the one that it comes to first.
 *
 * @throws {FormatError}
 */
function weightsIn(root: H5Object, config: unknown): Map<string, Weight[]> {
  const lists = ["_layer_checkpoint_dependencies", "layers"].map((name) => root.at(name));
  const counts = new Map<string, number>();
  const found = new Map<string, Weight[]>();
  for (const { name, className } of readTopology(config).layers.values()) {
    const kind = snake(className);
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    for (const list of lists) {
      const own = list?.at(count === 0 ? kind : `${kind}_${count}`) ?? list?.at(name);
      if (own && !own.isArray && !found.get(name)?.length) found.set(name, arraysOf(own));
    }
  }
  return found;
}

function arraysOf(layer: H5Object): Weight[] {
  return ["", ...INSIDE].flatMap((path) => {
    const vars = layer.at(`${path}/vars`);
    if (!vars) return [];
    const weights: Weight[] = [];
    for (let i = 0; i < MOST_ARRAYS; i++) {
      const array = vars.at(`${i}`);
      if (!array) break;
      weights.push({ name: `${i}`, ...array.array() });
    }
    return weights;
  });
}
