/**
 * The register tiles of int8 products: rows of codes (int8_rows.ts) times panels of groups (vec_int8.ts, int8_pack.ts).
 *
 *   C[r,j] = init[r,j] + (s_r · w_j) · (Σ_k u[r,k]·q[k,j] − 64·Σ_k q[k,j])        (1)
 *
 * The sums are whole numbers. s_r and w_j are the scales of the row and of the column; a panel's part begins with those of its 8 columns and
 * with 64·Σq of each. Every tile has 8 chains. The baseline sums a column in two lanes, and so spans half as many.
 */
import { splat, madd, mul, vload, VEC_BYTES, zero } from "./vec";
import { CODE_BYTES, dotOf, fold, GROUP_BYTES, loadCodes, loadWeights, subSums, toFloat } from "./vec_int8";
import { init0, init1, put } from "./tiles";

/** Bytes before a part's groups: 8 scales (f32), 8 corrections (i32). */
// @ts-ignore: decorator
@inline export const HEADER_BYTES: usize = 64;

/** Panels that a tile of one row spans. */
// @ts-ignore: decorator
@inline export function WIDE(): i32 {
  return ASC_FEATURE_RELAXED_SIMD ? 4 : 2;
}

/** Bytes of four codes. */
// @ts-ignore: decorator
@inline function STEP(): usize {
  return 4 * CODE_BYTES();
}

/** One panel's row of C from its sums (1). @param b the panel's part @param q the row of codes */
// @ts-ignore: decorator
@inline function finish(c: usize, sums0: v128, sums1: v128, b: usize, q: usize, init: usize, cols: i32): void {
  const s = splat<f32>(load<f32>(q));
  const z0 = init ? init0<f32>(init, cols) : zero(), z1 = init ? init1<f32>(init, cols) : zero();
  const v0 = madd<f32>(mul<f32>(s, vload<f32>(b)), toFloat(subSums(sums0, vload<f32>(b + 2 * VEC_BYTES))), z0);
  const v1 = madd<f32>(mul<f32>(s, vload<f32>(b + VEC_BYTES)), toFloat(subSums(sums1, vload<f32>(b + 3 * VEC_BYTES))), z1);
  put<f32>(c, v0, v1, cols);
}

/** 1 row × 1 panel (the last of a row). */
export function int8Tile1(c: usize, q: usize, b: usize, init: usize, groups: i32, cols: i32): void {
  let c0 = zero(), c1 = zero(), c2 = zero(), c3 = zero();
  let u = q + VEC_BYTES, w = b + HEADER_BYTES;
  const end = w + usize(groups) * GROUP_BYTES;
  for (; w < end; w += GROUP_BYTES, u += STEP()) {
    const codes = loadCodes(u);
    c0 = dotOf(loadWeights(w), codes, c0);
    if (ASC_FEATURE_RELAXED_SIMD) {
      c1 = dotOf(loadWeights(w + 16), codes, c1);
    } else {
      c1 = dotOf(loadWeights(w + 8), codes, c1);
      c2 = dotOf(loadWeights(w + 16), codes, c2);
      c3 = dotOf(loadWeights(w + 24), codes, c3);
    }
  }
  if (ASC_FEATURE_RELAXED_SIMD) finish(c, c0, c1, b, q, init, cols);
  else finish(c, fold(c0, c1), fold(c2, c3), b, q, init, cols);
}

/** 1 row × WIDE whole panels. */
export function int8TileWide(c: usize, q: usize, b: usize, panelBytes: usize, init: usize, groups: i32): void {
  let c0 = zero(), c1 = zero(), c2 = zero(), c3 = zero(), c4 = zero(), c5 = zero(), c6 = zero(), c7 = zero();
  let u = q + VEC_BYTES, w = b + HEADER_BYTES, w1 = w + panelBytes, w2 = w1 + panelBytes, w3 = w2 + panelBytes;
  const end = w + usize(groups) * GROUP_BYTES;
  if (ASC_FEATURE_RELAXED_SIMD) {
    for (; w < end; u += STEP()) {
      const codes = loadCodes(u);
      c0 = dotOf(loadWeights(w), codes, c0);
      c1 = dotOf(loadWeights(w + 16), codes, c1);
      c2 = dotOf(loadWeights(w1), codes, c2);
      c3 = dotOf(loadWeights(w1 + 16), codes, c3);
      c4 = dotOf(loadWeights(w2), codes, c4);
      c5 = dotOf(loadWeights(w2 + 16), codes, c5);
      c6 = dotOf(loadWeights(w3), codes, c6);
      c7 = dotOf(loadWeights(w3 + 16), codes, c7);
      w += GROUP_BYTES;
      w1 += GROUP_BYTES;
      w2 += GROUP_BYTES;
      w3 += GROUP_BYTES;
    }
    finish(c, c0, c1, b, q, init, 8);
    finish(c + 2 * VEC_BYTES, c2, c3, b + panelBytes, q, init ? init + 2 * VEC_BYTES : 0, 8);
    finish(c + 4 * VEC_BYTES, c4, c5, b + 2 * panelBytes, q, init ? init + 4 * VEC_BYTES : 0, 8);
    finish(c + 6 * VEC_BYTES, c6, c7, b + 3 * panelBytes, q, init ? init + 6 * VEC_BYTES : 0, 8);
  } else {
    for (; w < end; u += STEP()) {
      const codes = loadCodes(u);
      c0 = dotOf(loadWeights(w), codes, c0);
      c1 = dotOf(loadWeights(w + 8), codes, c1);
      c2 = dotOf(loadWeights(w + 16), codes, c2);
      c3 = dotOf(loadWeights(w + 24), codes, c3);
      c4 = dotOf(loadWeights(w1), codes, c4);
      c5 = dotOf(loadWeights(w1 + 8), codes, c5);
      c6 = dotOf(loadWeights(w1 + 16), codes, c6);
      c7 = dotOf(loadWeights(w1 + 24), codes, c7);
      w += GROUP_BYTES;
      w1 += GROUP_BYTES;
    }
    finish(c, fold(c0, c1), fold(c2, c3), b, q, init, 8);
    finish(c + 2 * VEC_BYTES, fold(c4, c5), fold(c6, c7), b + panelBytes, q, init ? init + 2 * VEC_BYTES : 0, 8);
  }
}

/** 4 rows × 1 panel; the baseline takes its first half, then its second. */
export function int8Tile4(c: usize, ldc: usize, q: usize, ldq: usize, b: usize, init: usize, ldi: usize, groups: i32, cols: i32): void {
  let c00 = zero(), c01 = zero(), c10 = zero(), c11 = zero(), c20 = zero(), c21 = zero(), c30 = zero(), c31 = zero();
  let u0 = q + VEC_BYTES, u1 = u0 + ldq, u2 = u1 + ldq, u3 = u2 + ldq, w = b + HEADER_BYTES;
  const second: usize = ASC_FEATURE_RELAXED_SIMD ? 16 : 8;
  let end = w + usize(groups) * GROUP_BYTES;
  while (w < end) {
    const w0 = loadWeights(w), w1 = loadWeights(w + second);
    let codes = loadCodes(u0);
    c00 = dotOf(w0, codes, c00);
    c01 = dotOf(w1, codes, c01);
    codes = loadCodes(u1);
    c10 = dotOf(w0, codes, c10);
    c11 = dotOf(w1, codes, c11);
    codes = loadCodes(u2);
    c20 = dotOf(w0, codes, c20);
    c21 = dotOf(w1, codes, c21);
    codes = loadCodes(u3);
    c30 = dotOf(w0, codes, c30);
    c31 = dotOf(w1, codes, c31);
    u0 += STEP();
    u1 += STEP();
    u2 += STEP();
    u3 += STEP();
    w += GROUP_BYTES;
  }
  if (!ASC_FEATURE_RELAXED_SIMD) {
    const d00 = fold(c00, c01), d10 = fold(c10, c11), d20 = fold(c20, c21), d30 = fold(c30, c31);
    secondHalf(c, ldc, q, ldq, b, init, ldi, groups, cols, d00, d10, d20, d30);
    return;
  }
  finishFour(c, ldc, q, ldq, b, init, ldi, cols, c00, c01, c10, c11, c20, c21, c30, c31);
}

/** The baseline's columns 4 … 7 of four rows, and the whole of them with what was summed before. */
function secondHalf(
  c: usize, ldc: usize, q: usize, ldq: usize, b: usize, init: usize, ldi: usize, groups: i32, cols: i32, d0: v128, d1: v128, d2: v128, d3: v128,
): void {
  let c00 = zero(), c01 = zero(), c10 = zero(), c11 = zero(), c20 = zero(), c21 = zero(), c30 = zero(), c31 = zero();
  let u0 = q + VEC_BYTES, u1 = u0 + ldq, u2 = u1 + ldq, u3 = u2 + ldq, w = b + HEADER_BYTES + 16;
  const end = w + usize(groups) * GROUP_BYTES;
  while (w < end) {
    const w0 = loadWeights(w), w1 = loadWeights(w + 8);
    let codes = loadCodes(u0);
    c00 = dotOf(w0, codes, c00);
    c01 = dotOf(w1, codes, c01);
    codes = loadCodes(u1);
    c10 = dotOf(w0, codes, c10);
    c11 = dotOf(w1, codes, c11);
    codes = loadCodes(u2);
    c20 = dotOf(w0, codes, c20);
    c21 = dotOf(w1, codes, c21);
    codes = loadCodes(u3);
    c30 = dotOf(w0, codes, c30);
    c31 = dotOf(w1, codes, c31);
    u0 += STEP();
    u1 += STEP();
    u2 += STEP();
    u3 += STEP();
    w += GROUP_BYTES;
  }
  finishFour(c, ldc, q, ldq, b, init, ldi, cols, d0, fold(c00, c01), d1, fold(c10, c11), d2, fold(c20, c21), d3, fold(c30, c31));
}

// @ts-ignore: decorator
@inline function finishFour(
  c: usize, ldc: usize, q: usize, ldq: usize, b: usize, init: usize, ldi: usize, cols: i32,
  c00: v128, c01: v128, c10: v128, c11: v128, c20: v128, c21: v128, c30: v128, c31: v128,
): void {
  finish(c, c00, c01, b, q, init, cols);
  finish(c + ldc, c10, c11, b, q + ldq, init ? init + ldi : 0, cols);
  finish(c + 2 * ldc, c20, c21, b, q + 2 * ldq, init ? init + 2 * ldi : 0, cols);
  finish(c + 3 * ldc, c30, c31, b, q + 3 * ldq, init ? init + 3 * ldi : 0, cols);
}
