/** A model's weights by name, and what they mean: names and shapes alone do not tell a tanh from a relu. */
import { sameShape, show, typedKind } from "./checks.js";
import { ArgumentError, DTypeError, FormatError, ShapeError } from "./errors.js";
import type { Layer } from "./layers/layer.js";
import type { Config } from "./layers/parametric.js";
import type { Parameter } from "./parameters.js";
import { Fitted } from "./series/fitted.js";
import type { Scaler } from "./series/scaler.js";
import { checkHeld, listed } from "./state-dict.js";

/** Where a file of weights says what its layers are. */
const LAYERS = "wasm-rnn.layers";
/** @internal Where it says what its scalers are. */
export const SCALERS = "wasm-rnn.scalers";
/** @internal Where it says what the whole model is. */
export const MODEL = "wasm-rnn.model";
/** @internal Of what a file says there. */
export const MODEL_VERSION = 1;

interface NamedShape {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** @internal The metadata of a file: the user's, and what the layers and scalers are. @throws {ArgumentError} */
export function describeLayers(
  layers: readonly [string, Layer][],
  config: Config,
  metadata: Readonly<Record<string, string | Scaler>>,
): Record<string, string> {
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata))
    throw new ArgumentError("metadata", "strings and scalers by name", show(metadata));
  if (metadata instanceof Fitted) throw new ArgumentError("metadata", "scalers by name, such as { scaler }", "one without a name");
  const own = [LAYERS, SCALERS, MODEL].find((name) => Object.hasOwn(metadata, name));
  if (own !== undefined) throw new ArgumentError("metadata", "another name", `"${own}", which is the library's own`);
  const texts: [string, string][] = [];
  const scalers: [string, unknown][] = [];
  for (const [name, value] of Object.entries(metadata)) {
    if (typeof value === "string") texts.push([name, value]);
    else if (value instanceof Fitted) scalers.push([name, value.toJSON()]);
    else throw new ArgumentError(`metadata.${name}`, "a string or a scaler", show(value));
  }
  const described = {
    [LAYERS]: JSON.stringify(layers.map(([name, layer]) => [name, layer.describe()])),
    [MODEL]: JSON.stringify({ version: MODEL_VERSION, ...config }),
  };
  return { ...Object.fromEntries(texts), ...described, ...(scalers.length > 0 && { [SCALERS]: JSON.stringify(scalers) }) };
}

/** @internal @throws {FormatError} on a checkpoint, whose weights have other names */
export function checkWeightsFile({ format }: Readonly<Record<string, string>>): void {
  if (format?.startsWith("wasm-rnn checkpoint"))
    throw new FormatError("weights: expected what save() writes, got a checkpoint of fit (its option resume goes on from it)");
}

/**
 * @internal Refuses weights that were made for other layers; a file that does not say is taken at its word.
 *
 * @throws {FormatError}
 */
export function checkLayers(layers: readonly [string, Layer][], metadata: Readonly<Record<string, string>>): void {
  const written = Object.hasOwn(metadata, LAYERS) ? metadata[LAYERS] : undefined;
  if (written === undefined) return;
  const theirs = readLayers(written);
  for (const [name, layer] of layers) {
    const then = theirs.get(name);
    if (then === undefined || layer.parameters().length === 0) continue;
    const now: Readonly<Record<string, unknown>> = layer.describe();
    for (const key of Object.keys({ ...now, ...then })) {
      const [value, was] = [now, then].map((each) => (Object.hasOwn(each, key) ? each[key] : undefined));
      if (was !== value) throw new FormatError(`${name}: expected weights for ${key} ${show(value)}, got weights for ${show(was)}`);
    }
  }
}

/** What a file says of layers. */
function readLayers(written: string): Map<string, Record<string, unknown>> {
  const refuse = (cause?: unknown): never => {
    throw new FormatError(`weights: expected ${LAYERS} to list layers, got ${show(written)}`, { cause });
  };
  let list: unknown;
  try {
    list = JSON.parse(written);
  } catch (cause) {
    refuse(cause);
  }
  const isLayer = (each: unknown): each is [string, Record<string, unknown>] =>
    Array.isArray(each) && each.length === 2 && typeof each[0] === "string" && typeof each[1] === "object" && each[1] !== null;
  if (!Array.isArray(list) || !list.every(isLayer)) return refuse();
  const layers = new Map(list);
  return layers.size === list.length ? layers : refuse();
}

/** @internal Parameters by their full names. @throws {ArgumentError} when two have one name */
export function byName(named: readonly [string, Parameter][]): Record<string, Parameter> {
  const parameters = Object.fromEntries(named);
  if (Object.keys(parameters).length === named.length) return parameters;
  const twice = named.find(([name], i) => named.findIndex(([other]) => other === name) < i);
  throw new ArgumentError("model", "a full name for each parameter alone", `two by the name ${twice?.[0]}`);
}

/** @internal Sets parameters from named arrays, after checking all of them. @throws {FormatError} @throws {ShapeError} @throws {DTypeError} */
export function setParameters(named: readonly [string, Parameter][], arrays: Readonly<Record<string, NamedShape>>): void {
  const known = new Set(named.map(([name]) => name));
  const stranger = Object.keys(arrays).find((name) => !known.has(name));
  if (stranger !== undefined) {
    const missing = named.find(([name]) => !Object.hasOwn(arrays, name))?.[0];
    const got = `${show(stranger).slice(1, -1)} ${missing === undefined ? "beside them" : `and no ${missing}`}`;
    const isInt8 = stranger.endsWith(".scale") && known.has(stranger.slice(0, -".scale".length));
    const remedy = isInt8 ? " (a file of saveQuantized: loadQuantized of wasm-rnn/int8 makes its model)" : "";
    throw new FormatError(`weights: expected ${listed([...known])}, got ${got}${remedy}`);
  }
  for (const [name, parameter] of named) {
    const array = Object.hasOwn(arrays, name) ? arrays[name] : undefined;
    if (!array) throw new FormatError(`weights: expected ${name}, got a file without it`);
    if (!sameShape(array.shape, parameter.shape)) throw new ShapeError(name, show([...parameter.shape]), show([...array.shape]));
    if (typedKind(array.data) === "Int32Array") throw new DTypeError(name, parameter.dtype, "i32");
    checkHeld(name, parameter, array.data);
  }
  for (const [name, parameter] of named) parameter.set((arrays[name] as NamedShape).data);
}
