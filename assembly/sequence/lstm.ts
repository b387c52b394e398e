/** A whole sequence through an LSTM layer, forward and backward. The products: shared.ts; the cell: cells/lstm.ts. */
import { lstmCellBackward, lstmCellForward } from "../cells/lstm";
import { gemm, joinedRow } from "../gemm";
import { Sequence } from "../layout";
import { bytes, PANEL, PANEL_BYTES, weightRow } from "../vec";
import { gateWidth, inputProduct, padRows, productsAfterLoop, recurrentGradient, unpadRows, weightPanelBytes } from "./shared";

/**
 * Forward. For each block of units the recurrent product of all rows is followed at once by the gate arithmetic, while
 * the block's four panels of pre-activations are still in L1.
 */
export function lstmForward<T extends number, W extends number>(s: Sequence): void {
  if (s.T == 1 && s.N == 1) {
    lstmStep<T, W>(s);
    return;
  }
  const N = s.N, H = s.H;
  const stateRow = bytes<T>(H), gateRow = bytes<T>(gateWidth<T>(s, 4));
  const stateStep = stateRow * N, gateStep = gateRow * N;
  const panelBytes = weightPanelBytes<T, W>(s);
  const recurrent = s.weights + usize(s.I) * weightRow<T, W>();
  const cStep = s.tape ? stateStep : 0;
  let a = s.a, c = s.c, z = s.gates;
  for (let t0 = 0; t0 < s.T; t0 += s.chunk) {
    const steps = min(s.chunk, s.T - t0);
    if (!s.tape) z = s.gates;
    inputProduct<T, W>(s, z, t0, steps, 4);
    for (let t = 0; t < steps; ++t) {
      let w = recurrent, block = z;
      for (let h = 0; h < H; h += PANEL<T>()) {
        const at = bytes<T>(h);
        gemm<T, W>(block, gateRow, a, stateRow, w, panelBytes, block, gateRow, N, H, 4 * PANEL<T>());
        lstmCellForward<T>(a + stateStep + at, c + cStep + at, block, c + at, stateRow, gateRow, N, min(H - h, PANEL<T>()));
        w += 4 * panelBytes;
        block += 4 * PANEL_BYTES;
      }
      a += stateStep;
      c += cStep;
      z += gateStep;
    }
  }
  if (s.carry) memory.copy(s.a, a, stateStep);
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
  const stateStep = stateRow * N, gateStep = gateRow * N;
  padRows<T>(s.da, s.dLast, N, H);
  padRows<T>(s.dc, s.dcLast, N, H);
  for (let t = s.T - 1; t >= 0; --t) {
    const gates = s.gates + usize(t) * gateStep;
    const dz = s.dz + usize(t) * gateStep;
    const cPrev = s.c + usize(t) * stateStep;
    const dOutput = s.dOutput ? s.dOutput + usize(t) * stateStep : 0;
    for (let h = 0; h < H; h += PANEL<T>()) {
      const at = bytes<T>(h);
      lstmCellBackward<T>(
        dz + 4 * at, s.dc + at, s.da + at, dOutput ? dOutput + at : 0, gates + 4 * at, cPrev + stateStep + at, cPrev + at,
        stateRow, paddedRow, gateRow, N, min(H - h, PANEL<T>()),
      );
    }
    recurrentGradient<T>(s, dz, 4);
  }
  unpadRows<T>(s.da0, s.da, N, H);
  unpadRows<T>(s.dc0, s.dc, N, H);
  productsAfterLoop<T>(s, 4);
}
