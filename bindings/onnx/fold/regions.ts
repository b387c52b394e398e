/** Elements in another order or place, in JavaScript: each place of the result says where its element comes from. */
import { sizeOf } from "../../checks.js";
import { arrayFor, type Constant } from "../constant.js";

/** @param from strides in the input, by axes of the result @param offset of the first element */
export function read({ type, data: source }: Constant, shape: readonly number[], from: readonly number[], offset = 0): Constant {
  const data = arrayFor(type, sizeOf(shape));
  const at = new Array<number>(shape.length).fill(0);
  let place = offset;
  for (let i = 0; i < data.length; i++) {
    data[i] = source[place] as number;
    for (let d = at.length - 1; d >= 0; d--) {
      at[d] = (at[d] as number) + 1;
      place += from[d] as number;
      if ((at[d] as number) < (shape[d] as number)) break;
      place -= (shape[d] as number) * (from[d] as number);
      at[d] = 0;
    }
  }
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
