/** What an optimizer keeps for every element that it trains. */
import { checkNumber, lengthOf, show, typedKind } from "../checks.js";
import { ArgumentError, DTypeError, ShapeError } from "../errors.js";
import { checkFits } from "../fits.js";
import { type FloatArray, type FloatType, zerosOf } from "../tensor.js";

/** @internal */
export interface Moment {
  readonly name: string;
  /** 0 for sums of squares. */
  readonly least: number;
  /** Before the first step. */
  readonly start: number;
}

/** @internal Any number, from 0 on. */
export function signed(name: string): Moment {
  return { name, least: Number.NEGATIVE_INFINITY, start: 0 };
}

/** @internal A sum or mean of squares. */
export function squares(name: string, start = 0): Moment {
  return { name, least: 0, start };
}

/**
 * @internal A copy of a stored moment.
 * @throws {ShapeError} when it has not so many elements @throws {DTypeError} when it is an array of another element type
 * @throws {ArgumentError} when an element is none, not finite, or a square below 0
 */
export function readMoment(argument: string, data: unknown, size: number, dtype: FloatType, { least }: Moment): FloatArray {
  if (typeof data !== "object" || data === null) throw new ArgumentError(argument, "an array of numbers", show(data));
  const length: unknown = ArrayBuffer.isView(data) ? (data as FloatArray).length : lengthOf(data);
  if (ArrayBuffer.isView(data) && typedKind(data) !== (dtype === "f64" ? "Float64Array" : "Float32Array"))
    throw new DTypeError(argument, `${dtype}, as the parameters`, show(data));
  if (length !== size) throw new ShapeError(argument, `${size} elements`, show(length));
  const copy = zerosOf(dtype, size) as FloatArray;
  for (let i = 0; i < size; i++) {
    const value: unknown = (data as ArrayLike<unknown>)[i];
    copy[i] = typeof value === "number" && value >= least ? value : Number.NaN;
    if (Number.isFinite(copy[i])) continue;
    checkNumber(`${argument}[${i}]`, value, least);
    throw new ArgumentError(`${argument}[${i}]`, `a number that is finite in ${dtype}`, show(value));
  }
  return copy;
}

/** @internal A number of steps. @throws {ArgumentError} */
export function checkSteps(argument: string, steps: unknown, most = Number.MAX_SAFE_INTEGER): number {
  if (typeof steps !== "number" || !Number.isSafeInteger(steps) || steps < 0 || steps > most)
    throw new ArgumentError(argument, `a count of steps${most < Number.MAX_SAFE_INTEGER ? `, at most ${most}` : ""}`, show(steps));
  return steps + 0; // −0 is 0
}

/** @internal A number from 0 on that is finite in the element type of every parameter. @throws {ArgumentError} */
export function checkCoefficient(argument: string, given: unknown, parameters: readonly { readonly dtype: FloatType }[]): number {
  return checkFits(argument, given, parameters.some(({ dtype }) => dtype === "f32") ? "f32" : "f64");
}
