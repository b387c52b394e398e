/** The layers of a config and who reads whom: Sequential and functional models, of Keras 2, Keras 3 and TensorFlow.js. */
import { isPlain } from "../by-name.js";
import { isArray, show } from "../checks.js";
import { FormatError } from "../errors.js";
import type { LayerConfig, Shape } from "./builder.js";

/** More would be a mistake. */
const MOST_LAYERS = 1000;
const MOST_AXES = 8;
/** tokens ≠ 0: the mask of an Embedding, which Keras 3 keeps among the layers. */
export const NOT_EQUAL = "NotEqual";

/** What one call of a layer gives. */
export interface CallPlace {
  readonly layer: string;
  readonly call: number;
}

/** A layer with its calls: what each reads. */
export interface LayerNode extends LayerConfig {
  readonly calls: readonly (readonly CallPlace[])[];
  /** The masks that they are handed: Keras 3 writes down which that is. */
  readonly masks: readonly (CallPlace | undefined)[];
  /** Shape that an input layer, or the first of a Sequential, says. */
  readonly shape: Shape;
}

/** A model as its config says it. */
export interface Topology {
  readonly layers: ReadonlyMap<string, LayerNode>;
  readonly inputs: readonly CallPlace[];
  readonly outputs: readonly CallPlace[];
}

/** @throws {FormatError} when it is neither, or does not hold together */
export function readTopology(model: unknown): Topology {
  const { class_name: className, config } = Object(model) as Record<string, unknown>;
  if (className === "Sequential") return sequential(isArray(config) ? config : Object(config).layers);
  if (className === "Functional" || className === "Model") return functional(Object(config));
  throw new FormatError(
    `keras: expected a Sequential or functional model, got ${typeof className === "string" ? `the class ${show(className)}` : show(model)}`,
  );
}

function readLayers(list: unknown): LayerConfig[] {
  if (!isArray(list) || list.length === 0 || list.length > MOST_LAYERS)
    throw new FormatError(`keras: expected 1 … ${MOST_LAYERS} layers, got ${isArray(list) ? list.length : show(list)}`);
  const layers = list.map((layer, i): LayerConfig => {
    const { class_name: className, config, name: outer } = Object(layer) as Record<string, unknown>;
    const name = typeof outer === "string" ? outer : Object(config).name;
    if (typeof className !== "string" || !isPlain(config) || typeof name !== "string")
      throw new FormatError(`keras: expected { class_name, config: { name } } as layer ${i}, got ${show(layer)}`);
    return { name, className, config };
  });
  const names = new Set(layers.map(({ name }) => name));
  if (names.size < layers.length) throw new FormatError("keras: expected a name for each layer alone, got two by one");
  return layers;
}

/** [null, T, F], as an input layer has it under one name or another. */
function shapeIn({ config }: LayerConfig): Shape {
  const { batch_input_shape: old, batch_shape: shape = old } = config;
  const isSize = (size: unknown) => size === null || (Number.isInteger(size) && (size as number) > 0);
  return isArray(shape) && shape.length > 0 && shape.length <= MOST_AXES && shape.every(isSize) ? (shape as (number | null)[]) : undefined;
}

const INPUT = "input";

function sequential(list: unknown): Topology {
  const layers = readLayers(list);
  const [first] = layers as [LayerConfig];
  const isInput = first.className === "InputLayer";
  const input: LayerNode = {
    ...(isInput ? first : { name: INPUT, className: "InputLayer", config: {} }),
    calls: [[]],
    masks: [],
    shape: shapeIn(first),
  };
  const nodes = new Map<string, LayerNode>([[input.name, input]]);
  let before = input.name;
  for (const layer of isInput ? layers.slice(1) : layers) {
    if (nodes.has(layer.name)) throw new FormatError(`keras: expected another name than ${show(layer.name)}`);
    nodes.set(layer.name, { ...layer, calls: [[{ layer: before, call: 0 }]], masks: [], shape: undefined });
    before = layer.name;
  }
  return { layers: nodes, inputs: [{ layer: input.name, call: 0 }], outputs: [{ layer: before, call: 0 }] };
}

function functional({ layers: list, input_layers: inputs, output_layers: outputs }: Record<string, unknown>): Topology {
  const layers = readLayers(list);
  const nodes = layers.map((layer, i): [string, LayerNode] => {
    const { inbound_nodes: inbound } = Object((list as unknown[])[i]) as Record<string, unknown>;
    if (!isArray(inbound) || inbound.length > MOST_LAYERS)
      throw new FormatError(`keras: expected the inbound_nodes of ${show(layer.name)}, got ${show(inbound)}`);
    if (layer.className === "InputLayer") return [layer.name, { ...layer, calls: [[]], masks: [], shape: shapeIn(layer) }];
    const calls = inbound.map((call) => placesIn(layer, call));
    return [layer.name, { ...layer, calls, masks: inbound.map((call) => maskIn(layer.name, call)), shape: undefined }];
  });
  const count = nodes.reduce((sum, [, { calls }]) => sum + calls.length, 0);
  if (count > MOST_LAYERS) throw new FormatError(`keras: expected at most ${MOST_LAYERS} calls of layers, got ${count}`);
  return { layers: new Map(nodes), inputs: endsOf("input_layers", inputs), outputs: endsOf("output_layers", outputs) };
}

/** One [name, call, tensor], or a list of them, or in Keras 3 an object of them. */
function endsOf(key: string, ends: unknown): CallPlace[] {
  const list = isPlain(ends) ? Object.values(ends) : ends;
  const places = isArray(list) && isArray(list[0]) ? list.map((end) => placeIn(key, end)) : [placeIn(key, list)];
  if (places.length > MOST_LAYERS) throw new FormatError(`keras: expected at most ${MOST_LAYERS} ${key}, got ${places.length}`);
  return places;
}

/** [name, call, tensor, { … }] */
function placeIn(where: string, place: unknown): CallPlace {
  const [layer, call, tensor, more] = isArray(place) ? place : [];
  if (typeof layer !== "string" || !Number.isInteger(call) || tensor !== 0)
    throw new FormatError(`keras: expected [layer, call, 0] in ${show(where)}, got ${show(place)}`);
  const extra = isPlain(more) ? Object.keys(more).filter((key) => more[key] !== null && key !== "training") : [];
  if (extra.length > 0) throw new FormatError(`keras: ${show(where)}: expected no arguments beside the inputs, got ${show(extra)}`);
  return { layer, call: call as number };
}

/** Keras 2: a list of places. Keras 3: { args, kwargs }, the tensors in args, one by one or in a list. */
function placesIn({ name: where, className }: LayerConfig, call: unknown): CallPlace[] {
  if (isArray(call)) return (isArray(call[0]) ? call : [call]).map((place) => placeIn(where, place));
  const { args: all, kwargs } = Object(call) as Record<string, unknown>;
  const args = className === NOT_EQUAL && isArray(all) && all.length === 2 && all[1] === 0 ? [all[0]] : all;
  const extra = Object.entries(Object(kwargs) as object).filter(([, value]) => value !== null && value !== false && !isPlain(value));
  const given = Object.entries(Object(kwargs) as object).filter(([key, value]) => isPlain(value) && key !== "mask");
  if (given.length > 0 || extra.some(([key]) => key !== "training"))
    throw new FormatError(
      `keras: ${show(where)}: expected no arguments beside the inputs, got ${show([...given, ...extra].map(([key]) => key))}`,
    );
  const tensors = isArray(args) && isArray(args[0]) ? args[0] : args;
  const others = isArray(args) && args.length > 1 && tensors !== args;
  if (!isArray(tensors) || tensors.length > MOST_LAYERS || others)
    throw new FormatError(`keras: ${show(where)}: expected tensors as its arguments, got ${show(args)}`);
  return tensors.map((tensor) => placeOf(where, tensor));
}

function placeOf(where: string, tensor: unknown): CallPlace {
  return placeIn(where, Object(Object(tensor).config).keras_history);
}

function maskIn(where: string, call: unknown): CallPlace | undefined {
  const { mask } = Object(Object(call).kwargs) as Record<string, unknown>;
  return isPlain(mask) ? placeOf(where, mask) : undefined;
}
