/** A whole sequence through an LSTM layer, forward and backward. The products: shared.ts; the cell: cells/lstm.ts. */
import { lstmCellBackward, lstmCellForward } from "../cells/lstm";
import { gemm, joinedRow } from "../gemm";
import { Sequence } from "../layout";
import { bytes, PANEL, PANEL_BYTES, weightRow } from "../vec";
import {
  gateWidth, inputProduct, padRows, productsAfterLoop, recurrentGradient, rowsAt, rowsIn, unpadRows, weightPanelBytes,
} from "./shared";

/**
 * Forward. For each block of units the recurrent product of all rows is followed at once by the gate arithmetic, while
 * the block's four panels of pre-activations are still in L1.
 */
export function lstmForward<T extends number, W extends number>(s: Sequence): void {
  if (s.T == 1 && s.N == 1) {
    lstmStep<T, W>(s);
    return;
  }
  const H = s.H;
  const stateRow = bytes<T>(H), gateRow = bytes<T>(gateWidth<T>(s, 4));
  const panelBytes = weightPanelBytes<T, W>(s);
  const recurrent = s.weights + usize(s.I) * weightRow<T, W>();
  const start = stateRow * s.N;
  let a = s.a, next = s.a + start;
  let c = s.c, cNext = s.tape ? s.c + start : s.c;
  let row = 0;
  for (let t0 = 0; t0 < s.T; t0 += s.chunk) {
    const end = min(t0 + s.chunk, s.T);
    const count = rowsIn(s, t0, end - t0);
    let z = s.tape ? s.gates + usize(row) * gateRow : s.gates;
    inputProduct<T, W>(s, z, row, count, s.weights, s.bias, 4);
    for (let t = t0; t < end; ++t) {
      const rows = rowsAt(s, t);
      let w = recurrent, block = z;
      for (let h = 0; h < H; h += PANEL<T>()) {
        const at = bytes<T>(h);
        gemm<T, W>(block, gateRow, a, stateRow, w, panelBytes, block, gateRow, rows, H, 4 * PANEL<T>());
        lstmCellForward<T>(next + at, cNext + at, block, c + at, stateRow, gateRow, rows, min(H - h, PANEL<T>()));
        w += 4 * panelBytes;
        block += 4 * PANEL_BYTES;
      }
      a = next;
      next += stateRow * rows;
      if (s.tape) {
        c = cNext;
        cNext += stateRow * rows;
      }
      z += gateRow * rows;
    }
    row += count;
  }
  if (s.carry) memory.copy(s.a, a, start);
}

/** One step of one row: x's and a's terms in one pass over the weights, in the order of the sequence. */
function lstmStep<T extends number, W extends number>(s: Sequence): void {
  const H = s.H;
  const next = s.a + bytes<T>(H);
  const c = s.tape ? s.c + bytes<T>(H) : s.c;
  const blockBytes = 4 * weightPanelBytes<T, W>(s);
  let w = s.weights;
  for (let h = 0; h < H; h += PANEL<T>()) {
    const at = bytes<T>(h);
    const z = s.gates + 4 * at;
    joinedRow<T, W>(z, s.x, s.I, s.a, H, w, s.bias + 4 * at, 4 * PANEL<T>());
    lstmCellForward<T>(next + at, c + at, z, s.c + at, 0, 0, 1, min(H - h, PANEL<T>()));
    w += blockBytes;
  }
  if (s.carry) memory.copy(s.a, next, bytes<T>(H));
}

/** Backward through time. */
export function lstmBackward<T extends number>(s: Sequence): void {
  const N = s.N, H = s.H;
  const stateRow = bytes<T>(H), paddedRow = bytes<T>(gateWidth<T>(s, 1)), gateRow = bytes<T>(gateWidth<T>(s, 4));
  padRows<T>(s.da, s.dLast, N, H);
  padRows<T>(s.dc, s.dcLast, N, H);
  let row = s.M;
  for (let t = s.T - 1; t >= 0; --t) {
    const rows = rowsAt(s, t);
    row -= rows;
    const gates = s.gates + usize(row) * gateRow;
    const dz = s.dz + usize(row) * gateRow;
    const c = s.c + usize(N + row) * stateRow;
    const cPrev = c - stateRow * (t > 0 ? rowsAt(s, t - 1) : N);
    const dOutput = s.dOutput ? s.dOutput + usize(row) * stateRow : 0;
    for (let h = 0; h < H; h += PANEL<T>()) {
      const at = bytes<T>(h);
      lstmCellBackward<T>(
        dz + 4 * at, s.dc + at, s.da + at, dOutput ? dOutput + at : 0, gates + 4 * at, c + at, cPrev + at,
        stateRow, paddedRow, gateRow, rows, min(H - h, PANEL<T>()),
      );
    }
    recurrentGradient<T>(s, s.da, dz, s.weightsHT, 0, rows, 4);
  }
  unpadRows<T>(s.da0, s.da, N, H);
  unpadRows<T>(s.dc0, s.dc, N, H);
  productsAfterLoop<T>(s, 4);
}
