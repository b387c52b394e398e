/**
 * Softmax by rows (a row is one sample), and the two passes over a row that cross-entropy shares.
 *
 *   m = max_j z_j                                    (1)
 *   e_j = exp(z_j − m),   1 + r = Σ_k e_k            (2)
 *   p_j = e_j / (1 + r)                              (3)
 *   dz_j = p_j·(dp_j − Σ_k dp_k·p_k)                 (4)
 *
 * Each row is shifted by its own maximum: the greatest term is exp(0) = 1, so the sum neither overflows nor vanishes,
 * however far the samples lie apart. r is summed in f64 apart from that 1, which would swallow what is small beside it.
 * Where m = +∞, those that are +∞ share evenly; where all are −∞, the row is NaN.
 */
import { vexp } from "../math";
import {
  add, allEqual, and, andnot, bytes, div, eq, firstLanes, LANES, mul, pmax, select, splat, sub, VEC_BYTES, vload, vloadPart, vmax, vstore, vstorePart, zero,
} from "../vec";
import { addWide, hmax, hsum, loadPair, loadPairPart, pairBytes, storePairPart } from "../vec_wide";

/**
 * (1) The greatest of C elements, C > 0; NaN where one is NaN. vmax, which knows NaN, is seven instructions on x64: pmax and a sum, which is NaN
 * where an element is, are two. A sum that is NaN all the same (of infinities) costs a second look.
 */
export function rowMax<T extends number>(z: usize, C: i32): T {
  const from = z, least = splat<T>(<T>-Infinity);
  let m0 = least, m1 = least, m2 = least, m3 = least, s0 = zero(), s1 = zero(), n = C;
  for (; n >= 4 * LANES<T>(); n -= 4 * LANES<T>(), z += 4 * VEC_BYTES) {
    const a = vload<T>(z), b = vload<T>(z + VEC_BYTES), c = vload<T>(z + 2 * VEC_BYTES), d = vload<T>(z + 3 * VEC_BYTES);
    m0 = pmax<T>(m0, a);
    m1 = pmax<T>(m1, b);
    m2 = pmax<T>(m2, c);
    m3 = pmax<T>(m3, d);
    s0 = add<T>(s0, add<T>(a, b));
    s1 = add<T>(s1, add<T>(c, d));
  }
  for (; n > 0; n -= LANES<T>(), z += VEC_BYTES) {
    const a = vloadPart<T>(z, n);
    m0 = pmax<T>(m0, select(a, least, firstLanes<T>(n)));
    s0 = add<T>(s0, a);
  }
  const sum = add<T>(s0, s1);
  return allEqual<T>(sum, sum) ? hmax<T>(pmax<T>(pmax<T>(m0, m1), pmax<T>(m2, m3))) : rowMaxOrNaN<T>(from, C);
}

function rowMaxOrNaN<T extends number>(z: usize, C: i32): T {
  let top = splat<T>(load<T>(z));
  for (; C >= LANES<T>(); C -= LANES<T>(), z += VEC_BYTES) top = vmax<T>(top, vload<T>(z));
  let most = hmax<T>(top);
  for (; C > 0; --C, z += sizeof<T>()) most = max<T>(most, load<T>(z));
  return most;
}

/** e of (2) for one vector: 1 where z is `greatest`, also of ∞ − ∞. */
// @ts-ignore: decorator
@inline function expOf<T extends number>(z: v128, m: v128, greatest: v128): v128 {
  return vexp<T>(andnot(sub<T>(z, m), greatest));
}

/** e_j of (2), unnormalised; r. p may alias z, and may be null: r alone. */
export function expRow<T extends number>(p: usize, z: usize, C: i32, m: T): f64 {
  const top = splat<T>(m == -Infinity ? <T>NaN : m); // where all are −∞, none is the greatest
  let sum = zero(), ones = zero();
  for (; C >= LANES<T>(); C -= LANES<T>(), z += VEC_BYTES) {
    const v = vload<T>(z);
    const greatest = eq<T>(v, top);
    const e = expOf<T>(v, top, greatest);
    if (p) {
      vstore<T>(p, e);
      p += VEC_BYTES;
    }
    sum = addWide<T>(andnot(e, greatest), sum);
    ones = add<T>(ones, and(e, greatest)); // counts: exact
  }
  if (C > 0) {
    const v = vloadPart<T>(z, C);
    const greatest = eq<T>(v, top), counted = firstLanes<T>(C);
    const e = expOf<T>(v, top, greatest);
    if (p) vstorePart<T>(p, e, C);
    sum = addWide<T>(and(andnot(e, greatest), counted), sum);
    ones = add<T>(ones, and(and(e, greatest), counted));
  }
  return hsum<f64>(sum) + (hsum<f64>(addWide<T>(ones, zero())) - 1);
}

/**
 * Forward. Pair: softmaxBackward. (1) to (3)
 *
 * @param p  out [M,C]  may alias z
 * @param z  in  [M,C]
 */
export function softmaxForward<T extends number>(p: usize, z: usize, M: i32, C: i32): void {
  const row = bytes<T>(C);
  for (let m = 0; m < M; ++m, p += row, z += row) {
    const total = splat<T>(<T>(1 + expRow<T>(p, z, C, rowMax<T>(z, C))));
    let at = p, n = C;
    for (; n >= LANES<T>(); n -= LANES<T>(), at += VEC_BYTES) vstore<T>(at, div<T>(vload<T>(at), total));
    if (n > 0) vstorePart<T>(at, div<T>(vloadPart<T>(at, n), total), n);
  }
}

/**
 * Backward, in f64. Pair: softmaxForward. (4)
 *
 * @param dz  out  [M,C]  may alias dp
 * @param dp  in   [M,C]
 * @param p   tape [M,C]
 */
export function softmaxBackward<T extends number>(dz: usize, dp: usize, p: usize, M: i32, C: i32): void {
  const row = bytes<T>(C);
  for (let m = 0; m < M; ++m, dz += row, dp += row, p += row) {
    let even = zero(), odd = zero(), n = C, at: usize = 0;
    for (; n >= 4; n -= 4, at += 2 * pairBytes<T>()) {
      even = add<f64>(even, mul<f64>(loadPair<T>(dp + at), loadPair<T>(p + at)));
      odd = add<f64>(odd, mul<f64>(loadPair<T>(dp + at + pairBytes<T>()), loadPair<T>(p + at + pairBytes<T>())));
    }
    for (; n > 0; n -= 2, at += pairBytes<T>()) even = add<f64>(even, mul<f64>(loadPairPart<T>(dp + at, n), loadPairPart<T>(p + at, n)));
    const dot = splat<f64>(hsum<f64>(add<f64>(even, odd)));
    for (n = C, at = 0; n >= 2; n -= 2, at += pairBytes<T>()) {
      storePairPart<T>(dz + at, mul<f64>(loadPair<T>(p + at), sub<f64>(loadPair<T>(dp + at), dot)), 2);
    }
    if (n > 0) storePairPart<T>(dz + at, mul<f64>(loadPairPart<T>(p + at, 1), sub<f64>(loadPairPart<T>(dp + at, 1), dot)), 1);
  }
}
