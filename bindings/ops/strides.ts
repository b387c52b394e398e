/** Axes and strides: how kernels are told to walk. Pure arithmetic. */

/** @internal One axis of a walk: its size, then each operand's stride, in elements. */
export type Axis = readonly [n: number, ...strides: number[]];

/** @internal Part of an array: where its index 0 of every axis lies, and what an index of each axis adds, in elements. */
export interface Region {
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** @internal Of a row-major array. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  for (let d = shape.length - 1, stride = 1; d >= 0; d--) {
    strides[d] = stride;
    stride *= shape[d] as number;
  }
  return strides;
}

/** @internal All of an array. */
export function whole(shape: readonly number[]): Region {
  return { offset: 0, shape, strides: stridesOf(shape) };
}

/** @internal Whether its elements lie one after another: then it can be seen as an array of its own, without a copy. */
export function isDense({ shape, strides }: Region): boolean {
  const dense = stridesOf(shape);
  return shape.every((n, d) => n === 1 || strides[d] === dense[d]);
}

/** @internal The same walk with as few axes as can be: none of size 1, none that goes on where the next one ends. */
export function joined(axes: readonly Axis[]): Axis[] {
  const result: Axis[] = [];
  for (const axis of axes) {
    if (axis[0] === 1) continue;
    const outer = result.at(-1);
    if (outer?.every((stride, o) => o === 0 || stride === (axis[o] as number) * axis[0])) {
      const [n] = result.pop() as Axis;
      result.push([n * axis[0], ...axis.slice(1)]);
    } else {
      result.push(axis);
    }
  }
  return result;
}

/**
 * @internal The plan of a move between two regions of one shape: axes outermost first, n and the strides in dst and src. Where the innermost axis
 * is no row of src, the axis that is goes before it: a transposition.
 */
export function movePlan(dst: Region, src: Region): Axis[] {
  const axes = joined(dst.shape.map((n, d) => [n, dst.strides[d] as number, src.strides[d] as number]));
  if (axes.length === 0) return [[1, 1, 1]];
  const inner = axes.pop() as Axis;
  const row = inner[2] === 1 ? -1 : axes.findIndex(([, , stride]) => stride === 1);
  if (row >= 0) axes.push(...axes.splice(row, 1));
  return [...axes, inner];
}

/** @internal The matrices of a batched product, as matmul.ts numbers them. */
export const TRANSPOSED_A = 1;
export const TRANSPOSED_B = 2;
export const OVER_ROWS = 4;

/** @internal One call of matmul's kernel, but for its addresses. */
export interface Product {
  readonly M: number;
  readonly K: number;
  readonly N: number;
  readonly kind: number;
  /** Batch axes: n and the strides of c, a and b. */
  readonly axes: readonly Axis[];
  /** How many of them, from the last, c stands still along. */
  readonly summed: number;
}

/**
 * @internal c = op(a)·op(b) over batches.
 *
 * @param batch of all three
 * @param c, a, b the batch axes of each, fewer or of size 1 where it stands still
 */
export function productOf(
  { M, K, N, kind }: { M: number; K: number; N: number; kind: number },
  batch: readonly number[],
  c: readonly number[],
  a: readonly number[],
  b: readonly number[],
): Product {
  const of = (shape: readonly number[], size: number) => broadcastStrides(shape, batch.length, size);
  const [sc, sa, sb] = [of(c, M * N), of(a, M * K), of(b, K * N)];
  const all = joined(batch.map((n, d) => [n, sc[d] as number, sa[d] as number, sb[d] as number]));
  // b is packed anew wherever it moves, so it moves outside; what is summed is innermost.
  const moving = joined([...all.filter(([, c, , b]) => c !== 0 && b !== 0), ...all.filter(([, c, , b]) => c !== 0 && b === 0)]);
  const summed = joined(all.filter(([, c]) => c === 0));
  const [n, lastC, lastA, lastB] = moving.at(-1) ?? [0];
  if (summed.length === 0 && !(kind & (TRANSPOSED_A | OVER_ROWS)) && lastB === 0 && lastA === M * K && lastC === M * N) {
    return { M: M * n, K, N, kind, axes: moving.slice(0, -1), summed: 0 }; // one product of all rows
  }
  const [rows, , stepA, stepB] = summed.at(-1) ?? [0];
  if (kind & OVER_ROWS && stepA === K * M && stepB === K * N) {
    return { M, K: K * rows, N, kind, axes: [...moving, ...summed.slice(0, -1)], summed: summed.length - 1 }; // one sum over all rows
  }
  return { M, K, N, kind, axes: [...moving, ...summed], summed: summed.length };
}

/** @internal Strides of a shape that broadcasts to a rank, its elements being of some size: 0 along axes that repeat. */
export function broadcastStrides(shape: readonly number[], rank: number, size: number): number[] {
  const strides = new Array<number>(rank).fill(0);
  for (let d = shape.length - 1, step = size; d >= 0; d--) {
    const n = shape[d] as number;
    if (n !== 1) strides[rank - shape.length + d] = step;
    step *= n;
  }
  return strides;
}
