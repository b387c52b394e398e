/**
 * Dropout without a mask in memory: whether an element is kept depends on its place and two seeds alone, so that the
 * backward pass asks again.
 *
 *   y_i = x_i / (1 − p) where hash(seeds, i) ≥ p·2³², else 0      (1)
 *
 * The hash is a Weyl sequence through MurmurHash3's 32-bit finaliser, twice, a seed before each (Steele, Lea & Flood,
 * OOPSLA 2014, for the form): the same bits on every host, in both element types.
 *
 * Four hashes at a time and a mask in the place of a branch, which half of all guesses miss at p = 0.5.
 */
import { and, LANES, mul, splat, VEC_BYTES, vload, vloadPart, vstore, vstorePart } from "../vec";
import { add32, lanes32, loadSplat32, mul32, notBelow, shr32, splat32, xor } from "../vec_mask";

/** The Weyl sequence's step. */
// @ts-ignore: decorator
@inline const STEP: u32 = 0x9e3779b9;
// The finaliser's factors, in memory for the reason that constants.ts gives.
const FACTORS = memory.data<u32>([0x85ebca6b, 0xc2b2ae35]);

/** Every bit of a lane of the result depends on every bit of that lane of x. */
// @ts-ignore: decorator
@inline function mix(x: v128): v128 {
  x = mul32(xor(x, shr32(x, 16)), loadSplat32(FACTORS));
  x = mul32(xor(x, shr32(x, 13)), loadSplat32(FACTORS + 4));
  return xor(x, shr32(x, 16));
}

/** (1) of a vector at place `weyl` of the sequence. */
// @ts-ignore: decorator
@inline function droppedOut<T extends number>(x: v128, weyl: v128, seed1: v128, least: v128, scale: v128): v128 {
  return and(mul<T>(x, scale), notBelow<T>(mix(xor(mix(weyl), seed1)), least));
}

/**
 * (1) Its own pair: the backward is the same on dy.
 *
 * @param y  out [n]  may be x
 * @param x  in  [n]
 * @param p  share that is dropped, in [0, 1)
 */
export function dropout<T extends number>(y: usize, x: usize, n: i32, p: f64, seed0: u32, seed1: u32): void {
  const least = splat32(u32(p * 4294967296.0)), second = splat32(seed1), step = splat32(STEP * LANES<T>());
  const scale = splat<T>(<T>(1 / (1 - p)));
  let weyl = add32(mul32(lanes32(), splat32(STEP)), splat32(seed0));
  for (; n >= LANES<T>(); n -= LANES<T>(), x += VEC_BYTES, y += VEC_BYTES) {
    vstore<T>(y, droppedOut<T>(vload<T>(x), weyl, second, least, scale));
    weyl = add32(weyl, step);
  }
  if (n > 0) vstorePart<T>(y, droppedOut<T>(vloadPart<T>(x, n), weyl, second, least, scale), n);
}
