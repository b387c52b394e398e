/**
 * The best sequence of tags of a linear-chain CRF, by Viterbi. Scores of crf_scores.ts; emissions e⟨t⟩ [K].
 *
 *   δ⟨0⟩ = start + e⟨0⟩
 *   b⟨t⟩_j = argmax_i (δ⟨t−1⟩_i + V_ij),   δ⟨t⟩_j = max_i (δ⟨t−1⟩_i + V_ij) + e⟨t⟩_j               (1)
 *   y⟨L−1⟩ = argmax_j (δ⟨L−1⟩_j + end_j),   y⟨t−1⟩ = b⟨t⟩_y⟨t⟩                                     (2)
 *
 * δ is taken relative to its maximum at every step, so that it keeps its digits however long the sequence. Of equals the lowest tag wins: the last
 * tag first, then each before it. What is forbidden is −∞ in V, start and end, and never chosen; emissions are held within ±`MOST`, so that
 * nothing allowed is as bad, and NaN counts as the least of them. The path's score is summed from the numbers as they are.
 */
import { stepsOf } from "../lengths";
import { add, bytes, LANES, loadSplat, lt, pmax, pmin, select, splat, sub, VEC_BYTES, vload, vloadPart, vstore, zero } from "../vec";
import { pathScore, rowBehind, rowOf } from "./crf_scores";

/** Far beyond scores, far within T: many of it add up without overflow. */
// @ts-ignore: decorator
@inline function MOST<T extends number>(): T {
  return sizeof<T>() == 4 ? <T>1e30 : <T>1e300;
}

/** Bytes of scratch for at most T steps; an f64, for they may be more than a memory holds. */
export function crfDecodeScratch<T extends number>(T: i32, K: i32): f64 {
  return (<f64>T + 2) * <f64>rowOf<T>(K);
}

/** x within ±MOST; −MOST for NaN. */
// @ts-ignore: decorator
@inline function held<T extends number>(x: v128): v128 {
  return pmin<T>(splat<T>(MOST<T>()), pmax<T>(splat<T>(-MOST<T>()), x));
}

/** (1) for every j but for the emissions, two vectors at a time: two chains each. @param back out [Kp] b, as numbers of T @param best out [Kp] */
function bestBefore<T extends number>(back: usize, best: usize, delta: usize, V: usize, K: i32): void {
  const row = rowOf<T>(K), one = splat<T>(<T>1);
  for (let at: usize = 0; at < row; at += 2 * VEC_BYTES) {
    let m0 = splat<T>(<T>-Infinity), m1 = m0, b0 = zero(), b1 = b0, tag = b0;
    for (let i = 0, from = V + at; i < K; ++i, from += row) {
      const d = loadSplat<T>(delta + bytes<T>(i));
      const x0 = add<T>(d, vload<T>(from)), x1 = add<T>(d, vload<T>(from + VEC_BYTES));
      b0 = select(tag, b0, lt<T>(m0, x0));
      b1 = select(tag, b1, lt<T>(m1, x1));
      m0 = pmax<T>(m0, x0);
      m1 = pmax<T>(m1, x1);
      tag = add<T>(tag, one);
    }
    vstore<T>(back + at, b0);
    vstore<T>(back + at + VEC_BYTES, b1);
    vstore<T>(best + at, m0);
    vstore<T>(best + at + VEC_BYTES, m1);
  }
}

/** δ = base + e, no more than MOST, less its maximum; of NaN −∞. May be in place. @returns false where nothing is over −∞ */
function settle<T extends number>(delta: usize, base: usize, e: usize, K: i32): bool {
  const row = rowOf<T>(K), least = splat<T>(<T>-Infinity), most = splat<T>(MOST<T>());
  let left = K, top = <T>-Infinity;
  for (let at: usize = 0; at < row; at += VEC_BYTES, left -= LANES<T>()) {
    const x = add<T>(vload<T>(base + at), held<T>(vloadPart<T>(e + at, left)));
    vstore<T>(delta + at, pmin<T>(most, pmax<T>(least, x)));
  }
  for (let j = 0; j < K; ++j) top = max<T>(top, load<T>(delta + bytes<T>(j)));
  for (let at: usize = 0; at < row; at += VEC_BYTES) vstore<T>(delta + at, sub<T>(vload<T>(delta + at), splat<T>(top)));
  return top > <T>-Infinity;
}

/** y⟨L−1⟩ of (2); −1 where every path is forbidden. */
function lastTag<T extends number>(delta: usize, end: usize, K: i32): i32 {
  let best = <T>-Infinity, y = -1;
  for (let j = 0; j < K; ++j) {
    const x = load<T>(delta + bytes<T>(j)) + load<T>(end + bytes<T>(j));
    if (x > best) {
      best = x;
      y = j;
    }
  }
  return y;
}

/** One sequence. @param tags out [L] i32 @param e its first step's row, `stride` bytes from step to step @returns false where every path is forbidden */
function decodeOne<T extends number>(tags: usize, scores: usize, e: usize, stride: usize, L: i32, K: i32, scratch: usize): bool {
  const row = rowOf<T>(K), delta = scratch, best = scratch + row, back = best + row;
  if (!settle<T>(delta, rowBehind<T>(scores, K, 2), e, K)) return false;
  for (let t = 1; t < L; ++t) {
    bestBefore<T>(back + usize(t - 1) * row, best, delta, scores, K);
    if (!settle<T>(delta, best, e + usize(t) * stride, K)) return false;
  }
  let y = lastTag<T>(delta, rowBehind<T>(scores, K, 3), K);
  if (y < 0) return false;
  for (let t = L - 1; t >= 0; --t) {
    store<i32>(tags + (usize(t) << 2), y);
    if (t > 0) y = <i32>load<T>(back + usize(t - 1) * row + bytes<T>(y)); // (2)
  }
  return true;
}

/**
 * Decodes each sequence.
 *
 * @param tags    out [N,T] i32     whatever the layout; what lies behind a length stays as it is
 * @param totals  out [N] f64       the scores of the paths
 * @param scores  in  of crfPrepare
 * @param e       in  [T,N,K]       (batchFirst: [N,T,K]); padding may hold anything
 * @param lengths in  [N] i32       may be null
 * @param scratch crfDecodeScratch bytes
 * @returns −1; or the first sequence of which every path is forbidden
 */
export function crfDecode<T extends number>(
  tags: usize, totals: usize, scores: usize, e: usize, lengths: usize, T: i32, N: i32, K: i32, batchFirst: i32, scratch: usize,
): i32 {
  const bytesOfRow = bytes<T>(K), stride = batchFirst ? bytesOfRow : usize(N) * bytesOfRow;
  for (let n = 0; n < N; ++n, tags += usize(T) << 2) {
    const L = stepsOf(lengths, n, T), from = e + usize(n) * (batchFirst ? usize(T) : 1) * bytesOfRow;
    if (!decodeOne<T>(tags, scores, from, stride, L, K, scratch)) return n;
    store<f64>(totals + (usize(n) << 3), pathScore<T>(scores, K, tags, 4, from, stride, L));
  }
  return -1;
}
