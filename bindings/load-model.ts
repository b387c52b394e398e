/** A model made again from a file: its layers, the models inside it, its weights. */
import { isPlain } from "./by-name.js";
import { checkOptions, isArray, show } from "./checks.js";
import { ArgumentError, FormatError, MemoryError, WasmRnnError } from "./errors.js";
import { loadSafetensors } from "./io/safetensors.js";
import { Dense } from "./layers/dense.js";
import { checkConstruction } from "./layers/doors.js";
import { Dropout } from "./layers/dropout.js";
import { Embedding } from "./layers/embedding.js";
import { Layer } from "./layers/layer.js";
import { LayerNorm } from "./layers/layer-norm.js";
import type { Config } from "./layers/parametric.js";
import { LastStep, MaxPool, MeanPool } from "./layers/pool.js";
import { GRU } from "./layers/recurrent/gru.js";
import { LSTM } from "./layers/recurrent/lstm.js";
import { RNN } from "./layers/recurrent/rnn.js";
import { Softmax } from "./layers/softmax.js";
import { Model, type Part } from "./model.js";
import { undrawn } from "./parameters.js";
import type { Runtime } from "./runtime.js";
import { Sequential } from "./sequential.js";
import { checkLayers, checkWeightsFile, MODEL, MODEL_VERSION, setParameters } from "./weights.js";

/** A class of your own, made as `new Tagger(rt, options)` with the options that it handed to `super(rt, layers, options)`. */
export type ModelClass = new (runtime: Runtime, options: never) => Model;

/** A layer of another entry, such as `MinGRU` of wasm-rnn/cells. */
export type LayerClass = new (runtime: Runtime, options: never) => Layer;

/** Options of `loadModel`. */
export interface LoadModelOptions {
  /** The classes of your own that the model is made of, by the names that they had when it was saved; and layers of other entries, by theirs. */
  classes?: Readonly<Record<string, ModelClass | LayerClass>>;
}

const LAYERS: readonly [string, LayerClass][] = [
  ["RNN", RNN],
  ["LSTM", LSTM],
  ["GRU", GRU],
  ["Dense", Dense],
  ["Embedding", Embedding],
  ["Dropout", Dropout],
  ["LayerNorm", LayerNorm],
  ["Softmax", Softmax],
  ["LastStep", LastStep],
  ["MeanPool", MeanPool],
  ["MaxPool", MaxPool],
];

/** Models in one another; more would be a mistake. */
const MOST_FLOORS = 64;

/**
 * The model of a file that `save()` wrote, with its weights: every layer of the package, `Sequential`, and classes of your own. It is in
 * `eval()` mode, for use; nothing of it is frozen.
 *
 * A class of your own is known by its name: where a bundler shortens names, give it one, `static name = "Tagger"`. What it makes of its options
 * must be what was saved.
 *
 * @param bytes of the file
 * @throws {FormatError} when the file does not say what the model is, as one of weights alone; when it is of another version, has a layer or an option
 * that this package does not know, or weights that are not this model's
 * @throws {ArgumentError} when a class is missing, or is no model's; what the constructors of your classes throw
 * @throws {DisposedError} @throws {MemoryError}
 * @example
 * const model = loadModel(rt, bytes, { classes: { Tagger } });
 */
export function loadModel<Loaded extends Model = Model>(runtime: Runtime, bytes: Uint8Array, options: LoadModelOptions = {}): Loaded {
  checkConstruction(runtime, {}, []);
  const { classes = {} } = checkOptions(options, ["classes"]);
  if (!isPlain(classes)) throw new ArgumentError("classes", "classes by name", show(classes));
  const { tensors, metadata } = loadSafetensors(bytes);
  checkWeightsFile(metadata);
  const config = readConfig(Object.hasOwn(metadata, MODEL) ? (metadata[MODEL] as string) : undefined);
  const model = built(runtime, "the model", config, { ...classes }, 0);
  try {
    if (!(model instanceof Model)) throw new FormatError(`model: expected a model, got the layer ${show(config.type)}`);
    checkLayers(model.namedLayers(), metadata);
    setParameters(model.namedParameters(), tensors);
    return model.eval() as Loaded;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

function readConfig(text: string | undefined): Config {
  if (text === undefined)
    throw new FormatError("model: expected a file that says what its model is, got weights alone (make the model, then model.load(bytes))");
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (cause) {
    throw new FormatError(`model: expected ${MODEL} in JSON, got text that does not parse`, { cause });
  }
  const { version, ...config } = checkConfig("the model", read) as Config & { version?: unknown };
  if (version === MODEL_VERSION) return config;
  throw new FormatError(`model: expected version ${MODEL_VERSION} of ${MODEL}, got ${show(version)}`);
}

/** What a file says of one part: its own parts are not looked at yet. */
function checkConfig(place: string, config: unknown): Config {
  if (!isPlain(config)) throw new FormatError(`model: expected { type, … } for ${place}, got ${show(config)}`);
  const { type, layers } = config;
  if (typeof type !== "string") throw new FormatError(`model: expected the type of ${place}, got ${show(type)}`);
  const isPair = (pair: unknown) => isArray(pair) && pair.length === 2 && typeof pair[0] === "string";
  if (layers !== undefined && !(isArray(layers) && layers.every(isPair)))
    throw new FormatError(`model: expected the parts of ${place} as [name, part] pairs, got ${show(layers)}`);
  return config as unknown as Config;
}

type Classes = Readonly<Record<string, unknown>>;

function built(runtime: Runtime, place: string, config: Config, classes: Classes, floor: number): Part {
  const { type, options, layers } = config;
  if (layers && type === "Sequential") return sequentialOf(runtime, place, layers, classes, floor);
  if (layers) return ownModel(runtime, place, config, classes);
  const [, Class = layerOf(classes, type)] = LAYERS.find(([name]) => name === type) ?? [];
  if (Class) return ofFile(place, () => undrawn(() => new Class(runtime, options as never)));
  throw new FormatError(
    `model: expected ${LAYERS.map(([name]) => name).join(", ")}, or one of { classes }, for ${place}, got ${show(type)}`,
  );
}

/** A layer of another entry of the package. */
function layerOf(classes: Classes, type: string): LayerClass | undefined {
  const Class = Object.hasOwn(classes, type) ? classes[type] : undefined;
  // Not by instanceof: a prototype lacks the private members that Layer asks for.
  return typeof Class === "function" && Object.prototype.isPrototypeOf.call(Layer.prototype, Class.prototype)
    ? (Class as LayerClass)
    : undefined;
}

function sequentialOf(runtime: Runtime, place: string, layers: NonNullable<Config["layers"]>, classes: Classes, floor: number): Sequential {
  if (floor > MOST_FLOORS) throw new FormatError(`model: expected at most ${MOST_FLOORS} models in one another, got more`);
  const parts: [string, Part][] = [];
  try {
    for (const [name, part] of layers) {
      const within = floor === 0 ? name : `${place}.${name}`;
      parts.push([name, built(runtime, within, checkConfig(within, part), classes, floor + 1)]);
    }
    const names = new Set(parts.map(([name]) => name));
    if (names.size < parts.length) throw new FormatError(`model: expected a name for each part of ${place} alone, got two by one`);
    return ofFile(place, () => new Sequential(runtime, Object.fromEntries(parts)));
  } catch (error) {
    for (const [, part] of parts) part.dispose();
    throw error;
  }
}

/** A class of the user's, which makes its parts itself: they must be those of the file. */
function ownModel(runtime: Runtime, place: string, config: Config, classes: Classes): Model {
  const { type, options } = config;
  const Class = Object.hasOwn(classes, type) ? classes[type] : undefined;
  if (Class === undefined)
    throw new ArgumentError("classes", `${show(type).slice(1, -1)}, which ${place} is of`, show(Object.keys(classes)));
  if (typeof Class !== "function" || !(Class.prototype instanceof Model))
    throw new ArgumentError(`classes.${type}`, "a class that extends Model", show(Class));
  const model = new (Class as ModelClass)(runtime, options as never);
  try {
    if (model.runtime !== runtime) throw new ArgumentError(`classes.${type}`, "a model of the runtime that it is given", "one of another");
    const [ours, theirs] = [model.config(), config].map((each) => new Map(flat(place, each)));
    for (const name of new Set([...(theirs as Map<string, string>).keys(), ...(ours as Map<string, string>).keys()])) {
      const [mine, saved] = [ours?.get(name) ?? "none", theirs?.get(name) ?? "none"];
      if (mine !== saved)
        throw new FormatError(`model: expected ${name} as ${show(type).slice(1, -1)} makes it, ${mine}, got ${saved.slice(0, 200)}`);
    }
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** Each part with its full name and what it is. */
function* flat(place: string, config: unknown, floor = 0): Iterable<[string, string]> {
  const { type, options, layers } = checkConfig(place, config);
  yield [place, `${type} ${JSON.stringify(options, inOrder) ?? ""}`.trim()];
  if (floor > MOST_FLOORS) return;
  for (const [name, part] of layers ?? []) yield* flat(`${place}.${name}`, part, floor + 1);
}

function inOrder(_: string, value: unknown): unknown {
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Makes what a file says: what is wrong with that is the file's fault. */
function ofFile<Made>(place: string, make: () => Made): Made {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof WasmRnnError) || cause instanceof MemoryError) throw cause;
    throw new FormatError(`model: ${place}: ${cause.message}`, { cause });
  }
}
