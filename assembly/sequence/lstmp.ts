/**
 * One step of an LSTM layer with projection, peepholes and a bounded state, each where it is asked for, forward and backward. The loop:
 * loop.ts; the products: shared.ts; the cell and its equations: cells/lstmp.ts.
 *
 *   after the loop   dWr = Σ da⟨t⟩·m⟨t⟩ᵀ   dpi = Σ dzi ∘ c⟨t−1⟩   dpf = Σ dzf ∘ c⟨t−1⟩   dpo = Σ dzo ∘ c⟨t⟩   (1)
 *
 * Flops beside those of shared.ts: 2·T·N·P·H forward, twice that backward.
 */
import { lstmpCellBackward, lstmpCellForward } from "../cells/lstmp";
import { gemm } from "../gemm";
import { gemmTransposed } from "../gemm_tn";
import { padded, Sequence } from "../layout";
import { joinedProduct, operand, operandRow, partBytes, product } from "../product";
import { add, bytes, LANES, mul, PANEL, PANEL_BYTES, vload, vloadPart, vstore, zero } from "../vec";
import { highPair, loadPairPart, lowPair, pairBytes, storePairPart } from "../vec_wide";
import { gateWidth, inputRow, outputGradient, preActivation, recurrentGradient, rowsAt, stateRow, weightPanelBytes } from "./shared";

/** The bound of c: ∞ where there is none. */
function boundOf(s: Sequence): f64 {
  return reinterpret<f64>(u64(s.boundLow) | (u64(s.boundHigh) << 32));
}

/** Whether a is a projection of m. */
// @ts-ignore: decorator
@inline function projects(s: Sequence): bool {
  return s.weightsN != 0;
}

/** a = Wr·m, all rows. */
// @ts-ignore: decorator
@inline function project<T extends number, W extends number>(s: Sequence, next: usize, m: usize, rows: i32): void {
  const cellRow = bytes<T>(s.H), from = operand<T, W>(s.scratch, m, cellRow, rows, s.H);
  product<T, W>(next, bytes<T>(s.P), from, operandRow<W>(s.H, cellRow), s.weightsN, partBytes<T, W>(s.H), 0, 0, rows, s.H, s.P);
}

/** Forward, all rows: as lstmStep, with the projection of all rows behind it. */
export function lstmpStep<T extends number, W extends number>(s: Sequence, next: usize, a: usize, kept: i32, rows: i32): void {
  const H = s.H, bound = boundOf(s);
  const outputRow = bytes<T>(s.P), cellRow = bytes<T>(H), gateRow = bytes<T>(gateWidth<T>(s, 4));
  const panelBytes = weightPanelBytes<T, W>(s);
  const c = s.tape ? s.c + ((a - s.a) / outputRow) * cellRow : s.c, cNext = s.tape ? s.c + usize(s.N + kept) * cellRow : s.c;
  const m = !projects(s) ? next : s.tape ? s.m + usize(kept) * cellRow : s.m;
  const from = operand<T, W>(s.scratch, a, outputRow, rows, s.K), fromRow = operandRow<W>(s.K, outputRow);
  let w = s.weights + partBytes<T, W>(s.I);
  let block = preActivation<T>(s, s.gates, kept, 4);
  for (let h = 0; h < H; h += PANEL<T>()) {
    const at = bytes<T>(h), peepholes = s.peepholes ? s.peepholes + at : 0;
    product<T, W>(block, gateRow, from, fromRow, w, panelBytes, block, gateRow, rows, s.K, 4 * PANEL<T>());
    lstmpCellForward<T>(m + at, cNext + at, block, c + at, peepholes, cellRow, bound, cellRow, gateRow, rows, min(H - h, PANEL<T>()));
    w += 4 * panelBytes;
    block += 4 * PANEL_BYTES;
  }
  if (projects(s)) project<T, W>(s, next, m, rows);
}

/** One step of one row: x's and a's terms in one pass over the weights, in the order of the sequence. */
export function lstmpOneRow<T extends number, W extends number>(s: Sequence): void {
  const H = s.H, bound = boundOf(s);
  const next = s.a + bytes<T>(s.P);
  const c = s.tape ? s.c + bytes<T>(H) : s.c;
  const m = projects(s) ? s.m : next;
  const blockBytes = weightPanelBytes<T, W>(s) * 4;
  const x = inputRow<T, W>(s), a = stateRow<T, W>(s);
  let w = s.weights;
  for (let h = 0; h < H; h += PANEL<T>()) {
    const at = bytes<T>(h), peepholes = s.peepholes ? s.peepholes + at : 0;
    const z = s.gates + 4 * at;
    joinedProduct<T, W>(z, x, s.I, a, s.K, w, s.bias + 4 * at, 4 * PANEL<T>());
    lstmpCellForward<T>(m + at, c + at, z, s.c + at, peepholes, bytes<T>(H), bound, 0, 0, 1, min(H - h, PANEL<T>()));
    w += blockBytes;
  }
  if (projects(s)) project<T, W>(s, next, m, 1);
  if (s.carry) memory.copy(s.a, next, bytes<T>(s.P));
}

/** Backward, all rows. */
export function lstmpStepBack<T extends number>(s: Sequence, row: i32, before: i32, rows: i32): void {
  const H = s.H, bound = boundOf(s);
  const cellRow = bytes<T>(H), paddedRow = bytes<T>(gateWidth<T>(s, 1)), gateRow = bytes<T>(gateWidth<T>(s, 4));
  const gates = s.gates + usize(row) * gateRow;
  const dz = s.dz + usize(row) * gateRow;
  const c = s.c + usize(s.N + row) * cellRow, cPrev = s.c + usize(before) * cellRow;
  let dm = s.da, dOutput = outputGradient<T>(s, row);
  if (projects(s)) {
    projectBack<T>(s, s.dn + usize(row) * bytes<T>(padded<T>(s.P)), dOutput, rows);
    dm = s.dm;
    dOutput = 0;
  }
  for (let h = 0; h < H; h += PANEL<T>()) {
    const at = bytes<T>(h), peepholes = s.peepholes ? s.peepholes + at : 0;
    lstmpCellBackward<T>(
      dz + 4 * at, s.dc + at, dm + at, dOutput ? dOutput + at : 0, gates + 4 * at, c + at, cPrev + at, peepholes, cellRow, bound,
      cellRow, paddedRow, gateRow, rows, min(H - h, PANEL<T>()),
    );
  }
  recurrentGradient<T>(s, s.da, dz, s.weightsHT, 0, rows, 4);
}

/** All that reaches a⟨t⟩, kept in dn for dWr, and dm = Wrᵀ·da. Beyond P it is zero. */
function projectBack<T extends number>(s: Sequence, sum: usize, dOutput: usize, rows: i32): void {
  const P = s.P, Pp = padded<T>(P), H = gateWidth<T>(s, 1);
  const row = bytes<T>(Pp);
  for (let n = 0; n < rows; ++n) {
    const to = sum + usize(n) * row, da = s.da + usize(n) * row, outside = dOutput + bytes<T>(usize(n) * P);
    for (let p = 0; p < Pp; p += LANES<T>()) {
      const at = bytes<T>(p), width = P - p;
      let d = vloadPart<T>(da + at, width);
      if (dOutput) d = add<T>(vloadPart<T>(outside + at, width), d);
      vstore<T>(to + at, d);
    }
  }
  gemm<T, T>(s.dm, bytes<T>(H), sum, row, s.weightsNHT, usize(Pp) * PANEL_BYTES, 0, 0, rows, Pp, H);
}

/** The gradients of what an LSTM has not (1). */
export function lstmpProductsAfter<T extends number>(s: Sequence): void {
  if (s.dWr) gemmTransposed<T>(s.dWr, s.dn, bytes<T>(padded<T>(s.P)), s.m, s.scratch, 1, s.P, s.M, s.H);
  if (!s.dPeepholes) return;
  for (let h = 0; h < s.H; h += LANES<T>()) peepholeGradients<T>(s, h, min(s.H - h, LANES<T>()));
}

/** One vector of units: products in T, their sums in f64. */
function peepholeGradients<T extends number>(s: Sequence, h: i32, width: i32): void {
  const cellRow = bytes<T>(s.H), gateRow = bytes<T>(gateWidth<T>(s, 4));
  const block = h & -PANEL<T>();
  let dz = s.dz + bytes<T>(3 * block + h), c = s.c + bytes<T>(h) + usize(s.N) * cellRow;
  let i0 = zero(), i1 = zero(), f0 = zero(), f1 = zero(), o0 = zero(), o1 = zero();
  for (let t = 0; t < s.T; ++t) {
    let cPrev = c - usize(t > 0 ? rowsAt(s, t - 1) : s.N) * cellRow;
    for (let rows = rowsAt(s, t); rows > 0; --rows) {
      const before = vloadPart<T>(cPrev, width);
      const i = mul<T>(vload<T>(dz), before), f = mul<T>(vload<T>(dz + PANEL_BYTES), before);
      const o = mul<T>(vload<T>(dz + 3 * PANEL_BYTES), vloadPart<T>(c, width));
      i0 = add<f64>(i0, lowPair<T>(i));
      f0 = add<f64>(f0, lowPair<T>(f));
      o0 = add<f64>(o0, lowPair<T>(o));
      if (sizeof<T>() == 4) {
        i1 = add<f64>(i1, highPair(i));
        f1 = add<f64>(f1, highPair(f));
        o1 = add<f64>(o1, highPair(o));
      }
      dz += gateRow;
      c += cellRow;
      cPrev += cellRow;
    }
  }
  const d = s.dPeepholes + bytes<T>(h);
  addSums<T>(d, i0, i1, width);
  addSums<T>(d + cellRow, f0, f1, width);
  addSums<T>(d + 2 * cellRow, o0, o1, width);
}

/** Sums of one vector of units, added to d. */
function addSums<T extends number>(d: usize, low: v128, high: v128, width: i32): void {
  storePairPart<T>(d, add<f64>(loadPairPart<T>(d, width), low), width);
  if (sizeof<T>() == 8 || width <= 2) return;
  d += pairBytes<T>();
  storePairPart<T>(d, add<f64>(loadPairPart<T>(d, width - 2), high), width - 2);
}
