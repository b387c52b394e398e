/** What scalers have in common: each feature is moved and stretched by two numbers that were fitted. */
import { checkIndex, lengthOf, show } from "../checks.js";
import { ArgumentError, ShapeError } from "../errors.js";
import { Fitted } from "./fitted.js";
import { inForm, readTable, type Scaled, type Series, type Table } from "./table.js";

/** Brings the features of a series to one scale, and back. */
export abstract class Scaler extends Fitted {
  /** @internal Of one feature. @param values of it, each finite */
  protected abstract measure(values: Iterable<number>): { offset: number; scale: number };

  /**
   * Learns from the data of the training alone: what is validated or tested must not be known beforehand. What was fitted before is forgotten.
   *
   * @param data one series, [T] or [T, F]: a list of lists or arrays is a list of steps. Of several sequences, all their steps in a row.
   * @throws {ArgumentError} on a number that is not finite, or a feature whose spread no number holds @throws {ShapeError}; it is as it was then
   */
  fit(data: Series): this {
    const table = readTable("data", data);
    checkFinite("data", table);
    const features = Array.from({ length: table.F }, (_, f) => {
      const measured = this.measure(columnOf(table, f));
      if (Number.isFinite(measured.offset) && Number.isFinite(measured.scale)) return measured;
      throw new ArgumentError(`feature ${f} of data`, "numbers whose spread a number holds", show(measured.scale));
    });
    this.fitted = {
      offset: Float64Array.from(features, ({ offset }) => offset),
      scale: Float64Array.from(features, ({ scale }) => scale),
    };
    return this;
  }

  /**
   * @param data as for `fit`, of as many features; of numbers in a row F make a step
   * @returns a copy, in the form in which the data came: a Float32Array, a Float64Array, steps or `{ data, shape }`
   * @throws {ArgumentError} before `fit`, and on a number that is not finite @throws {ShapeError}
   */
  transform<S extends Series>(data: S): Scaled<S> {
    return this.#map(data, checkFinite, (value, offset, scale) => (value - offset) / scale);
  }

  /** Back to the units of the data; NaN stays NaN. Otherwise as `transform`. @throws {ArgumentError} before `fit` @throws {ShapeError} */
  inverseTransform<S extends Series>(data: S): Scaled<S> {
    return this.#map(
      data,
      () => {},
      (value, offset, scale) => value * scale + offset,
    );
  }

  /**
   * The scaler of some of the features, in this order: that of the targets, where the series has other columns beside them.
   *
   * @throws {ArgumentError} before `fit`, and on a place that is none
   */
  columns(indices: readonly number[]): this {
    const { offset, scale } = this.affine;
    const chosen = checkColumns("indices", indices, offset.length);
    const of = (values: Float64Array) => Float64Array.from(chosen, (f) => values[f] as number);
    return this.restore({ offset: of(offset), scale: of(scale) });
  }

  #map<S extends Series>(
    data: S,
    check: (argument: string, table: Table) => void,
    change: (value: number, offset: number, scale: number) => number,
  ): Scaled<S> {
    const { offset, scale } = this.affine;
    const F = offset.length;
    const table = readTable("data", data, F);
    if (table.F !== F) throw new ShapeError("data", `${F} features a step, as fitted`, `${table.F}`);
    check("data", table);
    const { data: values } = table;
    for (let i = 0; i < values.length; i++) values[i] = change(values[i] as number, offset[i % F] as number, scale[i % F] as number);
    return inForm(table) as Scaled<S>;
  }
}

/** @internal Places of features: one or more, none twice. @throws {ArgumentError} */
export function checkColumns(argument: string, columns: unknown, F: number): number[] {
  const length = lengthOf(columns);
  if (typeof length !== "number" || !(length >= 1 && length <= F)) {
    throw new ArgumentError(argument, `places of features, 1 to ${F} of them`, show(columns));
  }
  const chosen = Array.from({ length }, (_, i) => checkIndex(`${argument}[${i}]`, (columns as ArrayLike<unknown>)[i], F));
  const twice = chosen.find((column, i) => chosen.indexOf(column) < i);
  if (twice !== undefined) throw new ArgumentError(argument, "each place once", `${twice} twice`);
  return chosen;
}

function checkFinite(argument: string, { data, F, form }: Table): void {
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  const place = form === "flat" ? `[${bad}]` : `[${Math.floor(bad / F)}][${bad % F}]`;
  throw new ArgumentError(argument + place, "a finite number", show(data[bad]));
}

function* columnOf({ data, T, F }: Table, f: number): Generator<number> {
  for (let t = 0; t < T; t++) yield data[t * F + f] as number;
}
