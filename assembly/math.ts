/**
 * Elementary functions of whole vectors: exp, sigmoid, tanh, log. One source for f32 and f64, no branches.
 *
 * Reduction. n is the integer nearest to x / ln 2, found by adding and subtracting 1.5·2^(mantissa bits):
 *   t = x·log2(e) + MAGIC,  n = t − MAGIC,  r = x − n·ln 2,  |r| ≤ ln2/2                             (1)
 *   the low bits of t are n as an integer: shifted to the exponent, they are 2^n                       (2)
 * One polynomial serves exp, sigmoid and tanh:
 *   q(r) = expm1(r) = r + r²·(E(r²) + r·O(r²)),   −q(−r) = r − r²·(E(r²) − r·O(r²))                    (3)
 * exp      = 2^n·(1 + q)                                                                              (4)
 * sigmoid  = 3 / (3s + (3 + 3s·q)),  s = 2^n, n and q of −x                                           (5)
 * tanh|x|  = ((1 − s) − s·q) / ((1 + s) + s·q),  s = 2^n, n and q of −2|x|                            (6)
 *   For n = 0 (6) is −q / (2 + q): small arguments keep their relative accuracy without a blend. Two sums of
 *   their own, instead of a denominator 2 − numerator: by estimate their rounding errors partly cancel.
 * log      = n·ln 2 + log f,  x = 2^n·f,  f in [2/3, 4/3)                                            (7)
 *   z = f − 1,  v = z / (2 + z),  u = v²                                                               (8)
 *   log f = z − (z²/2 − v·(z²/2 + u·R(u))),  R(u) = (2·atanh(v) − 2v) / v³                             (9)
 *
 * Subnormal results (the same rule in both builds): exp gives +0 for every result below the smallest normal number; sigmoid
 * gives +0 below 2^−126.4 (f64: 2^−1022.4), rounded results in the half octave above; tanh and log
 * meet them only as tanh x = x, exactly. Subnormal inputs are never flushed. NaN gives NaN; its payload is unspecified.
 * The stated errors are the greatest measured, in units of the last place of the exact result, where that is normal:
 * docs/numerics.md says how. Polynomials: minimax, by our own Remez exchange; ln 2 is split as in Cody and Waite,
 * "Software Manual for the Elementary Functions" (1980), chapter 6; (9) regroups the atanh series as fdlibm's log does.
 */
import {
  both, bits, ATANH_32, ATANH_64, EXPM1_EVEN_32, EXPM1_EVEN_64, EXPM1_ODD_32, EXPM1_ODD_64, EXP_LEAST, EXP_MOST,
  EXP_MOST_LESS_ONE, HALF, INF, LEAST_NORMAL, LN2, LN2_HIGH, LN2_LOW, LOG2E, MAGIC, MAGIC_BIASED, MANTISSA_BITS, ONE,
  ONE_LESS_TWO_THIRDS, RESCALE, RESCALED, SIGMOID_LEAST, SIGMOID_MOST, SIGN, TANH_LEAST, TANH_LOW_64, THREE,
  TWO_LOG2E, TWO_MANTISSA, TWO_MANTISSA_BIASED, TWO_THIRDS,
} from "./constants";
import {
  add, addBits, and, andnot, div, eq, lt, madd, mul, nmadd, or, pmax, pmin, select, shlBits, shrBits, sub, zero,
} from "./vec";

/** Explicit bits of a mantissa: where the exponent starts. */
// @ts-ignore: decorator
@inline export function MANTISSA<T extends number>(): i32 {
  if (sizeof<T>() == 4) return 23;
  return 52;
}

// E and O of (3) are the even and the odd coefficients of one polynomial of degree 4 (f64: 10), minimax for the error relative to
// expm1(r) on |r| ≤ 1.0005·ln2/2: 2^−26.1 (f64: 2^−58.9) after rounding. Two short chains, not one long: exp and tanh in f64,
// baseline, ran 12 to 20 % faster (measured).
// @ts-ignore: decorator
@inline function expm1Even<T extends number>(rr: v128): v128 {
  let p: v128;
  if (sizeof<T>() == 4) {
    p = both<T>(EXPM1_EVEN_32);
    p = madd<T>(p, rr, both<T>(EXPM1_EVEN_32 + 1));
    p = madd<T>(p, rr, both<T>(EXPM1_EVEN_32 + 2));
  } else {
    p = both<T>(EXPM1_EVEN_64);
    p = madd<T>(p, rr, both<T>(EXPM1_EVEN_64 + 1));
    p = madd<T>(p, rr, both<T>(EXPM1_EVEN_64 + 2));
    p = madd<T>(p, rr, both<T>(EXPM1_EVEN_64 + 3));
    p = madd<T>(p, rr, both<T>(EXPM1_EVEN_64 + 4));
    p = madd<T>(p, rr, both<T>(EXPM1_EVEN_64 + 5));
  }
  return p;
}

// @ts-ignore: decorator
@inline function expm1Odd<T extends number>(rr: v128): v128 {
  let p: v128;
  if (sizeof<T>() == 4) {
    p = both<T>(EXPM1_ODD_32);
    p = madd<T>(p, rr, both<T>(EXPM1_ODD_32 + 1));
  } else {
    p = both<T>(EXPM1_ODD_64);
    p = madd<T>(p, rr, both<T>(EXPM1_ODD_64 + 1));
    p = madd<T>(p, rr, both<T>(EXPM1_ODD_64 + 2));
    p = madd<T>(p, rr, both<T>(EXPM1_ODD_64 + 3));
    p = madd<T>(p, rr, both<T>(EXPM1_ODD_64 + 4));
  }
  return p;
}

/** q(r) − r + c, |r| ≤ ln2/2. */
// @ts-ignore: decorator
@inline function expm1Rest<T extends number>(r: v128, c: v128): v128 {
  const rr = mul<T>(r, r);
  return madd<T>(rr, madd<T>(expm1Odd<T>(rr), r, expm1Even<T>(rr)), c); // (3)
}

/** q(r) = expm1(r). */
// @ts-ignore: decorator
@inline export function expm1Small<T extends number>(r: v128): v128 {
  return expm1Rest<T>(r, r);
}

/** −q(−r): the sign costs nothing here. */
// @ts-ignore: decorator
@inline function negExpm1Neg<T extends number>(r: v128): v128 {
  const rr = mul<T>(r, r);
  return nmadd<T>(rr, nmadd<T>(expm1Odd<T>(rr), r, expm1Even<T>(rr)), r); // (3)
}

/**
 * e^x. Error: at most 1.08 ulp in f32, 1.00 in f64 (measured).
 * Overflow gives +∞, results below the smallest normal number give +0.
 */
// @ts-ignore: decorator
@inline export function vexp<T extends number>(x: v128): v128 {
  // The greatest x with a finite result; pmin's order turns NaN into it too, the last product brings NaN back.
  const z = pmin<T>(both<T>(EXP_MOST), x);
  const t = madd<T>(z, both<T>(LOG2E), both<T>(MAGIC));
  const n = sub<T>(t, both<T>(MAGIC));
  const r = nmadd<T>(n, both<T>(LN2_LOW), nmadd<T>(n, both<T>(LN2_HIGH), z)); // (1)
  const p = add<T>(expm1Small<T>(r), both<T>(ONE));
  // An integer sum, since 2^128 (2^1024) alone is no float while 2^128·p with p < 1 is.
  const y = addBits<T>(p, shlBits<T>(t, MANTISSA<T>())); // (4)
  // Below ln of the smallest normal number the exponent wrapped: the least x with a normal result.
  const kept = andnot(y, lt<T>(x, both<T>(EXP_LEAST)));
  // A factor max(x − (greatest − 1), 1): 1 in range; over it, enough to overflow (the next float above gives 1 + one step,
  // and e^greatest·(1 + step) rounds to ∞); NaN for NaN.
  return mul<T>(kept, pmax<T>(sub<T>(x, both<T>(EXP_MOST_LESS_ONE)), both<T>(ONE)));
}

/**
 * 1 / (1 + e^−x). Error: at most 1.93 ulp in f32, 1.66 in f64 (measured).
 * 1 for great x, relative accuracy for small ones down to the smallest normal number.
 */
// @ts-ignore: decorator
@inline export function vsigmoid<T extends number>(x: v128): v128 {
  const z = pmax<T>(pmin<T>(x, both<T>(SIGMOID_MOST)), both<T>(SIGMOID_LEAST));
  const t = nmadd<T>(z, both<T>(LOG2E), both<T>(MAGIC_BIASED));
  const n = sub<T>(t, both<T>(MAGIC_BIASED));
  const r = madd<T>(n, both<T>(LN2_LOW), madd<T>(n, both<T>(LN2_HIGH), z)); // (1), −r
  // Why 3: a denominator just above a power of two rounds coarsely where the result's last place is finest; the factor
  // moves it away (by estimate; other factors of this form were not measured). Why this order of summing: 3s + 3 is not exact
  // for n near the width of the mantissa.
  const three = both<T>(THREE);
  const s = mul<T>(shlBits<T>(t, MANTISSA<T>()), three); // (2)
  return div<T>(three, add<T>(s, nmadd<T>(negExpm1Neg<T>(r), s, three))); // (5)
}

/**
 * tanh x. Error: at most 1.99 ulp in f32, 1.94 in f64 (measured).
 * Odd bit by bit, −0 for −0, x for tiny x, ±1 from |x| = 9.02 (f64: 19.1) on.
 */
// @ts-ignore: decorator
@inline export function vtanh<T extends number>(x: v128): v128 {
  const one = both<T>(ONE);
  const sign = bits<T>(SIGN);
  // −|x|, from where on tanh has long been 1: 2^n stays far from the ends of the exponent.
  const z = pmax<T>(or(x, sign), both<T>(TANH_LEAST));
  const t = madd<T>(z, both<T>(TWO_LOG2E), both<T>(MAGIC_BIASED)); // 2·log2(e)
  const n = sub<T>(t, both<T>(MAGIC_BIASED));
  // ln 2 in one piece leaves r exact where it counts: for the first few n (f32, whose ln 2 has 21 significant bits: n > −8).
  const z2 = add<T>(z, z);
  const r = nmadd<T>(n, both<T>(LN2), z2); // (1)
  // What that piece leaves out of ln 2 is 2^−29 in f32: by estimate 0.06 ulp. In f64 it would be 0.4, so q takes it in.
  let q: v128;
  if (sizeof<T>() == 4) q = expm1Small<T>(r);
  else q = add<T>(r, expm1Rest<T>(r, mul<T>(n, both<T>(TANH_LOW_64))));
  const s = shlBits<T>(t, MANTISSA<T>()); // (2)
  const y = div<T>(nmadd<T>(q, s, sub<T>(one, s)), madd<T>(q, s, add<T>(one, s))); // (6), never −0
  return or(y, and(x, sign));
}

/**
 * Natural logarithm. Error: at most 0.84 ulp in f32, 0.84 in f64 (measured).
 * log 0 = −∞, log 1 = +0, NaN for x < 0, subnormal x as accurate as the rest.
 */
// @ts-ignore: decorator
@inline export function vlog<T extends number>(x: v128): v128 {
  const one = both<T>(ONE);
  const zeros = zero();
  const inf = both<T>(INF);
  // Subnormal x times 2^32 (2^64): exponent bits added to 1, and taken off n again.
  const tiny = lt<T>(x, both<T>(LEAST_NORMAL));
  const scaled = mul<T>(x, addBits<T>(one, and(tiny, bits<T>(RESCALE))));
  const i = fromTwoThirds<T>(scaled);
  const y = logOf<T>(i, sub<T>(exponentOf<T>(i), and(tiny, both<T>(RESCALED))));
  const upper = select(y, x, lt<T>(x, inf)); // ∞ and NaN stand for themselves
  return sub<T>(or(upper, lt<T>(x, zeros)), and(eq<T>(x, zeros), inf)); // all bits set are a NaN; −∞ at 0
}

/** The natural logarithm of 1 ≤ x ≤ 2, the same bits as vlog's; something for NaN. */
// @ts-ignore: decorator
@inline export function vlogUnit<T extends number>(x: v128): v128 {
  const i = fromTwoThirds<T>(x);
  return logOf<T>(i, exponentOf<T>(i));
}

/** The bits of a normal x, from those of 2/3 on: 0x3f2aaaab (0x3fe5555555555555). Its distance from 1 shifts the octaves to [2/3, 4/3). */
// @ts-ignore: decorator
@inline function fromTwoThirds<T extends number>(x: v128): v128 {
  return addBits<T>(x, bits<T>(ONE_LESS_TWO_THIRDS));
}

/** N of (7): exponent to float, as the mantissa of 2^23 (2^52), minus that and the bias. */
// @ts-ignore: decorator
@inline function exponentOf<T extends number>(i: v128): v128 {
  return sub<T>(or(shrBits<T>(i, MANTISSA<T>()), both<T>(TWO_MANTISSA)), both<T>(TWO_MANTISSA_BIASED));
}

/** (8) (9) and the sum of (7). */
// @ts-ignore: decorator
@inline function logOf<T extends number>(i: v128, n: v128): v128 {
  const one = both<T>(ONE);
  const f = addBits<T>(and(i, bits<T>(MANTISSA_BITS)), bits<T>(TWO_THIRDS)); // (7)
  const z = sub<T>(f, one);
  const v = div<T>(z, add<T>(f, one));
  const u = mul<T>(v, v); // (8)
  const h = mul<T>(mul<T>(z, z), both<T>(HALF));
  const w = madd<T>(v, madd<T>(u, atanhTail<T>(u), h), mul<T>(n, both<T>(LN2_LOW)));
  return madd<T>(n, both<T>(LN2_HIGH), sub<T>(z, sub<T>(h, w))); // (9), (7)
}

/** R of (9), minimax on u in [0, 1/25], error relative to log f: 2^−28.4 (f64: 2^−55.9). */
// @ts-ignore: decorator
@inline function atanhTail<T extends number>(u: v128): v128 {
  let p: v128;
  if (sizeof<T>() == 4) {
    p = both<T>(ATANH_32);
    p = madd<T>(p, u, both<T>(ATANH_32 + 1));
    p = madd<T>(p, u, both<T>(ATANH_32 + 2));
  } else {
    p = both<T>(ATANH_64);
    p = madd<T>(p, u, both<T>(ATANH_64 + 1));
    p = madd<T>(p, u, both<T>(ATANH_64 + 2));
    p = madd<T>(p, u, both<T>(ATANH_64 + 3));
    p = madd<T>(p, u, both<T>(ATANH_64 + 4));
    p = madd<T>(p, u, both<T>(ATANH_64 + 5));
    p = madd<T>(p, u, both<T>(ATANH_64 + 6));
  }
  return p;
}
