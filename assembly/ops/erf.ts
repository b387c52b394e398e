/**
 * The normal distribution's density and its upper tail, of whole vectors, for GELU: Φ(−w) = erfc(w/√2)/2.
 *
 *   E(w)   = e^(−w²/2)                                                     (1)
 *   Φ(−w)  = E(w)·t·P(s),  t = 1/(1 + c·w),  s = 2t − 1,  w ≥ 0            (2)
 *
 * One formula for all w, with no branch: Φ(−w)/E(w) falls slowly (as Mills' ratio does, like 1/(w√2π)), and t maps w in [0, ∞) to
 * (0, 1]. The form is that of Shepherd & Laframboise, Math. Comp. 36 (1981) 249, for erfc; P is minimax for the relative error, by our own Remez
 * exchange, on w ≤ 13.3 (f64: 38.6): 2^−25.1 in f32 (degree 9, c = 5/16), 2^−53.3 in f64 (degree 22, c = 5/32), coefficients rounded.
 * Its even and odd coefficients apart, for the reason that math.ts gives.
 *
 * w² is formed exactly: rounded, it would cost e^(−w²/2) half of w² ulp.
 *   h = w without the lower half of its mantissa,  w²/2 = h²/2 + (w − h)(w + h)/2          (3)
 */
import { both, HALF, ONE } from "../constants";
import { vexp } from "../math";
import { add, and, div, loadSplat, madd, mul, pmin, sub } from "../vec";
import { neg } from "../vec_mask";

// In memory for the reason that constants.ts gives. c, the w from where on E is 0 in T, 1/√2π; P, highest power first.
const SINGLE = memory.data<f32>([
  0.3125, 14, 0.3989422804014327,
  2.06560671e-5, -0.000221308554, -0.000507901132, 0.0830752924, 0.229964957,
  -3.60929916e-5, 0.00033954368, -0.00258404459, 0.0231350567, 0.166813836,
]);
const DOUBLE = memory.data<f64>([
  0.15625, 39, 0.3989422804014327,
  -2.97719490019266e-10, 2.961088197315658e-9, -2.681594366957427e-8, 2.0247635258017318e-7, -5.688197796439743e-7, -1.534826620668934e-5,
  0.00021520013793010982, 0.00304707845607034, 0.01593903463825235, 0.04771876687014527, 0.09243769722818458, 0.1218253270853777,
  6.109246367106123e-10, -3.730381408432479e-9, -9.343496901824424e-9, 5.094401808555962e-7, -6.425437361158837e-6, 9.770900506444553e-6,
  0.00097943285042705, 0.007572670850993556, 0.029269407054950458, 0.06984102479234683, 0.11116625635715802,
]);
/** The upper half of a number's bits: its square is exact. */
const UPPER_SINGLE = memory.data<u32>([0xfffff000]);
const UPPER_DOUBLE = memory.data<u64>([0xfffffffff8000000]);

// @ts-ignore: decorator
@inline function constant<T extends number>(index: usize): v128 {
  if (sizeof<T>() == 4) return loadSplat<f32>(SINGLE + 4 * index);
  return loadSplat<f64>(DOUBLE + 8 * index);
}

/** 1/√2π: the density is this times E. */
// @ts-ignore: decorator
@inline export function densityAtZero<T extends number>(): v128 {
  return constant<T>(2);
}

/** A polynomial in u of `count` coefficients from `first` on. The chain dissolves. */
// @ts-ignore: decorator
@inline function horner<T extends number>(u: v128, first: usize, count: i32): v128 {
  let p = madd<T>(constant<T>(first), u, constant<T>(first + 1));
  p = madd<T>(p, u, constant<T>(first + 2));
  p = madd<T>(p, u, constant<T>(first + 3));
  p = madd<T>(p, u, constant<T>(first + 4));
  if (count > 5) {
    p = madd<T>(p, u, constant<T>(first + 5));
    p = madd<T>(p, u, constant<T>(first + 6));
    p = madd<T>(p, u, constant<T>(first + 7));
    p = madd<T>(p, u, constant<T>(first + 8));
    p = madd<T>(p, u, constant<T>(first + 9));
    p = madd<T>(p, u, constant<T>(first + 10));
  }
  if (count > 11) p = madd<T>(p, u, constant<T>(first + 11));
  return p;
}

/** w ≥ 0 or NaN, cut where E is 0 anyway: what follows needs it finite. */
// @ts-ignore: decorator
@inline export function within<T extends number>(w: v128): v128 {
  return pmin<T>(w, constant<T>(1));
}

/** E(w), w from `within`. Its error is in that of vtail. */
// @ts-ignore: decorator
@inline export function vbell<T extends number>(w: v128): v128 {
  const h = and(w, sizeof<T>() == 4 ? loadSplat<f32>(UPPER_SINGLE) : loadSplat<f64>(UPPER_DOUBLE));
  const half = both<T>(HALF);
  const a = mul<T>(mul<T>(h, h), half), b = mul<T>(mul<T>(sub<T>(w, h), add<T>(w, h)), half); // (3)
  const z = add<T>(a, b);
  const lost = sub<T>(sub<T>(z, a), b); // z − (a + b), exactly: a ≥ b
  const e = vexp<T>(neg<T>(z));
  return madd<T>(e, lost, e); // (1)
}

/** Φ(−w), w from `within` and E(w). Error: x·Φ(x) was at most 5 ulp off in f32 (−12.5 … 8) and 6 in f64 (−37 … 8), at 4,000 points
 * against mpmath with 40 digits. */
// @ts-ignore: decorator
@inline export function vtail<T extends number>(w: v128, bell: v128): v128 {
  const one = both<T>(ONE);
  const t = div<T>(one, madd<T>(constant<T>(0), w, one));
  const s = sub<T>(add<T>(t, t), one), ss = mul<T>(s, s);
  let p: v128;
  if (sizeof<T>() == 4) p = madd<T>(horner<T>(ss, 8, 5), s, horner<T>(ss, 3, 5));
  else p = madd<T>(horner<T>(ss, 15, 11), s, horner<T>(ss, 3, 12));
  return mul<T>(bell, mul<T>(t, p)); // (2)
}
