/**
 * Layer normalisation of rows of D features.
 *
 *   μ = Σ x / D;  v = Σ (x − μ)² / D                            (1)
 *   x̂ = (x − μ)/√(v + ε);  y = x̂·w + b                        (2)
 *   g = dy·w;  dx = (g − mean(g) − x̂·mean(g·x̂))/√(v + ε)      (3)
 *   dw += Σ_rows dy·x̂;  db += Σ_rows dy                        (4)
 *
 * All in f64, also for f32: no sum loses digits, no square of an f32 overflows or vanishes. v is the corrected sum over two passes,
 *   d = x − m, m the rounded mean;  μ = m + mean(d);  v = mean(d²) − mean(d)²   (5)
 * so that equal features give exactly 0. Where v of an f64 row leaves its range, the row is taken times a power of two, s:
 *   x̂ = (s·x − s·μ)·r,  r = 1/√(s²·v + s²·ε)                   (6)
 *
 * Source: Ba, Kiros & Hinton, arXiv:1607.06450; torch.nn.LayerNorm. (5): Chan, Golub & LeVeque, The American Statistician 37 (1983).
 */
import { addSums } from "../blas";
import { flushPair } from "../flush";
import { abs, add, and, firstLanes, mul, splat, sub, vloadPart, vmax, vstorePart, zero } from "../vec";
import { hmax, hsum, loadPair, loadPairPart, pairBytes, storePairPart } from "../vec_wide";

/** Bytes of one row's statistics: s·μ, r and s of (6), in f64. */
// @ts-ignore: decorator
@inline const STATS: usize = 24;
/** v in this range has lost nothing to overflow, and to underflow no more than D·2⁻¹⁰⁷⁴. */
// @ts-ignore: decorator
@inline const LEAST: f64 = 1e-280;
// @ts-ignore: decorator
@inline const MOST: f64 = 1e300;
/** s·x is below 2 to this power: its squares are far from overflowing, and s·√ε of the greatest rows is far from vanishing. */
// @ts-ignore: decorator
@inline const HEADROOM: i32 = 200;

/** w or 1. */
// @ts-ignore: decorator
@inline function weightAt<T extends number>(w: usize, at: usize, n: i32): v128 {
  return w ? loadPairPart<T>(w + at, n) : splat<f64>(1);
}

/** Σ s·x: two sums, of every other pair. */
function sumOf<T extends number>(x: usize, D: i32, s: v128): f64 {
  let even = zero(), odd = zero();
  for (; D >= 4; D -= 4, x += 2 * pairBytes<T>()) {
    even = add<f64>(even, mul<f64>(loadPair<T>(x), s));
    odd = add<f64>(odd, mul<f64>(loadPair<T>(x + pairBytes<T>()), s));
  }
  for (; D > 0; D -= 2, x += pairBytes<T>()) even = add<f64>(even, mul<f64>(loadPairPart<T>(x, D), s));
  return hsum<f64>(add<f64>(even, odd));
}

/** (5) of s·x: stores s·μ, returns s²·v. */
function moments<T extends number>(stats: usize, x: usize, D: i32, s: f64): f64 {
  const factor = splat<f64>(s);
  const rounded = sumOf<T>(x, D, factor) / <f64>D;
  const centre = splat<f64>(rounded);
  let left = zero(), squares = zero(), left1 = zero(), squares1 = zero(), n = D;
  for (; n >= 4; n -= 4, x += 2 * pairBytes<T>()) {
    const d = sub<f64>(mul<f64>(loadPair<T>(x), factor), centre), e = sub<f64>(mul<f64>(loadPair<T>(x + pairBytes<T>()), factor), centre);
    left = add<f64>(left, d);
    left1 = add<f64>(left1, e);
    squares = add<f64>(squares, mul<f64>(d, d));
    squares1 = add<f64>(squares1, mul<f64>(e, e));
  }
  for (; n > 0; n -= 2, x += pairBytes<T>()) {
    const d = and(sub<f64>(mul<f64>(loadPairPart<T>(x, n), factor), centre), firstLanes<f64>(n));
    left = add<f64>(left, d);
    squares = add<f64>(squares, mul<f64>(d, d));
  }
  const rest = hsum<f64>(add<f64>(left, left1)) / <f64>D;
  store<f64>(stats, rounded + rest);
  return max<f64>(0, hsum<f64>(add<f64>(squares, squares1)) / <f64>D - rest * rest);
}

/** The greatest |x| of D; NaN where one is NaN. */
function largest<T extends number>(x: usize, D: i32): f64 {
  let most = zero();
  for (; D > 0; D -= 2, x += pairBytes<T>()) most = vmax<f64>(most, abs<f64>(loadPairPart<T>(x, D)));
  return hmax<f64>(most);
}

/** The statistics of a row. */
function measure<T extends number>(stats: usize, x: usize, D: i32, epsilon: f64): void {
  let s: f64 = 1;
  let r = moments<T>(stats, x, D, 1);
  if (r > LEAST && r < MOST) {
    r = 1 / Math.sqrt(r + epsilon);
  } else {
    const most = largest<T>(x, D);
    if (most > 0 && most < Infinity) {
      const exponent = i32(reinterpret<u64>(most) >> 52);
      s = reinterpret<f64>(u64(max(1, min(2046, 2046 + HEADROOM - exponent))) << 52);
    }
    const v = moments<T>(stats, x, D, s);
    const root = Math.sqrt(epsilon) * s; // its square may overflow, or vanish beside a v of 0
    r = 1 / (root > 1e100 ? root : max<f64>(root, Math.sqrt(v + (s == 1 ? epsilon : root * root)))); // (6)
  }
  store<f64>(stats, r, 8);
  store<f64>(stats, s, 16);
}

/** Adds a pair to sums in f64; of it the first where n = 1. */
// @ts-ignore: decorator
@inline function addPair(sums: usize, v: v128, n: i32): void {
  vstorePart<f64>(sums, add<f64>(vloadPart<f64>(sums, n), v), n);
}

/** x̂ of a pair (6). */
// @ts-ignore: decorator
@inline function normalised<T extends number>(x: usize, n: i32, s: v128, centre: v128, r: v128): v128 {
  return mul<f64>(sub<f64>(mul<f64>(loadPairPart<T>(x, n), s), centre), r);
}

/** y of a pair (2). */
// @ts-ignore: decorator
@inline function output<T extends number>(y: usize, normal: v128, w: usize, b: usize, at: usize, n: i32): void {
  const scaled = mul<f64>(normal, weightAt<T>(w, at, n));
  storePairPart<T>(y + at, b ? add<f64>(scaled, loadPairPart<T>(b + at, n)) : scaled, n);
}

/**
 * (1) (2) Pair: layerNormBackward.
 *
 * @param y      out [M,D]   may be x
 * @param stats  tape [M,3]  f64, also for f32
 * @param x      in   [M,D]
 * @param w, b   in   [D]    may be null: 1 and 0
 */
export function layerNormForward<T extends number>(y: usize, stats: usize, x: usize, w: usize, b: usize, M: i32, D: i32, epsilon: f64): void {
  const row = usize(D) * sizeof<T>();
  for (let m = 0; m < M; ++m, x += row, y += row, stats += STATS) {
    measure<T>(stats, x, D, epsilon);
    const centre = splat<f64>(load<f64>(stats)), r = splat<f64>(load<f64>(stats, 8)), s = splat<f64>(load<f64>(stats, 16));
    let n = D, at: usize = 0;
    for (; n >= 2; n -= 2, at += pairBytes<T>()) output<T>(y, normalised<T>(x + at, 2, s, centre, r), w, b, at, 2);
    if (n > 0) output<T>(y, normalised<T>(x + at, 1, s, centre, r), w, b, at, 1);
  }
}

/** One pair's share in (4), and in the sums of (3): returns g. */
// @ts-ignore: decorator
@inline function shares<T extends number>(
  dw: usize, db: usize, sums: usize, sumsB: usize, d: v128, normal: v128, w: usize, at: usize, wide: usize, n: i32,
): v128 {
  if (dw) addPair(sums + wide, mul<f64>(d, normal), n);
  if (db) addPair(sumsB + wide, d, n);
  return mul<f64>(d, weightAt<T>(w, at, n));
}

/** dx of a pair (3). */
// @ts-ignore: decorator
@inline function input<T extends number>(dx: usize, g: v128, normal: v128, meanG: v128, meanP: v128, s: v128, r: v128, n: i32): void {
  const d = mul<f64>(mul<f64>(sub<f64>(sub<f64>(g, meanG), mul<f64>(normal, meanP)), r), s);
  storePairPart<T>(dx, flushPair<T>(d), n);
}

/**
 * (3) (4) Pair: layerNormForward.
 *
 * @param dx      out  [M,D]  may be dy
 * @param dw, db  +=   [D]    may be null
 * @param sums    scratch [2,D] f64; may be null where dw and db are
 */
export function layerNormBackward<T extends number>(
  dx: usize, dw: usize, db: usize, sums: usize, dy: usize, x: usize, stats: usize, w: usize, M: i32, D: i32,
): void {
  const row = usize(D) * sizeof<T>();
  const sumsB = sums + (usize(D) << 3);
  if (dw) memory.fill(sums, 0, usize(D) << 3);
  if (db) memory.fill(sumsB, 0, usize(D) << 3);
  for (let m = 0; m < M; ++m, x += row, dy += row, dx += row, stats += STATS) {
    const centre = splat<f64>(load<f64>(stats)), r = splat<f64>(load<f64>(stats, 8)), s = splat<f64>(load<f64>(stats, 16));
    let sum = zero(), product = zero(), n = D, at: usize = 0, wide: usize = 0;
    for (; n >= 2; n -= 2, at += pairBytes<T>(), wide += 16) {
      const normal = normalised<T>(x + at, 2, s, centre, r);
      const g = shares<T>(dw, db, sums, sumsB, loadPair<T>(dy + at), normal, w, at, wide, 2);
      sum = add<f64>(sum, g);
      product = add<f64>(product, mul<f64>(g, normal));
    }
    if (n > 0) {
      const normal = and(normalised<T>(x + at, 1, s, centre, r), firstLanes<f64>(1));
      const g = and(shares<T>(dw, db, sums, sumsB, loadPairPart<T>(dy + at, 1), normal, w, at, wide, 1), firstLanes<f64>(1));
      sum = add<f64>(sum, g);
      product = add<f64>(product, mul<f64>(g, normal));
    }
    const meanG = splat<f64>(hsum<f64>(sum) / <f64>D), meanP = splat<f64>(hsum<f64>(product) / <f64>D);
    for (n = D, at = 0; n >= 2; n -= 2, at += pairBytes<T>()) {
      const g = mul<f64>(loadPair<T>(dy + at), weightAt<T>(w, at, 2));
      input<T>(dx + at, g, normalised<T>(x + at, 2, s, centre, r), meanG, meanP, s, r, 2);
    }
    if (n > 0) {
      const g = mul<f64>(loadPairPart<T>(dy + at, 1), weightAt<T>(w, at, 1));
      input<T>(dx + at, g, normalised<T>(x + at, 1, s, centre, r), meanG, meanP, s, r, 1);
    }
  }
  if (dw) addSums<T>(dw, sums, D);
  if (db) addSums<T>(db, sumsB, D);
}
