/**
 * Softmax, its logarithm, and log Σ exp over one axis. An array is [outer,R,inner]: rows where inner = 1, else columns with the vectors along inner.
 *
 *   m = max_r z_r;  1 + q = Σ_r exp(z_r − m),  q summed in f64 apart from the 1       (1)
 *   p_r = exp(z_r − m) / (1 + q)                                                      (2)
 *   l_r = (z_r − m) − log1p(q)                                                        (3)
 *   s = m + log1p(q)                                                                  (4)
 *   dz_r = p_r·(dp_r − Σ_s dp_s·p_s)                                                  (5)
 *   dz_r = dl_r − exp(l_r)·Σ_s dl_s                                                   (6)
 *   dz_r = ds·exp(z_r − s)                                                            (7)
 *
 * As in PyTorch: (2) and (3) are NaN where a z_r is NaN or +∞, or where all are −∞; there (4) is NaN, +∞, −∞. (Softmax, the layer, shares
 * among the +∞.) Bound by exp.
 */
import { both, INF } from "../constants";
import { sum } from "../blas";
import { expRow, rowMax, softmaxBackward } from "../heads/softmax";
import { vlog1p } from "../log1p";
import { vexp } from "../math";
import { add, and, andnot, bytes, div, eq, LANES, mul, nmadd, pmax, select, splat, sub, VEC_BYTES, vloadPart, vstorePart, zero } from "../vec";
import { highPair, joinPairs, lane0, lowPair } from "../vec_wide";

/** What a kernel gives. */
// @ts-ignore: decorator
@inline const SOFTMAX: i32 = 0;
// @ts-ignore: decorator
@inline const LOG_SOFTMAX: i32 = 1;

function log1pPair(q: v128): v128 {
  return vlog1p<f64>(q);
}

/** (2), (3) or (4) of one row. */
function ofRow<T extends number>(y: usize, z: usize, R: i32, kind: i32): void {
  const m = rowMax<T>(z, R), q = expRow<T>(kind == SOFTMAX ? y : 0, z, R, m), top = splat<T>(m);
  if (kind == SOFTMAX) {
    const total = splat<T>(m == Infinity ? <T>NaN : <T>(1 + q));
    for (; R > 0; R -= LANES<T>(), y += VEC_BYTES) vstorePart<T>(y, div<T>(vloadPart<T>(y, R), total), R);
    return;
  }
  const l = lane0<f64>(log1pPair(splat<f64>(q)));
  if (kind == LOG_SOFTMAX) {
    const log = splat<T>(m == Infinity ? <T>NaN : <T>l);
    for (; R > 0; R -= LANES<T>(), z += VEC_BYTES, y += VEC_BYTES) vstorePart<T>(y, sub<T>(sub<T>(vloadPart<T>(z, R), top), log), R);
  } else {
    store<T>(y, m == -Infinity ? m : <T>(<f64>m + l));
  }
}

/** (2), (3) or (4) of one vector of columns, or of its first n; rows `step` bytes apart. */
function ofColumns<T extends number>(y: usize, z: usize, step: usize, R: i32, kind: i32, n: i32): void {
  const inf = both<T>(INF), one = splat<T>(<T>1);
  let top = splat<T>(<T>-Infinity), low = zero(), high = zero(), ones = zero(), from = z, to = y;
  for (let r = 0; r < R; ++r, from += step) top = pmax<T>(top, vloadPart<T>(from, n)); // passes NaN over: (1) meets it
  const allLeast = eq<T>(top, sub<T>(zero(), inf)), infinite = eq<T>(top, inf);
  const m = andnot(top, allLeast); // exp(−∞ − 0) is 0
  from = z;
  for (let r = 0; r < R; ++r, from += step) {
    const v = vloadPart<T>(from, n), greatest = eq<T>(v, m);
    const e = vexp<T>(andnot(sub<T>(v, m), and(greatest, infinite))); // ∞ − ∞: 1
    if (kind == SOFTMAX) {
      vstorePart<T>(to, e, n);
      to += step;
    }
    const less = andnot(e, greatest);
    low = add<f64>(low, lowPair<T>(less));
    if (sizeof<T>() == 4) high = add<f64>(high, highPair(less));
    ones = add<T>(ones, and(e, greatest));
  }
  ones = sub<T>(ones, andnot(one, allLeast));
  low = add<f64>(low, lowPair<T>(ones));
  if (sizeof<T>() == 4) high = add<f64>(high, highPair(ones));
  // q; where all are −∞ it is 0, or NaN where one is NaN.
  if (kind == SOFTMAX) {
    const unit = splat<f64>(1), total = bad<T>(joinPairs<T>(add<f64>(low, unit), add<f64>(high, unit)), allLeast, infinite);
    for (let r = 0; r < R; ++r, y += step) vstorePart<T>(y, div<T>(vloadPart<T>(y, n), total), n);
    return;
  }
  low = log1pPair(low);
  if (sizeof<T>() == 4) high = log1pPair(high);
  if (kind == LOG_SOFTMAX) {
    const log = bad<T>(joinPairs<T>(low, high), allLeast, infinite);
    for (let r = 0; r < R; ++r, z += step, y += step) vstorePart<T>(y, sub<T>(sub<T>(vloadPart<T>(z, n), top), log), n);
  } else {
    const upper = sizeof<T>() == 4 ? highPair(top) : zero();
    vstorePart<T>(y, joinPairs<T>(add<f64>(low, lowPair<T>(top)), add<f64>(high, upper)), n);
  }
}

/** v, but NaN where the greatest is infinite. */
// @ts-ignore: decorator
@inline function bad<T extends number>(v: v128, allLeast: v128, infinite: v128): v128 {
  const nan = splat<T>(<T>NaN);
  return select(nan, select(nan, v, allLeast), infinite);
}

/**
 * (2), (3) or (4), as `kind` is 0, 1 or 2. Pairs: softmaxAxisBackward, logSumExpBackward.
 *
 * @param y  out [outer,R,inner], of (4) [outer,inner]
 * @param z  in  [outer,R,inner]
 */
export function softmaxAxis<T extends number>(y: usize, z: usize, outer: i32, R: i32, inner: i32, kind: i32): void {
  const step = bytes<T>(inner), block = usize(R) * step, result = kind > LOG_SOFTMAX ? step : block;
  for (let o = 0; o < outer; ++o, y += result, z += block) {
    if (inner == 1) ofRow<T>(y, z, R, kind);
    else for (let n = inner, at: usize = 0; n > 0; n -= LANES<T>(), at += VEC_BYTES) ofColumns<T>(y + at, z + at, step, R, kind, n);
  }
}

/** (5) of one vector of columns, or of its first n, in f64. */
function softmaxColumnsBack<T extends number>(dz: usize, dp: usize, p: usize, step: usize, R: i32, n: i32): void {
  let low = zero(), high = zero();
  for (let r = 0, at: usize = 0; r < R; ++r, at += step) {
    const d = vloadPart<T>(dp + at, n), v = vloadPart<T>(p + at, n);
    low = add<f64>(low, mul<f64>(lowPair<T>(d), lowPair<T>(v)));
    if (sizeof<T>() == 4) high = add<f64>(high, mul<f64>(highPair(d), highPair(v)));
  }
  for (let r = 0, at: usize = 0; r < R; ++r, at += step) {
    const d = vloadPart<T>(dp + at, n), v = vloadPart<T>(p + at, n);
    const first = mul<f64>(lowPair<T>(v), sub<f64>(lowPair<T>(d), low));
    const second = sizeof<T>() == 4 ? mul<f64>(highPair(v), sub<f64>(highPair(d), high)) : first;
    vstorePart<T>(dz + at, joinPairs<T>(first, second), n);
  }
}

/** (6) of one vector of columns, or of its first n. */
function logSoftmaxColumnsBack<T extends number>(dz: usize, dl: usize, l: usize, step: usize, R: i32, n: i32): void {
  let low = zero(), high = zero();
  for (let r = 0, at: usize = 0; r < R; ++r, at += step) {
    const d = vloadPart<T>(dl + at, n);
    low = add<f64>(low, lowPair<T>(d));
    if (sizeof<T>() == 4) high = add<f64>(high, highPair(d));
  }
  const total = joinPairs<T>(low, high);
  for (let r = 0, at: usize = 0; r < R; ++r, at += step) {
    vstorePart<T>(dz + at, nmadd<T>(vexp<T>(vloadPart<T>(l + at, n)), total, vloadPart<T>(dl + at, n)), n);
  }
}

/**
 * (5); of logSoftmax (6). Pair: softmaxAxis.
 *
 * @param dz     out  [outer,R,inner]
 * @param dy     in   [outer,R,inner]
 * @param y      tape [outer,R,inner]
 * @param isLog  whether y is logSoftmax
 */
export function softmaxAxisBackward<T extends number>(dz: usize, dy: usize, y: usize, outer: i32, R: i32, inner: i32, isLog: i32): void {
  const step = bytes<T>(inner), block = usize(R) * step;
  if (inner == 1 && !isLog) return softmaxBackward<T>(dz, dy, y, outer, R);
  for (let o = 0; o < outer; ++o, dz += block, dy += block, y += block) {
    if (inner == 1) {
      const total = splat<T>(<T>sum<T>(dy, R));
      for (let n = R, at: usize = 0; n > 0; n -= LANES<T>(), at += VEC_BYTES) {
        vstorePart<T>(dz + at, nmadd<T>(vexp<T>(vloadPart<T>(y + at, n)), total, vloadPart<T>(dy + at, n)), n); // (6)
      }
      continue;
    }
    for (let n = inner, at: usize = 0; n > 0; n -= LANES<T>(), at += VEC_BYTES) {
      if (isLog) logSoftmaxColumnsBack<T>(dz + at, dy + at, y + at, step, R, n);
      else softmaxColumnsBack<T>(dz + at, dy + at, y + at, step, R, n);
    }
  }
}

/**
 * (7) Pair: softmaxAxis with kind 2.
 *
 * @param dz  out  [outer,R,inner]
 * @param ds  in   [outer,inner]
 * @param s   tape [outer,inner]
 * @param z   in   [outer,R,inner]
 */
export function logSumExpBackward<T extends number>(dz: usize, ds: usize, s: usize, z: usize, outer: i32, R: i32, inner: i32): void {
  // A row is one run of R elements with one s; of columns, each of R runs has all of them.
  const isRow = inner == 1, runs = isRow ? 1 : R, width = isRow ? R : inner;
  for (let o = 0; o < outer; ++o, ds += bytes<T>(inner), s += bytes<T>(inner)) {
    const d = splat<T>(load<T>(ds)), total = splat<T>(load<T>(s));
    for (let r = 0; r < runs; ++r, z += bytes<T>(width), dz += bytes<T>(width)) {
      for (let n = width, at: usize = 0; n > 0; n -= LANES<T>(), at += VEC_BYTES) {
        const e = vexp<T>(sub<T>(vloadPart<T>(z + at, n), isRow ? total : vloadPart<T>(s + at, n)));
        vstorePart<T>(dz + at, mul<T>(isRow ? d : vloadPart<T>(ds + at, n), e), n);
      }
    }
  }
}
