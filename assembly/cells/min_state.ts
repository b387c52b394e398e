/**
 * The candidate and the state that MinGRU and MinLSTM share, one vector at a time. Math: docs/math/min-gru.md.
 *
 *   h̃ = g(v)    linear: g(v) = v    positive: g(v) = v + ½ where v ≥ 0, else σ(v)      (1)
 *   h⟨t⟩ = z ∘ h̃ + (1 − z) ∘ h⟨t−1⟩                                                    (2)
 *
 *   dk = dh ∘ (h̃ − h⟨t−1⟩) ∘ z ∘ (1 − z), k the logit of z                              (3)
 *   dv = dh ∘ z ∘ g′(v)    linear: g′ = 1    positive: 1 where v ≥ 0, else h̃ ∘ (1 − h̃)  (4)
 *   dh⟨t−1⟩ = dh ∘ (1 − z)                                                             (5)
 *
 * (2) is the paper's sum and not h⟨t−1⟩ + z ∘ (h̃ − h⟨t−1⟩): a state that grew large is forgotten without a trace where z = 1.
 * The tape keeps v and not h̃: where v is just below zero σ(v) rounds to ½, and g′ jumps there.
 */
import { both, HALF, ONE } from "../constants";
import { flush } from "../flush";
import { vsigmoid } from "../math";
import { add, madd, mul, select, sub, vload, vloadPart, vstore, vstorePart, zero } from "../vec";
import { le } from "../vec_mask";

/** h̃ (1). */
// @ts-ignore: decorator
@inline function candidate<T extends number>(v: v128, positive: bool): v128 {
  if (!positive) return v;
  return select(add<T>(v, both<T>(HALF)), vsigmoid<T>(v), le<T>(zero(), v));
}

/** Stores h⟨t⟩ of `width` units (2). */
// @ts-ignore: decorator
@inline export function storeState<T extends number>(h: usize, z: v128, v: v128, hPrev: usize, width: i32, positive: bool): void {
  const kept = mul<T>(sub<T>(both<T>(ONE), z), vloadPart<T>(hPrev, width));
  vstorePart<T>(h, madd<T>(z, candidate<T>(v, positive), kept), width); // (2)
}

/**
 * Stores dv and dh⟨t−1⟩. @returns dk (3)
 *
 * @param dv       out   [Hp] ∂L/∂v (4)
 * @param da       inout [Hp] in: what reaches h⟨t⟩ from step t + 1, out: dh⟨t−1⟩ (5)
 * @param dOutput  in    [H]  what reaches h⟨t⟩ from outside; may be null
 */
// @ts-ignore: decorator
@inline export function storeStateGradients<T extends number>(
  dv: usize, da: usize, dOutput: usize, z: v128, v: v128, hPrev: usize, width: i32, positive: bool,
): v128 {
  const one = both<T>(ONE);
  const rest = sub<T>(one, z);
  const ht = candidate<T>(v, positive);
  let d = vloadPart<T>(da, width);
  if (dOutput) d = add<T>(vloadPart<T>(dOutput, width), d);
  vstore<T>(da, flush<T>(mul<T>(d, rest))); // (5)
  let dCandidate = mul<T>(d, z);
  if (positive) dCandidate = mul<T>(dCandidate, select(one, mul<T>(ht, sub<T>(one, ht)), le<T>(zero(), v)));
  vstore<T>(dv, flush<T>(dCandidate)); // (4)
  return mul<T>(mul<T>(d, sub<T>(ht, vloadPart<T>(hPrev, width))), mul<T>(z, rest)); // (3)
}
