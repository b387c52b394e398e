/**
 * One step of a GRU layer, forward and backward. The loop: loop.ts; the products: shared.ts; the cell: cells/gru.ts.
 *
 * r and z sum x's and a's terms in one chain, as the other cells do; n does so with the reset before, while with the reset
 * after its two terms meet only in the cell. So n has products of its own, and a group of GROUP panels of units goes
 * through r and z, then n, then the cell, while its pre-activations are in L1: even a single row fills four panels.
 */
import { gruCellBackward, gruCellForward, gruCellGates, gruCellResetBackward, gruCellState } from "../cells/gru";
import { columnSums, gemmTransposed, gemmTransposedPair } from "../gemm_tn";
import { Sequence } from "../layout";
import { operand, operandRow, partBytes, product } from "../product";
import { bytes, PANEL } from "../vec";
import {
  gateWidth, inputGradient, inputProduct, outputGradient, preActivation, previousStates, recurrentGradient, weightPanelBytes,
} from "./shared";

/** Panels of units that are taken at once: as many as a one-row tile spans. */
// @ts-ignore: decorator
@inline const GROUP: i32 = 4;

/** The input products of a chunk of steps. */
export function gruInputs<T extends number, W extends number>(s: Sequence, kept: i32, row: i32, count: i32): void {
  inputProduct<T, W>(s, preActivation<T>(s, s.gates, kept, 2), row, count, s.weights, s.bias, 2);
  inputProduct<T, W>(s, preActivation<T>(s, s.n, kept, 1), row, count, s.weightsN, s.biasN, 1);
}

/** Forward, all rows. */
export function gruStep<T extends number, W extends number>(s: Sequence, next: usize, a: usize, kept: i32, rows: i32): void {
  const z = preActivation<T>(s, s.gates, kept, 2), n = preActivation<T>(s, s.n, kept, 1);
  const mRow = bytes<T>(s.variant ? s.H : gateWidth<T>(s, 1));
  const m = s.tape ? s.m + usize(kept) * mRow : s.m;
  if (s.variant) stepBefore<T, W>(s, next, a, z, n, m, rows);
  else stepAfter<T, W>(s, next, a, z, n, m, rows);
}

/** Reset after. */
function stepAfter<T extends number, W extends number>(s: Sequence, next: usize, a: usize, z: usize, n: usize, m: usize, rows: i32): void {
  const H = s.H;
  const stateRow = bytes<T>(H), paddedRow = bytes<T>(gateWidth<T>(s, 1));
  const panelBytes = weightPanelBytes<T, W>(s), recurrent = partBytes<T, W>(s.I);
  const from = operand<T, W>(s.scratch, a, stateRow, rows, H), fromRow = operandRow<W>(H, stateRow);
  let w = s.weights + recurrent, wn = s.weightsN + recurrent;
  for (let first = 0; first < H; first += GROUP * PANEL<T>()) {
    const at = bytes<T>(first);
    const cols = min(gateWidth<T>(s, 1) - first, GROUP * PANEL<T>());
    product<T, W>(z + 2 * at, 2 * paddedRow, from, fromRow, w, panelBytes, z + 2 * at, 2 * paddedRow, rows, H, 2 * cols);
    product<T, W>(m + at, paddedRow, from, fromRow, wn, panelBytes, s.biasHN + at, 0, rows, H, cols);
    for (let h = first; h < min(first + cols, H); h += PANEL<T>()) {
      const to = bytes<T>(h);
      gruCellForward<T>(next + to, z + 2 * to, n + to, m + to, a + to, stateRow, paddedRow, rows, min(H - h, PANEL<T>()));
    }
    w += panelBytes * (2 * GROUP);
    wn += panelBytes * GROUP;
  }
}

/** Reset before: n's product needs r of all units. */
function stepBefore<T extends number, W extends number>(s: Sequence, next: usize, a: usize, z: usize, n: usize, m: usize, rows: i32): void {
  const H = s.H, Hp = gateWidth<T>(s, 1);
  const stateRow = bytes<T>(H), paddedRow = bytes<T>(Hp);
  const panelBytes = weightPanelBytes<T, W>(s), recurrent = partBytes<T, W>(s.I);
  const from = operand<T, W>(s.scratch, a, stateRow, rows, H), fromRow = operandRow<W>(H, stateRow);
  let w = s.weights + recurrent;
  for (let first = 0; first < H; first += GROUP * PANEL<T>()) {
    const at = bytes<T>(first);
    const cols = min(Hp - first, GROUP * PANEL<T>());
    product<T, W>(z + 2 * at, 2 * paddedRow, from, fromRow, w, panelBytes, z + 2 * at, 2 * paddedRow, rows, H, 2 * cols);
    for (let h = first; h < min(first + cols, H); h += PANEL<T>()) {
      const to = bytes<T>(h);
      gruCellGates<T>(m + to, z + 2 * to, a + to, stateRow, paddedRow, rows, min(H - h, PANEL<T>()));
    }
    w += panelBytes * (2 * GROUP);
  }
  const reset = operand<T, W>(s.scratch, m, stateRow, rows, H);
  w = s.weightsN + recurrent;
  for (let first = 0; first < H; first += GROUP * PANEL<T>()) {
    const at = bytes<T>(first);
    const cols = min(Hp - first, GROUP * PANEL<T>());
    product<T, W>(n + at, paddedRow, reset, fromRow, w, panelBytes, n + at, paddedRow, rows, H, cols);
    for (let h = first; h < min(first + cols, H); h += PANEL<T>()) {
      const to = bytes<T>(h);
      gruCellState<T>(next + to, n + to, z + 2 * to, a + to, stateRow, paddedRow, rows, min(H - h, PANEL<T>()));
    }
    w += panelBytes * GROUP;
  }
}

/** Backward, all rows. */
export function gruStepBack<T extends number>(s: Sequence, row: i32, before: i32, rows: i32): void {
  const at = usize(row) * bytes<T>(gateWidth<T>(s, 1));
  const aPrev = s.a + usize(before) * bytes<T>(s.H);
  cellBackward<T>(s, row, at, aPrev, rows);
  if (s.variant) {
    recurrentGradient<T>(s, s.dm, s.dn + at, s.weightsNHT, 0, rows, 1); // dm of (8)
    resetBackward<T>(s, at, aPrev, rows);
  } else {
    recurrentGradient<T>(s, s.da, s.dm + at, s.weightsNHT, s.da, rows, 1);
  }
  recurrentGradient<T>(s, s.da, s.dz + 2 * at, s.weightsHT, s.da, rows, 2);
}

/** The cell's part of one step, block by block. `row`: the step's first; `at`: its bytes in a [M,Hp] buffer. */
function cellBackward<T extends number>(s: Sequence, row: i32, at: usize, aPrev: usize, rows: i32): void {
  const H = s.H;
  const stateRow = bytes<T>(H), paddedRow = bytes<T>(gateWidth<T>(s, 1));
  const dOutput = outputGradient<T>(s, row);
  for (let h = 0; h < H; h += PANEL<T>()) {
    const b = bytes<T>(h);
    gruCellBackward<T>(
      s.dz + 2 * (at + b), s.dn + at + b, s.variant ? 0 : s.dm + at + b, s.da + b, dOutput ? dOutput + b : 0,
      s.gates + 2 * (at + b), s.n + at + b, s.m + at + b, aPrev + b, stateRow, paddedRow, rows, min(H - h, PANEL<T>()),
    );
  }
}

/** The reset gate's part, reset before. */
function resetBackward<T extends number>(s: Sequence, at: usize, aPrev: usize, rows: i32): void {
  const H = s.H;
  const stateRow = bytes<T>(H), paddedRow = bytes<T>(gateWidth<T>(s, 1));
  for (let h = 0; h < H; h += PANEL<T>()) {
    const b = bytes<T>(h);
    const dz = s.dz + 2 * (at + b), gates = s.gates + 2 * (at + b);
    gruCellResetBackward<T>(dz, s.da + b, s.dm + b, gates, aPrev + b, stateRow, paddedRow, rows, min(H - h, PANEL<T>()));
  }
}

/** dX, and unless the layer is frozen dWx, dWa and db. The canonical rows of n follow those of r and z. */
export function gruProductsAfter<T extends number>(s: Sequence): void {
  const H = s.H, I = s.I, M = s.M;
  inputGradient<T>(s, s.dz, s.weightsXT, 0, 2);
  inputGradient<T>(s, s.dn, s.weightsNXT, s.dx, 1);
  if (!s.dWx) return;
  const paddedRow = bytes<T>(gateWidth<T>(s, 1));
  const aPrev = previousStates<T>(s);
  const dWxN = s.dWx + bytes<T>(2 * usize(H) * I), dWaN = s.dWa + bytes<T>(2 * usize(H) * H);
  const received = s.variant ? s.dn : s.dm; // ∂L/∂ Wan's product
  gemmTransposedPair<T>(s.dWx, s.x, I, s.dWa, aPrev, H, s.dz, 2 * paddedRow, s.scratch, 2, H, M);
  gemmTransposed<T>(dWxN, s.dn, paddedRow, s.x, s.scratch, 1, H, M, I);
  gemmTransposed<T>(dWaN, received, paddedRow, s.variant ? s.m : aPrev, s.scratch, 1, H, M, H);
  if (!s.dbx) return;
  const n = bytes<T>(2 * H);
  columnSums<T>(s.dbx, s.dba, s.dz, 2 * paddedRow, 2, H, M);
  columnSums<T>(s.dbx + n, 0, s.dn, paddedRow, 1, H, M);
  columnSums<T>(s.dba + n, 0, received, paddedRow, 1, H, M);
}
