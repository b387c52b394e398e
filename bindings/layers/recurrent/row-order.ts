/**
 * The order in which a pass runs over the rows of a sequence tensor (assembly/layout.ts): time outermost, sequences
 * sorted, longest first, so that padding is never touched. Tables of u32 row numbers, in linear memory.
 */
import type { Slots } from "../../graph/slots.js";
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
  slots: Slots,
  { T: steps, N }: { T: number; N: number },
  lengths: readonly number[] | null,
  batchFirst: boolean,
  reversed: boolean,
): RowOrder {
  const direct = lengths === null && (!batchFirst || N === 1);
  const none = { rows: 0, order: 0, orderReversed: 0, reverse: 0, sorted: 0, place: 0, last: 0 };
  if (direct && !reversed) return { T: steps, N, M: steps * N, direct, padded: false, ...none };
  const { T, M, rows, order, reverse, sorted, place, last } = tablesOf(steps, lengths ?? new Array<number>(N).fill(steps), batchFirst);
  const table = (name: string, values: ArrayLike<number>) => {
    const ptr = slots.get(`rows ${name}`, values.length * 4);
    (runtime.view("i32", ptr, values.length) as Int32Array).set(values);
    return ptr;
  };
  const inTensor = (row: number) => order[row] as number;
  return {
    ...{ T, N, M, direct, padded: M < steps * N },
    ...{ rows: 0, sorted: 0, place: 0, orderReversed: 0, reverse: 0 },
    ...(lengths && { rows: table("of steps", rows), sorted: table("sorted", sorted), place: table("place", place) }),
    ...(reversed && { orderReversed: table("order reversed", reverse.map(inTensor)), reverse: table("reverse", reverse) }),
    order: direct ? 0 : table("order", order),
    last: table("last", last),
  };
}

/** The tables, by their names in RowOrder, of sequences of these lengths in a tensor of so many steps. */
function tablesOf(steps: number, lengths: readonly number[], batchFirst: boolean) {
  const N = lengths.length;
  const lengthOf = (n: number) => lengths[n] as number;
  const sorted = lengths.map((_, n) => n).sort((a, b) => lengthOf(b) - lengthOf(a) || a - b);
  const T = lengthOf(sorted[0] as number);
  const rows = new Array<number>(T).fill(0);
  for (const length of lengths) for (let t = 0; t < length; t++) rows[t] = (rows[t] as number) + 1;
  const first: number[] = []; // row at which each step begins
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
      reverse[row] = (first[lengthOf(n) - 1 - t] as number) + j;
    }
  }
  const place = new Uint32Array(N);
  for (const [j, n] of sorted.entries()) place[n] = j;
  const last = place.map((j, n) => N + (first[lengthOf(n) - 1] as number) + j);
  return { T, M, rows, order, reverse, sorted, place, last };
}
