/**
 * The LSTM cell, pointwise (the products are taken in sequence/). Math: docs/math/lstm.md; names: docs/notation.md.
 *
 *   z⟨t⟩ = Wx·x⟨t⟩ + Wa·a⟨t−1⟩ + b, stacked i f g o            (1)
 *   i = σ(zi)   f = σ(zf)   g = tanh(zg)   o = σ(zo)           (2)
 *   c⟨t⟩ = f ∘ c⟨t−1⟩ + i ∘ g                                  (3)
 *   a⟨t⟩ = o ∘ tanh(c⟨t⟩)                                      (4)
 *
 *   dc⟨t⟩ += da⟨t⟩ ∘ o ∘ (1 − tanh²(c⟨t⟩))                     (5)
 *   dzo = da⟨t⟩ ∘ tanh(c⟨t⟩) ∘ o ∘ (1 − o)                     (6)
 *   dzi = dc⟨t⟩ ∘ g ∘ i ∘ (1 − i)                              (7)
 *   dzf = dc⟨t⟩ ∘ c⟨t−1⟩ ∘ f ∘ (1 − f)                         (8)
 *   dzg = dc⟨t⟩ ∘ i ∘ (1 − g²)                                 (9)
 *   dc⟨t−1⟩ = dc⟨t⟩ ∘ f                                        (10)
 *
 * Works on one block of up to PANEL units of all rows: four adjacent panels of gates (i f g o). Strides are bytes
 * between rows, `width` says how many units of the block exist.
 */
import { both, ONE } from "../constants";
import { vsigmoid, vtanh } from "../math";
import { flush } from "../flush";
import { add, mul, PANEL, PANEL_BYTES, sub, VEC_BYTES, vload, vloadPart, vstore, vstorePart } from "../vec";

// @ts-ignore: decorator
@inline const F: usize = PANEL_BYTES;
// @ts-ignore: decorator
@inline const G: usize = 2 * PANEL_BYTES;
// @ts-ignore: decorator
@inline const O: usize = 3 * PANEL_BYTES;

/**
 * One step forward. Pair: lstmCellBackward.
 *
 * @param a      out   [N,H] block  (4)
 * @param c      out   [N,H] block  (3); may alias cPrev
 * @param gates  inout [N,W] block  in: pre-activation (1), out: post-activation (2)
 * @param cPrev  in    [N,H] block
 */
export function lstmCellForward<T extends number>(
  a: usize, c: usize, gates: usize, cPrev: usize, stride: usize, gateStride: usize, N: i32, width: i32,
): void {
  assert(N > 0 && width > 0 && width <= PANEL<T>());
  const second = width - PANEL<T>() / 2;
  for (; N > 0; --N) {
    forwardHalf<T>(a, c, gates, cPrev, width);
    if (second > 0) forwardHalf<T>(a + VEC_BYTES, c + VEC_BYTES, gates + VEC_BYTES, cPrev + VEC_BYTES, second);
    a += stride;
    c += stride;
    cPrev += stride;
    gates += gateStride;
  }
}

/** One vector of units. */
function forwardHalf<T extends number>(a: usize, c: usize, gates: usize, cPrev: usize, width: i32): void {
  const i = vsigmoid<T>(vload<T>(gates)); // (2)
  const f = vsigmoid<T>(vload<T>(gates + F));
  const g = vtanh<T>(vload<T>(gates + G));
  const o = vsigmoid<T>(vload<T>(gates + O));
  const ct = add<T>(mul<T>(f, vloadPart<T>(cPrev, width)), mul<T>(i, g)); // (3)
  vstore<T>(gates, i);
  vstore<T>(gates + F, f);
  vstore<T>(gates + G, g);
  vstore<T>(gates + O, o);
  vstorePart<T>(c, ct, width);
  vstorePart<T>(a, mul<T>(o, vtanh<T>(ct)), width); // (4)
}

/**
 * One step backward. Pair: lstmCellForward.
 *
 * @param dz       out   [N,W] block   gate layout
 * @param dc       inout [N,Hp] block  in: ∂L/∂c⟨t⟩ from step t + 1, out: ∂L/∂c⟨t−1⟩ (10)
 * @param da       in    [N,Hp] block  what reaches a⟨t⟩ from step t + 1
 * @param dOutput  in    [N,H] block   what reaches a⟨t⟩ from outside; may be null
 * @param gates    tape  [N,W] block   post-activation
 * @param c        tape  [N,H] block
 * @param cPrev    tape  [N,H] block
 */
export function lstmCellBackward<T extends number>(
  dz: usize, dc: usize, da: usize, dOutput: usize, gates: usize, c: usize, cPrev: usize,
  stride: usize, paddedStride: usize, gateStride: usize, N: i32, width: i32,
): void {
  assert(N > 0 && width > 0 && width <= PANEL<T>());
  const second = width - PANEL<T>() / 2;
  for (; N > 0; --N) {
    backwardHalf<T>(dz, dc, da, dOutput, gates, c, cPrev, width);
    backwardHalf<T>(
      dz + VEC_BYTES, dc + VEC_BYTES, da + VEC_BYTES, dOutput ? dOutput + VEC_BYTES : 0, gates + VEC_BYTES, c + VEC_BYTES,
      cPrev + VEC_BYTES, second,
    );
    dz += gateStride;
    gates += gateStride;
    dc += paddedStride;
    da += paddedStride;
    c += stride;
    cPrev += stride;
    if (dOutput) dOutput += stride;
  }
}

/** One vector of units. Beyond H everything is read as zero (the buffers may hold ∞·0 there), so dz there is zero. */
function backwardHalf<T extends number>(
  dz: usize, dc: usize, da: usize, dOutput: usize, gates: usize, c: usize, cPrev: usize, width: i32,
): void {
  const one = both<T>(ONE);
  const i = vloadPart<T>(gates, width);
  const f = vloadPart<T>(gates + F, width);
  const g = vloadPart<T>(gates + G, width);
  const o = vloadPart<T>(gates + O, width);
  const tc = vtanh<T>(vloadPart<T>(c, width));
  let d = vloadPart<T>(da, width);
  if (dOutput) d = add<T>(vloadPart<T>(dOutput, width), d);
  const dct = add<T>(vloadPart<T>(dc, width), mul<T>(mul<T>(d, o), sub<T>(one, mul<T>(tc, tc)))); // (5)
  vstore<T>(dz + O, flush<T>(mul<T>(mul<T>(d, tc), mul<T>(o, sub<T>(one, o))))); // (6)
  vstore<T>(dz, flush<T>(mul<T>(mul<T>(dct, g), mul<T>(i, sub<T>(one, i))))); // (7)
  vstore<T>(dz + F, flush<T>(mul<T>(mul<T>(dct, vloadPart<T>(cPrev, width)), mul<T>(f, sub<T>(one, f))))); // (8)
  vstore<T>(dz + G, flush<T>(mul<T>(mul<T>(dct, i), sub<T>(one, mul<T>(g, g))))); // (9)
  vstore<T>(dc, flush<T>(mul<T>(dct, f))); // (10)
}
