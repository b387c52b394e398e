/** A whole sequence through a plain recurrent layer, forward and backward. The products: shared.ts; the cell: cells/rnn.ts. */
import { rnnCellBackward, rnnCellForward } from "../cells/rnn";
import { gemm } from "../gemm";
import { padded, Sequence } from "../layout";
import { bytes, PANEL, PANEL_BYTES } from "../vec";
import { gateWidth, inputProduct, padRows, productsAfterLoop, recurrentGradient, unpadRows, weightPanelBytes } from "./shared";

/** Forward. a is its own tape; gates is scratch [chunk,N,W]. */
export function rnnForward<T extends number>(s: Sequence): void {
  const N = s.N, H = s.H;
  const stateRow = bytes<T>(H), gateRow = bytes<T>(gateWidth<T>(s, 1)), gateStep = gateRow * N, stateStep = stateRow * N;
  const panelBytes = weightPanelBytes(s);
  const recurrent = s.weights + usize(s.I) * PANEL_BYTES;
  let a = s.a;
  for (let t0 = 0; t0 < s.T; t0 += s.chunk) {
    const steps = min(s.chunk, s.T - t0);
    inputProduct<T>(s, s.gates, t0, steps, 1);
    let z = s.gates;
    for (let t = 0; t < steps; ++t) {
      gemm<T>(z, gateRow, a, stateRow, recurrent, panelBytes, z, gateRow, N, H, padded<T>(H));
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
