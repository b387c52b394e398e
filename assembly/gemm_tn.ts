/**
 * Products over rows: C[M,cols] += Aᵀ·B with A[K,M], B[K,cols] (weight gradients: K = T·N rows of tape).
 *
 *   C[m,j] += Σ_k A[k,m]·B[k,j]
 *
 * Both operands are read down their columns, so blocks of up to K_BLOCK rows are copied into panels first (2 copies
 * against M and cols multiply-adds an element), and 4×PANEL tiles run over the panels. Sums over k are cut at the
 * blocks: equal within rounding to any other order.
 */
import { padded } from "./layout";
import { packPanels } from "./pack";
import { accumulate, tile4k } from "./tiles";
import { add, bytes, PANEL, PANEL_BYTES, VEC_BYTES, vload, vloadPart, zero } from "./vec";

/** Rows in a block: one panel of B (8 KB) stays in L1 while the panels of A stream past it. */
// @ts-ignore: decorator
@inline const K_BLOCK: i32 = 256;

/** Elements of scratch that gemmTransposed needs. `width`: columns of A as stored. */
export function gemmTransposedScratch<T extends number>(width: i32, K: i32, cols: i32): i32 {
  return min(K, K_BLOCK) * (padded<T>(width) + padded<T>(cols));
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
 * Column sums in gate layout, added to one or two canonical vectors (bias gradients), in blocks of K_BLOCK rows.
 *
 * @param d1, d2  += [G·H]   d2 may be null
 * @param a       in [K,W]   gate layout (G = 1: at least H elements a row), rows `lda` bytes apart
 */
export function columnSums<T extends number>(d1: usize, d2: usize, a: usize, lda: usize, G: i32, H: i32, K: i32): void {
  for (; K > 0; K -= K_BLOCK) {
    const rows = min(K, K_BLOCK);
    for (let h = 0; h < H; h += PANEL<T>()) {
      const width = min(H - h, PANEL<T>());
      for (let g = 0; g < G; ++g) {
        const at = bytes<T>(usize(g * H + h));
        sumPanel<T>(d1 + at, d2 ? d2 + at : 0, a + bytes<T>(h * G + g * PANEL<T>()), lda, rows, width);
      }
    }
    a += usize(rows) * lda;
  }
}

/** One panel's columns of columnSums. */
function sumPanel<T extends number>(d1: usize, d2: usize, a: usize, lda: usize, rows: i32, width: i32): void {
  const second = width - PANEL<T>() / 2;
  let s0 = zero(), s1 = zero();
  for (; rows > 0; --rows) {
    if (width == PANEL<T>()) {
      s0 = add<T>(s0, vload<T>(a));
      s1 = add<T>(s1, vload<T>(a + VEC_BYTES));
    } else {
      s0 = add<T>(s0, vloadPart<T>(a, width));
      s1 = add<T>(s1, vloadPart<T>(a + VEC_BYTES, second));
    }
    a += lda;
  }
  accumulate<T>(d1, s0, s1, width);
  if (d2) accumulate<T>(d2, s0, s1, width);
}
