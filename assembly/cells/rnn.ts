/**
 * The plain recurrent cell, pointwise (the products are taken in sequence/). Math: docs/math/rnn.md.
 *
 *   z⟨t⟩ = Wax·x⟨t⟩ + Waa·a⟨t−1⟩ + b     (1)
 *   a⟨t⟩ = tanh(z⟨t⟩)                    (2)
 *   dz⟨t⟩ = (1 − a⟨t⟩²) ∘ da⟨t⟩          (3)
 *
 * Works on one block of up to PANEL units of all rows: strides are bytes between rows, `width` says how many units
 * of the block exist.
 */
import { both, ONE } from "../constants";
import { vtanh } from "../math";
import { flush } from "../flush";
import { add, mul, PANEL, sub, VEC_BYTES, vload, vloadPart, vstore, vstorePart } from "../vec";

/**
 * One step forward. Pair: rnnCellBackward.
 *
 * @param a  out [N,H] block   (2)
 * @param z  in  [N,W] block   pre-activation
 */
export function rnnCellForward<T extends number>(a: usize, aStride: usize, z: usize, zStride: usize, N: i32, width: i32): void {
  assert(N > 0 && width > 0 && width <= PANEL<T>());
  for (; N > 0; --N) {
    vstorePart<T>(a, vtanh<T>(vload<T>(z)), width); // (2)
    vstorePart<T>(a + VEC_BYTES, vtanh<T>(vload<T>(z + VEC_BYTES)), width - PANEL<T>() / 2);
    a += aStride;
    z += zStride;
  }
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
  dz: usize, da: usize, dOutput: usize, a: usize, stride: usize, paddedStride: usize, N: i32, width: i32,
): void {
  assert(N > 0 && width > 0 && width <= PANEL<T>());
  for (; N > 0; --N) {
    half<T>(dz, da, dOutput, a, width);
    half<T>(dz + VEC_BYTES, da + VEC_BYTES, dOutput ? dOutput + VEC_BYTES : 0, a + VEC_BYTES, width - PANEL<T>() / 2);
    dz += paddedStride;
    da += paddedStride;
    a += stride;
    if (dOutput) dOutput += stride;
  }
}

// @ts-ignore: decorator
@inline function half<T extends number>(dz: usize, da: usize, dOutput: usize, a: usize, width: i32): void {
  const at = vloadPart<T>(a, width);
  let d = vloadPart<T>(da, width); // beyond H there may be ∞·0
  if (dOutput) d = add<T>(vloadPart<T>(dOutput, width), d);
  vstore<T>(dz, flush<T>(mul<T>(sub<T>(both<T>(ONE), mul<T>(at, at)), d))); // (3)
}
