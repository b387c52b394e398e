/**
 * Variances over one axis. An array is [outer,R,inner]: rows where inner = 1, else columns with the vectors along inner.
 *
 *   v = (Σ_r d_r² − (Σ_r d_r)²/R) / (R − c),  d_r = x_r − m,  m the rounded mean,  μ = m + Σ_r d_r / R     (1)
 *   dx_r = dy·2/(R − c)·(x_r − μ)                                                                          (2)
 *
 * In f64 throughout: no square of an f32 overflows or vanishes, and equal elements have a variance of exactly 0. Of f64, squares overflow where
 * |d_r| is above 10¹⁵⁴, and vanish below 10⁻¹⁶². R = c gives NaN, as in PyTorch.
 *
 * Source of (1): Chan, Golub & LeVeque, The American Statistician 37 (1983). Bound by memory: each element twice in, once out.
 */
import { add, and, bytes, div, firstLanes, LANES, mul, pmax, splat, sub, VEC_BYTES, vload, vloadPart, vstorePart, zero } from "../vec";
import { addWide, hsum, loadPair, loadPairPart, pairBytes, storePairPart } from "../vec_wide";

/** (1) of sums of d and d². */
// @ts-ignore: decorator
@inline function varianceOf(left: f64, squares: f64, R: f64, correction: f64): f64 {
  return max<f64>(0, squares - (left * left) / R) / max<f64>(0, R - correction);
}

/** (1) of one row; stores μ. */
function varianceRow<T extends number>(mean: usize, x: usize, R: i32, correction: f64): f64 {
  let even = zero(), odd = zero(), n = R, at = x;
  for (; n >= 2 * LANES<T>(); n -= 2 * LANES<T>(), at += 2 * VEC_BYTES) {
    even = addWide<T>(vload<T>(at), even);
    odd = addWide<T>(vload<T>(at + VEC_BYTES), odd);
  }
  for (; n > 0; n -= LANES<T>(), at += VEC_BYTES) even = addWide<T>(vloadPart<T>(at, n), even);
  const rounded = hsum<f64>(add<f64>(even, odd)) / <f64>R, centre = splat<f64>(rounded);
  let left = zero(), left1 = zero(), squares = zero(), squares1 = zero();
  for (n = R; n >= 4; n -= 4, x += 2 * pairBytes<T>()) {
    const d = sub<f64>(loadPair<T>(x), centre), e = sub<f64>(loadPair<T>(x + pairBytes<T>()), centre);
    left = add<f64>(left, d);
    left1 = add<f64>(left1, e);
    squares = add<f64>(squares, mul<f64>(d, d));
    squares1 = add<f64>(squares1, mul<f64>(e, e));
  }
  for (; n > 0; n -= 2, x += pairBytes<T>()) {
    const d = and(sub<f64>(loadPairPart<T>(x, n), centre), firstLanes<f64>(n));
    left = add<f64>(left, d);
    squares = add<f64>(squares, mul<f64>(d, d));
  }
  const rest = hsum<f64>(add<f64>(left, left1));
  store<f64>(mean, rounded + rest / <f64>R);
  return varianceOf(rest, hsum<f64>(add<f64>(squares, squares1)), <f64>R, correction);
}

/** v of (1), of a pair. */
// @ts-ignore: decorator
@inline function variances(left: v128, squares: v128, R: f64, correction: f64): v128 {
  const v = sub<f64>(squares, div<f64>(mul<f64>(left, left), splat<f64>(R)));
  return div<f64>(pmax<f64>(v, zero()), splat<f64>(max<f64>(0, R - correction)));
}

/** (1) of four pairs of columns. */
function varianceColumns<T extends number>(y: usize, mean: usize, x: usize, step: usize, R: i32, correction: f64): void {
  let s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero(), from = x;
  for (let r = 0; r < R; ++r, x += step) {
    s0 = add<f64>(s0, loadPair<T>(x));
    s1 = add<f64>(s1, loadPair<T>(x + pairBytes<T>()));
    s2 = add<f64>(s2, loadPair<T>(x + 2 * pairBytes<T>()));
    s3 = add<f64>(s3, loadPair<T>(x + 3 * pairBytes<T>()));
  }
  const n = splat<f64>(<f64>R);
  const m0 = div<f64>(s0, n), m1 = div<f64>(s1, n), m2 = div<f64>(s2, n), m3 = div<f64>(s3, n);
  let q0 = zero(), q1 = zero(), q2 = zero(), q3 = zero();
  s0 = s1 = s2 = s3 = zero();
  for (let r = 0; r < R; ++r, from += step) {
    const a = sub<f64>(loadPair<T>(from), m0), b = sub<f64>(loadPair<T>(from + pairBytes<T>()), m1);
    const c = sub<f64>(loadPair<T>(from + 2 * pairBytes<T>()), m2), d = sub<f64>(loadPair<T>(from + 3 * pairBytes<T>()), m3);
    s0 = add<f64>(s0, a);
    s1 = add<f64>(s1, b);
    s2 = add<f64>(s2, c);
    s3 = add<f64>(s3, d);
    q0 = add<f64>(q0, mul<f64>(a, a));
    q1 = add<f64>(q1, mul<f64>(b, b));
    q2 = add<f64>(q2, mul<f64>(c, c));
    q3 = add<f64>(q3, mul<f64>(d, d));
  }
  putVariances<T>(y, mean, m0, s0, q0, R, correction, 2);
  putVariances<T>(y + pairBytes<T>(), mean + VEC_BYTES, m1, s1, q1, R, correction, 2);
  putVariances<T>(y + 2 * pairBytes<T>(), mean + 2 * VEC_BYTES, m2, s2, q2, R, correction, 2);
  putVariances<T>(y + 3 * pairBytes<T>(), mean + 3 * VEC_BYTES, m3, s3, q3, R, correction, 2);
}

/** The same of one pair, or of its first column. */
function variancePair<T extends number>(y: usize, mean: usize, x: usize, step: usize, R: i32, correction: f64, n: i32): void {
  let s = zero(), q = zero(), from = x;
  for (let r = 0; r < R; ++r, x += step) s = add<f64>(s, loadPairPart<T>(x, n));
  const m = div<f64>(s, splat<f64>(<f64>R));
  s = zero();
  for (let r = 0; r < R; ++r, from += step) {
    const d = sub<f64>(loadPairPart<T>(from, n), m);
    s = add<f64>(s, d);
    q = add<f64>(q, mul<f64>(d, d));
  }
  putVariances<T>(y, mean, m, s, q, R, correction, n);
}

function putVariances<T extends number>(y: usize, mean: usize, m: v128, left: v128, squares: v128, R: i32, correction: f64, n: i32): void {
  storePairPart<T>(y, variances(left, squares, <f64>R, correction), n);
  vstorePart<f64>(mean, add<f64>(m, div<f64>(left, splat<f64>(<f64>R))), n);
}

/**
 * (1) Pair: varianceBackward.
 *
 * @param y           out  [outer,inner]
 * @param mean        tape [outer,inner] f64, also for f32
 * @param x           in   [outer,R,inner]
 * @param correction  c: 0 or 1
 */
export function varianceForward<T extends number>(y: usize, mean: usize, x: usize, outer: i32, R: i32, inner: i32, correction: f64): void {
  const step = bytes<T>(inner), block = usize(R) * step;
  for (let o = 0; o < outer; ++o, x += block) {
    if (inner == 1) {
      store<T>(y, <T>varianceRow<T>(mean, x, R, correction));
      y += sizeof<T>();
      mean += 8;
      continue;
    }
    let n = inner, from = x;
    for (; n >= 8; n -= 8, from += 4 * pairBytes<T>(), y += 4 * pairBytes<T>(), mean += 4 * VEC_BYTES) {
      varianceColumns<T>(y, mean, from, step, R, correction);
    }
    for (; n > 0; n -= 2, from += pairBytes<T>()) {
      variancePair<T>(y, mean, from, step, R, correction, n);
      y += bytes<T>(min(n, 2));
      mean += usize(min(n, 2)) << 3;
    }
  }
}

/**
 * (2) Pair: varianceForward.
 *
 * @param dx    out  [outer,R,inner]
 * @param dy    in   [outer,inner]
 * @param mean  tape [outer,inner] f64
 * @param x     in   [outer,R,inner]
 */
export function varianceBackward<T extends number>(
  dx: usize, dy: usize, mean: usize, x: usize, outer: i32, R: i32, inner: i32, correction: f64,
): void {
  const factor = splat<f64>(2 / max<f64>(0, <f64>R - correction));
  // A row is one run of R elements with one mean; of columns, each of R runs has all of its means.
  const isRow = inner == 1, runs = isRow ? 1 : R, width = isRow ? R : inner;
  for (let o = 0; o < outer; ++o, dy += bytes<T>(inner), mean += usize(inner) << 3) {
    const m = splat<f64>(load<f64>(mean)), d = mul<f64>(splat<f64>(<f64>load<T>(dy)), factor);
    for (let r = 0; r < runs; ++r) {
      let n = width, at: usize = 0, wide: usize = 0;
      for (; n >= 2; n -= 2, at += pairBytes<T>(), wide += VEC_BYTES) {
        const centre = isRow ? m : vload<f64>(mean + wide), scaled = isRow ? d : mul<f64>(loadPair<T>(dy + at), factor);
        storePairPart<T>(dx + at, mul<f64>(scaled, sub<f64>(loadPair<T>(x + at), centre)), 2);
      }
      if (n > 0) {
        const centre = isRow ? m : vloadPart<f64>(mean + wide, 1), scaled = isRow ? d : mul<f64>(loadPairPart<T>(dy + at, 1), factor);
        storePairPart<T>(dx + at, mul<f64>(scaled, sub<f64>(loadPairPart<T>(x + at, 1), centre)), 1);
      }
      x += bytes<T>(width);
      dx += bytes<T>(width);
    }
  }
}
