/** Vectors: norms, scaling, sums. Bound by memory: one pass each. */
import { abs, add, LANES, mul, splat, VEC_BYTES, vload, vloadPart, vmax, vstore, vstorePart, zero } from "./vec";
import { addWide, hmax, hsum, loadPair, loadPairPart, pairBytes, storePairPart } from "./vec_wide";

/**
 * Σ (s·x)², in f64: squares of f32 neither overflow nor vanish there, those of f64 need an s.
 *
 * @param x  in [n]
 */
export function sumSquares<T extends number>(x: usize, n: i32, s: f64): f64 {
  let s0: f64 = 0, s1: f64 = 0, s2: f64 = 0, s3: f64 = 0;
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    s0 += square<T>(x, s);
    s1 += square<T>(x + sizeof<T>(), s);
    s2 += square<T>(x + 2 * sizeof<T>(), s);
    s3 += square<T>(x + 3 * sizeof<T>(), s);
    x += 4 * sizeof<T>();
  }
  for (; i < n; ++i, x += sizeof<T>()) s0 += square<T>(x, s);
  return s0 + s1 + (s2 + s3);
}

// @ts-ignore: decorator
@inline function square<T extends number>(x: usize, s: f64): f64 {
  const v = <f64>load<T>(x) * s;
  return v * v;
}

/**
 * Σ x: eight vectors of sums in T, up to 16 turns; their sum, of at most 19 roundings, goes to f64.
 *
 * @param x  in [n]
 */
export function sum<T extends number>(x: usize, n: i32): f64 {
  let wide = zero();
  while (n >= 8 * LANES<T>()) {
    let turns = min(n / (8 * LANES<T>()), 16);
    n -= turns * 8 * LANES<T>();
    let s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero(), s4 = zero(), s5 = zero(), s6 = zero(), s7 = zero();
    for (; turns > 0; --turns, x += 8 * VEC_BYTES) {
      s0 = add<T>(s0, vload<T>(x));
      s1 = add<T>(s1, vload<T>(x + VEC_BYTES));
      s2 = add<T>(s2, vload<T>(x + 2 * VEC_BYTES));
      s3 = add<T>(s3, vload<T>(x + 3 * VEC_BYTES));
      s4 = add<T>(s4, vload<T>(x + 4 * VEC_BYTES));
      s5 = add<T>(s5, vload<T>(x + 5 * VEC_BYTES));
      s6 = add<T>(s6, vload<T>(x + 6 * VEC_BYTES));
      s7 = add<T>(s7, vload<T>(x + 7 * VEC_BYTES));
    }
    wide = addWide<T>(add<T>(add<T>(add<T>(s0, s1), add<T>(s2, s3)), add<T>(add<T>(s4, s5), add<T>(s6, s7))), wide);
  }
  for (; n >= LANES<T>(); n -= LANES<T>(), x += VEC_BYTES) wide = addWide<T>(vload<T>(x), wide);
  if (n > 0) wide = addWide<T>(vloadPart<T>(x, n), wide);
  return hsum<f64>(wide);
}

/** The greatest |x|; 0 of none, NaN where one is NaN. @param x in [n] */
export function maxAbs<T extends number>(x: usize, n: i32): f64 {
  let most = zero();
  for (; n > 0; n -= LANES<T>(), x += VEC_BYTES) most = vmax<T>(most, abs<T>(vloadPart<T>(x, n)));
  return <f64>hmax<T>(most);
}

/**
 * x ← s·x. An s that T holds only as a subnormal number multiplies in f64.
 *
 * @param x  inout [n]
 */
export function scale<T extends number>(x: usize, n: i32, s: f64): void {
  const rounded = <T>s;
  if (s != 0 && Math.abs(<f64>rounded) < 1.1754943508222875e-38) {
    const wide = splat<f64>(s);
    for (; n > 0; n -= 2, x += pairBytes<T>()) storePairPart<T>(x, mul<f64>(wide, loadPairPart<T>(x, n)), n);
    return;
  }
  const factor = splat<T>(rounded);
  for (; n >= LANES<T>(); n -= LANES<T>(), x += VEC_BYTES) vstore<T>(x, mul<T>(factor, vload<T>(x)));
  vstorePart<T>(x, mul<T>(factor, vloadPart<T>(x, n)), n);
}

/**
 * y ← y + x.
 *
 * @param y  +=  [n]
 * @param x  in  [n]
 */
export function addTo<T extends number>(y: usize, x: usize, n: i32): void {
  for (; n >= LANES<T>(); n -= LANES<T>(), x += VEC_BYTES, y += VEC_BYTES) vstore<T>(y, add<T>(vload<T>(y), vload<T>(x)));
  vstorePart<T>(y, add<T>(vloadPart<T>(y, n), vloadPart<T>(x, n)), n);
}

/**
 * s ← s + x, in f64.
 *
 * @param s  +=  [n] f64
 * @param x  in  [n]
 */
export function addWideTo<T extends number>(s: usize, x: usize, n: i32): void {
  for (; n >= 4; n -= 4, s += 2 * VEC_BYTES, x += 2 * pairBytes<T>()) {
    vstore<f64>(s, add<f64>(vload<f64>(s), loadPair<T>(x)));
    vstore<f64>(s + VEC_BYTES, add<f64>(vload<f64>(s + VEC_BYTES), loadPair<T>(x + pairBytes<T>())));
  }
  for (; n > 0; n -= 2, s += VEC_BYTES, x += pairBytes<T>()) {
    vstorePart<f64>(s, add<f64>(vloadPart<f64>(s, n), loadPairPart<T>(x, n)), n);
  }
}

/**
 * y ← y + s, added in f64 and rounded once.
 *
 * @param y  +=  [n]
 * @param s  in  [n] f64
 */
export function addSums<T extends number>(y: usize, s: usize, n: i32): void {
  for (; n > 0; n -= 2, y += pairBytes<T>(), s += VEC_BYTES) {
    storePairPart<T>(y, add<f64>(loadPairPart<T>(y, n), vloadPart<f64>(s, n)), n);
  }
}
