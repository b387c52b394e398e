/** Numbers over time, read once and checked: [T], or [T, F] with F features a step. */
import { checkData, checkOptions, checkShape, lengthOf, MOST_NUMBERS, readNumbers, show, sizeOf, typedKind } from "../checks.js";
import { ArgumentError, ShapeError } from "../errors.js";
import type { FloatArray, TypedArray } from "../tensor.js";

/** Numbers over time: one feature in a row; an array of steps, each an array of features; or flat numbers with their shape, the last axis the features. */
export type Series =
  | ArrayLike<number>
  | ArrayLike<ArrayLike<number>>
  | { readonly data: ArrayLike<number>; readonly shape: readonly number[] };

/** @internal A copy of a series. */
export interface Table {
  /** Step after step; a Float32Array where one came, else a Float64Array: integers would be tokens. */
  readonly data: FloatArray;
  /** Steps. */
  readonly T: number;
  /** Numbers a step. */
  readonly F: number;
  /** How it came. */
  readonly form: "flat" | "nested" | readonly number[];
}

/**
 * @internal @param features of numbers in a row; what has a shape, or steps of its own, says itself
 * @throws {ArgumentError} @throws {ShapeError}
 */
export function readTable(argument: string, series: unknown, features = 1): Table {
  const length = lengthOf(series);
  if (length === undefined) return readShaped(argument, series);
  if (length === 0) throw new ArgumentError(argument, "one number or more", "none");
  if (isNested(series)) return readNested(argument, series, length);
  const data = floatsOf(series, readNumbers(argument, series));
  if (data.length % features !== 0) throw new ShapeError(argument, `a multiple of ${features} numbers`, `${data.length}`);
  return { data, T: data.length / features, F: features, form: "flat" };
}

function readShaped(argument: string, series: unknown): Table {
  if (typeof series !== "object" || series === null) {
    throw new ArgumentError(argument, "numbers, an array of steps, or { data, shape }", show(series));
  }
  const { data, shape } = checkOptions(series as { data?: unknown; shape?: unknown }, ["data", "shape"], argument);
  const form = checkShape(`${argument}.shape`, shape);
  const read = checkData(`${argument}.data`, data, sizeOf(form));
  const F = form.length > 1 ? (form.at(-1) as number) : 1;
  return { data: floatsOf(read, Float64Array.from(read)), T: read.length / F, F, form };
}

function readNested(argument: string, series: ArrayLike<unknown>, length: unknown): Table {
  if (!Number.isSafeInteger(length) || (length as number) < 0) throw new ArgumentError(`length of ${argument}`, "a count", show(length));
  const rows: Float64Array[] = [];
  for (let t = 0; t < (length as number); t++) {
    const row = readNumbers(`${argument}[${t}]`, series[t]);
    if (row.length === 0) throw new ArgumentError(`${argument}[${t}]`, "one feature or more", "none");
    const F = rows[0]?.length ?? row.length;
    if (row.length !== F) throw new ShapeError(`${argument}[${t}]`, `${F} features, as ${argument}[0]`, `${row.length}`);
    if (t * F > MOST_NUMBERS) throw new ArgumentError(argument, `at most ${MOST_NUMBERS} numbers, or { data, shape }`, `${length} steps`);
    rows.push(row);
  }
  const F = (rows[0] as Float64Array).length;
  const data = new Float64Array(rows.length * F);
  for (const [t, row] of rows.entries()) data.set(row, t * F);
  return { data, T: rows.length, F, form: "nested" };
}

function isNested(series: unknown): series is ArrayLike<unknown> {
  const first: unknown = typedKind(series) === undefined ? (series as ArrayLike<unknown>)[0] : undefined;
  return typeof first === "object" && first !== null;
}

function floatsOf(source: unknown, copy: Float64Array): FloatArray {
  return typedKind(source) === "Float32Array" ? Float32Array.from(copy) : (copy as Float64Array<ArrayBuffer>);
}

/** @internal The steps of a table: views of it. */
export function rowsOf({ data, T, F }: Pick<Table, "data" | "T" | "F">): FloatArray[] {
  return Array.from({ length: T }, (_, t) => data.subarray(t * F, (t + 1) * F));
}

/** What comes of a series: in the form in which it came, numbers of 64 bits unless it was a Float32Array. */
export type Scaled<S extends Series> = S extends { readonly shape: readonly number[] }
  ? { shape: number[]; data: S extends { readonly data: Float32Array } ? Float32Array<ArrayBuffer> : Float64Array<ArrayBuffer> }
  : S extends Float32Array
    ? Float32Array<ArrayBuffer>
    : S extends ArrayLike<number>
      ? Float64Array<ArrayBuffer>
      : Float64Array<ArrayBuffer>[];

/** @internal A table in the form in which it came. */
export function inForm(table: Table): TypedArray | FloatArray[] | { shape: number[]; data: FloatArray } {
  const { data, form } = table;
  if (form === "flat") return data;
  return form === "nested" ? rowsOf(table) : { shape: [...form], data };
}
