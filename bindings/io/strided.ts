/** Arrays of other orders than row by row. */
import type { TypedArray } from "../tensor.js";

/** So many elements are copied one by one sooner than by a view of their own. */
const FEW = 16;

/**
 * Copies elements that lie apart by steps, row by row.
 *
 * @param from where they lie @param offset of the first @param shape [D₁, …, Dₙ] @param steps from one index of an axis to the next, in elements
 * @param to out: as many as the shape has
 */
export function copyStrided(from: TypedArray, offset: number, shape: readonly number[], steps: readonly number[], to: TypedArray): void {
  const last = shape.length - 1;
  const inner = shape[last] ?? 1;
  const step = steps[last] ?? 1;
  const at = new Array<number>(Math.max(last, 0)).fill(0);
  let place = offset;
  for (let i = 0; i < to.length; i += inner) {
    if (step === 1 && inner > FEW) to.set(from.subarray(place, place + inner), i);
    else for (let k = 0; k < inner; k++) to[i + k] = from[place + k * step] as number;
    for (let d = last - 1; d >= 0; d--) {
      at[d] = (at[d] as number) + 1;
      place += steps[d] as number;
      if ((at[d] as number) < (shape[d] as number)) break;
      place -= (shape[d] as number) * (steps[d] as number);
      at[d] = 0;
    }
  }
}
