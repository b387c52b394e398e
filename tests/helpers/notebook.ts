import { expect } from "vitest";
import { loadNotebook, type NdArray, type Notebook } from "../../bindings/notebook.js";
import * as golden from "../golden/load.js";
import { BUILD } from "./raw.js";

/** The notebook's functions on the build under test. */
export function testNotebook(dtype: "f32" | "f64" = "f64"): Promise<Notebook> {
  return loadNotebook({ dtype, build: BUILD as "baseline" });
}

/** The arrays that a cell of the notebook draws after `np.random.seed(1)`, by name. */
export function drawn<K extends string>(nb: Notebook, draws: Readonly<Record<K, readonly number[]>>): Record<K, NdArray> {
  const { randn } = golden.loadNotebook();
  let used = 0;
  const arrays = {} as Record<K, NdArray>;
  for (const name of Object.keys(draws) as K[]) {
    const size = draws[name].reduce((a, b) => a * b, 1);
    arrays[name] = nb.array(draws[name], randn.slice(used, used + size));
    used += size;
  }
  expect(used).toBeLessThanOrEqual(randn.length);
  return arrays;
}

/** NumPy's array[i][j]…: a row, or one number as a list of one. */
export function entry({ shape, data }: NdArray, ...at: number[]): number[] {
  let begin = 0;
  let size = data.length;
  for (const [axis, index] of at.entries()) {
    size /= shape[axis];
    begin += index * size;
  }
  return Array.from(data.subarray(begin, begin + size));
}

/** The array with one number replaced. */
export function replaced(nb: Notebook, { shape, data }: NdArray, index: number, value: number): NdArray {
  const copy = Float64Array.from(data);
  copy[index] = value;
  return nb.array(shape, copy);
}
