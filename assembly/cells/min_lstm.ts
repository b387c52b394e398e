/**
 * The MinLSTM cell, pointwise: gates and recurrence in one pass over rows (the product is taken in sequence/). Math:
 * docs/math/min-lstm.md; names: docs/notation.md.
 *
 *   kf = Wf·x⟨t⟩ + bf    ki = Wi·x⟨t⟩ + bi    v = Wh·x⟨t⟩ + bh, stacked f i h      (1)
 *   s = max(0, C − max(kf, ki))                                                    (2)
 *   f = σ(kf + s)    i = σ(ki + s)    h̃ = g(v)                                     (3)
 *   z = i / (f + i)    h⟨t⟩ = z ∘ h̃ + (1 − z) ∘ h⟨t−1⟩                             (4)
 *
 *   dk = dh ∘ (h̃ − h⟨t−1⟩) ∘ z ∘ (1 − z), k the logit of z                         (5)
 *   dki = dk ∘ (1 − i)    dkf = −dk ∘ (1 − f)                                      (6)
 *   dv = dh ∘ z ∘ g′(v)    dh⟨t−1⟩ = dh ∘ (1 − z)                                   (7)
 *
 * z and 1 − z are the paper's i′ and f′. Where both gates are all but closed f / (f + i) would be 0 / 0; there σ(k) is e^k, the share
 * depends on ki − kf alone, and (2) moves both up by as much, until the greater is C: an error of e^C, less than half a unit in the
 * last place. 1 − f and 1 − i are 1 to within as much.
 * A row is read and written from its first unit to its last; gates lie in blocks of three adjacent panels. Bytes a unit, f32: 12 read
 * and 8 written of gates, 4 and 4 of h.
 */
import { both, LEAST_NORMAL, ONE } from "../constants";
import { flush } from "../flush";
import { vsigmoid } from "../math";
import {
  add, bytes, div, LANES, loadSplat, mul, PANEL, PANEL_BYTES, pmax, sub, VEC_BYTES, vload, vloadPart, vstore, zero,
} from "../vec";
import { storeState, storeStateGradients } from "./min_state";

// @ts-ignore: decorator
@inline const I: usize = PANEL_BYTES;
// @ts-ignore: decorator
@inline const V: usize = 2 * PANEL_BYTES;

// C of (2): e^−20 is 2^−28.9, e^−40 is 2^−57.7; σ is far from its least results there. In memory for the reason that constants.ts gives.
const LEAST_SINGLE = memory.data<f32>([-20]);
const LEAST_DOUBLE = memory.data<f64>([-40]);

/**
 * Forward, `rows` rows. Where all steps have N rows, the rows of many steps may be given at once: each finds its h⟨t−1⟩ N rows before
 * h⟨t⟩, among those that this pass has stored. Pair: minLstmCellBackward.
 *
 * @param h      out   [rows,H]
 * @param gates  inout [rows,W]  in: kf ki v (1), out: f i v
 * @param hPrev  in    [rows,H]  at least one row before h
 */
export function minLstmCellForward<T extends number>(h: usize, gates: usize, hPrev: usize, rows: i32, H: i32, positive: bool): void {
  assert(rows > 0 && H > 0 && hPrev + bytes<T>(H) <= h);
  const rest = H & (PANEL<T>() - 1), whole = bytes<T>(H - rest), last = bytes<T>(rest);
  for (; rows > 0; --rows) {
    for (const end = h + whole; h < end; h += PANEL_BYTES) {
      forwardHalf<T>(h, gates, hPrev, LANES<T>(), positive);
      forwardHalf<T>(h + VEC_BYTES, gates + VEC_BYTES, hPrev + VEC_BYTES, LANES<T>(), positive);
      hPrev += PANEL_BYTES;
      gates += 3 * PANEL_BYTES;
    }
    if (!rest) continue;
    forwardPart<T>(h, gates, hPrev, rest, positive);
    if (rest > LANES<T>()) forwardPart<T>(h + VEC_BYTES, gates + VEC_BYTES, hPrev + VEC_BYTES, rest - LANES<T>(), positive);
    h += last;
    hPrev += last;
    gates += 3 * PANEL_BYTES;
  }
}

/** One vector of units. */
// @ts-ignore: decorator
@inline function forwardHalf<T extends number>(h: usize, gates: usize, hPrev: usize, width: i32, positive: bool): void {
  const kf = vload<T>(gates);
  const ki = vload<T>(gates + I);
  const shift = pmax<T>(sub<T>(loadSplat<T>(sizeof<T>() == 4 ? LEAST_SINGLE : LEAST_DOUBLE), pmax<T>(kf, ki)), zero()); // (2)
  const f = vsigmoid<T>(add<T>(kf, shift)); // (3)
  const i = vsigmoid<T>(add<T>(ki, shift));
  vstore<T>(gates, f);
  vstore<T>(gates + I, i);
  storeState<T>(h, div<T>(i, add<T>(f, i)), vload<T>(gates + V), hPrev, width, positive); // (4)
}

/** The tail of a row, not inlined: it is run once where the loop above runs many times. */
function forwardPart<T extends number>(h: usize, gates: usize, hPrev: usize, width: i32, positive: bool): void {
  forwardHalf<T>(h, gates, hPrev, width, positive);
}

/**
 * One step backward, `rows` rows. Pair: minLstmCellForward.
 *
 * @param dz       out   [rows,W]   dkf dki dv
 * @param da       inout [rows,Hp]  in: what reaches h⟨t⟩ from step t + 1, out: dh⟨t−1⟩
 * @param dOutput  in    [rows,H]   what reaches h⟨t⟩ from outside; may be null
 * @param gates    tape  [rows,W]   f i v
 * @param hPrev    tape  [rows,H]
 */
export function minLstmCellBackward<T extends number>(
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
      dz += 3 * PANEL_BYTES;
      gates += 3 * PANEL_BYTES;
    }
    if (!rest) continue;
    backwardPart<T>(dz, da, dOutput, gates, hPrev, rest, positive);
    backwardPart<T>(
      dz + VEC_BYTES, da + VEC_BYTES, some ? dOutput + VEC_BYTES : 0, gates + VEC_BYTES, hPrev + VEC_BYTES, rest - LANES<T>(), positive,
    );
    hPrev += last;
    if (some) dOutput += last;
    da += PANEL_BYTES;
    dz += 3 * PANEL_BYTES;
    gates += 3 * PANEL_BYTES;
  }
}

function backwardPart<T extends number>(
  dz: usize, da: usize, dOutput: usize, gates: usize, hPrev: usize, width: i32, positive: bool,
): void {
  backwardHalf<T>(dz, da, dOutput, gates, hPrev, width, positive);
}

/**
 * One vector of units. Beyond H everything is read as zero (the buffers may hold ∞·0 there), and f + i is no less than a number that it
 * never reaches elsewhere (2): so z and dz there are zero.
 */
// @ts-ignore: decorator
@inline function backwardHalf<T extends number>(
  dz: usize, da: usize, dOutput: usize, gates: usize, hPrev: usize, width: i32, positive: bool,
): void {
  const one = both<T>(ONE);
  const f = vloadPart<T>(gates, width);
  const i = vloadPart<T>(gates + I, width);
  const v = vloadPart<T>(gates + V, width);
  const z = div<T>(i, pmax<T>(add<T>(f, i), both<T>(LEAST_NORMAL))); // (4)
  const dk = storeStateGradients<T>(dz + V, da, dOutput, z, v, hPrev, width, positive); // (5) (7)
  vstore<T>(dz, flush<T>(mul<T>(dk, sub<T>(f, one)))); // (6)
  vstore<T>(dz + I, flush<T>(mul<T>(dk, sub<T>(one, i))));
}
