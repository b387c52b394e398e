/*
 * The naive dropout: what each element is multiplied by. Element i of a tensor is kept where (1) holds.
 *
 *   (1) mix(mix(i·0x9e3779b9 + seed0) ⊕ seed1) ≥ ⌊p·2³²⌋           in 32-bit integers without sign
 *   (2) factor = 1/(1 − p) where it is kept, else 0
 */

/** MurmurHash3's finaliser. */
function mix(word: number): number {
  let x = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** (2) for elements 0 … count − 1. */
export function dropoutFactors(count: number, p: number, seed0: number, seed1: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    const hash = mix(mix((Math.imul(i, 0x9e3779b9) + seed0) | 0) ^ seed1);
    return hash >= Math.floor(p * 2 ** 32) ? 1 / (1 - p) : 0; // (1)
  });
}
