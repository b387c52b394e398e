/**
 * The affine layer with weights of int8, y = x·wᵀ + b, to be run only.
 */
import { ROW_BLOCK } from "../blocks";
import { int8PartBytes, int8Product } from "../int8_product";
import { codeRow, quantizeRows } from "../int8_rows";
import { padded } from "../layout";
import { bytes } from "../vec";

/** Rows whose codes lie in scratch at once. */
// @ts-ignore: decorator
@inline const ROWS: i32 = ROW_BLOCK;

/** Bytes behind the bias that denseInt8 needs. */
export function denseInt8Scratch(I: i32): f64 {
  return f64(ROWS) * f64(codeRow(I));
}

/**
 * Forward.
 *
 * @param y        out [M,O]
 * @param x        in  [M,I]
 * @param w        in  int8Pack(G 1, H O, K I)
 * @param bias     in  [O] padded to whole panels, with denseInt8Scratch bytes of scratch behind it
 */
export function denseInt8(y: usize, x: usize, w: usize, bias: usize, M: i32, I: i32, O: i32): void {
  const scratch = bias + bytes<f32>(padded<f32>(O));
  const ldx = bytes<f32>(I), ldy = bytes<f32>(O);
  for (; M > 0; M -= ROWS) {
    const rows = min(M, ROWS);
    quantizeRows(scratch, x, ldx, rows, I);
    int8Product(y, ldy, scratch, codeRow(I), w, int8PartBytes(I), bias, 0, rows, I, O);
    x += usize(rows) * ldx;
    y += usize(rows) * ldy;
  }
}
