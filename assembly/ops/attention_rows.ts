/**
 * What one query does with the rows of a memory. Rows lie `step` bytes apart.
 *
 *   y_s = scale·Σ_d x_d·m_sd                                   (1)
 *   y_s = Σ_d w_d·tanh(x_d + m_sd)                             (2)
 *   y_d = Σ_s a_s·m_sd                                         (3)
 *   m_sd += a_s·x_d                                            (4)
 *   u = tanh(x_d + m_sd),  g = ds_s·w_d·(1 − u²)               (5)
 *   dx_d = Σ_s g,  dm_sd += g,  dw_d += Σ_s ds_s·u             (6)
 *
 * Sums over d go along in LANES sums, sums over s in the order of s: the bits of a result depend on its own rows alone. dw, which is a sum over
 * queries and rows too, is kept in f64.
 */
import { vtanh } from "../math";
import { add, bytes, LANES, loadSplat, madd, mul, nmadd, splat, VEC_BYTES, vload, vloadPart, vstore, vstorePart, zero } from "../vec";
import { highPair, hsum, lowPair } from "../vec_wide";

/**
 * (1), four rows at a time: four chains.
 *
 * @param y  out [S]
 * @param x  in  [D]
 * @param m  in  [S,D]
 */
export function dotRows<T extends number>(y: usize, x: usize, m: usize, step: usize, S: i32, D: i32, scale: T): void {
  let s = 0;
  for (; s + 4 <= S; s += 4, m += 4 * step, y += 4 * sizeof<T>()) {
    const m1 = m + step, m2 = m1 + step, m3 = m2 + step;
    let s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero(), n = D, at: usize = 0;
    for (; n >= LANES<T>(); n -= LANES<T>(), at += VEC_BYTES) {
      const v = vload<T>(x + at);
      s0 = madd<T>(v, vload<T>(m + at), s0);
      s1 = madd<T>(v, vload<T>(m1 + at), s1);
      s2 = madd<T>(v, vload<T>(m2 + at), s2);
      s3 = madd<T>(v, vload<T>(m3 + at), s3);
    }
    if (n > 0) {
      const v = vloadPart<T>(x + at, n);
      s0 = madd<T>(v, vloadPart<T>(m + at, n), s0);
      s1 = madd<T>(v, vloadPart<T>(m1 + at, n), s1);
      s2 = madd<T>(v, vloadPart<T>(m2 + at, n), s2);
      s3 = madd<T>(v, vloadPart<T>(m3 + at, n), s3);
    }
    store<T>(y, <T>(scale * hsum<T>(s0)));
    store<T>(y + sizeof<T>(), <T>(scale * hsum<T>(s1)));
    store<T>(y + 2 * sizeof<T>(), <T>(scale * hsum<T>(s2)));
    store<T>(y + 3 * sizeof<T>(), <T>(scale * hsum<T>(s3)));
  }
  for (; s < S; ++s, m += step, y += sizeof<T>()) {
    let sum = zero(), n = D, at: usize = 0;
    for (; n >= LANES<T>(); n -= LANES<T>(), at += VEC_BYTES) sum = madd<T>(vload<T>(x + at), vload<T>(m + at), sum);
    if (n > 0) sum = madd<T>(vloadPart<T>(x + at, n), vloadPart<T>(m + at, n), sum);
    store<T>(y, <T>(scale * hsum<T>(sum)));
  }
}

/**
 * (2). Bound by tanh.
 *
 * @param y  out [S]
 * @param x  in  [D]
 * @param m  in  [S,D]
 * @param w  in  [D]
 */
export function additiveRows<T extends number>(y: usize, x: usize, m: usize, step: usize, w: usize, S: i32, D: i32): void {
  for (let s = 0; s < S; ++s, m += step, y += sizeof<T>()) {
    let sum = zero(), n = D, at: usize = 0;
    for (; n >= LANES<T>(); n -= LANES<T>(), at += VEC_BYTES) {
      sum = madd<T>(vload<T>(w + at), vtanh<T>(add<T>(vload<T>(x + at), vload<T>(m + at))), sum);
    }
    if (n > 0) sum = madd<T>(vloadPart<T>(w + at, n), vtanh<T>(add<T>(vloadPart<T>(x + at, n), vloadPart<T>(m + at, n))), sum);
    store<T>(y, hsum<T>(sum));
  }
}

/**
 * (3), eight vectors of columns at a time: eight chains.
 *
 * @param y  out [D]
 * @param a  in  [S]
 * @param m  in  [S,D]
 */
export function weightedRows<T extends number>(y: usize, a: usize, m: usize, step: usize, S: i32, D: i32): void {
  const end = a + bytes<T>(S);
  for (; D >= 8 * LANES<T>(); D -= 8 * LANES<T>(), m += 8 * VEC_BYTES, y += 8 * VEC_BYTES) {
    let s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero(), s4 = zero(), s5 = zero(), s6 = zero(), s7 = zero();
    for (let p = a, row = m; p < end; p += sizeof<T>(), row += step) {
      const v = loadSplat<T>(p);
      s0 = madd<T>(v, vload<T>(row), s0);
      s1 = madd<T>(v, vload<T>(row + VEC_BYTES), s1);
      s2 = madd<T>(v, vload<T>(row + 2 * VEC_BYTES), s2);
      s3 = madd<T>(v, vload<T>(row + 3 * VEC_BYTES), s3);
      s4 = madd<T>(v, vload<T>(row + 4 * VEC_BYTES), s4);
      s5 = madd<T>(v, vload<T>(row + 5 * VEC_BYTES), s5);
      s6 = madd<T>(v, vload<T>(row + 6 * VEC_BYTES), s6);
      s7 = madd<T>(v, vload<T>(row + 7 * VEC_BYTES), s7);
    }
    vstore<T>(y, s0);
    vstore<T>(y + VEC_BYTES, s1);
    vstore<T>(y + 2 * VEC_BYTES, s2);
    vstore<T>(y + 3 * VEC_BYTES, s3);
    vstore<T>(y + 4 * VEC_BYTES, s4);
    vstore<T>(y + 5 * VEC_BYTES, s5);
    vstore<T>(y + 6 * VEC_BYTES, s6);
    vstore<T>(y + 7 * VEC_BYTES, s7);
  }
  for (; D > 0; D -= LANES<T>(), m += VEC_BYTES, y += VEC_BYTES) {
    let sum = zero();
    for (let p = a, row = m; p < end; p += sizeof<T>(), row += step) sum = madd<T>(loadSplat<T>(p), vloadPart<T>(row, D), sum);
    vstorePart<T>(y, sum, D);
  }
}

/**
 * (4)
 *
 * @param m  +=  [S,D]
 * @param a  in  [S]
 * @param x  in  [D]
 */
export function addOuter<T extends number>(m: usize, step: usize, a: usize, x: usize, S: i32, D: i32): void {
  for (; S > 0; --S, m += step, a += sizeof<T>()) {
    const v = loadSplat<T>(a);
    let n = D, at: usize = 0;
    for (; n >= LANES<T>(); n -= LANES<T>(), at += VEC_BYTES) vstore<T>(m + at, madd<T>(v, vload<T>(x + at), vload<T>(m + at)));
    if (n > 0) vstorePart<T>(m + at, madd<T>(v, vloadPart<T>(x + at, n), vloadPart<T>(m + at, n)), n);
  }
}

/**
 * (5) and (6).
 *
 * @param dx    out [D]
 * @param dm    +=  [S,D]  0: not wanted
 * @param sums  +=  [D]    f64: dw
 * @param ds    in  [S]
 * @param x     in  [D]
 * @param m     in  [S,D]
 * @param w     in  [D]
 */
export function additiveRowsBackward<T extends number>(
  dx: usize, dm: usize, sums: usize, ds: usize, x: usize, m: usize, step: usize, w: usize, S: i32, D: i32,
): void {
  const one = splat<T>(<T>1), end = ds + bytes<T>(S);
  for (; D > 0; D -= LANES<T>(), x += VEC_BYTES, m += VEC_BYTES, w += VEC_BYTES, dx += VEC_BYTES, sums += bytes<f64>(LANES<T>())) {
    const query = vloadPart<T>(x, D), weight = vloadPart<T>(w, D);
    let sum = zero(), low = vloadPart<f64>(sums, D), high = sizeof<T>() == 4 ? vloadPart<f64>(sums + VEC_BYTES, D - 2) : zero();
    for (let p = ds, row = m, to = dm; p < end; p += sizeof<T>(), row += step, to += step) {
      const d = loadSplat<T>(p), u = vtanh<T>(add<T>(query, vloadPart<T>(row, D)));
      const g = mul<T>(mul<T>(d, weight), nmadd<T>(u, u, one)); // (5)
      sum = add<T>(sum, g);
      if (dm) vstorePart<T>(to, add<T>(vloadPart<T>(to, D), g), D);
      const part = mul<T>(d, u);
      low = add<f64>(low, lowPair<T>(part));
      if (sizeof<T>() == 4) high = add<f64>(high, highPair(part));
    }
    vstorePart<T>(dx, sum, D);
    vstorePart<f64>(sums, low, D);
    if (sizeof<T>() == 4) vstorePart<f64>(sums + VEC_BYTES, high, D - 2);
    if (dm) dm += VEC_BYTES;
  }
}
