/** A whole sequence through a plain recurrent layer, forward and backward. The products: shared.ts; the cell: cells/rnn.ts. */
import { rnnCellBackward, rnnCellForward } from "../cells/rnn";
import { gemm, joinedRow } from "../gemm";
import { padded, Sequence } from "../layout";
import { bytes, PANEL, weightRow } from "../vec";
import {
  gateWidth, inputProduct, padRows, productsAfterLoop, recurrentGradient, rowsAt, rowsIn, unpadRows, weightPanelBytes,
} from "./shared";

/** Forward. a is its own tape; gates is scratch [chunk,N,W]. */
export function rnnForward<T extends number, W extends number>(s: Sequence): void {
  if (s.T == 1 && s.N == 1) {
    rnnStep<T, W>(s);
    return;
  }
  const H = s.H;
  const stateRow = bytes<T>(H), gateRow = bytes<T>(gateWidth<T>(s, 1));
  const panelBytes = weightPanelBytes<T, W>(s);
  const recurrent = s.weights + usize(s.I) * weightRow<T, W>();
  let a = s.a, next = s.a + stateRow * s.N;
  let row = 0;
  for (let t0 = 0; t0 < s.T; t0 += s.chunk) {
    const end = min(t0 + s.chunk, s.T);
    const count = rowsIn(s, t0, end - t0);
    let z = s.gates;
    inputProduct<T, W>(s, z, row, count, s.weights, s.bias, 1);
    for (let t = t0; t < end; ++t) {
      const rows = rowsAt(s, t);
      gemm<T, W>(z, gateRow, a, stateRow, recurrent, panelBytes, z, gateRow, rows, H, padded<T>(H));
      for (let h = 0; h < H; h += PANEL<T>()) {
        rnnCellForward<T>(next + bytes<T>(h), stateRow, z + bytes<T>(h), gateRow, rows, min(H - h, PANEL<T>()), s.variant != 0);
      }
      a = next;
      next += stateRow * rows;
      z += gateRow * rows;
    }
    row += count;
  }
  if (s.carry) memory.copy(s.a, a, stateRow * s.N);
}

/** One step of one row: x's and a's terms in one pass over the weights, in the order of the sequence. */
function rnnStep<T extends number, W extends number>(s: Sequence): void {
  const H = s.H;
  const next = s.a + bytes<T>(H);
  joinedRow<T, W>(s.gates, s.x, s.I, s.a, H, s.weights, s.bias, padded<T>(H));
  for (let h = 0; h < H; h += PANEL<T>()) {
    const at = bytes<T>(h);
    rnnCellForward<T>(next + at, 0, s.gates + at, 0, 1, min(H - h, PANEL<T>()), s.variant != 0);
  }
  if (s.carry) memory.copy(s.a, next, bytes<T>(H));
}

/** Backward through time. */
export function rnnBackward<T extends number>(s: Sequence): void {
  const N = s.N, H = s.H;
  const stateRow = bytes<T>(H), gateRow = bytes<T>(gateWidth<T>(s, 1));
  padRows<T>(s.da, s.dLast, N, H);
  let row = s.M;
  for (let t = s.T - 1; t >= 0; --t) {
    const rows = rowsAt(s, t);
    row -= rows;
    const a = s.a + usize(N + row) * stateRow;
    const dz = s.dz + usize(row) * gateRow;
    const dOutput = s.dOutput ? s.dOutput + usize(row) * stateRow : 0;
    for (let h = 0; h < H; h += PANEL<T>()) {
      const at = bytes<T>(h);
      rnnCellBackward<T>(
        dz + at, s.da + at, dOutput ? dOutput + at : 0, a + at, stateRow, gateRow, rows, min(H - h, PANEL<T>()), s.variant != 0,
      );
    }
    recurrentGradient<T>(s, s.da, dz, s.weightsHT, 0, rows, 1);
  }
  unpadRows<T>(s.da0, s.da, N, H);
  productsAfterLoop<T>(s, 1);
}
