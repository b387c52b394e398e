/**
 * The LSTM cell with peepholes and a bound on its state, pointwise (the products, the projection too, are taken in sequence/). Math:
 * docs/math/lstmp.md; names: docs/notation.md. Without peepholes and bound the arithmetic is that of cells/lstm.ts.
 *
 *   z⟨t⟩ = Wx·x⟨t⟩ + Wa·a⟨t−1⟩ + b, stacked i f g o                    (1)
 *   i = σ(zi + pi ∘ c⟨t−1⟩)   f = σ(zf + pf ∘ c⟨t−1⟩)   g = tanh(zg)   (2)
 *   c⟨t⟩ = clip(f ∘ c⟨t−1⟩ + i ∘ g)                                    (3)
 *   o = σ(zo + po ∘ c⟨t⟩)                                              (4)
 *   m⟨t⟩ = o ∘ tanh(c⟨t⟩)                                              (5)
 *   a⟨t⟩ = Wr·m⟨t⟩, or m⟨t⟩ where there is no projection               (6)
 *
 *   dzo = dm⟨t⟩ ∘ tanh(c⟨t⟩) ∘ o ∘ (1 − o)                             (7)
 *   dc⟨t⟩ += dm⟨t⟩ ∘ o ∘ (1 − tanh²(c⟨t⟩)) + dzo ∘ po, and 0 where |c⟨t⟩| is the bound   (8)
 *   dzi = dc⟨t⟩ ∘ g ∘ i ∘ (1 − i)                                      (9)
 *   dzf = dc⟨t⟩ ∘ c⟨t−1⟩ ∘ f ∘ (1 − f)                                 (10)
 *   dzg = dc⟨t⟩ ∘ i ∘ (1 − g²)                                         (11)
 *   dc⟨t−1⟩ = dc⟨t⟩ ∘ f + dzi ∘ pi + dzf ∘ pf                          (12)
 *
 * Works on one block of up to PANEL units of all rows: four adjacent panels of gates (i f g o). Strides are bytes
 * between rows, `width` says how many units of the block exist. No bound is a bound of ∞.
 */
import { both, ONE } from "../constants";
import { flush } from "../flush";
import { vsigmoid, vtanh } from "../math";
import { abs, add, andnot, mul, PANEL, PANEL_BYTES, pmax, pmin, splat, sub, VEC_BYTES, vload, vloadPart, vstore, vstorePart } from "../vec";
import { le, neg } from "../vec_mask";

// @ts-ignore: decorator
@inline const F: usize = PANEL_BYTES;
// @ts-ignore: decorator
@inline const G: usize = 2 * PANEL_BYTES;
// @ts-ignore: decorator
@inline const O: usize = 3 * PANEL_BYTES;

/**
 * One step forward. Pair: lstmpCellBackward.
 *
 * @param m          out   [N,H] block  (5)
 * @param c          out   [N,H] block  (3); may alias cPrev
 * @param gates      inout [N,W] block  in: pre-activation (1), out: post-activation (2), (4)
 * @param cPrev      in    [N,H] block
 * @param peepholes  in    [3,H] block  pi pf po, `peepholeStride` bytes apart; may be null
 * @param bound      of c, positive
 */
export function lstmpCellForward<T extends number>(
  m: usize, c: usize, gates: usize, cPrev: usize, peepholes: usize, peepholeStride: usize, bound: f64,
  stride: usize, gateStride: usize, N: i32, width: i32,
): void {
  assert(N > 0 && width > 0 && width <= PANEL<T>() && bound > 0);
  const second = width - PANEL<T>() / 2;
  const most = splat<T>(<T>bound);
  const next = peepholes ? peepholes + VEC_BYTES : 0;
  for (; N > 0; --N) {
    forwardHalf<T>(m, c, gates, cPrev, peepholes, peepholeStride, most, width);
    if (second > 0) {
      forwardHalf<T>(m + VEC_BYTES, c + VEC_BYTES, gates + VEC_BYTES, cPrev + VEC_BYTES, next, peepholeStride, most, second);
    }
    m += stride;
    c += stride;
    cPrev += stride;
    gates += gateStride;
  }
}

/** One vector of units. */
function forwardHalf<T extends number>(
  m: usize, c: usize, gates: usize, cPrev: usize, peepholes: usize, peepholeStride: usize, most: v128, width: i32,
): void {
  const before = vloadPart<T>(cPrev, width);
  let zi = vload<T>(gates), zf = vload<T>(gates + F), zo = vload<T>(gates + O);
  if (peepholes) {
    zi = add<T>(zi, mul<T>(vloadPart<T>(peepholes, width), before));
    zf = add<T>(zf, mul<T>(vloadPart<T>(peepholes + peepholeStride, width), before));
  }
  const i = vsigmoid<T>(zi); // (2)
  const f = vsigmoid<T>(zf);
  const g = vtanh<T>(vload<T>(gates + G));
  const ct = pmax<T>(pmin<T>(add<T>(mul<T>(f, before), mul<T>(i, g)), most), neg<T>(most)); // (3)
  if (peepholes) zo = add<T>(zo, mul<T>(vloadPart<T>(peepholes + 2 * peepholeStride, width), ct));
  const o = vsigmoid<T>(zo); // (4)
  vstore<T>(gates, i);
  vstore<T>(gates + F, f);
  vstore<T>(gates + G, g);
  vstore<T>(gates + O, o);
  vstorePart<T>(c, ct, width);
  vstorePart<T>(m, mul<T>(o, vtanh<T>(ct)), width); // (5)
}

/**
 * One step backward. Pair: lstmpCellForward.
 *
 * @param dz         out   [N,W] block   gate layout
 * @param dc         inout [N,Hp] block  in: ∂L/∂c⟨t⟩ from step t + 1, out: ∂L/∂c⟨t−1⟩ (12)
 * @param dm         in    [N,Hp] block  ∂L/∂m⟨t⟩; without a projection what reaches it from step t + 1
 * @param dOutput    in    [N,H] block   without a projection what reaches m⟨t⟩ from outside; may be null
 * @param gates      tape  [N,W] block   post-activation
 * @param c          tape  [N,H] block
 * @param cPrev      tape  [N,H] block
 * @param peepholes  in    [3,H] block   may be null
 */
export function lstmpCellBackward<T extends number>(
  dz: usize, dc: usize, dm: usize, dOutput: usize, gates: usize, c: usize, cPrev: usize, peepholes: usize, peepholeStride: usize,
  bound: f64, stride: usize, paddedStride: usize, gateStride: usize, N: i32, width: i32,
): void {
  assert(N > 0 && width > 0 && width <= PANEL<T>() && bound > 0);
  const second = width - PANEL<T>() / 2;
  const most = splat<T>(<T>bound);
  const next = peepholes ? peepholes + VEC_BYTES : 0;
  for (; N > 0; --N) {
    backwardHalf<T>(dz, dc, dm, dOutput, gates, c, cPrev, peepholes, peepholeStride, most, width);
    backwardHalf<T>(
      dz + VEC_BYTES, dc + VEC_BYTES, dm + VEC_BYTES, dOutput ? dOutput + VEC_BYTES : 0, gates + VEC_BYTES, c + VEC_BYTES,
      cPrev + VEC_BYTES, next, peepholeStride, most, second,
    );
    dz += gateStride;
    gates += gateStride;
    dc += paddedStride;
    dm += paddedStride;
    c += stride;
    cPrev += stride;
    if (dOutput) dOutput += stride;
  }
}

/** One vector of units. Beyond H everything is read as zero (the buffers may hold ∞·0 there), so dz there is zero. */
function backwardHalf<T extends number>(
  dz: usize, dc: usize, dm: usize, dOutput: usize, gates: usize, c: usize, cPrev: usize, peepholes: usize, peepholeStride: usize,
  most: v128, width: i32,
): void {
  const one = both<T>(ONE);
  const i = vloadPart<T>(gates, width);
  const f = vloadPart<T>(gates + F, width);
  const g = vloadPart<T>(gates + G, width);
  const o = vloadPart<T>(gates + O, width);
  const ct = vloadPart<T>(c, width), tc = vtanh<T>(ct);
  let d = vloadPart<T>(dm, width);
  if (dOutput) d = add<T>(vloadPart<T>(dOutput, width), d);
  const dzo = flush<T>(mul<T>(mul<T>(d, tc), mul<T>(o, sub<T>(one, o)))); // (7)
  let dct = add<T>(vloadPart<T>(dc, width), mul<T>(mul<T>(d, o), sub<T>(one, mul<T>(tc, tc)))); // (8)
  if (peepholes) dct = add<T>(dct, mul<T>(dzo, vloadPart<T>(peepholes + 2 * peepholeStride, width)));
  dct = andnot(dct, le<T>(most, abs<T>(ct)));
  const dzi = flush<T>(mul<T>(mul<T>(dct, g), mul<T>(i, sub<T>(one, i)))); // (9)
  const dzf = flush<T>(mul<T>(mul<T>(dct, vloadPart<T>(cPrev, width)), mul<T>(f, sub<T>(one, f)))); // (10)
  vstore<T>(dz, dzi);
  vstore<T>(dz + F, dzf);
  vstore<T>(dz + G, flush<T>(mul<T>(mul<T>(dct, i), sub<T>(one, mul<T>(g, g))))); // (11)
  vstore<T>(dz + O, dzo);
  let before = mul<T>(dct, f); // (12)
  if (peepholes) {
    before = add<T>(before, mul<T>(dzi, vloadPart<T>(peepholes, width)));
    before = add<T>(before, mul<T>(dzf, vloadPart<T>(peepholes + peepholeStride, width)));
  }
  vstore<T>(dc, flush<T>(before));
}
