/** A whole sequence through a plain recurrent layer, forward and backward. The products: shared.ts; the cell: cells/rnn.ts. */
import { rnnCellBackward, rnnCellForward } from "../cells/rnn";
import { gemm, joinedRow } from "../gemm";
import { padded, Sequence } from "../layout";
import { bytes, PANEL, weightRow } from "../vec";
import { gateWidth, inputProduct, padRows, productsAfterLoop, recurrentGradient, unpadRows, weightPanelBytes } from "./shared";

/** Forward. a is its own tape; gates is scratch [chunk,N,W]. */
export function rnnForward<T extends number, W extends number>(s: Sequence): void {
  if (s.T == 1 && s.N == 1) {
    rnnStep<T, W>(s);
    return;
  }
  const N = s.N, H = s.H;
  const stateRow = bytes<T>(H), gateRow = bytes<T>(gateWidth<T>(s, 1)), gateStep = gateRow * N, stateStep = stateRow * N;
  const panelBytes = weightPanelBytes<T, W>(s);
  const recurrent = s.weights + usize(s.I) * weightRow<T, W>();
  let a = s.a;
  for (let t0 = 0; t0 < s.T; t0 += s.chunk) {
    const steps = min(s.chunk, s.T - t0);
    inputProduct<T, W>(s, s.gates, t0, steps, 1);
    let z = s.gates;
    for (let t = 0; t < steps; ++t) {
      gemm<T, W>(z, gateRow, a, stateRow, recurrent, panelBytes, z, gateRow, N, H, padded<T>(H));
      const next = a + stateStep;
      for (let h = 0; h < H; h += PANEL<T>()) {
        rnnCellForward<T>(next + bytes<T>(h), stateRow, z + bytes<T>(h), gateRow, N, min(H - h, PANEL<T>()));
      }
      a = next;
      z += gateStep;
    }
  }
  if (s.carry) memory.copy(s.a, a, stateStep);
}

/** One step of one row: x's and a's terms in one pass over the weights, in the order of the sequence. */
function rnnStep<T extends number, W extends number>(s: Sequence): void {
  const H = s.H;
  const next = s.a + bytes<T>(H);
  joinedRow<T, W>(s.gates, s.x, s.I, s.a, H, s.weights, s.bias, padded<T>(H));
  for (let h = 0; h < H; h += PANEL<T>()) {
    const at = bytes<T>(h);
    rnnCellForward<T>(next + at, 0, s.gates + at, 0, 1, min(H - h, PANEL<T>()));
  }
  if (s.carry) memory.copy(s.a, next, bytes<T>(H));
}

/** Backward through time. */
export function rnnBackward<T extends number>(s: Sequence): void {
  const N = s.N, H = s.H;
  const stateRow = bytes<T>(H), gateRow = bytes<T>(gateWidth<T>(s, 1));
  const stateStep = stateRow * N, gateStep = gateRow * N;
  padRows<T>(s.da, s.dLast, N, H);
  for (let t = s.T - 1; t >= 0; --t) {
    const a = s.a + usize(t + 1) * stateStep;
    const dz = s.dz + usize(t) * gateStep;
    const dOutput = s.dOutput ? s.dOutput + usize(t) * stateStep : 0;
    for (let h = 0; h < H; h += PANEL<T>()) {
      const at = bytes<T>(h);
      rnnCellBackward<T>(dz + at, s.da + at, dOutput ? dOutput + at : 0, a + at, stateRow, gateRow, N, min(H - h, PANEL<T>()));
    }
    recurrentGradient<T>(s, dz, 1);
  }
  unpadRows<T>(s.da0, s.da, N, H);
  productsAfterLoop<T>(s, 1);
}
