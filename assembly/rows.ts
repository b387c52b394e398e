/**
 * Rows from one order to another: time-major or batch-major, sorted by length, reversed in time, side by side.
 *
 *   gather       dst[m] = src[index[m]]       (1)
 *   scatter      dst[index[m]] = src[m]       (2)
 *   scatter-add  dst[index[m]] += src[m]      (3)   index without repetition
 *
 * Bound by memory: each element once in and once out.
 */
import { addTo } from "./blas";
import { bytes } from "./vec";

/** The m-th of some indices; m itself from the null pointer. */
// @ts-ignore: decorator
@inline function at(index: usize, m: i32): usize {
  return index ? load<u32>(index + (usize(m) << 2)) : m;
}

/**
 * (1)
 *
 * @param dst    out [M,width]  rows `ldd` elements apart
 * @param src    in  [*,width]  rows `lds` elements apart; must not overlap dst
 * @param index  in  [M] u32    rows of src; null: 0 … M − 1
 */
export function gatherRows<T extends number>(dst: usize, ldd: i32, src: usize, lds: i32, index: usize, M: i32, width: i32): void {
  for (let m = 0; m < M; ++m, dst += bytes<T>(ldd)) memory.copy(dst, src + at(index, m) * bytes<T>(lds), bytes<T>(width));
}

/** (2) As gatherRows, with the index on the other side. */
export function scatterRows<T extends number>(dst: usize, ldd: i32, src: usize, lds: i32, index: usize, M: i32, width: i32): void {
  for (let m = 0; m < M; ++m, src += bytes<T>(lds)) memory.copy(dst + at(index, m) * bytes<T>(ldd), src, bytes<T>(width));
}

/**
 * (3)
 *
 * @param dst  +=  [*,width]
 */
export function scatterAddRows<T extends number>(dst: usize, ldd: i32, src: usize, lds: i32, index: usize, M: i32, width: i32): void {
  for (let m = 0; m < M; ++m, src += bytes<T>(lds)) addTo<T>(dst + at(index, m) * bytes<T>(ldd), src, width);
}
