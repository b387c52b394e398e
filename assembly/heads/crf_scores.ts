/**
 * The scores of a linear-chain CRF over K tags, made ready once for every change of its parameters: V_ij of going from tag i to tag j, and of
 * beginning and ending with a tag; −∞ where that is forbidden.
 *
 *   c_j = max_i V_ij,   E_ij = exp(V_ij − c_j)                       (1)
 *   r_i = max_j V_ij,   F_ji = exp(V_ij − r_i)                       (2)
 *
 * so that a step of either recursion over time is one row times E or F (crf_lattice.ts). A column or row of −∞ alone has the maximum 0: its
 * exponentials are 0.
 *
 * Parameters lie as pytorch-crf lists them: start [K], end [K], transitions [K,K] (from, to). The block of scores, in elements, Kp = K rounded up to panels:
 *
 *   V [K,Kp] | E, F as panels of K rows, K·Kp each | c | r | start | end | a row for work, [Kp] each
 *
 * Columns beyond K: −∞ in V, start and end, 0 in all others.
 */
import { padded } from "../layout";
import { vexp, vlog } from "../math";
import { bytes, eq, LANES, PANEL, PANEL_BYTES, pmax, select, splat, sub, VEC_BYTES, vload, vstore, zero } from "../vec";
import { lane0 } from "../vec_wide";

/** Elements of the block of scores: an f64, for they may be more than a memory holds. */
export function crfScoresLength<T extends number>(K: i32): f64 {
  return <f64>padded<T>(K) * (3 * <f64>K + 5);
}

/** Bytes of a row of Kp. */
// @ts-ignore: decorator
@inline export function rowOf<T extends number>(K: i32): usize {
  return bytes<T>(padded<T>(K));
}

// @ts-ignore: decorator
@inline export function panelsE<T extends number>(scores: usize, K: i32): usize {
  return scores + usize(K) * rowOf<T>(K);
}

// @ts-ignore: decorator
@inline export function panelsF<T extends number>(scores: usize, K: i32): usize {
  return scores + 2 * usize(K) * rowOf<T>(K);
}

/** One of the rows behind the matrices: 0 c, 1 r, 2 start, 3 end, 4 for work. */
// @ts-ignore: decorator
@inline export function rowBehind<T extends number>(scores: usize, K: i32, index: i32): usize {
  return scores + (3 * usize(K) + index) * rowOf<T>(K);
}

/** Where column j of row i lies in panels of K rows. */
// @ts-ignore: decorator
@inline export function inPanels<T extends number>(panels: usize, K: i32, i: i32, j: i32): usize {
  return panels + (usize(j / PANEL<T>()) * K + i) * PANEL_BYTES + bytes<T>(j % PANEL<T>());
}

/** K of them, −∞ where forbidden and behind them. */
function masked<T extends number>(to: usize, from: usize, forbidden: usize, K: i32): void {
  for (let j = 0, Kp = padded<T>(K); j < Kp; ++j) {
    const out = j >= K || (forbidden != 0 && load<u8>(forbidden + j) != 0);
    store<T>(to + bytes<T>(j), out ? <T>-Infinity : load<T>(from + bytes<T>(j)));
  }
}

/** 0 in the place of −∞. */
// @ts-ignore: decorator
@inline function topOf<T extends number>(top: v128): v128 {
  return select(zero(), top, eq<T>(top, splat<T>(<T>-Infinity)));
}

/** (1) */
function columns<T extends number>(scores: usize, K: i32): void {
  const row = rowOf<T>(K), E = panelsE<T>(scores, K), c = rowBehind<T>(scores, K, 0);
  for (let j = 0, Kp = padded<T>(K); j < Kp; j += LANES<T>()) {
    const column = scores + bytes<T>(j);
    let top = splat<T>(<T>-Infinity);
    for (let i = 0; i < K; ++i) top = pmax<T>(top, vload<T>(column + usize(i) * row));
    top = topOf<T>(top);
    vstore<T>(c + bytes<T>(j), top);
    for (let i = 0; i < K; ++i) vstore<T>(inPanels<T>(E, K, i, j), vexp<T>(sub<T>(vload<T>(column + usize(i) * row), top)));
  }
}

/** (2) */
function rows<T extends number>(scores: usize, K: i32): void {
  const row = rowOf<T>(K), F = panelsF<T>(scores, K), r = rowBehind<T>(scores, K, 1), work = rowBehind<T>(scores, K, 4);
  memory.fill(F, 0, usize(K) * row);
  memory.fill(r, 0, row);
  for (let i = 0, from = scores; i < K; ++i, from += row) {
    let top = <T>-Infinity;
    for (let j = 0; j < K; ++j) {
      const v = load<T>(from + bytes<T>(j));
      if (v > top) top = v;
    }
    if (top == <T>-Infinity) top = <T>0;
    store<T>(r + bytes<T>(i), top);
    for (let at: usize = 0; at < row; at += VEC_BYTES) vstore<T>(work + at, vexp<T>(sub<T>(vload<T>(from + at), splat<T>(top))));
    for (let j = 0; j < K; ++j) store<T>(inPanels<T>(F, K, j, i), load<T>(work + bytes<T>(j)));
  }
}

/**
 * Makes the block of scores.
 *
 * @param scores     out crfScoresLength elements
 * @param parameters in  [2K+K·K]     start, end, transitions
 * @param forbidden  in  [2K+K·K] u8  1: forbidden; may be null
 */
export function crfPrepare<T extends number>(scores: usize, parameters: usize, forbidden: usize, K: i32): void {
  assert(K > 0);
  masked<T>(rowBehind<T>(scores, K, 2), parameters, forbidden, K);
  masked<T>(rowBehind<T>(scores, K, 3), parameters + bytes<T>(K), forbidden ? forbidden + K : 0, K);
  for (let i = 0; i < K; ++i) {
    const at = usize(2 * K + i * K);
    masked<T>(scores + usize(i) * rowOf<T>(K), parameters + bytes<T>(at), forbidden ? forbidden + at : 0, K);
  }
  columns<T>(scores, K);
  rows<T>(scores, K);
}

/** e^x of one number. */
export function exp1(x: f64): f64 {
  return lane0<f64>(vexp<f64>(splat<f64>(x)));
}

/** log x of one number. */
export function log1(x: f64): f64 {
  return lane0<f64>(vlog<f64>(splat<f64>(x)));
}

/** log Σ_k exp(a_k + b_k) over n elements, b `stride` bytes apart: in f64, safe whatever they are. −∞ where all are. */
export function logSum<T extends number>(a: usize, b: usize, stride: usize, n: i32): f64 {
  let top: f64 = -Infinity, sum: f64 = 0;
  for (let k = 0; k < n; ++k) top = max<f64>(top, <f64>load<T>(a + bytes<T>(k)) + <f64>load<T>(b + usize(k) * stride));
  if (top == -Infinity) return top;
  for (let k = 0; k < n; ++k) sum += exp1(<f64>load<T>(a + bytes<T>(k)) + <f64>load<T>(b + usize(k) * stride) - top);
  return top + log1(sum);
}

/** The score of a path of tags: emissions, transitions, start and end, summed in f64. @param tags in [L] i32, `stride` bytes apart @param e emissions, `step` bytes apart */
export function pathScore<T extends number>(scores: usize, K: i32, tags: usize, stride: usize, e: usize, step: usize, L: i32): f64 {
  let y = load<i32>(tags);
  let score = <f64>load<T>(rowBehind<T>(scores, K, 2) + bytes<T>(y)) + <f64>load<T>(e + bytes<T>(y));
  for (let t = 1; t < L; ++t) {
    const from = scores + usize(y) * rowOf<T>(K);
    tags += stride;
    e += step;
    y = load<i32>(tags);
    score += <f64>load<T>(from + bytes<T>(y)) + <f64>load<T>(e + bytes<T>(y));
  }
  return score + <f64>load<T>(rowBehind<T>(scores, K, 3) + bytes<T>(y));
}
