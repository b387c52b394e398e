/**
 * The geometry of a convolution of pictures, and a picture laid out so that every element of a product's row is found at one distance from
 * where the row begins:
 *
 *   x̂[c, h + top, w + left] = x[c,h,w], zeros around                                                      (1)
 *   Σ_c,i,j w[o,c,i,j]·x̂[c, p·strideH + i·dilationH, q·strideW + j·dilationW]  =  Σ_k w[o,k]·x̂[place(p,q) + offset[k]]   (2)
 *
 * Columns stand in strideW phases (columns 0, s, 2s … of a row, then 1, 1 + s …), so that neighbours in q are neighbours in memory whatever the
 * stride: vectors along q, and no copy of x for each of the KH·KW taps.
 */
import { bytes, PANEL } from "../vec";

/** Written by the host, words in this order; sizes of one group, all but `groups`. */
@unmanaged
export class Conv2dPlan {
  /** Pictures, groups of channels; channels of x, rows, columns; channels of y; rows and columns of the weights; rows and columns of y. */
  N: i32 = 0;
  groups: i32 = 0;
  C: i32 = 0;
  H: i32 = 0;
  W: i32 = 0;
  O: i32 = 0;
  KH: i32 = 0;
  KW: i32 = 0;
  OH: i32 = 0;
  OW: i32 = 0;
  strideH: i32 = 0;
  strideW: i32 = 0;
  paddingH: i32 = 0;
  paddingW: i32 = 0;
  dilationH: i32 = 0;
  dilationW: i32 = 0;
}

/** Rows of x̂ that y reads. */
// @ts-ignore: decorator
@inline export function laidRows(p: Conv2dPlan): i32 {
  return (p.OH - 1) * p.strideH + (p.KH - 1) * p.dilationH + 1;
}

/** Columns of one phase of x̂. */
// @ts-ignore: decorator
@inline export function phaseColumns(p: Conv2dPlan): i32 {
  return p.OW + (p.KW - 1) * p.dilationW / p.strideW;
}

/** Elements of x̂, and a panel behind them: the last vectors of a row are read whole. */
export function laidSize<T extends number>(channels: i32, rows: i32, columns: i32): f64 {
  return f64(channels) * rows * columns + PANEL<T>();
}

/** The first `last` elements of a row by phases. */
// @ts-ignore: decorator
@inline function parted<T extends number>(row: usize, x: usize, last: i32, left: i32, phases: i32, columns: i32): void {
  for (let w = 0; w < min(last, phases); ++w) {
    const at = left + w;
    let to = row + bytes<T>(at % phases * columns + at / phases);
    for (let i = w; i < last; i += phases, to += sizeof<T>()) store<T>(to, load<T>(x + bytes<T>(i)));
  }
}

/**
 * (1): what falls outside of x̂ is left out, and what x does not reach stays as it is.
 *
 * @param to  out  [C,rows,phases,columns]
 * @param x   in   [C,H,W]
 */
export function lay<T extends number>(
  to: usize, x: usize, C: i32, H: i32, W: i32, top: i32, left: i32, rows: i32, phases: i32, columns: i32,
): void {
  const row = bytes<T>(phases * columns), last = min(W, phases * columns - left), height = min(H, rows - top);
  for (let c = 0; c < C; ++c, to += usize(rows) * row, x += bytes<T>(usize(H) * W)) {
    for (let h = 0; h < height; ++h) {
      const start = to + usize(top + h) * row, from = x + bytes<T>(usize(h) * W);
      if (phases > 1) parted<T>(start, from, last, left, phases, columns);
      else if (last > 0) memory.copy(start + bytes<T>(left), from, bytes<T>(last));
    }
  }
}

/**
 * Of (2), in bytes, in the order of the weights: channel, row, column.
 *
 * @param to  out [C·KH·KW] u32
 */
export function offsets<T extends number>(to: usize, C: i32, KH: i32, KW: i32, rows: i32, phases: i32, columns: i32, stepH: i32, stepW: i32): void {
  const row = phases * columns;
  for (let c = 0; c < C; ++c) {
    for (let i = 0; i < KH; ++i) {
      for (let j = 0; j < KW; ++j, to += 4) {
        const at = j * stepW;
        store<u32>(to, u32(bytes<T>(c * rows * row + i * stepH * row + at % phases * columns + at / phases)));
      }
    }
  }
}
