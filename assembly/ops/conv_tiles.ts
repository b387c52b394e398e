/**
 * Products of weights with a picture as it is laid out (conv_plan.ts), and of a gradient with it:
 *
 *   y[m,p,q] = bias[m] + Σ_k w[m,k]·x̂[p·step + q + offset[k]]          k ascending, one madd a step        (1)
 *   sums[m,k] += Σ_p,q dy[m,p,q]·x̂[p·step + q + offset[k]]             chains of CHAIN vectors, then f64   (2)
 *
 * (1) is gemm.ts with the panels of its right side read where they lie: R rows of weights × one panel of columns, 2·R vectors of sums. An element
 * has the same bits in every tile. Narrow tiles (one vector) end rows that are no multiple of a panel. (2) sums vectors along q for 4 rows of dy ×
 * 2 taps: 6 loads for 8 multiply-adds; lanes are added when a chain ends.
 */
import { and, bytes, firstLanes, LANES, loadSplat, madd, PANEL, VEC_BYTES, vload, vloadPart, vstorePart, zero } from "../vec";
import { hsum } from "../vec_wide";

/** Vectors that are summed in T before they are taken to f64. */
// @ts-ignore: decorator
@inline const CHAIN: i32 = 256;

// @ts-ignore: decorator
@inline function start<T extends number>(bias: usize, row: i32): v128 {
  return bias ? loadSplat<T>(bias, row) : zero();
}

/** (1) of R rows and one panel, or one vector where it is not wide; R and wide are literals. */
// @ts-ignore: decorator
@inline function tile<T extends number>(
  y: usize, ldy: usize, x: usize, offset: usize, w: usize, ldw: usize, bias: usize, K: i32, cols: i32, R: i32, wide: bool,
): void {
  let c00 = start<T>(bias, 0), c10 = R > 1 ? start<T>(bias, 1) : zero(), c20 = R > 2 ? start<T>(bias, 2) : zero();
  let c30 = R > 2 ? start<T>(bias, 3) : zero(), c40 = R > 4 ? start<T>(bias, 4) : zero(), c50 = R > 4 ? start<T>(bias, 5) : zero();
  let c01 = c00, c11 = c10, c21 = c20, c31 = c30, c41 = c40, c51 = c50;
  let w1 = w + ldw, w2 = w1 + ldw, w3 = w2 + ldw, w4 = w3 + ldw, w5 = w4 + ldw;
  const end = offset + (usize(K) << 2);
  for (; offset < end; offset += 4) {
    const at = x + load<u32>(offset), b0 = vload<T>(at), b1 = wide ? vload<T>(at + VEC_BYTES) : b0;
    let s = loadSplat<T>(w);
    c00 = madd<T>(s, b0, c00);
    if (wide) c01 = madd<T>(s, b1, c01);
    w += sizeof<T>();
    if (R > 1) {
      s = loadSplat<T>(w1);
      c10 = madd<T>(s, b0, c10);
      if (wide) c11 = madd<T>(s, b1, c11);
      w1 += sizeof<T>();
    }
    if (R > 2) {
      s = loadSplat<T>(w2);
      c20 = madd<T>(s, b0, c20);
      if (wide) c21 = madd<T>(s, b1, c21);
      s = loadSplat<T>(w3);
      c30 = madd<T>(s, b0, c30);
      if (wide) c31 = madd<T>(s, b1, c31);
      w2 += sizeof<T>();
      w3 += sizeof<T>();
    }
    if (R > 4) {
      s = loadSplat<T>(w4);
      c40 = madd<T>(s, b0, c40);
      if (wide) c41 = madd<T>(s, b1, c41);
      s = loadSplat<T>(w5);
      c50 = madd<T>(s, b0, c50);
      if (wide) c51 = madd<T>(s, b1, c51);
      w4 += sizeof<T>();
      w5 += sizeof<T>();
    }
  }
  put<T>(y, c00, c01, cols, wide);
  if (R > 1) put<T>(y + ldy, c10, c11, cols, wide);
  if (R > 2) {
    put<T>(y + 2 * ldy, c20, c21, cols, wide);
    put<T>(y + 3 * ldy, c30, c31, cols, wide);
  }
  if (R > 4) {
    put<T>(y + 4 * ldy, c40, c41, cols, wide);
    put<T>(y + 5 * ldy, c50, c51, cols, wide);
  }
}

// @ts-ignore: decorator
@inline function put<T extends number>(y: usize, v0: v128, v1: v128, cols: i32, wide: bool): void {
  vstorePart<T>(y, v0, cols);
  if (wide) vstorePart<T>(y + VEC_BYTES, v1, cols - LANES<T>());
}

/** (1) of R rows over all places. */
// @ts-ignore: decorator
@inline function strip<T extends number>(
  y: usize, ldy: usize, x: usize, step: usize, offset: usize, w: usize, bias: usize, K: i32, OH: i32, OW: i32, R: i32,
): void {
  for (let p = 0; p < OH; ++p, x += step) {
    let at = x, left = OW;
    for (; left > LANES<T>(); left -= PANEL<T>()) {
      const cols = min(left, PANEL<T>());
      tile<T>(y, ldy, at, offset, w, bytes<T>(K), bias, K, cols, R, true);
      y += bytes<T>(cols);
      at += 2 * VEC_BYTES;
    }
    if (left > 0) {
      tile<T>(y, ldy, at, offset, w, bytes<T>(K), bias, K, left, R, false);
      y += bytes<T>(left);
    }
  }
}

function strip6<T extends number>(
  y: usize, ldy: usize, x: usize, step: usize, offset: usize, w: usize, bias: usize, K: i32, OH: i32, OW: i32,
): void {
  strip<T>(y, ldy, x, step, offset, w, bias, K, OH, OW, 6);
}

function strip4<T extends number>(
  y: usize, ldy: usize, x: usize, step: usize, offset: usize, w: usize, bias: usize, K: i32, OH: i32, OW: i32,
): void {
  strip<T>(y, ldy, x, step, offset, w, bias, K, OH, OW, 4);
}

function strip2<T extends number>(
  y: usize, ldy: usize, x: usize, step: usize, offset: usize, w: usize, bias: usize, K: i32, OH: i32, OW: i32,
): void {
  strip<T>(y, ldy, x, step, offset, w, bias, K, OH, OW, 2);
}

function strip1<T extends number>(
  y: usize, ldy: usize, x: usize, step: usize, offset: usize, w: usize, bias: usize, K: i32, OH: i32, OW: i32,
): void {
  strip<T>(y, ldy, x, step, offset, w, bias, K, OH, OW, 1);
}

/**
 * (1)
 *
 * @param y       out [M,OH,OW]
 * @param x       in  x̂, rows of y `step` bytes apart in it
 * @param offset  in  [K] u32, bytes
 * @param w       in  [M,K]
 * @param bias    in  [M]; the null pointer means zeros
 */
export function correlate<T extends number>(
  y: usize, x: usize, step: usize, offset: usize, w: usize, bias: usize, M: i32, K: i32, OH: i32, OW: i32,
): void {
  const ldy = bytes<T>(usize(OH) * OW), ldw = bytes<T>(K);
  while (M > 0) {
    // As gemm.ts: tiles of six rows only where a multiply-add is one instruction, and 4 + 4 rather than 6 + 2.
    const rows = ASC_FEATURE_RELAXED_SIMD && M >= 6 && M != 8 ? 6 : M >= 4 ? 4 : M >= 2 ? 2 : 1;
    if (rows == 6) strip6<T>(y, ldy, x, step, offset, w, bias, K, OH, OW);
    else if (rows == 4) strip4<T>(y, ldy, x, step, offset, w, bias, K, OH, OW);
    else if (rows == 2) strip2<T>(y, ldy, x, step, offset, w, bias, K, OH, OW);
    else strip1<T>(y, ldy, x, step, offset, w, bias, K, OH, OW);
    y += usize(rows) * ldy;
    w += usize(rows) * ldw;
    if (bias) bias += bytes<T>(rows);
    M -= rows;
  }
}

// @ts-ignore: decorator
@inline function addTo(sums: usize, x: f64): void {
  store<f64>(sums, load<f64>(sums) + x);
}

/** (2) of R rows of dy and two taps, or one; R is a literal. */
// @ts-ignore: decorator
@inline function taps<T extends number>(
  sums: usize, ld: usize, dy: usize, ldy: usize, x0: usize, x1: usize, step: usize, rows: i32, OW: i32, both: bool, R: i32,
): void {
  let c00 = zero(), c01 = zero(), c10 = zero(), c11 = zero(), c20 = zero(), c21 = zero(), c30 = zero(), c31 = zero();
  const over = OW & (LANES<T>() - 1), whole = bytes<T>(OW - over), mask = firstLanes<T>(over);
  for (; rows > 0; --rows, x0 += step, x1 += step) {
    let at0 = x0, at1 = x1;
    for (const end = dy + whole; dy < end; dy += VEC_BYTES, at0 += VEC_BYTES, at1 += VEC_BYTES) {
      const a = vload<T>(at0), b = vload<T>(at1);
      let d = vload<T>(dy);
      c00 = madd<T>(d, a, c00);
      c01 = madd<T>(d, b, c01);
      if (R > 1) {
        d = vload<T>(dy + ldy);
        c10 = madd<T>(d, a, c10);
        c11 = madd<T>(d, b, c11);
        d = vload<T>(dy + 2 * ldy);
        c20 = madd<T>(d, a, c20);
        c21 = madd<T>(d, b, c21);
        d = vload<T>(dy + 3 * ldy);
        c30 = madd<T>(d, a, c30);
        c31 = madd<T>(d, b, c31);
      }
    }
    if (over == 0) continue;
    const a = and(vload<T>(at0), mask), b = and(vload<T>(at1), mask); // what lies behind the row belongs to another
    let d = vloadPart<T>(dy, over);
    c00 = madd<T>(d, a, c00);
    c01 = madd<T>(d, b, c01);
    if (R > 1) {
      d = vloadPart<T>(dy + ldy, over);
      c10 = madd<T>(d, a, c10);
      c11 = madd<T>(d, b, c11);
      d = vloadPart<T>(dy + 2 * ldy, over);
      c20 = madd<T>(d, a, c20);
      c21 = madd<T>(d, b, c21);
      d = vloadPart<T>(dy + 3 * ldy, over);
      c30 = madd<T>(d, a, c30);
      c31 = madd<T>(d, b, c31);
    }
    dy += bytes<T>(over);
  }
  addTo(sums, <f64>hsum<T>(c00));
  if (both) addTo(sums + 8, <f64>hsum<T>(c01));
  if (R > 1) {
    addTo(sums + ld, <f64>hsum<T>(c10));
    addTo(sums + 2 * ld, <f64>hsum<T>(c20));
    addTo(sums + 3 * ld, <f64>hsum<T>(c30));
    if (both) {
      addTo(sums + ld + 8, <f64>hsum<T>(c11));
      addTo(sums + 2 * ld + 8, <f64>hsum<T>(c21));
      addTo(sums + 3 * ld + 8, <f64>hsum<T>(c31));
    }
  }
}

/**
 * (2)
 *
 * @param sums    +=  [M,K] f64
 * @param dy      in  [M,OH,OW]
 * @param x       in  x̂, as in correlate
 * @param offset  in  [K] u32, bytes
 */
export function correlateTaps<T extends number>(
  sums: usize, dy: usize, x: usize, step: usize, offset: usize, M: i32, K: i32, OH: i32, OW: i32,
): void {
  const ldy = bytes<T>(usize(OH) * OW), ld = usize(K) << 3;
  const block = max(1, CHAIN / ((OW + LANES<T>() - 1) / LANES<T>()));
  for (; OH > 0; OH -= block, x += usize(block) * step, dy += bytes<T>(block * OW)) {
    const rows = min(OH, block);
    for (let m = 0; m < M; m += M - m >= 4 ? 4 : 1) {
      const d = dy + usize(m) * ldy, s = sums + usize(m) * ld;
      for (let k = 0; k < K; k += 2) {
        const both = k + 1 < K, x0 = x + load<u32>(offset + (usize(k) << 2)), x1 = both ? x + load<u32>(offset + (usize(k + 1) << 2)) : x0;
        if (M - m >= 4) taps<T>(s + (usize(k) << 3), ld, d, ldy, x0, x1, step, rows, OW, both, 4);
        else taps<T>(s + (usize(k) << 3), ld, d, ldy, x0, x1, step, rows, OW, both, 1);
      }
    }
  }
}
