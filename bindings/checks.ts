/** Checks at the door: each says the argument, what was expected and what was got. */
import { ArgumentError, ShapeError } from "./errors.js";

/** What a message shows of a value at most. */
const MOST_ITEMS = 16;
const MOST_CHARACTERS = 200;

/** Short, readable form of anything, for messages: never deep, never long, and it never throws. */
export function show(value: unknown): string {
  if (Array.isArray(value)) {
    const items = value.slice(0, MOST_ITEMS).map(showFlat);
    return clipped(`[${(value.length > MOST_ITEMS ? [...items, "…"] : items).join(", ")}]`);
  }
  return showFlat(value);
}

function showFlat(value: unknown): string {
  if (typeof value === "string") return clipped(JSON.stringify(value.slice(0, MOST_CHARACTERS + 1)));
  if (typeof value === "function") return "a function";
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" || value === null) return clipped(String(value));
  if (Array.isArray(value)) return `an array of ${value.length}`;
  try {
    const { name } = value.constructor; // a stranger's class: for a message alone
    return typeof name === "string" && name !== "" ? clipped(name) : "an object";
  } catch {
    return "an object";
  }
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

/** A finite number in [low, high). @throws {ArgumentError} */
export function checkNumber(argument: string, value: unknown, low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY): number {
  if (typeof value !== "number" || !Number.isFinite(value) || value < low || value >= high) {
    const range =
      low === Number.NEGATIVE_INFINITY ? "a finite number" : `a number in [${low}, ${high === Number.POSITIVE_INFINITY ? "∞" : high})`;
    throw new ArgumentError(argument, range, show(value));
  }
  return value;
}

/** One of the given strings. @throws {ArgumentError} */
export function checkOneOf<const S extends string>(argument: string, value: unknown, allowed: readonly S[]): S {
  if (!allowed.includes(value as S)) throw new ArgumentError(argument, allowed.map((a) => JSON.stringify(a)).join(" or "), show(value));
  return value as S;
}

/** A shape: one or more positive integers. Returns a frozen copy. @throws {ShapeError} */
export function checkShape(argument: string, shape: unknown): readonly number[] {
  // findIndex looks into holes too, and stops at the first
  if (!Array.isArray(shape) || shape.length === 0 || shape.findIndex((d) => !(Number.isInteger(d) && d > 0)) >= 0) {
    throw new ShapeError(argument, "one or more positive integers", show(shape));
  }
  return Object.freeze([...shape]);
}

/** Elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, d) => product * d, 1);
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((d, i) => d === b[i]);
}

/** Numbers, as many as expected; 32-bit integers if asked. What is no typed array is copied: read twice it could differ. @throws {ShapeError} @throws {ArgumentError} */
export function checkData(argument: string, data: unknown, length: number, integers = false): ArrayLike<number> {
  const got = (data as ArrayLike<number> | null)?.length;
  const isBig = data instanceof BigInt64Array || data instanceof BigUint64Array;
  if (typeof data !== "object" || typeof got !== "number" || isBig) throw new ArgumentError(argument, "an array of numbers", show(data));
  if (got !== length) throw new ShapeError(argument, `${length} elements`, `${got}`);
  const numbers = data as ArrayLike<number>;
  if (integers ? data instanceof Int32Array : ArrayBuffer.isView(data)) return numbers;
  const copy: number[] = [];
  for (let i = 0; i < length; i++) {
    const value: unknown = numbers[i];
    if (typeof value !== "number") throw new ArgumentError(`${argument}[${i}]`, "a number (data is flat)", show(value));
    if (integers && value !== (value | 0)) throw new ArgumentError(`${argument}[${i}]`, "a 32-bit integer", show(value));
    copy.push(value);
  }
  return copy;
}

/** Options: an object with no other names than these. @throws {ArgumentError} */
export function checkOptions(options: unknown, allowed: readonly string[], argument = "options"): void {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new ArgumentError(argument, "an object", show(options));
  const stranger = Object.keys(options).find((name) => !allowed.includes(name));
  if (stranger !== undefined) throw new ArgumentError(argument, `only ${allowed.join(", ")}`, stranger);
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
