/*
 * Operators over axes in plain f64: one number after the other, by the definition. An array is its shape and its numbers, row-major.
 */

export interface Plain {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

const product = (shape: readonly number[]) => shape.reduce((n, m) => n * m, 1);

function placeOf(shape: readonly number[], index: number): number[] {
  return shape.map((n, d) => Math.floor(index / product(shape.slice(d + 1))) % n);
}

/** The elements that meet in each of the result, in order, with their places. */
function groups({ shape, data }: Plain, axes: readonly number[]): { at: number[]; values: number[] }[] {
  const found = new Map<string, { at: number[]; values: number[] }>();
  data.forEach((value, i) => {
    const key = placeOf(shape, i)
      .map((p, d) => (axes.includes(d) ? 0 : p))
      .join();
    const group = found.get(key) ?? { at: [], values: [] };
    group.at.push(i);
    group.values.push(value);
    found.set(key, group);
  });
  return [...found.values()]; // in the order of the result
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

export const REDUCTIONS: Record<string, (values: readonly number[]) => number> = {
  sum: total,
  mean: (values) => total(values) / values.length,
  max: (values) => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
  variance: (values) => {
    const mean = total(values) / values.length;
    return total(values.map((value) => (value - mean) ** 2)) / (values.length - 1);
  },
  logSumExp: (values) => {
    const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    return Math.abs(most) === Number.POSITIVE_INFINITY ? most : most + Math.log(total(values.map((value) => Math.exp(value - most))));
  },
  argMax: (values) => {
    const nan = values.findIndex(Number.isNaN);
    return nan >= 0 ? nan : values.indexOf(values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY));
  },
};

const softmax = (values: readonly number[]) => {
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const e = values.map((value) => Math.exp(value - most));
  return e.map((value) => value / total(e));
};

export const ALONG: Record<string, (values: readonly number[]) => number[]> = {
  softmax,
  logSoftmax: (values) => values.map((value) => value - (REDUCTIONS.logSumExp as (values: readonly number[]) => number)(values)),
  cumulativeSum: (values) => values.map((_, i) => total(values.slice(0, i + 1))),
};

/** One of REDUCTIONS over axes, which stay with size 1. */
export function reduce(name: string, x: Plain, axes: readonly number[]): Plain {
  const f = REDUCTIONS[name] as (values: readonly number[]) => number;
  return { shape: x.shape.map((n, d) => (axes.includes(d) ? 1 : n)), data: groups(x, axes).map(({ values }) => f(values)) };
}

/** One of ALONG along an axis. */
export function along(name: string, x: Plain, axis: number): Plain {
  const f = ALONG[name] as (values: readonly number[]) => number[];
  const data = [...x.data];
  for (const { at, values } of groups(x, [axis])) for (const [k, value] of f(values).entries()) data[at[k] as number] = value;
  return { shape: x.shape, data };
}
