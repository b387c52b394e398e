/**
 * The order in which a pass runs over the rows of a sequence tensor (assembly/layout.ts): time outermost, sequences
 * sorted, longest first, so that padding is never touched. Tables of u32 row numbers, in linear memory.
 */
import type { Buffers } from "../../buffers.js";
import type { Runtime } from "../../runtime.js";

/** @internal A null table stands for 0, 1, 2, … */
export interface RowOrder {
  /** Steps that any sequence has. */
  readonly T: number;
  /** Sequences. */
  readonly N: number;
  /** Rows of all steps. */
  readonly M: number;
  /** Whether the tensor itself lies in this order. */
  readonly direct: boolean;
  /** Whether rows of the tensor are padding. */
  readonly padded: boolean;
  /** Rows of each step [T]; null: N each. */
  readonly rows: number;
  /** Row of the tensor that each row is [M], and the same with each sequence's time reversed. */
  readonly order: number;
  readonly orderReversed: number;
  /** Row that stands for each row once time is reversed [M]. */
  readonly reverse: number;
  /** Sequence at each place [N], and place of each sequence; null where they are not sorted. */
  readonly sorted: number;
  readonly place: number;
  /** Row in [N + M] of each sequence's last state [N]. */
  readonly last: number;
}

/** @internal @param reversed whether the reverse direction will be asked for */
export function rowOrder(
  runtime: Runtime,
  buffers: Buffers,
  { T: steps, N }: { T: number; N: number },
  lengths: readonly number[] | null,
  batchFirst: boolean,
  reversed: boolean,
): RowOrder {
  const plain = lengths === null && (!batchFirst || N === 1);
  const none = { rows: 0, order: 0, orderReversed: 0, reverse: 0, sorted: 0, place: 0, last: 0 };
  if (plain && !reversed) return { T: steps, N, M: steps * N, direct: true, padded: false, ...none };
  const all = lengths ?? new Array<number>(N).fill(steps);
  const sorted = all.map((_, n) => n).sort((a, b) => (all[b] as number) - (all[a] as number) || a - b);
  const T = all[sorted[0] as number] as number;
  const rows = Array.from({ length: T }, () => 0);
  for (const length of all) for (let t = 0; t < length; t++) rows[t] = (rows[t] as number) + 1;
  const first: number[] = []; // row of the tensor's order at which each step begins
  let M = 0;
  for (const count of rows) {
    first.push(M);
    M += count;
  }
  const order = new Uint32Array(M);
  const reverse = new Uint32Array(M);
  for (let t = 0; t < T; t++) {
    for (let j = 0; j < (rows[t] as number); j++) {
      const n = sorted[j] as number;
      const row = (first[t] as number) + j;
      order[row] = batchFirst ? n * steps + t : t * N + n;
      reverse[row] = (first[(all[n] as number) - 1 - t] as number) + j;
    }
  }
  const place = new Uint32Array(N);
  sorted.forEach((n, j) => {
    place[n] = j;
  });
  const last = place.map((j, n) => N + (first[(all[n] as number) - 1] as number) + j);
  const table = (name: string, values: ArrayLike<number>) => {
    const ptr = buffers.get(`rows ${name}`, values.length * 4);
    (runtime.view("i32", ptr, values.length) as Int32Array).set(values);
    return ptr;
  };
  const differ = lengths !== null;
  return {
    T,
    N,
    M,
    direct: plain,
    padded: M < steps * N,
    rows: differ ? table("of steps", rows) : 0,
    order: plain ? 0 : table("order", order),
    orderReversed: reversed
      ? table(
          "order reversed",
          reverse.map((row) => order[row] as number),
        )
      : 0,
    reverse: reversed ? table("reverse", reverse) : 0,
    sorted: differ ? table("sorted", sorted) : 0,
    place: differ ? table("place", place) : 0,
    last: table("last", last),
  };
}
