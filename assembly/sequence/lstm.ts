/** One step of an LSTM layer, forward and backward. The loop: loop.ts; the products: shared.ts; the cell: cells/lstm.ts. */
import { lstmCellBackward, lstmCellForward } from "../cells/lstm";
import { Sequence } from "../layout";
import { joinedProduct, operand, operandRow, partBytes, product } from "../product";
import { bytes, PANEL, PANEL_BYTES } from "../vec";
import { gateWidth, inputProduct, inputRow, outputGradient, preActivation, recurrentGradient, stateRow, weightPanelBytes } from "./shared";

/** The input product of a chunk of steps. */
export function lstmInputs<T extends number, W extends number>(s: Sequence, kept: i32, row: i32, count: i32): void {
  inputProduct<T, W>(s, preActivation<T>(s, s.gates, kept, 4), row, count, s.weights, s.bias, 4);
}

/**
 * Forward, all rows. For each block of units the recurrent product of all rows is followed at once by the gate arithmetic,
 * while the block's four panels of pre-activations are still in L1.
 */
export function lstmStep<T extends number, W extends number>(s: Sequence, next: usize, a: usize, kept: i32, rows: i32): void {
  const H = s.H;
  const stateRow = bytes<T>(H), gateRow = bytes<T>(gateWidth<T>(s, 4));
  const panelBytes = weightPanelBytes<T, W>(s);
  const c = s.tape ? s.c + (a - s.a) : s.c, cNext = s.tape ? s.c + (next - s.a) : s.c; // c lies as a does
  const from = operand<T, W>(s.scratch, a, stateRow, rows, H), fromRow = operandRow<W>(H, stateRow);
  let w = s.weights + partBytes<T, W>(s.I);
  let block = preActivation<T>(s, s.gates, kept, 4);
  for (let h = 0; h < H; h += PANEL<T>()) {
    const at = bytes<T>(h);
    product<T, W>(block, gateRow, from, fromRow, w, panelBytes, block, gateRow, rows, H, 4 * PANEL<T>());
    lstmCellForward<T>(next + at, cNext + at, block, c + at, stateRow, gateRow, rows, min(H - h, PANEL<T>()));
    w += 4 * panelBytes;
    block += 4 * PANEL_BYTES;
  }
}

/** One step of one row: x's and a's terms in one pass over the weights, in the order of the sequence. */
export function lstmOneRow<T extends number, W extends number>(s: Sequence): void {
  const H = s.H;
  const next = s.a + bytes<T>(H);
  const c = s.tape ? s.c + bytes<T>(H) : s.c;
  const blockBytes = weightPanelBytes<T, W>(s) * 4;
  const x = inputRow<T, W>(s), a = stateRow<T, W>(s);
  let w = s.weights;
  for (let h = 0; h < H; h += PANEL<T>()) {
    const at = bytes<T>(h);
    const z = s.gates + 4 * at;
    joinedProduct<T, W>(z, x, s.I, a, H, w, s.bias + 4 * at, 4 * PANEL<T>());
    lstmCellForward<T>(next + at, c + at, z, s.c + at, 0, 0, 1, min(H - h, PANEL<T>()));
    w += blockBytes;
  }
  if (s.carry) memory.copy(s.a, next, bytes<T>(H));
}

/** Backward, all rows. */
export function lstmStepBack<T extends number>(s: Sequence, row: i32, before: i32, rows: i32): void {
  const H = s.H;
  const stateRow = bytes<T>(H), paddedRow = bytes<T>(gateWidth<T>(s, 1)), gateRow = bytes<T>(gateWidth<T>(s, 4));
  const gates = s.gates + usize(row) * gateRow;
  const dz = s.dz + usize(row) * gateRow;
  const c = s.c + usize(s.N + row) * stateRow, cPrev = s.c + usize(before) * stateRow;
  const dOutput = outputGradient<T>(s, row);
  for (let h = 0; h < H; h += PANEL<T>()) {
    const at = bytes<T>(h);
    lstmCellBackward<T>(
      dz + 4 * at, s.dc + at, s.da + at, dOutput ? dOutput + at : 0, gates + 4 * at, c + at, cPrev + at,
      stateRow, paddedRow, gateRow, rows, min(H - h, PANEL<T>()),
    );
  }
  recurrentGradient<T>(s, s.da, dz, s.weightsHT, 0, rows, 4);
}
