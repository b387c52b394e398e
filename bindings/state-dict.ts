/** Parameters by PyTorch's names, out of a model and into one: whole, or not at all. */
import { checkBoolean, checkOptions, sameShape, show, typedKind } from "./checks.js";
import { ArgumentError, FormatError } from "./errors.js";
import { inDType } from "./fits.js";
import type { LoadedArray, NamedArray } from "./io/safetensors.js";
import type { Parameter } from "./parameters.js";

/** Arrays by name, as `loadSafetensors`, `loadPyTorch` and `loadNpz` give them. */
export type StateDict = Readonly<Record<string, NamedArray>>;

/** Options of loadStateDict. */
export interface LoadStateDictOptions {
  /** The name here of an array by its name there, such as `(name) => name.replace("rnn.", "lstm.")`; undefined leaves it out. */
  rename?: (name: string) => string | undefined;
  /** `false`: arrays that are missing or unexpected are told and not refused. Default true. */
  strict?: boolean;
}

/** What did not meet. */
export interface StateDictReport {
  /** Parameters that nothing was there for: they stay as they were. */
  readonly missing: readonly string[];
  /** Arrays that no parameter takes. */
  readonly unexpected: readonly string[];
}

type Named = readonly (readonly [string, Parameter])[];

/** @internal */
export function stateDictOf(named: Named): Record<string, LoadedArray> {
  return Object.fromEntries(named.map(([name, { shape, dtype, toArray }]) => [name, { shape, dtype, data: toArray() }]));
}

/** @internal @throws {FormatError} on all at once that does not fit @throws {ArgumentError} */
export function loadInto(named: Named, dict: StateDict, options: LoadStateDictOptions): StateDictReport {
  const { rename = (name: string) => name, strict = true } = checkOptions(options, ["rename", "strict"]);
  if (typeof rename !== "function") throw new ArgumentError("rename", "a function", show(rename));
  checkBoolean("strict", strict);
  if (typeof dict !== "object" || dict === null || Array.isArray(dict)) throw new ArgumentError("dict", "arrays by name", show(dict));
  const parameters = new Map(named);
  const found = new Map<string, NamedArray>();
  const [unexpected, faults]: [string[], string[]] = [[], []];
  for (const [theirs, array] of Object.entries(dict)) {
    const name = rename(theirs);
    if (name === undefined) continue;
    const parameter = parameters.get(name);
    if (found.has(name)) faults.push(`${name} twice`);
    if (parameter) found.set(name, array);
    else unexpected.push(name);
    const fault = parameter && faultOf(name, parameter, array);
    if (fault) faults.push(fault);
  }
  const missing = [...parameters.keys()].filter((name) => !found.has(name));
  if (strict && missing.length > 0) faults.unshift(`missing: ${missing.join(", ")}`);
  if (strict && unexpected.length > 0) faults.unshift(`unexpected: ${unexpected.join(", ")}`);
  if (faults.length > 0) throw new FormatError(`state dict: expected the model's parameters, got ${faults.join("; ")}`);
  for (const [name, { data }] of found) parameters.get(name)?.set(data);
  return { missing, unexpected };
}

function faultOf(name: string, { shape, dtype }: Parameter, array: NamedArray): string | undefined {
  const data: unknown = array?.data;
  if (!["Float32Array", "Float64Array"].includes(typedKind(data) ?? "")) return `${name} of no real numbers (${show(data)})`;
  if (!sameShape(array.shape, shape)) return `${name} of shape ${show([...array.shape])} for ${show([...shape])}`;
  const bad = (data as Float64Array).findIndex((value) => Number.isFinite(value) && !Number.isFinite(inDType(value, dtype)));
  return bad < 0 ? undefined : `${name}[${bad}], ${(data as Float64Array)[bad]}, which is not finite in ${dtype}`;
}
