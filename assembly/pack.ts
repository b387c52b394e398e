/**
 * Packing: from canonical row-major weights to panels (gemm.ts) in gate layout (layout.ts).
 * Bytes moved: each element once in and once out; done when weights change, never in a time step.
 */
import { padded, panels } from "./layout";
import { bytes, PANEL, PANEL_BYTES, VEC_BYTES, vload, vloadPart, vstore, zero } from "./vec";

/**
 * Weights for the forward product z = x·wᵀ: columns of the product are gate columns.
 *
 * @param dst  out  panels of gate columns, `rows` rows each; this weight fills rows firstRow … firstRow + K − 1
 * @param w    in   [G·H,K] canonical
 */
export function packForward<T extends number>(dst: usize, w: usize, G: i32, H: i32, K: i32, firstRow: i32, rows: i32): void {
  const blocks = panels<T>(H);
  dst += usize(firstRow) * PANEL_BYTES;
  for (let block = 0; block < blocks; ++block) {
    for (let g = 0; g < G; ++g) {
      for (let j = 0; j < PANEL<T>(); ++j) {
        const h = block * PANEL<T>() + j;
        let to = dst + bytes<T>(j);
        const end = to + usize(K) * PANEL_BYTES;
        if (h < H) {
          let from = w + bytes<T>(usize(g * H + h) * K);
          for (; to < end; to += PANEL_BYTES, from += sizeof<T>()) store<T>(to, load<T>(from));
        } else {
          for (; to < end; to += PANEL_BYTES) store<T>(to, <T>0);
        }
      }
      dst += usize(rows) * PANEL_BYTES;
    }
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
  for (let first = 0; first < cols; first += PANEL<T>()) {
    const width = min(cols - first, PANEL<T>());
    let from = src + bytes<T>(first);
    for (let k = 0; k < K; ++k) {
      copyRow<T>(dst, from, width);
      from += ld;
      dst += PANEL_BYTES;
    }
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
