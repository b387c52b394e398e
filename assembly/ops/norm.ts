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
import { hmax, hsum, loadPairPart, pairBytes, storePairPart } from "../vec_wide";

/** Bytes of one row's statistics: s·μ, r and s of (6), in f64. */
// @ts-ignore: decorator
@inline const STATS: usize = 24;
/** v in this range has lost nothing to overflow, and to underflow no more than D·2⁻¹⁰⁷⁴. */
// @ts-ignore: decorator
@inline const LEAST: f64 = 1e-280;
// @ts-ignore: decorator
@inline const MOST: f64 = 1e300;

/** w or 1. */
// @ts-ignore: decorator
@inline function weightAt<T extends number>(w: usize, at: usize, n: i32): v128 {
  return w ? loadPairPart<T>(w + at, n) : splat<f64>(1);
}

/** (5) of s·x: stores s·μ, returns s²·v. */
function moments<T extends number>(stats: usize, x: usize, D: i32, s: f64): f64 {
  const factor = splat<f64>(s);
  let sum = zero();
  for (let n = D, p = x; n > 0; n -= 2, p += pairBytes<T>()) sum = add<f64>(sum, mul<f64>(loadPairPart<T>(p, n), factor));
  const rounded = hsum<f64>(sum) / <f64>D;
  const centre = splat<f64>(rounded);
  let left = zero(), squares = zero();
  for (let n = D, p = x; n > 0; n -= 2, p += pairBytes<T>()) {
    const d = and(sub<f64>(mul<f64>(loadPairPart<T>(p, n), factor), centre), firstLanes<f64>(n));
    left = add<f64>(left, d);
    squares = add<f64>(squares, mul<f64>(d, d));
  }
  const rest = hsum<f64>(left) / <f64>D;
  store<f64>(stats, rounded + rest);
  return max<f64>(0, hsum<f64>(squares) / <f64>D - rest * rest);
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
      s = reinterpret<f64>(u64(max(1, 2046 - exponent)) << 52);
    }
    const v = moments<T>(stats, x, D, s);
    const root = Math.sqrt(epsilon) * s; // its square may overflow
    r = 1 / (root > 1e100 ? root : Math.sqrt(v + (s == 1 ? epsilon : root * root))); // (6)
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
    for (let n = D, at: usize = 0; n > 0; n -= 2, at += pairBytes<T>()) {
      const scaled = mul<f64>(normalised<T>(x + at, n, s, centre, r), weightAt<T>(w, at, n));
      storePairPart<T>(y + at, b ? add<f64>(scaled, loadPairPart<T>(b + at, n)) : scaled, n);
    }
  }
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
    let sum = zero(), product = zero();
    for (let n = D, at: usize = 0, wide: usize = 0; n > 0; n -= 2, at += pairBytes<T>(), wide += 16) {
      const d = loadPairPart<T>(dy + at, n);
      const normal = normalised<T>(x + at, n, s, centre, r);
      const g = and(mul<f64>(d, weightAt<T>(w, at, n)), firstLanes<f64>(n));
      sum = add<f64>(sum, g);
      product = add<f64>(product, and(mul<f64>(g, normal), firstLanes<f64>(n)));
      if (dw) addPair(sums + wide, mul<f64>(d, normal), n); // (4)
      if (db) addPair(sumsB + wide, d, n);
    }
    const meanG = splat<f64>(hsum<f64>(sum) / <f64>D), meanP = splat<f64>(hsum<f64>(product) / <f64>D);
    for (let n = D, at: usize = 0; n > 0; n -= 2, at += pairBytes<T>()) {
      const normal = normalised<T>(x + at, n, s, centre, r);
      const g = mul<f64>(loadPairPart<T>(dy + at, n), weightAt<T>(w, at, n));
      const d = mul<f64>(mul<f64>(sub<f64>(sub<f64>(g, meanG), mul<f64>(normal, meanP)), r), s); // (3)
      storePairPart<T>(dx + at, flushPair<T>(d), n);
    }
  }
  if (dw) addSums<T>(dw, sums, D);
  if (db) addSums<T>(db, sumsB, D);
}
