/** The SIMD vocabulary of packed weights (gemm.ts draws the panels). */
import { add, bytes, LANES, PANEL, PANEL_BYTES, VEC_BYTES, vload, vstore } from "./vec";

/**
 * Weights in storage type W: T itself, or u16 for bf16 (the upper half of an f32). A panel's row of 8 bf16 is one vector of
 * 32-bit lanes: columns 0 … 3 in the lower halves, 4 … 7 in the upper ones. Shifted left, a lane is its lower weight; as
 * it stands it is its upper one, with the lower one's bits behind its mantissa, which packing has reckoned with. So a
 * row costs one load and one shift.
 */
// @ts-ignore: decorator
@inline export function loadRow<T extends number, W extends number>(ptr: usize): v128 {
  return vload<T>(ptr);
}

/** The first half of a panel's row, from what loadRow gave. */
// @ts-ignore: decorator
@inline export function firstHalf<T extends number, W extends number>(row: v128): v128 {
  if (sizeof<W>() == 2) return i32x4.shl(row, 16);
  return row;
}

/** The second half of a panel's row, from what loadRow gave and the row's address. */
// @ts-ignore: decorator
@inline export function secondHalf<T extends number, W extends number>(row: v128, ptr: usize): v128 {
  if (sizeof<W>() == 2) return row;
  return vload<T>(ptr + VEC_BYTES);
}

/** Bytes of one row of a panel of weights. */
// @ts-ignore: decorator
@inline export function weightRow<T extends number, W extends number>(): usize {
  return usize(PANEL<T>()) * sizeof<W>();
}

/**
 * Stores the first n columns of a panel's row, 0 < n < PANEL, and touches no byte behind them. Lane by lane: every tile holds this
 * for each of its rows, so it is short.
 */
export function storePanelPart<T extends number>(ptr: usize, first: v128, second: v128, n: i32): void {
  const end = ptr + bytes<T>(n);
  let v = first;
  if (n >= LANES<T>()) {
    vstore<T>(ptr, v);
    ptr += VEC_BYTES;
    v = second;
  }
  for (; ptr < end; ptr += sizeof<T>()) {
    v128.store_lane<T>(ptr, v, 0);
    v = sizeof<T>() == 4 ? v128.shuffle<i32>(v, v, 1, 2, 3, 0) : v128.shuffle<i64>(v, v, 1, 0);
  }
}

/** Four rows of four f32, `ld` bytes apart, stored as columns of a panel (rows PANEL_BYTES apart). */
// @ts-ignore: decorator
@inline export function transpose4(to: usize, from: usize, ld: usize): void {
  const r0 = v128.load(from), r1 = v128.load(from + ld), r2 = v128.load(from + 2 * ld), r3 = v128.load(from + 3 * ld);
  const a = i32x4.shuffle(r0, r1, 0, 4, 1, 5), b = i32x4.shuffle(r0, r1, 2, 6, 3, 7);
  const c = i32x4.shuffle(r2, r3, 0, 4, 1, 5), d = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
  v128.store(to, i32x4.shuffle(a, c, 0, 1, 4, 5));
  v128.store(to + PANEL_BYTES, i32x4.shuffle(a, c, 2, 3, 6, 7));
  v128.store(to + 2 * PANEL_BYTES, i32x4.shuffle(b, d, 0, 1, 4, 5));
  v128.store(to + 3 * PANEL_BYTES, i32x4.shuffle(b, d, 2, 3, 6, 7));
}

/**
 * A square of LANES<T>() rows and columns, exchanged: rows `ld` bytes apart become columns of rows `ldTo` bytes apart, stored or added to
 * what stands there.
 */
// @ts-ignore: decorator
@inline export function transposeSquare<T extends number>(to: usize, ldTo: usize, from: usize, ld: usize, adds: bool): void {
  if (sizeof<T>() == 8) {
    const r0 = v128.load(from), r1 = v128.load(from + ld);
    put<T>(to, i64x2.shuffle(r0, r1, 0, 2), adds);
    put<T>(to + ldTo, i64x2.shuffle(r0, r1, 1, 3), adds);
    return;
  }
  const r0 = v128.load(from), r1 = v128.load(from + ld), r2 = v128.load(from + 2 * ld), r3 = v128.load(from + 3 * ld);
  const a = i32x4.shuffle(r0, r1, 0, 4, 1, 5), b = i32x4.shuffle(r0, r1, 2, 6, 3, 7);
  const c = i32x4.shuffle(r2, r3, 0, 4, 1, 5), d = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
  put<T>(to, i32x4.shuffle(a, c, 0, 1, 4, 5), adds);
  put<T>(to + ldTo, i32x4.shuffle(a, c, 2, 3, 6, 7), adds);
  put<T>(to + 2 * ldTo, i32x4.shuffle(b, d, 0, 1, 4, 5), adds);
  put<T>(to + 3 * ldTo, i32x4.shuffle(b, d, 2, 3, 6, 7), adds);
}

// @ts-ignore: decorator
@inline function put<T extends number>(to: usize, v: v128, adds: bool): void {
  vstore<T>(to, adds ? add<T>(vload<T>(to), v) : v);
}
