/**
 * The register tiles of int8 products: rows of codes (int8_rows.ts) times panels of groups (vec_int8.ts, int8_pack.ts).
 *
 *   C[r,j] = init[r,j] + (s_r · w_j) · (Σ_k u[r,k]·q[k,j] − 64·Σ_k q[k,j])        (1)
 *
 * The sums are whole numbers. s_r and w_j are the scales of the row and of the column; a panel's part begins with those of its 8 columns and
 * with 64·Σq of each. Every tile has 8 chains. The baseline sums a column in two lanes, and so spans half as many.
 */
import { madd, mul, splat, VEC_BYTES, vload, vloadPart, vstorePart, zero } from "./vec";
import { CODE_BYTES, dotOf, fold, GROUP_BYTES, loadCodes, loadWeights, subSums, toFloat } from "./vec_int8";

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

/** Half a panel's row of C from its sums (1): n columns. @param b their scales @param q the row of codes */
// @ts-ignore: decorator
@inline function finishHalf(c: usize, sums: v128, b: usize, q: usize, init: usize, n: i32): void {
  const scale = mul<f32>(splat<f32>(load<f32>(q)), vload<f32>(b));
  const z = init ? vloadPart<f32>(init, n) : zero();
  vstorePart<f32>(c, madd<f32>(scale, toFloat(subSums(sums, vload<f32>(b + 2 * VEC_BYTES))), z), n);
}

/** The whole of it. @param b the panel's part */
// @ts-ignore: decorator
@inline function finish(c: usize, sums0: v128, sums1: v128, b: usize, q: usize, init: usize, cols: i32): void {
  finishHalf(c, sums0, b, q, init, cols);
  finishHalf(c + VEC_BYTES, sums1, b + VEC_BYTES, q, init ? init + VEC_BYTES : 0, cols - 4);
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

/** 4 rows × 1 panel, of which the baseline takes one half after the other. */
export function int8Tile4(c: usize, ldc: usize, q: usize, ldq: usize, b: usize, init: usize, ldi: usize, groups: i32, cols: i32): void {
  const second: usize = ASC_FEATURE_RELAXED_SIMD ? 16 : 8, halves: usize = ASC_FEATURE_RELAXED_SIMD ? 1 : 2;
  for (let half: usize = 0; half < halves; ++half) {
    let c00 = zero(), c01 = zero(), c10 = zero(), c11 = zero(), c20 = zero(), c21 = zero(), c30 = zero(), c31 = zero();
    let u0 = q + VEC_BYTES, u1 = u0 + ldq, u2 = u1 + ldq, u3 = u2 + ldq, w = b + HEADER_BYTES + half * VEC_BYTES;
    const end = w + usize(groups) * GROUP_BYTES;
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
    finishRow(c, c00, c01, b, q, init, half, cols);
    finishRow(c + ldc, c10, c11, b, q + ldq, init ? init + ldi : 0, half, cols);
    finishRow(c + 2 * ldc, c20, c21, b, q + 2 * ldq, init ? init + 2 * ldi : 0, half, cols);
    finishRow(c + 3 * ldc, c30, c31, b, q + 3 * ldq, init ? init + 3 * ldi : 0, half, cols);
  }
}

/** A row of int8Tile4: all of it, or the baseline's half. */
// @ts-ignore: decorator
@inline function finishRow(c: usize, sums0: v128, sums1: v128, b: usize, q: usize, init: usize, half: usize, cols: i32): void {
  if (ASC_FEATURE_RELAXED_SIMD) return finish(c, sums0, sums1, b, q, init, cols);
  const at = half * VEC_BYTES;
  finishHalf(c + at, fold(sums0, sums1), b + at, q, init ? init + at : 0, cols - 4 * i32(half));
}
