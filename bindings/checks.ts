/** Checks at the door: each says the argument, what was expected and what was got. */
import { ArgumentError, ShapeError } from "./errors.js";

/** What a message shows of a value at most. */
const MOST_ITEMS = 16;
const MOST_CHARACTERS = 200;

/** Short, readable form of anything, for messages: never deep, never long, and it never throws. */
export function show(value: unknown): string {
  if (!isArray(value)) return showFlat(value);
  try {
    const items = Array.from({ length: Math.min(value.length, MOST_ITEMS) }, (_, i) => showFlat(value[i]));
    return clipped(`[${(value.length > MOST_ITEMS ? [...items, "…"] : items).join(", ")}]`);
  } catch {
    return "an object"; // a Proxy, or a getter, that throws
  }
}

function showFlat(value: unknown): string {
  try {
    return shortOf(value);
  } catch {
    return "an object";
  }
}

function shortOf(value: unknown): string {
  if (typeof value === "string") return clipped(JSON.stringify(value.slice(0, MOST_CHARACTERS + 1)));
  if (typeof value === "function") return "a function";
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" || value === null) return clipped(String(value));
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const { name } = value.constructor; // a stranger's class: for a message alone
  if (name === "Promise") return "a Promise (await it first)";
  return typeof name === "string" && name !== "" ? clipped(name) : "an object";
}

function clipped(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}

/** A positive integer. @throws {ArgumentError} */
export function checkPositive(argument: string, value: unknown, most = Number.POSITIVE_INFINITY): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value <= 0) {
    throw new ArgumentError(argument, "a positive integer", show(value));
  }
  if (value > most) throw new ArgumentError(argument, `a positive integer up to ${most}`, show(value));
  return value;
}

/** The place of one of so many. @throws {ArgumentError} */
export function checkIndex(argument: string, value: unknown, count: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value >= count)
    throw new ArgumentError(argument, `an integer in 0 … ${count - 1}`, show(value));
  return value + 0; // −0 is 0
}

/** A finite number in [low, high). @throws {ArgumentError} */
export function checkNumber(argument: string, value: unknown, low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY): number {
  if (typeof value !== "number" || !Number.isFinite(value) || value < low || value >= high) {
    const range =
      low === Number.NEGATIVE_INFINITY ? "a finite number" : `a number in [${low}, ${high === Number.POSITIVE_INFINITY ? "∞" : high})`;
    throw new ArgumentError(argument, range, show(value));
  }
  return value + 0; // −0 is 0
}

/** One of the given strings. @throws {ArgumentError} */
export function checkOneOf<const S extends string>(argument: string, value: unknown, allowed: readonly S[]): S {
  if (!allowed.includes(value as S)) throw new ArgumentError(argument, allowed.map((a) => JSON.stringify(a)).join(" or "), show(value));
  return value as S;
}

/** Axes of a shape: more would be a mistake. */
export const MOST_AXES = 64;

/** A shape: one or more positive integers. Returns a frozen copy. @throws {ShapeError} */
export function checkShape(argument: string, shape: unknown): readonly number[] {
  const copy = isArray(shape) && shape.length <= MOST_AXES ? Array.from(shape) : []; // each read once
  if (copy.length === 0 || !copy.every((d) => Number.isInteger(d) && (d as number) > 0))
    throw new ShapeError(argument, "one or more positive integers", show(shape));
  return Object.freeze(copy as number[]);
}

/** Whether it is an array; of a revoked Proxy that cannot be asked. */
export function isArray(value: unknown): value is unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** A list of at most so many things, whatever they are: a copy, each read once. @throws {ArgumentError} */
export function checkList(argument: string, list: unknown, most: number, expected: string): unknown[] {
  const length: unknown = isArray(list) ? list.length : undefined;
  if (typeof length !== "number" || !Number.isInteger(length) || length < 0 || length > most)
    throw new ArgumentError(argument, expected, show(list));
  return Array.from({ length }, (_, i) => (list as unknown[])[i]);
}

/** Elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, d) => product * d, 1);
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((d, i) => d === b[i]);
}

/** Numbers of typed arrays' own, whatever their classes and members say. */
const typedArray = Object.getPrototypeOf(Int8Array.prototype) as object;
const nameOfTyped = Object.getOwnPropertyDescriptor(typedArray, Symbol.toStringTag)?.get as () => string | undefined;
const lengthOfTyped = Object.getOwnPropertyDescriptor(typedArray, "length")?.get as () => number;

/** What a typed array is, such as "Float32Array"; undefined for anything else, though it look like one. */
export function typedKind(value: unknown): string | undefined {
  return nameOfTyped.call(value);
}

/** What a list says of its length; undefined for what is no list. A typed array's is true: one that lost its buffer has 0. */
export function lengthOf(list: unknown): unknown {
  if (typeof list !== "object" || list === null) return undefined;
  if (typedKind(list) !== undefined) return lengthOfTyped.call(list);
  try {
    return (list as { length?: unknown }).length;
  } catch (cause) {
    if (cause instanceof TypeError) return undefined; // behind a Proxy, or an heir, a typed array has no length
    throw cause;
  }
}

/**
 * Numbers, as many as expected; 32-bit integers if asked. A typed array that is what it says is given back, of anything else a copy, each
 * element read once.
 *
 * @throws {ShapeError} @throws {ArgumentError}
 */
export function checkData(argument: string, data: unknown, length: number, integers = false): ArrayLike<number> {
  const kind = typedKind(data);
  const got = lengthOf(data);
  if (typeof got !== "number" || kind?.startsWith("Big")) throw new ArgumentError(argument, "an array of numbers", show(data));
  if (got !== length)
    throw new ShapeError(
      argument,
      `${length} elements`,
      isArray((data as ArrayLike<unknown>)[0]) ? `${got} arrays (data is flat)` : `${got}`,
    );
  if (kind !== undefined && (!integers || kind === "Int32Array")) return asItIs(data as ArrayLike<number>);
  const copy = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const value: unknown = (data as ArrayLike<unknown>)[i];
    if (typeof value !== "number") throw new ArgumentError(`${argument}[${i}]`, "a number (data is flat)", show(value));
    if (integers && value !== (value | 0)) throw new ArgumentError(`${argument}[${i}]`, "a 32-bit integer", show(value));
    copy[i] = value;
  }
  return copy;
}

/** A typed array of which nothing is overridden, or else a copy of what it truly holds. */
export function asItIs(data: ArrayLike<number>): ArrayLike<number> {
  const isPlain = Object.getPrototypeOf(Object.getPrototypeOf(data)) === typedArray && !Object.hasOwn(data, "length");
  return isPlain ? data : contentsOf(data);
}

/** A copy of what a typed array holds: nothing where it has lost its buffer. */
function contentsOf(data: ArrayLike<number>): Float64Array {
  return lengthOfTyped.call(data) === 0 ? new Float64Array(0) : new Float64Array(data);
}

/** Most elements of a list whose length nothing else tells: one that says more lies, or would take all memory. */
export const MOST_NUMBERS = 2 ** 22;

/** A copy of numbers, each read once. @throws {ArgumentError} */
export function readNumbers(argument: string, values: unknown): Float64Array {
  const kind = typedKind(values);
  const length = lengthOf(values);
  if (typeof length !== "number" || !Number.isSafeInteger(length) || length < 0)
    throw new ArgumentError(argument, "an array of numbers", show(values));
  if (kind !== undefined && !kind.startsWith("Big")) return contentsOf(values as ArrayLike<number>);
  const copy: number[] = []; // it grows by what is there: a false length takes no memory
  for (let i = 0; i < length; i++) {
    const value: unknown = (values as ArrayLike<unknown>)[i];
    if (typeof value !== "number") throw new ArgumentError(`${argument}[${i}]`, "a number", show(value));
    if (i === MOST_NUMBERS) throw new ArgumentError(argument, `at most ${MOST_NUMBERS} numbers, or a typed array`, `${length}`);
    copy.push(value);
  }
  return Float64Array.from(copy);
}

/**
 * Options: an object with no other names than these.
 *
 * @returns a copy of what is not undefined, each read once: a getter cannot say one thing to the check and another thereafter
 * @throws {ArgumentError}
 */
export function checkOptions<Options extends object>(options: Options, allowed: readonly string[], argument = "options"): Options {
  if (typeof options !== "object" || options === null || isArray(options)) throw new ArgumentError(argument, "an object", show(options));
  const stranger = namesOf(argument, options).find((name) => !allowed.includes(name));
  if (stranger !== undefined)
    throw new ArgumentError(argument, allowed.length > 0 ? `only ${allowed.join(", ")}` : "none", show(stranger).slice(1, -1));
  const copy: Record<string, unknown> = {};
  for (const name of allowed) {
    const value = (options as Record<string, unknown>)[name];
    if (value !== undefined) copy[name] = value;
  }
  return copy as Options;
}

/** The names of an object's members. @throws {ArgumentError} on a Proxy that cannot be asked */
export function namesOf(argument: string, options: object): string[] {
  try {
    return Object.keys(options);
  } catch (cause) {
    if (cause instanceof TypeError) throw new ArgumentError(argument, "an object that can be read", show(options));
    throw cause;
  }
}

/** true or false. @throws {ArgumentError} */
export function checkBoolean(argument: string, value: unknown): boolean {
  if (typeof value !== "boolean") throw new ArgumentError(argument, "true or false", show(value));
  return value;
}

/** Lengths of N sequences of at most T steps: a copy. @throws {ArgumentError} @throws {ShapeError} */
export function checkLengths(argument: string, lengths: unknown, N: number, T: number): readonly number[] {
  const copy = Array.from(checkData(argument, lengths, N));
  copy.forEach((length, n) => {
    if (!Number.isInteger(length) || length < 1 || length > T)
      throw new ArgumentError(`${argument}[${n}]`, `an integer in 1 … ${T}`, show(length));
  });
  return copy;
}
