/** What a sweep may choose from. */
import { isPlain } from "../by-name.js";
import { checkNumber, namesOf, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { Generator } from "../random.js";

/** A number, a text or a yes or no, as a trial gets it. */
export type Setting = number | string | boolean;

/** Numbers from low to high. Made by `uniform`, `logUniform` and `integer`. */
export interface NumberRange {
  readonly kind: "uniform" | "logUniform" | "integer";
  readonly low: number;
  readonly high: number;
}

/** One of some values. Made by `choice`. */
export interface Choice<Value extends Setting = Setting> {
  readonly kind: "choice";
  readonly values: readonly Value[];
}

/** What one parameter may be. */
export type Range = NumberRange | Choice;

/** Parameters by name. */
export type Space = Readonly<Record<string, Range>>;

/** What a trial is given. */
export type Settings = Readonly<Record<string, Setting>>;

/** What a trial gets of this range. */
export type SettingOf<One> = One extends Choice<infer Value> ? Value : number;

/** What a trial of this space is given: numbers of ranges, and of a choice its values. */
export type SettingsOf<Ranges extends Space> = { readonly [Name in keyof Ranges]: SettingOf<Ranges[Name]> };

function range(kind: NumberRange["kind"], low: number, high: number): NumberRange {
  checkNumber("low", low);
  checkNumber("high", high);
  if (!Number.isFinite(high - low) || low > high) throw new ArgumentError("high", `a finite number, at least ${low}`, show(high));
  if (kind === "logUniform" && low <= 0) throw new ArgumentError("low", "a number over 0", show(low));
  if (kind === "integer" && !(Number.isSafeInteger(low) && Number.isSafeInteger(high) && high - low < 2 ** 32))
    throw new ArgumentError("high", "integers less than 2³² apart", `${low} and ${high}`);
  return { kind, low, high };
}

/** A number in [low, high), each as likely. @throws {ArgumentError} */
export function uniform(low: number, high: number): NumberRange {
  return range("uniform", low, high);
}

/** A number in [low, high), each order of magnitude as likely: of rates of learning. @throws {ArgumentError} */
export function logUniform(low: number, high: number): NumberRange {
  return range("logUniform", low, high);
}

/** An integer from low to high, both of them too. @throws {ArgumentError} */
export function integer(low: number, high: number): NumberRange {
  return range("integer", low, high);
}

/** One of the values, each as likely. @throws {ArgumentError} */
export function choice<const Value extends Setting>(values: readonly Value[]): Choice<Value> {
  const isSetting = (value: unknown) => ["string", "boolean"].includes(typeof value) || Number.isFinite(value);
  if (!Array.isArray(values) || values.length === 0 || !values.every(isSetting))
    throw new ArgumentError("values", "finite numbers, texts or booleans, at least one", show(values));
  return { kind: "choice", values: [...values] };
}

/** @internal @throws {ArgumentError} unless every range is one */
export function checkSpace(space: unknown): Space {
  if (!isPlain(space)) throw new ArgumentError("space", "ranges by name, such as { lr: logUniform(1e-4, 1e-1) }", show(space));
  const names = namesOf("space", space);
  if (names.length === 0) throw new ArgumentError("space", "a range at least", "none");
  return Object.fromEntries(
    names.map((name) => {
      const given = (space[name] ?? {}) as Partial<NumberRange> & { values?: readonly Setting[] };
      const { kind } = given as { kind?: unknown };
      if (kind === "choice") return [name, choice(given.values as readonly Setting[])];
      if (kind !== "uniform" && kind !== "logUniform" && kind !== "integer")
        throw new ArgumentError(`space.${name}`, "uniform(), logUniform(), integer() or choice()", show(space[name]));
      return [name, range(kind, given.low as number, given.high as number)];
    }),
  );
}

/** @internal What a trial of this number gets, and its seed: the same whatever else is run, and in which order. */
export function drawTrial(space: Space, seed: number, trial: number): { parameters: Settings; seed: number } {
  const generator = new Generator((seed ^ Math.imul(trial + 1, 0x9e3779b1)) | 0);
  const names = Object.keys(space).sort();
  const parameters = Object.fromEntries(names.map((name) => [name, drawn(space[name] as Range, generator)]));
  return { parameters, seed: generator.bits() };
}

function drawn(range: Range, generator: Generator): Setting {
  if (range.kind === "choice") return range.values[generator.integer(range.values.length)] as Setting;
  const { kind, low, high } = range;
  if (kind === "integer") return low + generator.integer(high - low + 1);
  if (kind === "uniform") return low + (high - low) * generator.uniform();
  const value = Math.exp(Math.log(low) + (Math.log(high) - Math.log(low)) * generator.uniform());
  return Math.min(Math.max(value, low), high); // exp rounds, and so does log
}
