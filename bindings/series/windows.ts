/** Windows over a series: what is seen, and what comes after it. */
import { checkOptions, checkPositive } from "../checks.js";
import { ShapeError } from "../errors.js";
import type { FloatArray } from "../tensor.js";
import { checkColumns } from "./scaler.js";
import { readTable, rowsOf, type Series, type Table } from "./table.js";

/** Options of `windows`. */
export interface WindowsOptions {
  /** Steps that are seen. */
  length: number;
  /** Steps after them that are to be predicted. Default 1. */
  horizon?: number;
  /** Steps from the beginning of one window to that of the next. Default 1. */
  stride?: number;
  /** Places of the features that are to be predicted, from 0. Default: all. */
  targets?: readonly number[];
}

/** A sample for `fit`. */
export interface Window<X extends FloatArray | FloatArray[] = FloatArray | FloatArray[]> {
  /** Of numbers in a row [length]; else `length` steps, each its features. */
  x: X;
  /** The next `horizon` steps, flat: [horizon · F]. */
  y: FloatArray;
}

/**
 * Samples for forecasting: window i sees the steps from i·stride on, `length` of them, and is to say the `horizon` steps that follow. There are
 * ⌊(T − length − horizon) / stride⌋ + 1, in the order of time: cut them in time, and never shuffle before.
 *
 * The series is copied once; the windows are views of that copy, so that writing into one changes those that overlap it.
 *
 * @param series T steps
 * @throws {ShapeError} when it is shorter than length + horizon @throws {ArgumentError}
 * @example
 * windows([1, 2, 3, 4, 5], { length: 3 }); // { x: 1 2 3, y: 4 } and { x: 2 3 4, y: 5 }
 */
export function windows(series: ArrayLike<number>, options: WindowsOptions): Window<FloatArray>[];
export function windows(series: Exclude<Series, ArrayLike<number>>, options: WindowsOptions): Window<FloatArray[]>[];
export function windows(series: Series, options: WindowsOptions): Window[];
export function windows(series: Series, options: WindowsOptions): Window[] {
  const { length, horizon = 1, stride = 1, targets } = checkOptions(options, ["length", "horizon", "stride", "targets"]);
  for (const [name, value] of Object.entries({ length, horizon, stride })) checkPositive(name, value);
  const table = readTable("series", series);
  const wanted = targets === undefined ? table : onlyColumns(table, checkColumns("targets", targets, table.F));
  const last = table.T - length - horizon;
  if (last < 0) throw new ShapeError("series", `${length + horizon} steps or more, as length + horizon`, `${table.T}`);
  const steps = table.form === "flat" ? table.data : rowsOf(table);
  const cut = (begin: number) => (Array.isArray(steps) ? steps.slice(begin, begin + length) : steps.subarray(begin, begin + length));
  return Array.from({ length: Math.floor(last / stride) + 1 }, (_, i) => {
    const next = i * stride + length;
    return { x: cut(i * stride), y: wanted.data.subarray(next * wanted.F, (next + horizon) * wanted.F) };
  });
}

function onlyColumns({ data, T, F }: Table, columns: readonly number[]): Pick<Table, "data" | "F"> {
  const chosen = data.slice(0, T * columns.length);
  for (let t = 0; t < T; t++) {
    for (const [i, column] of columns.entries()) chosen[t * columns.length + i] = data[t * F + column] as number;
  }
  return { data: chosen, F: columns.length };
}
