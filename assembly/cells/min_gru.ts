/**
 * The MinGRU cell, pointwise: gates and recurrence in one pass over rows (the product is taken in sequence/). Math:
 * docs/math/min-gru.md; names: docs/notation.md.
 *
 *   kz = Wz·x⟨t⟩ + bz    v = Wh·x⟨t⟩ + bh, stacked z h      (1)
 *   z = σ(kz)    h̃ = g(v)                                   (2)
 *   h⟨t⟩ = z ∘ h̃ + (1 − z) ∘ h⟨t−1⟩                         (3)
 *
 *   dkz = dh ∘ (h̃ − h⟨t−1⟩) ∘ z ∘ (1 − z)                   (4)
 *   dv = dh ∘ z ∘ g′(v)    dh⟨t−1⟩ = dh ∘ (1 − z)            (5)
 *
 * z is the share of the new candidate, as in the paper: the GRU's z is the share that stays. A row is read and written from its first
 * unit to its last; gates lie in blocks of two adjacent panels. Bytes a unit, f32: 8 read and 4 written of gates, 4 and 4 of h.
 */
import { flush } from "../flush";
import { vsigmoid } from "../math";
import { bytes, LANES, PANEL, PANEL_BYTES, VEC_BYTES, vload, vloadPart, vstore } from "../vec";
import { storeState, storeStateGradients } from "./min_state";

// @ts-ignore: decorator
@inline const V: usize = PANEL_BYTES;

/**
 * Forward, `rows` rows. Where all steps have N rows, the rows of many steps may be given at once: each finds its h⟨t−1⟩ N rows before
 * h⟨t⟩, among those that this pass has stored. Pair: minGruCellBackward.
 *
 * @param h      out   [rows,H]
 * @param gates  inout [rows,W]  in: kz v (1), out: z v
 * @param hPrev  in    [rows,H]  at least one row before h
 */
export function minGruCellForward<T extends number>(h: usize, gates: usize, hPrev: usize, rows: i32, H: i32, positive: bool): void {
  assert(rows > 0 && H > 0 && hPrev + bytes<T>(H) <= h);
  const rest = H & (PANEL<T>() - 1), whole = bytes<T>(H - rest), last = bytes<T>(rest);
  for (; rows > 0; --rows) {
    for (const end = h + whole; h < end; h += PANEL_BYTES) {
      forwardHalf<T>(h, gates, hPrev, LANES<T>(), positive);
      forwardHalf<T>(h + VEC_BYTES, gates + VEC_BYTES, hPrev + VEC_BYTES, LANES<T>(), positive);
      hPrev += PANEL_BYTES;
      gates += 2 * PANEL_BYTES;
    }
    if (!rest) continue;
    forwardPart<T>(h, gates, hPrev, rest, positive);
    if (rest > LANES<T>()) forwardPart<T>(h + VEC_BYTES, gates + VEC_BYTES, hPrev + VEC_BYTES, rest - LANES<T>(), positive);
    h += last;
    hPrev += last;
    gates += 2 * PANEL_BYTES;
  }
}

/** One vector of units. */
// @ts-ignore: decorator
@inline function forwardHalf<T extends number>(h: usize, gates: usize, hPrev: usize, width: i32, positive: bool): void {
  const z = vsigmoid<T>(vload<T>(gates)); // (2)
  vstore<T>(gates, z);
  storeState<T>(h, z, vload<T>(gates + V), hPrev, width, positive); // (3)
}

/** The tail of a row, not inlined: it is run once where the loop above runs many times. */
function forwardPart<T extends number>(h: usize, gates: usize, hPrev: usize, width: i32, positive: bool): void {
  forwardHalf<T>(h, gates, hPrev, width, positive);
}

/**
 * One step backward, `rows` rows. Pair: minGruCellForward.
 *
 * @param dz       out   [rows,W]   dkz dv
 * @param da       inout [rows,Hp]  in: what reaches h⟨t⟩ from step t + 1, out: dh⟨t−1⟩
 * @param dOutput  in    [rows,H]   what reaches h⟨t⟩ from outside; may be null
 * @param gates    tape  [rows,W]   z v
 * @param hPrev    tape  [rows,H]
 */
export function minGruCellBackward<T extends number>(
  dz: usize, da: usize, dOutput: usize, gates: usize, hPrev: usize, rows: i32, H: i32, positive: bool,
): void {
  assert(rows > 0 && H > 0);
  const rest = H & (PANEL<T>() - 1), whole = bytes<T>(H - rest), last = bytes<T>(rest);
  const some = dOutput != 0;
  for (; rows > 0; --rows) {
    for (const end = hPrev + whole; hPrev < end; hPrev += PANEL_BYTES) {
      backwardHalf<T>(dz, da, dOutput, gates, hPrev, LANES<T>(), positive);
      backwardHalf<T>(
        dz + VEC_BYTES, da + VEC_BYTES, some ? dOutput + VEC_BYTES : 0, gates + VEC_BYTES, hPrev + VEC_BYTES, LANES<T>(), positive,
      );
      da += PANEL_BYTES;
      if (some) dOutput += PANEL_BYTES;
      dz += 2 * PANEL_BYTES;
      gates += 2 * PANEL_BYTES;
    }
    if (!rest) continue;
    backwardPart<T>(dz, da, dOutput, gates, hPrev, rest, positive);
    backwardPart<T>(
      dz + VEC_BYTES, da + VEC_BYTES, some ? dOutput + VEC_BYTES : 0, gates + VEC_BYTES, hPrev + VEC_BYTES, rest - LANES<T>(), positive,
    );
    hPrev += last;
    if (some) dOutput += last;
    da += PANEL_BYTES;
    dz += 2 * PANEL_BYTES;
    gates += 2 * PANEL_BYTES;
  }
}

function backwardPart<T extends number>(
  dz: usize, da: usize, dOutput: usize, gates: usize, hPrev: usize, width: i32, positive: bool,
): void {
  backwardHalf<T>(dz, da, dOutput, gates, hPrev, width, positive);
}

/** One vector of units. Beyond H everything is read as zero (the buffers may hold ∞·0 there), so dz there is zero. */
// @ts-ignore: decorator
@inline function backwardHalf<T extends number>(
  dz: usize, da: usize, dOutput: usize, gates: usize, hPrev: usize, width: i32, positive: bool,
): void {
  const z = vloadPart<T>(gates, width);
  const v = vloadPart<T>(gates + V, width);
  vstore<T>(dz, flush<T>(storeStateGradients<T>(dz + V, da, dOutput, z, v, hPrev, width, positive))); // (4) (5)
}
