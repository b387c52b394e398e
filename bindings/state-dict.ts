/** Weights by PyTorch's names, out of a model or layer and into one: all of them, or none. */
import { checkByName } from "./by-name.js";
import { checkBoolean, checkData, checkOptions, checkShape, lengthOf, sameShape, show, sizeOf, typedKind } from "./checks.js";
import { ArgumentError, DTypeError, FormatError } from "./errors.js";
import { inDType } from "./fits.js";
import type { LoadedArray, NamedArray } from "./io/safetensors.js";
import type { Parameter } from "./parameters.js";
import type { DType } from "./tensor.js";

/** Arrays by PyTorch's names of parameters, as `state_dict()` has them there. */
export type StateDict = Record<string, LoadedArray>;

/** Options of `loadStateDict` and `loadWeights`. */
export interface LoadStateDictOptions {
  /** The parameter's name for a name of the weights; undefined: that array is left out. Default: the names are the parameters'. */
  rename?: (name: string) => string | undefined;
  /** false: parameters that the weights lack stay as they are, and names that no parameter has are passed over. Default true. */
  strict?: boolean;
}

/** What `strict: false` has passed over; empty lists otherwise. */
export interface LoadStateDictResult {
  /** Parameters that the weights lack. */
  readonly missing: string[];
  /** Names of the weights, as renamed, that no parameter has. */
  readonly unexpected: string[];
}

/** @internal An array that is offered, before its data are looked at. */
export interface Offer {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** @internal Copies of parameters by their full names. */
export function stateDictOf(named: readonly [string, Parameter][]): StateDict {
  const entries = named.map(([name, { dtype, shape, toArray }]) => [name, { dtype, shape: [...shape], data: toArray() }] as const);
  return Object.fromEntries(entries);
}

/** @internal What `loadStateDict` of a model or layer does. */
export function takeStateDict(named: readonly [string, Parameter][], dict: unknown, options: LoadStateDictOptions): LoadStateDictResult {
  checkByName("dict", dict);
  const offers = Object.entries(dict as Record<string, NamedArray>).map(([name, array]) => [name, checkArray(name, array)] as const);
  const { pairs, ...result } = matched(named, offers, options);
  for (const [{ name }, parameter, { data }] of pairs) checkHeld(name, parameter, data);
  for (const [, parameter, { data }] of pairs) parameter.set(data);
  return result;
}

/**
 * @internal Which array goes into which parameter.
 *
 * @throws {FormatError} that names all that does not fit @throws {ArgumentError}
 */
export function matched<Offered extends Offer>(
  named: readonly [string, Parameter][],
  offers: readonly (readonly [string, Offered])[],
  options: LoadStateDictOptions,
): LoadStateDictResult & { pairs: [{ readonly name: string }, Parameter, Offered][] } {
  const { rename, strict = true } = checkOptions(options, ["rename", "strict"]);
  checkBoolean("strict", strict);
  if (rename !== undefined && typeof rename !== "function") throw new ArgumentError("rename", "a function", show(rename));
  const offered = new Map<string, Offered>();
  const problems: string[] = [];
  for (const [from, offer] of offers) {
    const name: unknown = rename ? rename(from) : from;
    if (name === undefined) continue;
    if (typeof name !== "string") throw new ArgumentError("rename", `a name or undefined for ${show(from)}`, show(name));
    if (offered.has(name)) throw new ArgumentError("rename", "a name for each array alone", `two by the name ${show(name)}`);
    offered.set(name, offer);
  }
  const parameters = new Map(named);
  const missing = [...parameters.keys()].filter((name) => !offered.has(name));
  const unexpected = [...offered.keys()].filter((name) => !parameters.has(name));
  if (strict && missing.length > 0) problems.push(`${listed(missing)} missing`);
  if (strict && unexpected.length > 0) problems.push(`${listed(unexpected)} unexpected${missing[0] ? " (option rename)" : ""}`);
  const pairs = named.flatMap(([name, parameter]): [{ name: string }, Parameter, Offered][] => {
    const offer = offered.get(name);
    return offer ? [[{ name }, parameter, offer]] : [];
  });
  const strangers = pairs.flatMap(([{ name }, { shape, dtype }, offer]) => {
    if (!sameShape(shape, offer.shape)) return [`${name} of shape ${show([...offer.shape])} for ${show([...shape])}`];
    return offer.dtype === "i32" ? [`${name} in i32 for ${dtype}`] : [];
  });
  if (strangers.length > 0) problems.push(listed(strangers));
  if (problems.length > 0) throw new FormatError(`weights: expected the parameters' names, shapes and types, got ${problems.join("; ")}`);
  return { pairs, missing, unexpected };
}

/** @internal A number of f64 that is finite, and would not be in f32, is not loaded as infinity. @param first index of the first @throws {DTypeError} */
export function checkHeld(name: string, { dtype }: Pick<Parameter, "dtype">, data: ArrayLike<number>, first = 0): void {
  if (dtype !== "f32" || typedKind(data) === "Float32Array") return;
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    if (Number.isFinite(value) && !Number.isFinite(inDType(value, "f32")))
      throw new DTypeError(`${name}[${first + i}]`, "a number that is finite in f32", `${value} in f64`);
  }
}

const MOST_LISTED = 20;

/** @internal */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_LISTED).map((name) => show(name).slice(1, -1));
  return names.length > MOST_LISTED ? `${shown.join(", ")} and ${names.length - MOST_LISTED} more` : shown.join(", ");
}

/** An array of the caller's, each member read once. */
function checkArray(name: string, array: unknown): Offer & { readonly data: ArrayLike<number> } {
  checkByName(name, array);
  const { shape: given, data } = array as { shape: unknown; data: unknown };
  const shape = lengthOf(given) === 0 ? [] : checkShape(name, given);
  return { shape, dtype: typedKind(data) === "Int32Array" ? "i32" : "f64", data: checkData(name, data, sizeOf(shape)) };
}
