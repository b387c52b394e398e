/** One step of a plain recurrent layer, forward and backward. The loop: loop.ts; the products: shared.ts; the cell: cells/rnn.ts. */
import { rnnCellBackward, rnnCellForward } from "../cells/rnn";
import { padded, Sequence } from "../layout";
import { joinedProduct, operand, operandRow, partBytes, product } from "../product";
import { bytes, PANEL } from "../vec";
import { inputProduct, inputRow, outputGradient, preActivation, recurrentGradient, stateRow, weightPanelBytes } from "./shared";

/** The input product of a chunk of steps. gates is scratch, a its own tape. */
export function rnnInputs<T extends number, W extends number>(s: Sequence, kept: i32, row: i32, count: i32): void {
  inputProduct<T, W>(s, preActivation<T>(s, s.gates, kept, 1), row, count, s.weights, s.bias, 1);
}

/** Forward, all rows. */
export function rnnStep<T extends number, W extends number>(s: Sequence, next: usize, a: usize, kept: i32, rows: i32): void {
  const H = s.H;
  const stateRow = bytes<T>(H), gateRow = bytes<T>(padded<T>(H));
  const z = preActivation<T>(s, s.gates, kept, 1);
  const from = operand<T, W>(s.scratch, a, stateRow, rows, H), recurrent = s.weights + partBytes<T, W>(s.I);
  product<T, W>(z, gateRow, from, operandRow<W>(H, stateRow), recurrent, weightPanelBytes<T, W>(s), z, gateRow, rows, H, padded<T>(H));
  for (let h = 0; h < H; h += PANEL<T>()) {
    const at = bytes<T>(h);
    rnnCellForward<T>(next + at, stateRow, z + at, gateRow, rows, min(H - h, PANEL<T>()), s.variant != 0);
  }
}

/** One step of one row: x's and a's terms in one pass over the weights, in the order of the sequence. */
export function rnnOneRow<T extends number, W extends number>(s: Sequence): void {
  const H = s.H;
  const next = s.a + bytes<T>(H);
  joinedProduct<T, W>(s.gates, inputRow<T, W>(s), s.I, stateRow<T, W>(s), H, s.weights, s.bias, padded<T>(H));
  for (let h = 0; h < H; h += PANEL<T>()) {
    const at = bytes<T>(h);
    rnnCellForward<T>(next + at, 0, s.gates + at, 0, 1, min(H - h, PANEL<T>()), s.variant != 0);
  }
  if (s.carry) memory.copy(s.a, next, bytes<T>(H));
}

/** Backward, all rows. */
export function rnnStepBack<T extends number>(s: Sequence, row: i32, rows: i32): void {
  const H = s.H;
  const stateRow = bytes<T>(H), gateRow = bytes<T>(padded<T>(H));
  const a = s.a + usize(s.N + row) * stateRow;
  const dz = s.dz + usize(row) * gateRow;
  const dOutput = outputGradient<T>(s, row);
  for (let h = 0; h < H; h += PANEL<T>()) {
    const at = bytes<T>(h);
    rnnCellBackward<T>(
      dz + at, s.da + at, dOutput ? dOutput + at : 0, a + at, stateRow, gateRow, rows, min(H - h, PANEL<T>()), s.variant != 0,
    );
  }
  recurrentGradient<T>(s, s.da, dz, s.weightsHT, 0, rows, 1);
}
