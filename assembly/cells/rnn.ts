/**
 * The plain recurrent cell, pointwise (the products are taken in sequence/). Math: docs/math/rnn.md.
 *
 *   z⟨t⟩ = Wax·x⟨t⟩ + Waa·a⟨t−1⟩ + b     (1)
 *   a⟨t⟩ = tanh(z⟨t⟩)   or  max(z⟨t⟩, 0)                 (2)
 *   dz⟨t⟩ = (1 − a⟨t⟩²) ∘ da⟨t⟩   or  da⟨t⟩ where a⟨t⟩ > 0   (3)
 *
 * Works on one block of up to PANEL units of all rows: strides are bytes between rows, `width` says how many units
 * of the block exist.
 */
import { both, ONE } from "../constants";
import { vtanh } from "../math";
import { flush } from "../flush";
import { add, andnot, eq, mul, PANEL, sub, VEC_BYTES, vload, vloadPart, vmax, vstore, vstorePart, zero } from "../vec";

/**
 * One step forward. Pair: rnnCellBackward.
 *
 * @param a  out [N,H] block   (2)
 * @param z  in  [N,W] block   pre-activation
 */
export function rnnCellForward<T extends number>(
  a: usize, aStride: usize, z: usize, zStride: usize, N: i32, width: i32, relu: bool,
): void {
  assert(N > 0 && width > 0 && width <= PANEL<T>());
  for (; N > 0; --N) {
    vstorePart<T>(a, activation<T>(vload<T>(z), relu), width);
    vstorePart<T>(a + VEC_BYTES, activation<T>(vload<T>(z + VEC_BYTES), relu), width - PANEL<T>() / 2);
    a += aStride;
    z += zStride;
  }
}

/** (2) NaN stays NaN. */
// @ts-ignore: decorator
@inline function activation<T extends number>(z: v128, relu: bool): v128 {
  if (relu) return vmax<T>(z, zero());
  return vtanh<T>(z);
}

/**
 * One step backward. Pair: rnnCellForward.
 *
 * @param dz       out  [N,W] block
 * @param da       in   [N,Hp] block  what reaches a⟨t⟩ from step t + 1
 * @param dOutput  in   [N,H] block   what reaches a⟨t⟩ from outside; may be null
 * @param a        tape [N,H] block
 */
export function rnnCellBackward<T extends number>(
  dz: usize, da: usize, dOutput: usize, a: usize, stride: usize, paddedStride: usize, N: i32, width: i32, relu: bool,
): void {
  assert(N > 0 && width > 0 && width <= PANEL<T>());
  for (; N > 0; --N) {
    half<T>(dz, da, dOutput, a, width, relu);
    half<T>(dz + VEC_BYTES, da + VEC_BYTES, dOutput ? dOutput + VEC_BYTES : 0, a + VEC_BYTES, width - PANEL<T>() / 2, relu);
    dz += paddedStride;
    da += paddedStride;
    a += stride;
    if (dOutput) dOutput += stride;
  }
}

// @ts-ignore: decorator
@inline function half<T extends number>(dz: usize, da: usize, dOutput: usize, a: usize, width: i32, relu: bool): void {
  const at = vloadPart<T>(a, width);
  let d = vloadPart<T>(da, width); // beyond H there may be ∞·0
  if (dOutput) d = add<T>(vloadPart<T>(dOutput, width), d);
  // (3) as torch.relu: nothing passes where a is 0, everything where it is NaN.
  if (relu) vstore<T>(dz, flush<T>(andnot(d, eq<T>(at, zero()))));
  else vstore<T>(dz, flush<T>(mul<T>(sub<T>(both<T>(ONE), mul<T>(at, at)), d)));
}
