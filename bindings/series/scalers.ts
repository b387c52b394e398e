/** The two scalers, and how a file gives them back. */
import { show } from "../checks.js";
import { ArgumentError, FormatError } from "../errors.js";
import { loadSafetensors } from "../io/safetensors.js";
import { SCALERS } from "../weights.js";
import type { ScalerDescription } from "./fitted.js";
import { Scaler } from "./scaler.js";

/** A deviation or a range of this part of the numbers themselves is what rounding makes of equal ones. */
const ROUNDING = 10 * Number.EPSILON;

/**
 * Features of mean 0 and standard deviation 1 (that of all numbers, divided by T). A constant feature becomes 0.
 *
 * @example
 * const scaler = new Standardizer().fit([1, 2, 3]);
 * scaler.transform([2, 4]); // 0, 2.449…
 * scaler.inverseTransform([0]); // 2
 *
 * Source: sklearn.preprocessing.StandardScaler; mean and deviation in one pass, Welford, Technometrics 4 (1962), 419–420.
 */
export class Standardizer extends Scaler {
  /** @internal */
  readonly kind = "Standardizer";

  /** @internal */
  protected override measure(values: Iterable<number>): { offset: number; scale: number } {
    let [count, mean, squares] = [0, 0, 0];
    for (const value of values) {
      const before = value - mean;
      mean += before / ++count;
      squares += before * (value - mean);
    }
    const deviation = Math.sqrt(squares / count);
    return { offset: mean, scale: deviation <= ROUNDING * Math.abs(mean) ? 1 : deviation };
  }
}

/**
 * Features from 0, the least, to 1, the greatest that was fitted; later numbers may lie outside. A constant feature becomes 0.
 *
 * @example
 * const scaler = new MinMaxScaler().fit([10, 20, 30]);
 * scaler.transform([15, 40]); // 0.25, 1.5
 *
 * Source: sklearn.preprocessing.MinMaxScaler.
 */
export class MinMaxScaler extends Scaler {
  /** @internal */
  readonly kind = "MinMaxScaler";

  /** @internal */
  protected override measure(values: Iterable<number>): { offset: number; scale: number } {
    let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of values) {
      least = Math.min(least, value);
      greatest = Math.max(greatest, value);
    }
    const range = greatest - least;
    return { offset: least, scale: range <= ROUNDING * Math.max(Math.abs(least), Math.abs(greatest)) ? 1 : range };
  }
}

/**
 * A scaler that was saved with a model: `model.save({ name: scaler })`.
 *
 * @param bytes of the file, whose weights `model.load(bytes)` takes
 * @throws {FormatError} when there is none of that name, or what the file says of its scalers is not what this package writes
 * @throws {ArgumentError}
 * @example
 * const bytes = model.save({ scaler });
 * const again = loadScaler(bytes, "scaler");
 */
export function loadScaler(bytes: Uint8Array, name: string): Standardizer | MinMaxScaler {
  if (typeof name !== "string") throw new ArgumentError("name", "a string", show(name));
  const { metadata } = loadSafetensors(bytes);
  const all = readScalers(Object.hasOwn(metadata, SCALERS) ? (metadata[SCALERS] as string) : "[]");
  const found = all.filter(([each]) => each === name);
  if (found.length !== 1) {
    throw new FormatError(
      `scalers: expected one by the name ${show(name)}, got ${found.length === 0 ? show(all.map(([each]) => each)) : "two"}`,
    );
  }
  return made((found[0] as [string, ScalerDescription])[1]);
}

/** @internal The scaler that a description is of; what is none stays as it is. */
export function scalerOf(value: unknown): unknown {
  return isDescription(value) ? made(value) : value;
}

function made({ kind, offset, scale }: ScalerDescription): Standardizer | MinMaxScaler {
  const fresh = kind === "Standardizer" ? new Standardizer() : new MinMaxScaler();
  return fresh.restore({ offset: Float64Array.from(offset), scale: Float64Array.from(scale) });
}

function readScalers(text: string): [string, ScalerDescription][] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (cause) {
    throw new FormatError(`scalers: expected ${SCALERS} in JSON, got text that does not parse`, { cause });
  }
  if (!Array.isArray(list)) throw new FormatError(`scalers: expected an array in ${SCALERS}, got ${show(list)}`);
  const bad = list.findIndex((pair) => !isNamedDescription(pair));
  if (bad >= 0) throw new FormatError(`scalers: expected a name and a description at ${bad} of ${SCALERS}, got ${show(list[bad])}`);
  return list;
}

function isNamedDescription(pair: unknown): pair is [string, ScalerDescription] {
  return Array.isArray(pair) && pair.length === 2 && typeof pair[0] === "string" && isDescription(pair[1]);
}

/** For nothing in a file is believed: that, and no more than that, with a scale that can be divided by and gone back from. */
function isDescription(value: unknown): value is ScalerDescription {
  const { kind, offset, scale, ...more } = (value ?? {}) as Partial<ScalerDescription>;
  if (!(kind === "Standardizer" || kind === "MinMaxScaler") || Object.keys(more).length > 0) return false;
  if (!areFinite(offset) || !areFinite(scale) || offset.length === 0 || offset.length !== scale.length) return false;
  return scale.every((each) => each > 0 && Number.isFinite(1 / each));
}

function areFinite(list: unknown): list is number[] {
  return Array.isArray(list) && list.every(Number.isFinite);
}
