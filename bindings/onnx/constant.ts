/** Numbers that are known before anything runs: of the file, or computed from shapes. */
import { sizeOf } from "../checks.js";
import { MemoryError } from "../errors.js";
import { type ElementType, isFloat } from "./element-types.js";

/** Real numbers in their own precision; integers and truth values as numbers, exact up to 2^53 and saturated beyond 2^63. */
export interface Constant {
  readonly type: ElementType;
  /** [] of a single number. */
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** What is computed in JavaScript holds at most as many. */
const MOST = 2 ** 28;

/** An array for numbers of the type. @throws {MemoryError} */
export function arrayFor(type: ElementType, length: number): Float32Array | Float64Array {
  if (length > MOST) throw new MemoryError(`onnx: expected at most ${MOST} numbers of a result that no kernel computes, got ${length}`);
  return isFloat(type) && type !== "float64" ? new Float32Array(length) : new Float64Array(length);
}

export function constantOf(type: ElementType, shape: readonly number[], numbers: ArrayLike<number>): Constant {
  const data = arrayFor(type, sizeOf(shape));
  data.set(numbers);
  return { type, shape, data };
}

/** A list of integers, as shapes are. */
export function integersOf(numbers: readonly number[]): Constant {
  return constantOf("int64", [numbers.length], numbers);
}
