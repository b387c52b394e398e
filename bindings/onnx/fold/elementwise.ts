/** Element by element, in JavaScript, with shapes that broadcast. */
import { sizeOf } from "../../checks.js";
import { FormatError } from "../../errors.js";
import { arrayFor, type Constant } from "../constant.js";
import type { ElementType } from "../element-types.js";

/** The common shape. @throws {FormatError} */
export function broadcast(shapes: readonly (readonly number[])[]): number[] {
  const rank = shapes.reduce((most, { length }) => Math.max(most, length), 0);
  return Array.from({ length: rank }, (_, d) => {
    const sizes = shapes.map((shape) => shape[shape.length - rank + d] ?? 1);
    const size = sizes.find((each) => each !== 1) ?? 1;
    if (sizes.some((each) => each !== 1 && each !== size))
      throw new FormatError(`onnx: expected shapes that broadcast, got ${shapes.map((shape) => `[${shape.join(", ")}]`).join(" and ")}`);
    return size;
  });
}

/** f of the elements at each place. @param type of the result */
export function elementwise(inputs: readonly Constant[], type: ElementType, f: (...values: number[]) => number): Constant {
  const shape = broadcast(inputs.map((input) => input.shape));
  const data = arrayFor(type, sizeOf(shape));
  const strides = inputs.map((input) => stridesIn(input.shape, shape));
  const at = new Array<number>(shape.length).fill(0);
  const values = new Array<number>(inputs.length);
  for (let i = 0; i < data.length; i++) {
    for (const [k, { data: from }] of inputs.entries()) {
      let place = 0;
      for (let d = 0; d < at.length; d++) place += (at[d] as number) * ((strides[k] as number[])[d] as number);
      values[k] = from[place] as number;
    }
    data[i] = f(...values);
    for (let d = at.length - 1; d >= 0; d--) {
      at[d] = (at[d] as number) + 1;
      if ((at[d] as number) < (shape[d] as number)) break;
      at[d] = 0;
    }
  }
  return { type, shape, data };
}

/** 0 along what is repeated. */
function stridesIn(shape: readonly number[], whole: readonly number[]): number[] {
  const strides = new Array<number>(whole.length).fill(0);
  let stride = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    const size = shape[d] as number;
    if (size !== 1) strides[whole.length - shape.length + d] = stride;
    stride *= size;
  }
  return strides;
}
