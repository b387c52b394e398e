/** The order in which cells read the rows of a batch of sequences: time outermost, and from either end. */
import { type Layout, rowOf } from "../../layout.js";

const tableOf = (T: number, N: number, row: (t: number, n: number) => number) =>
  Array.from({ length: T * N }, (_, m) => row(Math.floor(m / N), m % N));

/**
 * @internal For each row of [T, N] the row of a tensor laid out so. What is padding is the sequence's last step instead: padding may hold
 * anything, and what is computed of it, and its gradients, must be finite. Absent: as they are.
 */
export function rowsInTime(layout: Layout, lengths: readonly number[] | undefined): number[] | undefined {
  if (!layout.batchFirst && !lengths) return undefined;
  return tableOf(layout.T, layout.N, (t, n) => rowOf(layout, Math.min(t, (lengths?.[n] ?? layout.T) - 1), n));
}

/** @internal For each row of [T, N] the row that stands there once each sequence's time is reversed; its own inverse. Padding stays. */
export function rowsReversed({ T, N }: Layout, lengths: readonly number[] | undefined): number[] {
  return tableOf(T, N, (t, n) => {
    const length = lengths?.[n] ?? T;
    return (t < length ? length - 1 - t : t) * N + n;
  });
}

/** @internal For each row of [N, T] the row of [T, N]. */
export function rowsInBatch({ T, N }: Layout): number[] {
  return Array.from({ length: T * N }, (_, m) => (m % T) * N + Math.floor(m / T));
}
