/** Pooling in JavaScript, by the definition, in as many axes as there are. */
import { sizeOf } from "../../checks.js";
import { arrayFor, type Constant } from "../constant.js";
import { readsOf } from "./convolution.js";
import type { Window } from "./windows.js";

/** How the elements of a window become one. */
export type Pool = (values: readonly number[], taps: number) => number;

/**
 * @param x [N, C, …] @param f from the elements that lie in x, and how many taps count
 * @param countsPadding whether taps in the padding count (those beyond it, of a size that is rounded up, do not)
 */
export function pool(x: Constant, windows: readonly Window[], f: Pool, countsPadding = false): Constant {
  const rows = (x.shape[0] as number) * (x.shape[1] as number);
  const reads = readsOf(windows);
  const padded = readsOf(
    windows.map((window) => ({
      ...window,
      size: window.size + (countsPadding ? window.before + window.after : 0),
      before: countsPadding ? 0 : window.before,
    })),
  );
  const [S, P, K] = [sizeOf(x.shape.slice(2)), sizeOf(windows.map(({ places }) => places)), sizeOf(windows.map(({ taps }) => taps))];
  const shape = [...x.shape.slice(0, 2), ...windows.map(({ places }) => places)];
  const data = arrayFor(x.type, sizeOf(shape));
  for (let row = 0; row < rows; row++)
    for (let p = 0; p < P; p++) {
      const values: number[] = [];
      let taps = 0;
      for (let k = p * K; k < (p + 1) * K; k++) {
        const at = reads[k] as number;
        if (at >= 0) values.push(x.data[row * S + at] as number);
        if ((padded[k] as number) >= 0) taps++;
      }
      data[row * P + p] = f(values, taps);
    }
  return { type: x.type, shape, data };
}

export const greatest: Pool = (values) =>
  values.reduce((most, value) => (value > most || Number.isNaN(value) ? value : most), Number.NEGATIVE_INFINITY);
export const mean: Pool = (values, taps) => values.reduce((sum, value) => sum + value, 0) / taps;
