/**
 * Products of codes and int8 weights, C = init + A·B, with the interface of gemm (gemm.ts).
 *
 * Cost: 2·M·K·cols operations, a quarter of f32's bytes. Where the host has an instruction for sums of bytes (VNNI) a tile is bound by
 * loads; else by what replaces it. (Measured on Node 24, relaxed, with VNNI, beside f32's tiles: one row 185–198 GOP/s to 39–49, four rows
 * 214 to 51; baseline 67 and 87. On Node 20: relaxed 80–86 and 89; baseline 44–57 and 90.)
 */
import { PANEL, PANEL_BYTES } from "./vec";
import { GROUP_BYTES } from "./vec_int8";
import { HEADER_BYTES, int8Tile1, int8Tile4, int8TileWide, WIDE } from "./int8_tiles";

/** Groups that K places fill. */
// @ts-ignore: decorator
@inline export function groupsOf(K: i32): i32 {
  return (K + 3) >> 2;
}

/** Bytes of one panel's part of K places. */
// @ts-ignore: decorator
@inline export function int8PartBytes(K: i32): usize {
  return HEADER_BYTES + usize(groupsOf(K)) * GROUP_BYTES;
}

/**
 * C = init + A·B. As gemm.
 *
 * @param c      out [M,cols]  rows `ldc` bytes apart; may be init, aliases nothing else
 * @param q      in  [M]       rows of codes, `ldq` bytes apart
 * @param b      in  a part of K places of each of ceil(cols/8) panels, `panelBytes` apart
 * @param init   in  [M,cols]  rows `ldi` bytes apart (0: one row for all); the null pointer means zeros
 */
export function int8Product(
  c: usize, ldc: usize, q: usize, ldq: usize, b: usize, panelBytes: usize, init: usize, ldi: usize, M: i32, K: i32, cols: i32,
): void {
  assert(M > 0 && K >= 0 && cols > 0);
  const groups = groupsOf(K);
  for (; M >= 4; M -= 4) {
    let cj = c, bj = b, ij = init;
    for (let left = cols; left > 0; left -= PANEL<f32>()) {
      int8Tile4(cj, ldc, q, ldq, bj, ij, ldi, groups, min(left, PANEL<f32>()));
      cj += PANEL_BYTES;
      bj += panelBytes;
      if (ij) ij += PANEL_BYTES;
    }
    c += 4 * ldc;
    q += 4 * ldq;
    if (init) init += 4 * ldi;
  }
  for (; M > 0; --M) {
    oneRow(c, q, b, panelBytes, init, groups, cols);
    c += ldc;
    q += ldq;
    if (init) init += ldi;
  }
}

function oneRow(c: usize, q: usize, b: usize, panelBytes: usize, init: usize, groups: i32, cols: i32): void {
  for (; cols >= WIDE() * PANEL<f32>(); cols -= WIDE() * PANEL<f32>()) {
    int8TileWide(c, q, b, panelBytes, init, groups);
    c += usize(WIDE()) * PANEL_BYTES;
    b += usize(WIDE()) * panelBytes;
    if (init) init += usize(WIDE()) * PANEL_BYTES;
  }
  for (; cols > 0; cols -= PANEL<f32>()) {
    int8Tile1(c, q, b, init, groups, min(cols, PANEL<f32>()));
    c += PANEL_BYTES;
    b += panelBytes;
    if (init) init += PANEL_BYTES;
  }
}
