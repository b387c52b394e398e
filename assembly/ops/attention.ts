/**
 * Attention: each query takes from a memory a mean of its values, weighted by how well their keys fit. Of one row and one head:
 *
 *   e_s = scale·Σ_d q_d·k_sd,  or with ADDITIVE  e_s = Σ_d w_d·tanh(q_d + k_sd)          (1)
 *   a_s = exp(e_s) / Σ_r exp(e_r) over the first L steps;  0 behind them                    (2)
 *   c_j = Σ_s a_s·v_sj                                                                      (3)
 *   da_s = Σ_j dc_j·v_sj + what reaches a_s itself;  dv_sj += a_s·dc_j                      (4)
 *   de_s = a_s·(da_s − Σ_r da_r·a_r), flushed                                               (5)
 *   dq_d = scale·Σ_s de_s·k_sd,  dk_sd += scale·de_s·q_d;  ADDITIVE: attention_rows.ts (6)    (6)
 *
 * L is the length of the memory's row; with CAUSAL at most t + 1 for the query of step t. What lies behind is not read. A heads' features lie
 * together: queries and keys [..,H,D], values [..,H,E]. Rows of the memory are those of the queries, or those that `rows` names: several may
 * share one. Memory is walked row by row, so a query's bits do not depend on other queries and rows.
 * Source: Bahdanau et al., arXiv:1409.0473 (additive); Luong et al., arXiv:1508.04025 (dot); Vaswani et al., arXiv:1706.03762 (scaled, heads).
 */
import { addSums } from "../blas";
import { flush } from "../flush";
import { softmaxBackward, softmaxForward } from "../heads/softmax";
import { add, bytes, LANES, mul, splat, VEC_BYTES, vloadPart, vstorePart } from "../vec";
import { additiveRows, additiveRowsBackward, addOuter, dotRows, weightedRows } from "./attention_rows";

/** Bits of `kind`. */
// @ts-ignore: decorator
@inline const ADDITIVE: i32 = 1;
// @ts-ignore: decorator
@inline const CAUSAL: i32 = 2;
/** Arrays are [N,T,…] and [M,S,…], in place of [T,N,…] and [S,M,…]. */
// @ts-ignore: decorator
@inline const BATCH_FIRST: i32 = 4;

/** Bytes from one step to the next, of an array of `rows` rows. */
// @ts-ignore: decorator
@inline function stepOf<T extends number>(kind: i32, rows: i32, width: i32): usize {
  return bytes<T>(usize(width)) * (kind & BATCH_FIRST ? 1 : usize(rows));
}

/** Bytes from one row to the next, of an array of `steps` steps. */
// @ts-ignore: decorator
@inline function rowOf<T extends number>(kind: i32, steps: i32, width: i32): usize {
  return bytes<T>(usize(width)) * (kind & BATCH_FIRST ? usize(steps) : 1);
}

/** Steps of the memory's row m that the query of step t sees. */
// @ts-ignore: decorator
@inline function seen(lengths: usize, m: i32, S: i32, t: i32, kind: i32): i32 {
  const L = lengths ? load<i32>(lengths + 4 * m) : S;
  return kind & CAUSAL ? min(L, t + 1) : L;
}

/**
 * (1) to (3). Pair: attentionBackward.
 *
 * @param context  out [Q,N,H·E]
 * @param weights  out [N,H,Q,S]
 * @param q        in  [Q,N,H·D]
 * @param k        in  [S,M,H·D]
 * @param v        in  [S,M,H·E]
 * @param w        in  [H·D]      of ADDITIVE, else 0
 * @param lengths  in  [M] i32    each in 1 … S; 0: all steps
 * @param rows     in  [N] i32    each in 0 … M − 1; 0: row n reads row n
 * @param kind     bits: ADDITIVE, CAUSAL, BATCH_FIRST
 */
export function attentionForward<T extends number>(
  context: usize, weights: usize, q: usize, k: usize, v: usize, w: usize, lengths: usize, rows: usize,
  Q: i32, S: i32, N: i32, M: i32, H: i32, D: i32, E: i32, kind: i32, scale: f64,
): void {
  assert(Q > 0 && S > 0 && N > 0 && H > 0 && D > 0 && E > 0 && (rows || M == N));
  const qStep = stepOf<T>(kind, N, H * D), cStep = stepOf<T>(kind, N, H * E), kStep = stepOf<T>(kind, M, H * D), vStep = stepOf<T>(kind, M, H * E);
  for (let n = 0, a = weights; n < N; ++n) {
    const m = rows ? load<i32>(rows + 4 * n) : n;
    for (let h = 0; h < H; ++h) {
      const head = bytes<T>(h * D), values = v + usize(m) * rowOf<T>(kind, S, H * E) + bytes<T>(h * E);
      const keys = k + usize(m) * rowOf<T>(kind, S, H * D) + head;
      let query = q + usize(n) * rowOf<T>(kind, Q, H * D) + head, c = context + usize(n) * rowOf<T>(kind, Q, H * E) + bytes<T>(h * E);
      for (let t = 0; t < Q; ++t, a += bytes<T>(S), query += qStep, c += cStep) {
        const L = seen(lengths, m, S, t, kind);
        if (kind & ADDITIVE) additiveRows<T>(a, query, keys, kStep, w + head, L, D);
        else dotRows<T>(a, query, keys, kStep, L, D, <T>scale); // (1)
        softmaxForward<T>(a, a, 1, L); // (2)
        memory.fill(a + bytes<T>(L), 0, bytes<T>(S - L));
        weightedRows<T>(c, a, values, vStep, L, E); // (3)
      }
    }
  }
}

/** x ← s·x, flushed. */
function scaleFlushed<T extends number>(x: usize, n: i32, s: T): void {
  const factor = splat<T>(s);
  for (; n > 0; n -= LANES<T>(), x += VEC_BYTES) vstorePart<T>(x, flush<T>(mul<T>(factor, vloadPart<T>(x, n))), n);
}

/** (4): da of one query. dc, dWeights may be 0. */
function weightsBack<T extends number>(da: usize, dWeights: usize, dc: usize, v: usize, step: usize, L: i32, E: i32): void {
  if (dc) dotRows<T>(da, dc, v, step, L, E, <T>1);
  else memory.fill(da, 0, bytes<T>(L));
  if (!dWeights) return;
  for (let n = L, at: usize = 0; n > 0; n -= LANES<T>(), at += VEC_BYTES) {
    vstorePart<T>(da + at, add<T>(vloadPart<T>(da + at, n), vloadPart<T>(dWeights + at, n)), n);
  }
}

/**
 * (4) to (6). Pair: attentionForward.
 *
 * @param dq        out     [Q,N,H·D]
 * @param dk        +=      [S,M,H·D]   0: not wanted
 * @param dv        +=      [S,M,H·E]   0: not wanted
 * @param dw        +=      [H·D]       0: not wanted
 * @param scratch   scratch [S]
 * @param sums      scratch [H·D] f64   of ADDITIVE
 * @param dc        in      [Q,N,H·E]   0: nothing reaches the context
 * @param dWeights  in      [N,H,Q,S]   0: nothing reaches the weights
 * @param weights   tape    [N,H,Q,S]
 */
export function attentionBackward<T extends number>(
  dq: usize, dk: usize, dv: usize, dw: usize, scratch: usize, sums: usize, dc: usize, dWeights: usize, weights: usize,
  q: usize, k: usize, v: usize, w: usize, lengths: usize, rows: usize,
  Q: i32, S: i32, N: i32, M: i32, H: i32, D: i32, E: i32, kind: i32, scale: f64,
): void {
  const qStep = stepOf<T>(kind, N, H * D), cStep = stepOf<T>(kind, N, H * E), kStep = stepOf<T>(kind, M, H * D), vStep = stepOf<T>(kind, M, H * E);
  if (kind & ADDITIVE) memory.fill(sums, 0, bytes<f64>(H * D));
  for (let n = 0, a: usize = 0; n < N; ++n) {
    const m = rows ? load<i32>(rows + 4 * n) : n;
    for (let h = 0; h < H; ++h) {
      const head = bytes<T>(h * D), memoryK = usize(m) * rowOf<T>(kind, S, H * D) + head, memoryV = usize(m) * rowOf<T>(kind, S, H * E) + bytes<T>(h * E);
      let at = usize(n) * rowOf<T>(kind, Q, H * D) + head, c = dc + usize(n) * rowOf<T>(kind, Q, H * E) + bytes<T>(h * E);
      for (let t = 0; t < Q; ++t, a += bytes<T>(S), at += qStep, c += cStep) {
        const L = seen(lengths, m, S, t, kind);
        if (dv && dc) addOuter<T>(dv + memoryV, vStep, weights + a, c, L, E);
        weightsBack<T>(scratch, dWeights ? dWeights + a : 0, dc ? c : 0, v + memoryV, vStep, L, E); // (4)
        softmaxBackward<T>(scratch, scratch, weights + a, 1, L);
        scaleFlushed<T>(scratch, L, kind & ADDITIVE ? <T>1 : <T>scale); // (5)
        if (kind & ADDITIVE) {
          additiveRowsBackward<T>(dq + at, dk ? dk + memoryK : 0, sums + bytes<f64>(h * D), scratch, q + at, k + memoryK, kStep, w + head, L, D);
          continue;
        }
        weightedRows<T>(dq + at, scratch, k + memoryK, kStep, L, D);
        if (dk) addOuter<T>(dk + memoryK, kStep, scratch, q + at, L, D); // (6)
      }
    }
  }
  if (dw) addSums<T>(dw, sums, H * D);
}
