/**
 * A whole sequence through a layer without a recurrent product, MinGRU or MinLSTM: its loop over time, forward and backward. What a
 * step does: cells/min_gru.ts and min_lstm.ts.
 *
 *   forward   Z = X·Wᵀ + b for a chunk of steps at once, then one pass over Z's rows, while they are in L2      (1)
 *   backward  one pass over all rows from the last step to the first; dX, dW, db are one product each after it  (2)
 *
 * Flops at G gates: 2·T·N·G·H·I forward, twice that backward. The passes between the products move G + 1 numbers a unit and step there
 * and back.
 */
import { minGruCellBackward, minGruCellForward } from "../cells/min_gru";
import { minLstmCellBackward, minLstmCellForward } from "../cells/min_lstm";
import { columnSums, gemmTransposed } from "../gemm_tn";
import { Sequence } from "../layout";
import { bytes } from "../vec";
import { gateWidth, inputGradient, inputProduct, outputGradient, padRows, preActivation, rowsAt, rowsIn, unpadRows } from "./shared";

// Gates of the layer, known at compile time: what is chosen by them dissolves.
// @ts-ignore: decorator
@inline const MIN_GRU = 2;
// @ts-ignore: decorator
@inline const MIN_LSTM = 3;

/** Steps one after another where they have fewer and fewer rows, else the chunk's rows in one call. */
// @ts-ignore: decorator
@inline function forward<T extends number, W extends number>(G: i32, s: Sequence): void {
  assert(s.K == 0 && s.P == s.H);
  const stateRow = bytes<T>(s.H), gateRow = bytes<T>(gateWidth<T>(s, G));
  let h = s.a, next = s.a + stateRow * s.N;
  let row = 0;
  for (let t = 0; t < s.T; ) {
    const end = min(t + s.chunk, s.T);
    const count = rowsIn(s, t, end - t);
    let gates = preActivation<T>(s, s.gates, s.tape ? row : 0, G);
    inputProduct<T, W>(s, gates, row, count, s.weights, s.bias, G); // (1)
    while (t < end) {
      const rows = s.rows ? rowsAt(s, t) : count;
      if (G == MIN_GRU) minGruCellForward<T>(next, gates, h, rows, s.H, s.variant != 0);
      else minLstmCellForward<T>(next, gates, h, rows, s.H, s.variant != 0);
      t = s.rows ? t + 1 : end;
      next += stateRow * rows;
      h = next - stateRow * (s.rows ? rows : s.N);
      gates += gateRow * rows;
    }
    row += count;
  }
  if (s.carry) memory.copy(s.a, s.a + stateRow * s.M, stateRow * s.N);
}

/** `row`: a step's first in [M,*]; `before`: that of the step before in [N+M,*]. */
// @ts-ignore: decorator
@inline function backward<T extends number>(G: i32, s: Sequence): void {
  const stateRow = bytes<T>(s.H), gateRow = bytes<T>(gateWidth<T>(s, G));
  padRows<T>(s.da, s.dLast, s.N, s.H);
  let row = s.M;
  for (let t = s.T - 1; t >= 0; --t) {
    const rows = rowsAt(s, t);
    row -= rows;
    const before = s.a + usize(s.N + row - (t > 0 ? rowsAt(s, t - 1) : s.N)) * stateRow;
    const at = usize(row) * gateRow, dOutput = outputGradient<T>(s, row);
    if (G == MIN_GRU) minGruCellBackward<T>(s.dz + at, s.da, dOutput, s.gates + at, before, rows, s.H, s.variant != 0);
    else minLstmCellBackward<T>(s.dz + at, s.da, dOutput, s.gates + at, before, rows, s.H, s.variant != 0);
  }
  unpadRows<T>(s.da0, s.da, s.N, s.H);
  inputGradient<T>(s, s.dz, s.weightsXT, 0, G); // (2)
  if (!s.dWx) return;
  gemmTransposed<T>(s.dWx, s.dz, gateRow, s.x, s.scratch, G, s.H, s.M, s.I);
  if (s.dbx) columnSums<T>(s.dbx, 0, s.dz, gateRow, G, s.H, s.M);
}

export function minGruForward<T extends number, W extends number>(s: Sequence): void {
  forward<T, W>(MIN_GRU, s);
}

export function minLstmForward<T extends number, W extends number>(s: Sequence): void {
  forward<T, W>(MIN_LSTM, s);
}

export function minGruBackward<T extends number>(s: Sequence): void {
  backward<T>(MIN_GRU, s);
}

export function minLstmBackward<T extends number>(s: Sequence): void {
  backward<T>(MIN_LSTM, s);
}
