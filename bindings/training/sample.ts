/** One sample, read once and checked: whatever is wrong with it is said of its place in the data. */
import { type ByName, isPlain } from "../by-name.js";
import { asItIs, MOST_NUMBERS, namesOf, show, lengthOf as trueLengthOf, typedKind } from "../checks.js";
import { ArgumentError, ShapeError } from "../errors.js";

/** One example: a sequence and what it should give. */
export interface Sample {
  /**
   * The sequence, T steps: an Int32Array of tokens; an array of steps, each an array of features; or numbers in a row, `features` a
   * step.
   */
  readonly x: ArrayLike<number> | ArrayLike<ArrayLike<number>>;
  /** A class or a number for the whole sequence, or flat numbers: as many as the model predicts for it. For CTCLoss a label sequence of any length. */
  readonly y: number | ArrayLike<number>;
}

/** An example of several inputs by name, each of its own length, or of several targets, one for each of the losses; or of one of either. */
export interface SampleByName {
  readonly x: Sample["x"] | ByName<Sample["x"]>;
  readonly y: Sample["y"] | ByName<Sample["y"]>;
}

const SEQUENCE = "a sequence: an Int32Array of tokens, an array of steps, or numbers in a row";

/** @internal A sequence as batches take it. */
export interface Sequence {
  readonly kind: "tokens" | "nested" | "flat";
  readonly steps: number;
  /** Numbers a step. */
  readonly features: number;
  /** Step after step. */
  readonly values: ArrayLike<number>;
}

/** @internal The two halves of a sample. @throws {ArgumentError} */
export function partsOf(index: number, sample: unknown): { x: unknown; y: unknown } {
  if (typeof sample !== "object" || sample === null) throw new ArgumentError(`sample ${index}`, "{ x, y }", show(sample));
  const { x, y } = sample as { x: unknown; y: unknown };
  if (x === undefined && y === undefined)
    throw new ArgumentError(`sample ${index}`, "{ x, y }", Array.isArray(sample) ? show(sample) : "an object with neither");
  return { x, y };
}

/** @internal An input or an output: "x" or "y" in messages, "x.source" where it is one of several by name. */
export interface Named {
  readonly label: string;
  /** undefined: it is the only one. */
  readonly key: string | undefined;
}

/** @internal */
export function named(letter: "x" | "y", key: string | undefined): Named {
  return { label: key === undefined ? letter : `${letter}.${key}`, key };
}

/** @internal The inputs of a sample, each read once. @throws {ArgumentError} */
export function inputsOf(index: number, x: unknown): (Named & { readonly x: unknown })[] {
  if (!isPlain(x)) return [{ ...named("x", undefined), x }];
  const keys = namesOf(`x of sample ${index}`, x);
  if (keys.length === 0) throw new ArgumentError(`x of sample ${index}`, `${SEQUENCE}; or such by name`, "an object without any");
  return keys.map((key) => ({ ...named("x", key), x: x[key] }));
}

/** @internal The target of a sample for one output. @throws {ArgumentError} */
export function answerOf(index: number, y: unknown, { key }: Named): unknown {
  if (key === undefined) return y;
  if (!isPlain(y)) throw new ArgumentError(`y of sample ${index}`, "targets by name, as the losses are", show(y));
  if (!Object.hasOwn(y, key))
    throw new ArgumentError(
      `y of sample ${index}`,
      `a target by the name ${key}, as the losses are`,
      `${namesOf("y", y).join(", ") || "none"}`,
    );
  return y[key];
}

/** @internal Steps of a sequence, its numbers not looked at. @throws {ArgumentError} @throws {ShapeError} */
export function stepsOf(index: number, x: unknown, features: number, label = "x"): number {
  const length = lengthOf(`${label} of sample ${index}`, SEQUENCE, x);
  if (length === 0) throw new ArgumentError(`${label} of sample ${index}`, "one or more steps", "none");
  if (typedKind(x) === "Int32Array" || isNested(x)) return length;
  if (length % features !== 0)
    throw new ShapeError(`${label} of sample ${index}`, `a multiple of ${features} numbers, by the option features`, `${length}`);
  return length / features;
}

/** @internal @throws {ArgumentError} @throws {ShapeError} */
export function readSequence(index: number, x: unknown, features: number, label: string): Sequence {
  const steps = stepsOf(index, x, features, label);
  if (typedKind(x) === "Int32Array") return { kind: "tokens", steps, features: 1, values: asItIs(x as Int32Array) };
  if (isNested(x)) return readNested(index, x, steps, label);
  const values = readNumbers(
    x as ArrayLike<unknown>,
    steps * features,
    (i) => `${label}[${i}] of sample ${index}`,
    "a number, as the first",
  );
  return { kind: "flat", steps, features, values };
}

function readNested(index: number, x: ArrayLike<unknown>, steps: number, label: string): Sequence {
  const expected = `a number (${label} is steps, each an array of features)`;
  const values: number[] = [];
  let features = 0;
  for (let t = 0; t < steps; t++) {
    const step = x[t];
    const name = `${label}[${t}] of sample ${index}`;
    const length = lengthOf(name, "an array of features, as the first", step);
    if (t === 0) features = length;
    if (length === 0) throw new ArgumentError(name, "one feature or more", "none");
    if (length !== features) throw new ShapeError(name, `${features} features, as ${label}[0]`, `${length}`);
    const row = readNumbers(step as ArrayLike<unknown>, length, (i) => `${label}[${t}][${i}] of sample ${index}`, expected);
    for (let i = 0; i < length; i++) {
      checkCount(name, values.length, steps);
      values.push(row[i] as number);
    }
  }
  return { kind: "nested", steps, features, values };
}

/**
 * @internal The target as numbers, classes where integers are meant.
 * @throws {ArgumentError}
 */
export function readTarget(index: number, y: unknown, integers: boolean, label: string): ArrayLike<number> {
  if (typeof y === "number") {
    if (integers && y !== (y | 0)) throw new ArgumentError(`${label} of sample ${index}`, "a 32-bit integer, a class", show(y));
    return [y];
  }
  const length = lengthOf(
    `${label} of sample ${index}`,
    integers ? "a class, which is an integer, or an array of classes" : "a number or an array of numbers",
    y,
  );
  const nameOf = (i: number) => `${label}[${i}] of sample ${index}`;
  const values = readNumbers(y as ArrayLike<unknown>, length, nameOf, "a number (targets are flat)");
  for (let i = 0; integers && i < length; i++) {
    const value = values[i] as number;
    if (value !== (value | 0)) throw new ArgumentError(nameOf(i), "a 32-bit integer, a class", show(value));
  }
  return values;
}

/** Ends a list that says it has more numbers than any: it would fill all memory. */
function checkCount(argument: string, count: number, length: number): void {
  if (count === MOST_NUMBERS)
    throw new ArgumentError(argument, `the end of at most ${MOST_NUMBERS} numbers, or a typed array`, `a list of ${length}`);
}

/** Numbers: a typed array as it is, anything else element by element, so that one that lies about its length is found out. */
function readNumbers(data: ArrayLike<unknown>, length: number, nameOf: (i: number) => string, expected: string): ArrayLike<number> {
  if (typedKind(data) !== undefined) return asItIs(data as ArrayLike<number>);
  const values: number[] = [];
  for (let i = 0; i < length; i++) {
    const value = data[i];
    if (typeof value !== "number") throw new ArgumentError(nameOf(i), expected, show(value));
    checkCount(nameOf(i), i, length);
    values.push(value);
  }
  return values;
}

/** The length that an array or array-like of numbers or arrays says it has. */
function lengthOf(argument: string, expected: string, data: unknown): number {
  const length = typedKind(data)?.startsWith("Big") ? undefined : trueLengthOf(data);
  if (length === undefined) throw new ArgumentError(argument, expected, show(data));
  if (!Number.isSafeInteger(length) || (length as number) < 0) throw new ArgumentError(`length of ${argument}`, "a count", show(length));
  return length as number;
}

function isNested(x: unknown): x is ArrayLike<unknown> {
  return !ArrayBuffer.isView(x) && typeof (x as ArrayLike<unknown>)[0] === "object" && (x as ArrayLike<unknown>)[0] !== null;
}
