/**
 * The negative log-likelihood of a linear-chain CRF, its gradient, and the chances of its tags. Of one sequence with emissions e [L,K] and tags y,
 * scores and α, s, β, p as in crf_scores.ts and crf_lattice.ts:
 *
 *   score(y) = start_y⟨0⟩ + Σ_t e⟨t⟩_y⟨t⟩ + Σ_t V_y⟨t−1⟩y⟨t⟩ + end_y⟨L−1⟩                                    (1)
 *   l = log Z − score(y) = −log p⟨L−1⟩_y⟨L−1⟩ − Σ_t log P(y⟨t−1⟩ | y⟨t⟩ and what is before),
 *       −log P(i | j) = c_j + log s⟨t⟩_j − α⟨t−1⟩_i − V_ij                                                  (2)
 *   ∂l/∂e⟨t⟩_j = p⟨t⟩_j − [j = y⟨t⟩]                                                                        (3)
 *   ∂l/∂start = ∂l/∂e⟨0⟩,   ∂l/∂end = ∂l/∂e⟨L−1⟩                                                            (4)
 *   ∂l/∂V_ij = Σ_t ξ⟨t⟩_ij − [i = y⟨t−1⟩, j = y⟨t⟩],   ξ⟨t⟩_ij = exp(α⟨t−1⟩_i)·E_ij·w⟨t⟩_j                  (5)
 *   w⟨t⟩_j = p⟨t⟩_j/s⟨t⟩_j,   so that   Σ_t ξ⟨t⟩ = E ⊙ (Aᵀ·W),   A = exp(α⟨0…L−2⟩), W = w⟨1…L−1⟩            (6)
 *
 * No summand of the second form of (2) is negative, and none grows with the sequence: a loss near 0 is one. Where log Z or the score is not finite, the first
 * form says what the loss is.
 *
 * 2·K² flops a step each for α, β and (6), and three exponentials and two logarithms of K: at K = 32 about as much time for the one as for the other.
 * One sequence after another: its bits do not depend on the batch. A number of it that is NaN, or +∞, or tags of −∞ alone at one step, make its loss
 * and gradient NaN, and nobody else's.
 */
import { flush } from "../flush";
import { gemmTransposed, gemmTransposedScratch } from "../gemm_tn";
import { stepsOf } from "../lengths";
import {
  add, and, anyTrue, bytes, div, firstLanes, LANES, lt, mul, or, select, splat, VEC_BYTES, vload, vloadPart, vstore, vstorePart, zero,
} from "../vec";
import { lane0 } from "../vec_wide";
import { forward, isSmall, Lattice, latticeBytes, latticeIn, LEAST, posterior, stepBack, turn } from "./crf_lattice";
import { exp1, inPanels, log1, logSum, panelsE, pathScore, rowBehind, rowOf } from "./crf_scores";

/** Bytes of scratch of the kernels here; an f64, for they may be more than a memory holds. @param gradient 1: also of the parameters */
export function crfScratch<T extends number>(T: i32, K: i32, gradient: i32): f64 {
  const Kp = <i32>(rowOf<T>(K) / sizeof<T>());
  const lattice = latticeBytes<T>(T, K);
  return gradient ? lattice + <f64>sizeof<T>() * (<f64>K * <f64>Kp + gemmTransposedScratch<T>(K, T, Kp)) : lattice;
}

/**
 * Checks tags: each is one, and none is where it is forbidden.
 *
 * @param targets   in [T,N] i32 (batchFirst: [N,T]); padding may hold anything
 * @param forbidden in [2K+K·K] u8  of start, end, transitions; may be null
 * @param lengths   in [N] i32      may be null
 * @returns the first bad row of targets, sequence by sequence; −1: none
 */
export function crfCheck(targets: usize, forbidden: usize, lengths: usize, T: i32, N: i32, K: i32, batchFirst: i32): i32 {
  for (let n = 0; n < N; ++n) {
    const L = stepsOf(lengths, n, T);
    for (let t = 0, last = -1; t < L; ++t) {
      const row = batchFirst ? n * T + t : t * N + n;
      const y = load<i32>(targets + (usize(row) << 2));
      if (<u32>y >= <u32>K) return row;
      if (forbidden) {
        if (load<u8>(forbidden + usize(t == 0 ? y : 2 * K + last * K + y))) return row;
        if (t == L - 1 && load<u8>(forbidden + usize(K + y))) return row;
      }
      last = y;
    }
  }
  return -1;
}

/** Zeros in the padding of a sequence. @param from its first step's row */
function clearPadding(from: usize, stride: usize, bytesOfRow: usize, L: i32, T: i32): void {
  for (let t = L; t < T; ++t) memory.fill(from + usize(t) * stride, 0, bytesOfRow);
}

/** p ← s·p, flushed. */
function scaleRow<T extends number>(p: usize, K: i32, s: T): void {
  const factor = splat<T>(s);
  for (; K >= LANES<T>(); K -= LANES<T>(), p += VEC_BYTES) vstore<T>(p, flush<T>(mul<T>(factor, vload<T>(p))));
  if (K > 0) vstorePart<T>(p, flush<T>(mul<T>(factor, vloadPart<T>(p, K))), K);
}

/** y += x. */
function addRow<T extends number>(y: usize, x: usize, K: i32): void {
  for (; K >= LANES<T>(); K -= LANES<T>(), y += VEC_BYTES, x += VEC_BYTES) vstore<T>(y, add<T>(vload<T>(y), vload<T>(x)));
  if (K > 0) vstorePart<T>(y, add<T>(vloadPart<T>(y, K), vloadPart<T>(x, K)), K);
}

/** w⟨t⟩ of (6) in the place of s⟨t⟩; 0 where s is too small to divide by: there (5) at once. @param p [K], not yet divided by 1 + r */
function weigh<T extends number>(l: Lattice, t: i32, p: usize, r: f64, dV: usize): void {
  const row = rowOf<T>(l.K), s = l.s + usize(t) * row;
  const factor = splat<T>(<T>(1 / (1 + r))), least = splat<T>(LEAST<T>());
  let small = zero(), left = l.K;
  for (let at: usize = 0; at < row; at += VEC_BYTES, left -= LANES<T>()) small = or(small, and(lt<T>(vload<T>(s + at), least), firstLanes<T>(left)));
  if (anyTrue(small)) weighSmall<T>(l, t, p, r, dV);
  left = l.K;
  for (let at: usize = 0; at < row; at += VEC_BYTES, left -= LANES<T>()) {
    const sum = vload<T>(s + at);
    const w = div<T>(mul<T>(factor, vloadPart<T>(p + at, left)), sum);
    vstore<T>(s + at, select(zero(), w, lt<T>(sum, least)));
  }
}

/** (5) of the columns whose s⟨t⟩ is small. As weigh. */
function weighSmall<T extends number>(l: Lattice, t: i32, p: usize, r: f64, dV: usize): void {
  const K = l.K, row = rowOf<T>(K), s = l.s + usize(t) * row, alpha = l.alpha + usize(t - 1) * row;
  for (let j = 0; j < K; ++j) {
    const pj = <f64>load<T>(p + bytes<T>(j)) / (1 + r), column = l.scores + bytes<T>(j);
    if (pj == 0 || !isSmall<T>(s + bytes<T>(j))) continue;
    const whole = logSum<T>(alpha, column, row, K);
    for (let i = 0; i < K; ++i) {
      const at = dV + bytes<T>(i * K + j);
      const x = <f64>load<T>(alpha + bytes<T>(i)) + <f64>load<T>(column + usize(i) * row) - whole;
      store<T>(at, <T>(<f64>load<T>(at) + pj * exp1(x)));
    }
  }
}

/** (3) to (6) of one sequence. @param de its first step's row @param y its first tag, `next` bytes from tag to tag @param dV += [K,K], null: without (5) @param C += [K,Kp], Aᵀ·W */
function backward<T extends number>(l: Lattice, de: usize, y: usize, next: usize, scale: f64, dV: usize, C: usize): void {
  const K = l.K, row = rowOf<T>(K);
  for (let t = l.L - 1; t >= 0; --t) {
    const out = de + usize(t) * l.stride, tag = load<i32>(y + usize(t) * next);
    const r = posterior<T>(l, t, out);
    if (t > 0 && dV) {
      weigh<T>(l, t, out, r, dV);
      const at = dV + bytes<T>(load<i32>(y + usize(t - 1) * next) * K + tag);
      store<T>(at, <T>(load<T>(at) - <T>1));
    }
    const ey = <f64>load<T>(out + bytes<T>(tag));
    scaleRow<T>(out, K, <T>(scale / (1 + r)));
    const dy = -scale * ((r + (1 - ey)) / (1 + r)); // p − 1 that keeps its digits near 0
    store<T>(out + bytes<T>(tag), lane0<T>(flush<T>(splat<T>(<T>dy)))); // (3)
    if (t > 0) stepBack<T>(l, t);
  }
  const Kp = <i32>(row / sizeof<T>());
  if (dV && l.L > 1) gemmTransposed<T>(C, l.a, row, l.s + row, C + usize(K) * row, 1, K, l.L - 1, Kp); // (6)
}

/** (2) of one sequence, before s is overwritten. @param rest what turn gave @param y its first tag, `next` bytes from tag to tag */
function surprise<T extends number>(l: Lattice, rest: f64, y: usize, next: usize): f64 {
  const K = l.K, row = rowOf<T>(K), scores = l.scores, c = rowBehind<T>(scores, K, 0);
  let alpha = l.alpha + usize(l.L - 1) * row, s = l.s + usize(l.L - 1) * row, last = usize(l.L - 1) * next;
  let j = bytes<T>(load<i32>(y + last));
  let sum = max<f64>(0, rest - <f64>load<T>(alpha + j) - <f64>load<T>(rowBehind<T>(scores, K, 3) + j));
  for (let t = l.L - 1; t > 0; --t) {
    alpha -= row;
    last -= next;
    const i = load<i32>(y + last), column = scores + j;
    const all = isSmall<T>(s + j) ? logSum<T>(alpha, column, row, K) : <f64>load<T>(c + j) + log1(<f64>load<T>(s + j));
    s -= row;
    j = bytes<T>(i);
    sum += max<f64>(0, all - <f64>load<T>(alpha + j) - <f64>load<T>(column + usize(i) * row)); // by rounding it may be
  }
  return sum;
}

/** (5): dV ← scale·(dV + E ⊙ C); 0 where forbidden, whatever the data were. The same of start and end, which have been scaled. */
function finish<T extends number>(dw: usize, scores: usize, C: usize, K: i32, scale: f64): void {
  const row = rowOf<T>(K), E = panelsE<T>(scores, K), ends = rowBehind<T>(scores, K, 2);
  for (let k = 0; k < 2; ++k) {
    for (let j = 0; j < K; ++j) {
      if (load<T>(ends + usize(k) * row + bytes<T>(j)) == <T>-Infinity) store<T>(dw + bytes<T>(k * K + j), <T>0);
    }
  }
  let at = dw + bytes<T>(2 * K);
  for (let i = 0; i < K; ++i) {
    for (let j = 0; j < K; ++j, at += sizeof<T>()) {
      const expected = <f64>load<T>(C + usize(i) * row + bytes<T>(j)) * <f64>load<T>(inPanels<T>(E, K, i, j));
      const d = load<T>(scores + usize(i) * row + bytes<T>(j)) == <T>-Infinity ? 0.0 : scale * (<f64>load<T>(at) + expected);
      store<T>(at, lane0<T>(flush<T>(splat<T>(<T>d))));
    }
  }
}

/**
 * Loss and gradient in one pass over each sequence. Tags have been checked.
 *
 * @param de      out [T,N,K]    (batchFirst: [N,T,K]) scale·(3); +0 in padding; may not alias e
 * @param dw      out [2K+K·K]   scale·(4) and (5), of start, end, transitions; null: left out
 * @param scores  in  of crfPrepare
 * @param e       in  [T,N,K]    padding may hold anything
 * @param targets in  [T,N] i32
 * @param lengths in  [N] i32    may be null
 * @param scratch crfScratch bytes
 * @returns Σ of (2), summed in f64
 */
export function crfLoss<T extends number>(
  de: usize, dw: usize, scores: usize, e: usize, targets: usize, lengths: usize, T: i32, N: i32, K: i32, batchFirst: i32, scale: f64, scratch: usize,
): f64 {
  const bytesOfRow = bytes<T>(K), step: usize = batchFirst ? 1 : usize(N), sequence: usize = batchFirst ? usize(T) : usize(1);
  const l = latticeIn<T>(scratch, scores, T, K), row = rowOf<T>(K);
  const C = l.v + row, dV = dw ? dw + bytes<T>(2 * K) : 0;
  l.stride = step * bytesOfRow;
  if (dw) {
    memory.fill(dw, 0, bytes<T>(2 * K + K * K));
    memory.fill(C, 0, usize(K) * row);
  }
  let loss: f64 = 0;
  for (let n = 0; n < N; ++n) {
    const at = usize(n) * sequence * bytesOfRow, y = targets + ((usize(n) * sequence) << 2);
    l.e = e + at;
    l.L = stepsOf(lengths, n, T);
    const most = forward<T>(l), rest = turn<T>(l);
    const direct = most + rest - pathScore<T>(scores, K, y, step << 2, l.e, l.stride, l.L);
    loss += isFinite(direct) ? surprise<T>(l, rest, y, step << 2) : direct; // (2)
    backward<T>(l, de + at, y, step << 2, scale, dV, C);
    if (dw) {
      addRow<T>(dw, de + at, K); // (4)
      addRow<T>(dw + bytesOfRow, de + at + usize(l.L - 1) * l.stride, K);
    }
    clearPadding(de + at, l.stride, bytesOfRow, l.L, T);
  }
  if (dw) finish<T>(dw, scores, C, K, scale);
  return loss;
}

/**
 * The chance of each tag at each step, given the whole sequence: p of crf_lattice.ts.
 *
 * @param p out [T,N,K] (batchFirst: [N,T,K]) +0 in padding; may not alias e
 * The others as crfLoss.
 */
export function crfMarginals<T extends number>(
  p: usize, scores: usize, e: usize, lengths: usize, T: i32, N: i32, K: i32, batchFirst: i32, scratch: usize,
): void {
  const bytesOfRow = bytes<T>(K), step: usize = batchFirst ? 1 : usize(N), sequence: usize = batchFirst ? usize(T) : usize(1);
  const l = latticeIn<T>(scratch, scores, T, K);
  l.stride = step * bytesOfRow;
  for (let n = 0; n < N; ++n) {
    const at = usize(n) * sequence * bytesOfRow;
    l.e = e + at;
    l.L = stepsOf(lengths, n, T);
    forward<T>(l);
    turn<T>(l);
    for (let t = l.L - 1; t >= 0; --t) {
      const out = p + at + usize(t) * l.stride;
      scaleRow<T>(out, K, <T>(1 / (1 + posterior<T>(l, t, out))));
      if (t > 0) stepBack<T>(l, t);
    }
    clearPadding(p + at, l.stride, bytesOfRow, l.L, T);
  }
}
