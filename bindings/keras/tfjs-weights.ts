/**
 * The weights of a TensorFlow.js model: one run of bytes, in the order of the manifest.
 * Source: github.com/tensorflow/tfjs, tfjs-core/src/io/types.ts (WeightsManifestEntry).
 */
import { isPlain } from "../by-name.js";
import { isArray, MOST_AXES, show, sizeOf } from "../checks.js";
import { FormatError } from "../errors.js";
import { widened } from "../io/half.js";
import type { Weight } from "./builder.js";

/** Bytes of an element as the shards have it. */
const BYTES: Readonly<Record<string, number>> = { float32: 4, int32: 4, bool: 1, complex64: 8, uint8: 1, uint16: 2, float16: 2 };

/** More would be a mistake. */
const MOST_WEIGHTS = 100_000;
/** Characters of a weight's name. */
const MOST_NAME = 1000;

/** One array as the manifest says it. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  /** How the floats are kept: "float16", or small integers q for scale·q + min. */
  readonly stored: string;
  readonly scale: number;
  readonly min: number;
}

/** Paths of the shards, and what is in them. */
export interface Manifest {
  readonly paths: readonly string[];
  readonly specs: readonly WeightSpec[];
}

/** @throws {FormatError} */
export function readManifest({ weightsManifest, weightSpecs }: Record<string, unknown>): Manifest {
  const groups = weightsManifest ?? [{ paths: [], weights: weightSpecs }];
  if (!isArray(groups)) throw new FormatError(`model.json: expected a weightsManifest, got ${show(groups)}`);
  const paths = groups.flatMap((group, i) => {
    const list: unknown = Object(group).paths;
    if (!isArray(list)) throw new FormatError(`model.json: expected paths in weightsManifest[${i}], got ${show(list)}`);
    return list.map(checkPath);
  });
  const specs = groups.flatMap((group, i) => {
    const list: unknown = Object(group).weights;
    if (!isArray(list)) throw new FormatError(`model.json: expected weights in weightsManifest[${i}], got ${show(list)}`);
    return list.map(readSpec);
  });
  if (specs.length > MOST_WEIGHTS) throw new FormatError(`model.json: expected at most ${MOST_WEIGHTS} weights, got ${specs.length}`);
  return { paths, specs };
}

/** A path beside model.json, without the "./" that downloads of a browser have in front: the caller puts it behind a folder or an address. */
function checkPath(path: unknown): string {
  const own = typeof path === "string" ? path.replace(/^(\.\/)+/, "") : "";
  const isBeside = own !== "" && !/^[/\\]|\\|^[a-z][a-z0-9+.-]*:|(^|\/)\.\.?(\/|$)|[?#\0]/i.test(own);
  if (!isBeside) throw new FormatError(`model.json: expected paths of shards beside it, got ${show(path)}`);
  return own;
}

function readSpec(spec: unknown): WeightSpec {
  const { name, shape, dtype, quantization } = Object(spec) as Record<string, unknown>;
  if (typeof name !== "string" || name.length > MOST_NAME)
    throw new FormatError(`model.json: expected weights with names, got ${show(name)}`);
  const isSize = (size: unknown) => Number.isSafeInteger(size) && (size as number) >= 0;
  if (!isArray(shape) || shape.length > MOST_AXES || !shape.every(isSize))
    throw new FormatError(`model.json: expected a shape of ${show(name)}, got ${show(shape)}`);
  const { dtype: stored = dtype, scale = 1, min = 0 } = Object(quantization ?? {}) as Record<string, unknown>;
  const isKnown = [dtype, stored].every((each) => typeof each === "string" && Object.hasOwn(BYTES, each));
  if (!isKnown || (quantization !== undefined && !isPlain(quantization)))
    throw new FormatError(`model.json: expected a dtype of ${show(name)} among ${Object.keys(BYTES).join(", ")}, got ${show(stored)}`);
  if (!Number.isFinite(scale) || !Number.isFinite(min))
    throw new FormatError(`model.json: expected a scale and a min of ${show(name)}, got ${show(scale)}, ${show(min)}`);
  return { name, shape: shape as number[], dtype: dtype as string, stored: stored as string, scale: scale as number, min: min as number };
}

/**
 * All floats of the bytes; arrays of integers are passed over.
 *
 * @throws {FormatError} when there are not as many bytes as the manifest says
 */
export function decodeWeights(specs: readonly WeightSpec[], bytes: Uint8Array): { spec: WeightSpec; data: Float32Array }[] {
  const found: { spec: WeightSpec; data: Float32Array }[] = [];
  let at = 0;
  for (const spec of specs) {
    const length = sizeOf(spec.shape) * (BYTES[spec.stored] as number);
    if (!(at + length <= bytes.length))
      throw new FormatError(`shards: expected ${length} bytes of ${show(spec.name)} from byte ${at} on, got ${bytes.length - at}`);
    if (spec.dtype === "float32") found.push({ spec, data: floatsOf(spec, bytes.slice(at, at + length)) });
    at += length;
  }
  if (at !== bytes.length) throw new FormatError(`shards: expected ${at} bytes as the manifest says, got ${bytes.length}`);
  return found;
}

/** @param own a copy, whose buffer begins with it */
function floatsOf({ name, stored, scale, min }: WeightSpec, own: Uint8Array<ArrayBuffer>): Float32Array {
  if (stored === "float32") return new Float32Array(own.buffer);
  if (stored === "float16") return widened(own, "F16");
  if (stored === "uint8") return Float32Array.from(own, (q) => q * scale + min);
  if (stored === "uint16") return Float32Array.from(new Uint16Array(own.buffer), (q) => q * scale + min);
  throw new FormatError(`model.json: expected ${show(name)} quantized to float16, uint8 or uint16, got ${stored}`);
}

/** The layer of a weight "lstm/lstm_cell/kernel", or "model/lstm/kernel": the longest beginning that names one, or else the first part that does. */
function layerOf(path: string, layers: ReadonlySet<string>): string | undefined {
  const places = [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index));
  return places.findLast((place) => layers.has(place)) ?? path.split("/").find((part) => layers.has(part));
}

/** By layer: a weight's name ends with its own. */
export function weightsByLayer(specs: readonly WeightSpec[], bytes: Uint8Array, layers: ReadonlySet<string>): Map<string, Weight[]> {
  const found = new Map<string, Weight[]>();
  for (const { spec, data } of decodeWeights(specs, bytes)) {
    const [path = ""] = spec.name.split(":");
    const layer = layerOf(path, layers);
    if (layer === undefined) continue; // an optimizer's, say
    const list = found.get(layer) ?? [];
    list.push({ name: path.slice(path.lastIndexOf("/") + 1), shape: spec.shape, data });
    found.set(layer, list);
  }
  return found;
}
