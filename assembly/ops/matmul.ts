/**
 * Products of matrices that stand in batches:
 *
 *   c = op(a)·op(b), op(a) [M,K], op(b) [K,N], each as it stands or transposed                          (1)
 *   c += aᵀ·b, a [K,M], b [K,N]: over rows, in blocks (gemm_tn.ts), for gradients of what all rows share   (2)
 *
 * A plan holds one line a batch axis, outermost first: its size, and the strides of c, a and b in elements, as i32. Along the last `summed`
 * axes c stands still: what falls on it is summed in f64, product by product. b is packed when it is another than the one before,
 * so the axes along which b stands still go behind the others.
 *
 * (1) sums each element over k in order (gemm.ts): its bits depend on a row of op(a) and a column of op(b) alone.
 */
import { addSums, addWideTo } from "../blas";
import { gemm } from "../gemm";
import { gemmTransposed, gemmTransposedScratch } from "../gemm_tn";
import { padded } from "../layout";
import { packForward, packPanels } from "../pack";
import { bytes, LANES, PANEL_BYTES, VEC_BYTES } from "../vec";
import { transpose } from "./move";

/** Which matrices are transposed as stored, bit by bit, and whether the sums are (2)'s. */
// @ts-ignore: decorator
@inline const TRANSPOSED_A: i32 = 1;
// @ts-ignore: decorator
@inline const TRANSPOSED_B: i32 = 2;
// @ts-ignore: decorator
@inline const OVER_ROWS: i32 = 4;

/** Bytes of one axis of a plan. */
// @ts-ignore: decorator
@inline const AXIS: usize = 16;

/** A stride of a plan in bytes. which: 1 of c, 2 of a, 3 of b. */
// @ts-ignore: decorator
@inline function stride<T extends number>(plan: usize, which: usize): usize {
  return bytes<T>(usize(load<i32>(plan + 4 * which)));
}

/** Elements of the panels of b, or of what (2) packs. */
function packedSize<T extends number>(M: i32, K: i32, N: i32, kind: i32): f64 {
  return kind & OVER_ROWS ? gemmTransposedScratch<T>(M, K, N) : f64(padded<T>(N)) * K;
}

/**
 * Elements of scratch that matmul needs: which b is packed, that b, a transposed, one product and its sums. An f64: they may be
 * more than a memory holds.
 *
 * @param summed  whether there are axes to sum over
 */
export function matmulScratch<T extends number>(M: i32, K: i32, N: i32, kind: i32, summed: i32): f64 {
  const transposed: f64 = kind & OVER_ROWS || !(kind & TRANSPOSED_A) ? 0 : f64(M) * K;
  const sums: f64 = summed ? f64(M) * N * (1 + 8 / sizeof<T>()) + 1 : 0; // f64 begins at an even place
  return LANES<T>() + packedSize<T>(M, K, N, kind) + transposed + sums;
}

/**
 * (1), or (2) with OVER_ROWS; added to c where adds is not 0.
 *
 * @param c        out | +=  [M,N] at each place of the plan; aliases nothing
 * @param a        in        [M,K], or [K,M] where transposed
 * @param b        in        [K,N], or [N,K] where transposed; with OVER_ROWS [K,N]
 * @param scratch  scratch   matmulScratch elements
 * @param plan     in        [rank,4] i32
 * @param rank               may be 0
 * @param summed             how many of the axes, from the last, c stands still along
 * @param kind               bits: TRANSPOSED_A, TRANSPOSED_B, OVER_ROWS
 */
export function matmul<T extends number>(
  c: usize, a: usize, b: usize, scratch: usize, plan: usize, rank: i32, summed: i32, M: i32, K: i32, N: i32, kind: i32, adds: i32,
): void {
  assert(M > 0 && K > 0 && N > 0 && rank >= summed);
  store<usize>(scratch, 0); // no b is packed
  batches<T>(c, a, b, scratch, plan, rank, summed, M, K, N, kind, adds);
}

/** The axes along which c moves. */
function batches<T extends number>(
  c: usize, a: usize, b: usize, scratch: usize, plan: usize, rank: i32, summed: i32, M: i32, K: i32, N: i32, kind: i32, adds: i32,
): void {
  if (rank > summed) {
    const s = stride<T>(plan, 1), t = stride<T>(plan, 2), u = stride<T>(plan, 3);
    for (let n = load<i32>(plan); n > 0; --n, c += s, a += t, b += u) {
      batches<T>(c, a, b, scratch, plan + AXIS, rank - 1, summed, M, K, N, kind, adds);
    }
  } else if (summed == 0) {
    product<T>(c, a, b, scratch, M, K, N, kind, adds);
  } else {
    const one = scratch + bytes<T>(usize(matmulScratch<T>(M, K, N, kind, 0)));
    const sums = (one + bytes<T>(M * N) + 7) & ~7;
    memory.fill(sums, 0, usize(M * N) << 3);
    products<T>(sums, one, a, b, scratch, plan, summed, M, K, N, kind);
    if (!adds) memory.fill(c, 0, bytes<T>(M * N));
    addSums<T>(c, sums, M * N);
  }
}

/** The axes along which c stands still: sums += every product. */
function products<T extends number>(
  sums: usize, one: usize, a: usize, b: usize, scratch: usize, plan: usize, rank: i32, M: i32, K: i32, N: i32, kind: i32,
): void {
  if (rank == 0) {
    product<T>(one, a, b, scratch, M, K, N, kind, 0);
    addWideTo<T>(sums, one, M * N);
    return;
  }
  const t = stride<T>(plan, 2), u = stride<T>(plan, 3);
  for (let n = load<i32>(plan); n > 0; --n, a += t, b += u) products<T>(sums, one, a, b, scratch, plan + AXIS, rank - 1, M, K, N, kind);
}

/** One product. */
function product<T extends number>(c: usize, a: usize, b: usize, scratch: usize, M: i32, K: i32, N: i32, kind: i32, adds: i32): void {
  const packed = scratch + VEC_BYTES;
  if (kind & OVER_ROWS) {
    if (!adds) memory.fill(c, 0, bytes<T>(M * N));
    gemmTransposed<T>(c, a, bytes<T>(M), b, packed, 1, M, K, N); // (2)
    return;
  }
  if (load<usize>(scratch) != b) {
    if (kind & TRANSPOSED_B) packForward<T, T>(packed, b, 1, N, K, 0, K);
    else packPanels<T>(packed, b, bytes<T>(N), K, N);
    store<usize>(scratch, b);
  }
  if (kind & TRANSPOSED_A) {
    const rows = packed + bytes<T>(usize(packedSize<T>(M, K, N, kind)));
    transpose<T>(rows, a, M, K);
    a = rows;
  }
  gemm<T, T>(c, bytes<T>(N), a, bytes<T>(K), packed, usize(K) * PANEL_BYTES, adds ? c : 0, bytes<T>(N), M, K, N); // (1)
}
