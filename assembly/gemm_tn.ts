/**
 * Products over rows: C[M,cols] += Aᵀ·B with A[K,M], B[K,cols] (weight gradients: K = T·N rows of tape).
 *
 *   C[m,j] += Σ_k A[k,m]·B[k,j]
 *
 * Both operands are read down their columns, so blocks of up to K_BLOCK rows are copied into panels first (2 copies
 * against M and cols multiply-adds an element), and 4×PANEL tiles run over the panels. Sums over k are cut at the
 * blocks, and at stretches of blocks: equal within rounding to any other order, and long ones keep their digits.
 */
import { addTo } from "./blas";
import { K_BLOCK, K_STRETCH, S_BLOCK } from "./blocks";
import { padded } from "./layout";
import { packPanels } from "./pack";
import { tile4k } from "./tiles";
import { add, bytes, PANEL, PANEL_BYTES, VEC_BYTES, vload, vloadPart, zero } from "./vec";
import { highPair, loadPairPart, lowPair, pairBytes, storePairPart } from "./vec_wide";

/** Elements of scratch that gemmTransposed needs: an f64, for they may be more than a memory holds. `width`: columns of A as stored. */
export function gemmTransposedScratch<T extends number>(width: i32, K: i32, cols: i32): f64 {
  const panels = f64(min(K, K_BLOCK)) * (f64(padded<T>(width)) + padded<T>(cols));
  return K > K_STRETCH ? panels + 2 * f64(width) * cols : panels;
}

/**
 * C1 += Aᵀ·B1 and C2 += Aᵀ·B2: A is copied once for both.
 *
 * @param c1       +=      [G·H,cols1] canonical, dense rows
 * @param b1       in      [K,cols1]   dense rows
 * @param c2, b2   the same for the second product; null: there is none
 * @param a        in      [K,width]   G > 1: gate layout, width G·Hp; G = 1: width H or Hp, `lda` bytes a row
 * @param scratch  scratch gemmTransposedScratch elements for the wider of both
 */
export function gemmTransposedPair<T extends number>(
  c1: usize, b1: usize, cols1: i32, c2: usize, b2: usize, cols2: i32, a: usize, lda: usize, scratch: usize, G: i32, H: i32, K: i32,
): void {
  if (K <= K_STRETCH) return stretchProduct<T>(c1, b1, cols1, c2, b2, cols2, a, lda, scratch, G, H, K);
  const n1 = G * H * cols1, n2 = c2 ? G * H * cols2 : 0;
  const width = G > 1 ? G * padded<T>(H) : H;
  const sums1 = scratch + bytes<T>(K_BLOCK * (padded<T>(width) + padded<T>(max(cols1, c2 ? cols2 : 0))));
  const sums2 = sums1 + bytes<T>(n1);
  for (; K > 0; K -= K_STRETCH) {
    memory.fill(sums1, 0, bytes<T>(n1 + n2));
    stretchProduct<T>(sums1, b1, cols1, c2 ? sums2 : 0, b2, cols2, a, lda, scratch, G, H, min(K, K_STRETCH));
    addTo<T>(c1, sums1, n1);
    if (c2) addTo<T>(c2, sums2, n2);
    a += usize(K_STRETCH) * lda;
    b1 += bytes<T>(K_STRETCH * cols1);
    b2 += bytes<T>(K_STRETCH * cols2);
  }
}

/** As gemmTransposedPair, block by block straight into C. */
function stretchProduct<T extends number>(
  c1: usize, b1: usize, cols1: i32, c2: usize, b2: usize, cols2: i32, a: usize, lda: usize, scratch: usize, G: i32, H: i32, K: i32,
): void {
  const width = G > 1 ? G * padded<T>(H) : H;
  for (let k = 0; k < K; k += K_BLOCK) {
    const rows = min(K - k, K_BLOCK);
    const bPanels = scratch + bytes<T>(usize(rows) * padded<T>(width));
    packPanels<T>(scratch, a + usize(k) * lda, lda, rows, width);
    blockProduct<T>(c1, scratch, b1 + bytes<T>(usize(k) * cols1), bPanels, G, H, rows, cols1);
    if (c2) blockProduct<T>(c2, scratch, b2 + bytes<T>(usize(k) * cols2), bPanels, G, H, rows, cols2);
  }
}

/** C += Aᵀ·B. As gemmTransposedPair. */
export function gemmTransposed<T extends number>(
  c: usize, a: usize, lda: usize, b: usize, scratch: usize, G: i32, H: i32, K: i32, cols: i32,
): void {
  gemmTransposedPair<T>(c, b, cols, 0, 0, 0, a, lda, scratch, G, H, K);
}

/** One block of rows: A as panels, B yet to be copied into panels. */
function blockProduct<T extends number>(c: usize, aPanels: usize, b: usize, bPanels: usize, G: i32, H: i32, rows: i32, cols: i32): void {
  packPanels<T>(bPanels, b, bytes<T>(cols), rows, cols);
  const panelBytes = usize(rows) * PANEL_BYTES;
  for (let j = 0; j < cols; j += PANEL<T>()) {
    columnOfTiles<T>(c + bytes<T>(j), aPanels, bPanels, G, H, rows, cols, min(cols - j, PANEL<T>()));
    bPanels += panelBytes;
  }
}

/** One panel of B against all panels of A. */
function columnOfTiles<T extends number>(c: usize, a: usize, b: usize, G: i32, H: i32, K: i32, cols: i32, width: i32): void {
  const ldc = bytes<T>(cols);
  for (let h = 0; h < H; h += PANEL<T>()) {
    for (let g = 0; g < G; ++g) {
      const row = c + usize(g * H + h) * ldc;
      const rows = min(H - h, PANEL<T>());
      tile4k<T>(row, ldc, a, b, K, rows, width);
      if (rows > 4) tile4k<T>(row + 4 * ldc, ldc, a + bytes<T>(4), b, K, rows - 4, width);
      a += usize(K) * PANEL_BYTES;
    }
  }
}

/**
 * Column sums in gate layout, added to one or two canonical vectors (bias gradients): in blocks of S_BLOCK rows, the blocks in f64.
 *
 * @param d1, d2  += [G·H]   d2 may be null
 * @param a       in [K,W]   gate layout (G = 1: at least H elements a row), rows `lda` bytes apart
 */
export function columnSums<T extends number>(d1: usize, d2: usize, a: usize, lda: usize, G: i32, H: i32, K: i32): void {
  for (let h = 0; h < H; h += PANEL<T>()) {
    const width = min(H - h, PANEL<T>());
    for (let g = 0; g < G; ++g) {
      const at = bytes<T>(usize(g * H + h));
      sumPanel<T>(d1 + at, d2 ? d2 + at : 0, a + bytes<T>(h * G + g * PANEL<T>()), lda, K, width);
    }
  }
}

/** One panel's columns of columnSums. */
function sumPanel<T extends number>(d1: usize, d2: usize, a: usize, lda: usize, K: i32, width: i32): void {
  const second = width - PANEL<T>() / 2;
  let w0 = zero(), w1 = zero(), w2 = zero(), w3 = zero();
  for (; K > 0; K -= S_BLOCK) {
    let s0 = zero(), s1 = zero();
    for (let rows = min(K, S_BLOCK); rows > 0; --rows) {
      if (width == PANEL<T>()) {
        s0 = add<T>(s0, vload<T>(a));
        s1 = add<T>(s1, vload<T>(a + VEC_BYTES));
      } else {
        s0 = add<T>(s0, vloadPart<T>(a, width));
        s1 = add<T>(s1, vloadPart<T>(a + VEC_BYTES, second));
      }
      a += lda;
    }
    w0 = add<f64>(w0, lowPair<T>(s0));
    w2 = add<f64>(w2, lowPair<T>(s1));
    if (sizeof<T>() == 4) {
      w1 = add<f64>(w1, highPair(s0));
      w3 = add<f64>(w3, highPair(s1));
    }
  }
  addPairs<T>(d1, w0, w1, w2, w3, width);
  if (d2) addPairs<T>(d2, w0, w1, w2, w3, width);
}

/** One panel of sums added to d, of which `width` elements are touched. */
// @ts-ignore: decorator
@inline function addPairs<T extends number>(d: usize, w0: v128, w1: v128, w2: v128, w3: v128, width: i32): void {
  addPair<T>(d, w0, width);
  if (sizeof<T>() == 8) return addPair<T>(d + pairBytes<T>(), w2, width - 2);
  addPair<T>(d + pairBytes<T>(), w1, width - 2);
  addPair<T>(d + 2 * pairBytes<T>(), w2, width - 4);
  addPair<T>(d + 3 * pairBytes<T>(), w3, width - 6);
}

// @ts-ignore: decorator
@inline function addPair<T extends number>(d: usize, sum: v128, n: i32): void {
  if (n > 0) storePairPart<T>(d, add<f64>(loadPairPart<T>(d, n), sum), n);
}
