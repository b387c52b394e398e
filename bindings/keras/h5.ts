/** Whole models in HDF5, as Keras 2 writes them, and Keras 3 where it is asked to: model_config, and a group of weights for each layer. */
import { show } from "../checks.js";
import { FormatError } from "../errors.js";
import { type H5Object, openHDF5 } from "../io/hdf5/hdf5.js";
import type { Weight } from "./builder.js";
import { parsedJSON } from "./json-text.js";
import { type ModelSource, majorOf } from "./source.js";

/** Parts of an attribute that is too long for one, name0, name1 and so on. */
const MOST_PIECES = 1000;

/** @throws {FormatError} */
export function readH5(bytes: Uint8Array): ModelSource {
  const root = openHDF5(bytes, "h5");
  const text = root.texts("model_config")?.[0];
  const group = root.at("model_weights");
  if (text === undefined || !group) throw new FormatError(weightsAlone(root));
  const version = root.texts("keras_version")?.[0] ?? group.texts("keras_version")?.[0];
  const layers = pieces(group, "layer_names") ?? [];
  const weights = new Map(layers.map((layer) => [layer, weightsOf(group, layer)] as const));
  return { config: parsedJSON("h5: model_config", text), weights, major: majorOf(version) };
}

/** What to do with a file that holds no model. */
function weightsAlone(root: H5Object): string {
  const isWeights = root.texts("layer_names") !== undefined || root.names.includes("layers");
  const got = isWeights ? "weights alone (of save_weights: model.save(path) keeps the model, too)" : "another HDF5 file";
  return `h5: expected a whole model, with model_config and model_weights, got ${got}`;
}

/** A list of texts, in one attribute or in several. */
function pieces(object: H5Object, name: string): string[] | undefined {
  const whole = object.texts(name);
  if (whole) return whole;
  const found: string[] = [];
  for (let i = 0; i < MOST_PIECES; i++) {
    const piece = object.texts(`${name}${i}`);
    if (!piece) return i === 0 ? undefined : found;
    found.push(...piece);
  }
  return found;
}

function weightsOf(group: H5Object, layer: string): Weight[] {
  const own = group.at(layer);
  if (!own) throw new FormatError(`h5: expected a group of the weights of ${show(layer)}, got none`);
  return (pieces(own, "weight_names") ?? []).map((path): Weight => {
    const array = own.at(path);
    if (!array) throw new FormatError(`h5: expected the array ${show(path)} of ${show(layer)}, got none`);
    const [clean = ""] = path.split(":");
    return { name: clean.slice(clean.lastIndexOf("/") + 1), ...array.array() };
  });
}
