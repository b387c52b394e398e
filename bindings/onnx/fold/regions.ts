/** Elements in another order or place, in JavaScript: each place of the result says where its element comes from. */
import { sizeOf } from "../../checks.js";
import { copyStrided } from "../../io/strided.js";
import type { TypedArray } from "../../tensor.js";
import { arrayFor, type Constant } from "../constant.js";

/** @param from strides in the input, by axes of the result @param offset of the first element */
export function read({ type, data: source }: Constant, shape: readonly number[], from: readonly number[], offset = 0): Constant {
  const data = arrayFor(type, sizeOf(shape));
  copyStrided(source as TypedArray, offset, shape, from, data as TypedArray);
  return { type, shape, data };
}

export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = stride;
    stride *= shape[d] as number;
  }
  return strides;
}
