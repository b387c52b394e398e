/*
 * Products in batches, movement and gathering, naively: an array is a shape and a function from indices to numbers.
 */

/** Row-major. */
export interface Plain {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);

/** The indices of a place, one by one. */
function indicesOf(place: number, shape: readonly number[]): number[] {
  const indices = shape.map(() => 0);
  for (let d = shape.length - 1; d >= 0; d--) {
    indices[d] = place % shape[d];
    place = Math.floor(place / shape[d]);
  }
  return indices;
}

function placeOf(indices: readonly number[], shape: readonly number[]): number {
  return shape.reduce((place, n, d) => place * n + indices[d], 0);
}

const at = (x: Plain, indices: readonly number[]) => x.data[placeOf(indices, x.shape)];
const replaced = (indices: readonly number[], d: number, index: number) => indices.map((i, e) => (e === d ? index : i));

function build(shape: readonly number[], of: (indices: number[]) => number): Plain {
  return { shape, data: Array.from({ length: sizeOf(shape) }, (_, place) => of(indicesOf(place, shape))) };
}

/** An index of a larger shape as one of a smaller: axes are aligned at the end, an axis of one repeats. */
const narrowed = (indices: readonly number[], shape: readonly number[]) =>
  shape.map((n, d) => (n === 1 ? 0 : indices[indices.length - shape.length + d]));

export function broadcastShapes(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, d) => Math.max(a[a.length - rank + d] ?? 1, b[b.length - rank + d] ?? 1));
}

export function matmul(a: Plain, b: Plain, options: { transposeA?: boolean; transposeB?: boolean } = {}): Plain {
  const [left, right] = [options.transposeA ? swapped(a) : a, options.transposeB ? swapped(b) : b];
  const batchA = left.shape.slice(0, -2);
  const batchB = right.shape.slice(0, -2);
  const [M, K, N] = [left.shape.at(-2) as number, left.shape.at(-1) as number, right.shape.at(-1) as number];
  return build([...broadcastShapes(batchA, batchB), M, N], (indices) => {
    const [m, n] = indices.slice(-2);
    const batch = indices.slice(0, -2);
    let sum = 0;
    for (let k = 0; k < K; k++) sum += at(left, [...narrowed(batch, batchA), m, k]) * at(right, [...narrowed(batch, batchB), k, n]);
    return sum;
  });
}

function swapped(x: Plain): Plain {
  const rank = x.shape.length;
  return permute(x, [...Array.from({ length: rank - 2 }, (_, d) => d), rank - 1, rank - 2]);
}

export function permute(x: Plain, axes: readonly number[]): Plain {
  return build(
    axes.map((d) => x.shape[d]),
    (indices) =>
      at(
        x,
        x.shape.map((_, d) => indices[axes.indexOf(d)]),
      ),
  );
}

export function expand(x: Plain, shape: readonly number[]): Plain {
  return build(shape, (indices) => at(x, narrowed(indices, x.shape)));
}

export function flip(x: Plain, axes: readonly number[]): Plain {
  return build(x.shape, (indices) =>
    at(
      x,
      indices.map((i, d) => (axes.includes(d) ? x.shape[d] - 1 - i : i)),
    ),
  );
}

export function concat(xs: readonly Plain[], axis: number): Plain {
  const total = xs.reduce((sum, x) => sum + x.shape[axis], 0);
  return build(replaced(xs[0].shape, axis, total), (indices) => {
    let [index, which] = [indices[axis], 0];
    while (index >= xs[which].shape[axis]) index -= xs[which++].shape[axis];
    return at(xs[which], replaced(indices, axis, index));
  });
}

/** start, count and step of each axis. */
export function slice(x: Plain, start: readonly number[], count: readonly number[], step: readonly number[]): Plain {
  return build(count, (indices) =>
    at(
      x,
      indices.map((i, d) => start[d] + i * step[d]),
    ),
  );
}

export function pad(x: Plain, widths: readonly (readonly [number, number])[], value: number): Plain {
  return build(
    x.shape.map((n, d) => widths[d][0] + n + widths[d][1]),
    (indices) => {
      const inner = indices.map((i, d) => i - widths[d][0]);
      return inner.every((i, d) => i >= 0 && i < x.shape[d]) ? at(x, inner) : value;
    },
  );
}

export function gather(x: Plain, axis: number, index: Plain): Plain {
  return build(index.shape, (indices) => at(x, replaced(indices, axis, at(index, indices))));
}

export function scatterAdd(x: Plain, axis: number, index: Plain, source: Plain): Plain {
  const data = [...x.data];
  for (let place = 0; place < index.data.length; place++) {
    const indices = indicesOf(place, index.shape);
    data[placeOf(replaced(indices, axis, index.data[place]), x.shape)] += at(source, indices);
  }
  return { shape: x.shape, data };
}
