/**
 * The affine layer.
 *
 *   y = x·wᵀ + b                                   (1)
 *   dx = dy·w      dw += dyᵀ·x      db += Σ_m dy   (2)
 */
import { gemm } from "../gemm";
import { columnSums, gemmTransposed } from "../gemm_tn";
import { bytes, PANEL_BYTES } from "../vec";

/**
 * Forward. Pair: denseBackward.
 *
 * @param y     out [M,O]
 * @param x     in  [M,I]
 * @param w     in  packForward(G 1, H O, K I)
 * @param bias  in  [O] padded to whole panels
 */
export function denseForward<T extends number>(y: usize, x: usize, w: usize, bias: usize, M: i32, I: i32, O: i32): void {
  gemm<T, T>(y, bytes<T>(O), x, bytes<T>(I), w, usize(I) * PANEL_BYTES, bias, 0, M, I, O); // (1)
}

/**
 * Backward. Pair: denseForward. (2)
 *
 * @param dx       out     [M,I]  may be null
 * @param dw       +=      [O,I]  may be null: then neither dw nor db
 * @param db       +=      [O]    may be null
 * @param scratch  scratch gemmTransposedScratch(O, M, I) elements; may be null where dw is
 * @param dy       in      [M,O]
 * @param x        in      [M,I]
 * @param wT       in      packBackward(G 1, H O, cols I, exact)
 */
export function denseBackward<T extends number>(
  dx: usize, dw: usize, db: usize, scratch: usize, dy: usize, x: usize, wT: usize, M: i32, I: i32, O: i32,
): void {
  const ld = bytes<T>(O);
  if (dx) gemm<T, T>(dx, bytes<T>(I), dy, ld, wT, usize(O) * PANEL_BYTES, 0, 0, M, O, I);
  if (!dw) return;
  gemmTransposed<T>(dw, dy, ld, x, scratch, 1, O, M, I);
  if (db) columnSums<T>(db, 0, dy, ld, 1, O, M);
}
