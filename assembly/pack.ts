/**
 * Packing: from canonical row-major weights to panels (gemm.ts) in gate layout (layout.ts).
 * Bytes moved: each element once in and once out; done when weights change, never in a time step.
 */
import { padded } from "./layout";
import { bytes, PANEL, PANEL_BYTES, VEC_BYTES, vload, vloadPart, vstore, zero } from "./vec";
import { transpose4, weightRow } from "./vec_panel";

/**
 * Weights for the forward product z = x·wᵀ: columns of the product are gate columns.
 *
 * @param dst  out  panels of gate columns, `rows` rows each; this weight fills rows firstRow … firstRow + K − 1
 * @param w    in   [G·H,K] canonical
 */
export function packForward<T extends number, W extends number>(
  dst: usize, w: usize, G: i32, H: i32, K: i32, firstRow: i32, rows: i32,
): void {
  const row = weightRow<T, W>();
  dst += usize(firstRow) * row;
  for (let block = 0; block < H; block += PANEL<T>()) {
    const units = min(H - block, PANEL<T>());
    for (let g = 0; g < G; ++g) {
      const first = w + bytes<T>(usize(g * H + block) * K);
      if (sizeof<W>() == 2) packBf16(dst, first, units, K);
      else if (sizeof<T>() == 4 && units == PANEL<T>()) transposePanel(dst, first, K);
      else packPanel<T>(dst, first, units, K);
      dst += usize(rows) * row;
    }
  }
}

/** One panel, element by element: `units` rows of w as columns, zero columns behind them. */
function packPanel<T extends number>(dst: usize, w: usize, units: i32, K: i32): void {
  for (let j = 0; j < PANEL<T>(); ++j) {
    let to = dst + bytes<T>(j);
    const end = to + usize(K) * PANEL_BYTES;
    if (j < units) {
      let from = w + bytes<T>(usize(j) * K);
      for (; to < end; to += PANEL_BYTES, from += sizeof<T>()) store<T>(to, load<T>(from));
    } else {
      for (; to < end; to += PANEL_BYTES) store<T>(to, <T>0);
    }
  }
}

/**
 * One panel of f32 as bf16 (loadRow in vec_panel.ts draws a row). The upper weight of a lane is read with the lower one's bits
 * behind it: the upper half is chosen so that the whole is nearest to the weight. An upper weight below 2⁻⁶⁰, zero
 * included, is read as about ±2⁻⁶⁰, since alone with those bits it would be a subnormal number, slow and of the wrong sign.
 */
function packBf16(dst: usize, w: usize, units: i32, K: i32): void {
  for (let k = 0; k < K; ++k) {
    for (let j = 0; j < 4; ++j) {
      const low = j < units ? bf16(load<u32>(w + (usize(j * K + k) << 2))) : 0;
      const upper = j + 4 < units ? load<u32>(w + (usize((j + 4) * K + k) << 2)) : 0;
      store<u32>(dst, upperHalf(upper, low) | low);
      dst += 4;
    }
  }
}

/** The multiple of 2¹⁶ that, with `low` behind it, is nearest to `upper`: floats of one sign are ordered as their bits. */
function upperHalf(upper: u32, low: u32): u32 {
  const magnitude = upper & 0x7fffffff;
  if (magnitude >= 0x7f800000) return bf16(upper) << 16; // NaN; ∞ turns into NaN where low is not 0
  if (magnitude < LEAST_UPPER) return (upper & 0x80000000) | LEAST_UPPER;
  return (upper - low + 0x8000) & 0xffff0000;
}

/** 2⁻⁶⁰. */
// @ts-ignore: decorator
@inline const LEAST_UPPER: u32 = (127 - 60) << 23;

/** An f32's bits rounded to bf16, to nearest, ties to even; NaN stays NaN. */
function bf16(bits: u32): u32 {
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >> 16) | 0x40;
  return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}

/** One whole panel of f32 by transposing blocks of 4×4: weights change at every training step. */
function transposePanel(dst: usize, w: usize, K: i32): void {
  const ld = bytes<f32>(K);
  let k = 0;
  for (; k + 4 <= K; k += 4) {
    transpose4(dst, w, ld);
    transpose4(dst + VEC_BYTES, w + 4 * ld, ld);
    w += VEC_BYTES;
    dst += 4 * PANEL_BYTES;
  }
  for (; k < K; ++k) {
    for (let j: usize = 0; j < 8; ++j) store<f32>(dst + 4 * j, load<f32>(w + j * ld));
    w += 4;
    dst += PANEL_BYTES;
  }
}

/**
 * Weights for the backward product dx = dz·w: rows of the panels are gate columns, zero beyond H.
 *
 * @param dst  out  panels over `cols` columns, `padded` gate rows each (exactly H where G is 1 and exact is true)
 * @param w    in   [G·H,cols] canonical
 */
export function packBackward<T extends number>(dst: usize, w: usize, G: i32, H: i32, cols: i32, exact: bool): void {
  const units = exact ? H : padded<T>(H);
  for (let first = 0; first < cols; first += PANEL<T>()) {
    const width = min(cols - first, PANEL<T>());
    for (let block = 0; block < units; block += PANEL<T>()) {
      const end = min(block + PANEL<T>(), units);
      for (let g = 0; g < G; ++g) {
        for (let h = block; h < end; ++h) {
          if (h < H) {
            copyRow<T>(dst, w + bytes<T>(usize(g * H + h) * cols + first), width);
          } else {
            vstore<T>(dst, zero());
            vstore<T>(dst + VEC_BYTES, zero());
          }
          dst += PANEL_BYTES;
        }
      }
    }
  }
}

/**
 * Rows of a matrix as panels, zero beyond the last column.
 *
 * @param dst  out  ceil(cols/PANEL) panels of K rows
 * @param src  in   [K,cols], rows `ld` bytes apart
 */
export function packPanels<T extends number>(dst: usize, src: usize, ld: usize, K: i32, cols: i32): void {
  const panelBytes = usize(K) * PANEL_BYTES;
  for (; cols >= 4 * PANEL<T>(); cols -= 4 * PANEL<T>(), src += 4 * PANEL_BYTES, dst += 3 * panelBytes) {
    let from = src;
    for (const end = dst + panelBytes; dst < end; dst += PANEL_BYTES, from += ld) {
      copyRow<T>(dst, from, PANEL<T>());
      copyRow<T>(dst + panelBytes, from + PANEL_BYTES, PANEL<T>());
      copyRow<T>(dst + 2 * panelBytes, from + 2 * PANEL_BYTES, PANEL<T>());
      copyRow<T>(dst + 3 * panelBytes, from + 3 * PANEL_BYTES, PANEL<T>());
    }
  }
  for (; cols > 0; cols -= PANEL<T>(), src += PANEL_BYTES) {
    let from = src;
    for (const end = dst + panelBytes; dst < end; dst += PANEL_BYTES, from += ld) copyRow<T>(dst, from, min(cols, PANEL<T>()));
  }
}

/** One panel row from `width` elements, 0 < width ≤ PANEL; the rest zero. */
// @ts-ignore: decorator
@inline function copyRow<T extends number>(dst: usize, src: usize, width: i32): void {
  if (width == PANEL<T>()) {
    vstore<T>(dst, vload<T>(src));
    vstore<T>(dst + VEC_BYTES, vload<T>(src + VEC_BYTES));
  } else {
    vstore<T>(dst, vloadPart<T>(src, width));
    vstore<T>(dst + VEC_BYTES, vloadPart<T>(src + VEC_BYTES, width - PANEL<T>() / 2));
  }
}

/**
 * The bias of the forward product: both biases summed, in gate layout.
 *
 * @param dst       out [W]
 * @param bx, ba    in  [G·H] canonical; a null pointer means zeros
 */
export function packBias<T extends number>(dst: usize, bx: usize, ba: usize, G: i32, H: i32): void {
  const units = padded<T>(H);
  for (let h = 0; h < units; ++h) {
    const block = h & -PANEL<T>();
    for (let g = 0; g < G; ++g) {
      let b: T = <T>0;
      if (h < H) {
        const at = bytes<T>(usize(g * H + h));
        if (bx) b = load<T>(bx + at);
        if (ba) b = <T>(b + load<T>(ba + at));
      }
      store<T>(dst + bytes<T>(usize(block * G + g * PANEL<T>() + (h & (PANEL<T>() - 1)))), b);
    }
  }
}
