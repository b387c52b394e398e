/**
 * Connectionist temporal classification: the loss of one sequence of T steps of C logits against S labels y, and its gradient. States are the
 * labels l_0 … l_{S−1} and the blanks b_0 … b_S around them. With q_t(k) = exp(z_t(k) − max z_t) and 1 + r_t = Σ_k q_t(k):
 *
 *   α_t(b_i) = q_t(blank)·(α_{t−1}(b_i) + α_{t−1}(l_{i−1}))                                              (1)
 *   α_t(l_i) = q_t(y_i)·(α_{t−1}(l_i) + α_{t−1}(b_i) + [y_i ≠ y_{i−1}]·α_{t−1}(l_{i−1}))                 (2)
 *   β̂_t(b_i) = β_{t+1}(b_i) + β_{t+1}(l_i),   β_t(b_i) = q_t(blank)·β̂_t(b_i)                             (3)
 *   β̂_t(l_i) = β_{t+1}(l_i) + β_{t+1}(b_{i+1}) + [y_{i+1} ≠ y_i]·β_{t+1}(l_{i+1}),   β_t(l_i) = q_t(y_i)·β̂_t(l_i)   (4)
 *   P = α_{T−1}(b_S) + α_{T−1}(l_{S−1})                                                                  (5)
 *   loss = Σ_t log(1 + r_t) − log P                                                                      (6)
 *   γ_t(s) = α_t(s)·β̂_t(s) / Σ_s' α_t(s')·β̂_t(s')                                                        (7)
 *   dz_t(k) = scale·(q_t(k)/(1 + r_t) − Σ_{s of the label k} γ_t(s))                                     (8)
 *
 * Before the first step α is 1 in b_0, behind the last β is 1 in b_S. α, β and q are numbers of any size (scaled.ts), for which the
 * papers take logarithms: three exp and a log a state become products. The sum of (7) is P at every t: dividing by it as it is at t leaves no error of one step to another.
 * Labels and blanks lie apart, in rows padded by zeros to whole vectors.
 *
 *   tape  [skip W+G | x W+G | γ W+G | posteriors by class C] [β] [β] [α before] [α_0, q_0, 1 + r_0] … [α_{T−1}, …]
 *   row   e: [guard G | l W | b W]  m: [guard G | l W | b W | guard G]  q of l W and of blank: [e W+G | m W+G]  [1 + r]
 *   G = LANES, W = S + 1 rounded up to vectors
 *
 * Source: Graves et al. 2006, Connectionist temporal classification, equations 6 to 16.
 */
import { flush } from "../flush";
import { vlog1p } from "../log1p";
import { vlog } from "../math";
import { aligned, lowest, NONE, storeExp, storeScaled } from "../scaled";
import {
  add, and, bytes, LANES, loadSplat, mul, pmax, select, splat, sub, VEC_BYTES, vload, vloadPart, vstore, vstorePart, zero,
} from "../vec";
import { hsum, lane0 } from "../vec_wide";
import { expRow, rowMax } from "./softmax";

/** Bytes of W elements. */
// @ts-ignore: decorator
@inline function widthOf<T extends number>(S: i32): usize {
  return bytes<T>((S + LANES<T>()) & -LANES<T>());
}

// Bytes from the start of a row; its exponents begin behind the first guard.
// @ts-ignore: decorator
@inline function toMantissas(w: usize): usize {
  return 2 * w + VEC_BYTES;
}
// @ts-ignore: decorator
@inline function toFactors(w: usize): usize {
  return 4 * w + 3 * VEC_BYTES;
}
// @ts-ignore: decorator
@inline function toTotal(w: usize): usize {
  return 6 * w + 5 * VEC_BYTES;
}
// @ts-ignore: decorator
@inline function rowBytes(w: usize): usize {
  return 6 * w + 6 * VEC_BYTES;
}

/** Bytes before the rows. */
function headBytes<T extends number>(w: usize, C: i32): usize {
  return 3 * (w + VEC_BYTES) + ((bytes<T>(C) + VEC_BYTES - 1) & ~(VEC_BYTES - 1));
}

/** Elements of the tape. */
export function ctcTape<T extends number>(T: i32, C: i32, S: i32): f64 {
  const w = widthOf<T>(S);
  return (<f64>headBytes<T>(w, C) + <f64>(T + 3) * <f64>rowBytes(w)) / <f64>sizeof<T>();
}

function fill<T extends number>(at: usize, to: usize, x: f64): void {
  const v = splat<T>(<T>x);
  for (; at < to; at += VEC_BYTES) vstore<T>(at, v);
}

/** A row of zeros, but for 1 in a blank. */
function begin<T extends number>(row: usize, w: usize, blank: i32): void {
  const m = row + toMantissas(w), b = VEC_BYTES + w + bytes<T>(blank);
  fill<T>(row, m, NONE);
  fill<T>(m, row + toFactors(w), 0);
  store<T>(row + b, <T>0);
  store<T>(m + b, <T>1);
}

/** The head, and the rows before the first step and behind the last. */
function prepare<T extends number>(tape: usize, rows: usize, labels: usize, S: i32, w: usize): void {
  fill<T>(tape, tape + w + VEC_BYTES, 0);
  for (let i = 1; i < S; ++i) {
    const y = labels + (usize(i) << 2);
    if (load<i32>(y) != load<i32>(y - 4)) memory.fill(tape + bytes<T>(i), 0xff, sizeof<T>());
  }
  fill<T>(tape + w + VEC_BYTES, tape + 2 * (w + VEC_BYTES), -Infinity);
  const row = rowBytes(w);
  begin<T>(rows, w, S); // for its guards
  begin<T>(rows + row, w, S);
  begin<T>(rows + 2 * row, w, 0);
}

/** q_t of the labels and of blank, behind the states of a row. */
function factors<T extends number>(row: usize, x: usize, z: usize, labels: usize, S: i32, blank: i32, top: T, w: usize): void {
  for (let i = 0; i < S; ++i) store<T>(x + bytes<T>(i), <T>(load<T>(z + bytes<T>(load<i32>(labels + (usize(i) << 2)))) - top));
  store<T>(x + w, <T>(load<T>(z + bytes<T>(blank)) - top));
  const e = row + toFactors(w), m = e + w + VEC_BYTES;
  for (let i: usize = 0; i <= w; i += VEC_BYTES) storeExp<T>(e + i, m + i, vload<T>(x + i));
}

/** (1) and (2). `skip`: masks, set where a label differs from that before. */
function forwardStep<T extends number>(row: usize, before: usize, skip: usize, w: usize): void {
  const d = toMantissas(w), q = row + toFactors(w), qm = w + VEC_BYTES, low = lowest<T>(), none = splat<T>(<T>NONE);
  const blankE = loadSplat<T>(q + w), blankM = loadSplat<T>(q + qm + w);
  vstore<T>(row, none);
  vstore<T>(row + d, zero());
  for (let i: usize = 0; i < w; i += VEC_BYTES) {
    const l = before + VEC_BYTES + i, b = l + w, to = row + VEC_BYTES + i, last = l - sizeof<T>();
    const be = vload<T>(b), bm = vload<T>(b + d), le = vload<T>(l);
    let pe = vload<T>(last), pm = vload<T>(last + d);
    let top = pmax<T>(be, pe);
    const blank = add<T>(aligned<T>(bm, be, top, low), aligned<T>(pm, pe, top, low));
    storeScaled<T>(to + w, to + w + d, mul<T>(blank, blankM), add<T>(top, blankE)); // (1)
    const mask = vload<T>(skip + i);
    pe = select(pe, none, mask);
    pm = and(pm, mask);
    top = pmax<T>(pmax<T>(le, be), pe);
    const label = add<T>(add<T>(aligned<T>(vload<T>(l + d), le, top, low), aligned<T>(bm, be, top, low)), aligned<T>(pm, pe, top, low));
    storeScaled<T>(to, to + d, mul<T>(label, vload<T>(q + qm + i)), add<T>(top, vload<T>(q + i))); // (2)
  }
}

/**
 * (3) and (4), and α·β̂ over 2^exponent: of each label in γ, of the blanks together behind those.
 *
 * @param alpha  the row of this step
 * @returns their sum
 */
function backwardStep<T extends number>(row: usize, after: usize, alpha: usize, gamma: usize, skip: usize, w: usize, exponent: T): f64 {
  const d = toMantissas(w), q = alpha + toFactors(w), qm = w + VEC_BYTES, low = lowest<T>(), none = splat<T>(<T>NONE);
  const blankE = loadSplat<T>(q + w), blankM = loadSplat<T>(q + qm + w), scale = splat<T>(exponent);
  let blanks = zero(), labels = zero();
  for (let i: usize = 0; i < w; i += VEC_BYTES) {
    const at = VEC_BYTES + i, l = after + at, b = l + w, next = l + sizeof<T>(), to = row + at, a = alpha + at;
    const le = vload<T>(l), lm = vload<T>(l + d), be = vload<T>(b);
    let top = pmax<T>(be, le);
    const blank = add<T>(aligned<T>(vload<T>(b + d), be, top, low), aligned<T>(lm, le, top, low));
    storeScaled<T>(to + w, to + w + d, mul<T>(blank, blankM), add<T>(top, blankE)); // (3)
    blanks = add<T>(blanks, aligned<T>(mul<T>(blank, vload<T>(a + w + d)), add<T>(top, vload<T>(a + w)), scale, low));
    const mask = vload<T>(skip + i + sizeof<T>()), ce = vload<T>(next + w);
    const ne = select(vload<T>(next), none, mask), nm = and(vload<T>(next + d), mask);
    top = pmax<T>(pmax<T>(le, ce), ne);
    const label = add<T>(add<T>(aligned<T>(lm, le, top, low), aligned<T>(vload<T>(next + w + d), ce, top, low)), aligned<T>(nm, ne, top, low));
    storeScaled<T>(to, to + d, mul<T>(label, vload<T>(q + qm + i)), add<T>(top, vload<T>(q + i))); // (4)
    const posterior = aligned<T>(mul<T>(label, vload<T>(a + d)), add<T>(top, vload<T>(a)), scale, low);
    vstore<T>(gamma + i, posterior);
    labels = add<T>(labels, posterior);
  }
  store<T>(gamma + w, hsum<T>(blanks));
  return <f64>hsum<T>(add<T>(blanks, labels));
}

/** (7) and (8) of one step. @param dz inout [C] q_t, out the gradient @param share scale / Σ of (7) @param factor scale / (1 + r_t) */
function gradientStep<T extends number>(
  dz: usize, posterior: usize, gamma: usize, labels: usize, C: i32, S: i32, blank: i32, w: usize, share: T, factor: T,
): void {
  memory.fill(posterior, 0, bytes<T>(C));
  store<T>(posterior + bytes<T>(blank), load<T>(gamma + w));
  for (let i = 0; i < S; ++i) {
    const at = posterior + bytes<T>(load<i32>(labels + (usize(i) << 2)));
    store<T>(at, <T>(load<T>(at) + load<T>(gamma + bytes<T>(i))));
  }
  const f = splat<T>(factor), s = splat<T>(share);
  for (; C >= LANES<T>(); C -= LANES<T>(), dz += VEC_BYTES, posterior += VEC_BYTES) {
    vstore<T>(dz, flush<T>(sub<T>(mul<T>(f, vload<T>(dz)), mul<T>(s, vload<T>(posterior)))));
  }
  vstorePart<T>(dz, flush<T>(sub<T>(mul<T>(f, vloadPart<T>(dz, C)), mul<T>(s, vloadPart<T>(posterior, C)))), C);
}

/** T rows of one number. */
function fillRows<T extends number>(dz: usize, T: i32, stride: usize, C: i32, x: f64): void {
  for (let t = 0; t < T; ++t, dz += stride) for (let c = 0; c < C; ++c) store<T>(dz + bytes<T>(c), <T>x);
}

/**
 * Loss and gradient of one sequence. Labels have been checked: in 0 … C − 1, and none of them is `blank`.
 *
 * @param dz      out [T,C]  rows `ld` elements apart; may alias z
 * @param z       in  [T,C]  logits, as far apart
 * @param labels  in  [S] i32
 * @param tape    scratch    ctcTape(T, C, S) elements
 * @param impossible  the gradient where no path gives the labels, the loss being +∞
 * @returns (6), in nats, summed in f64; NaN, as is the gradient, where a logit is NaN or +∞, or a row is −∞ alone
 */
export function ctc<T extends number>(
  dz: usize, z: usize, labels: usize, tape: usize, ld: i32, T: i32, C: i32, S: i32, blank: i32, scale: f64, impossible: f64,
): f64 {
  const w = widthOf<T>(S), row = rowBytes(w), stride = bytes<T>(ld), rows = tape + headBytes<T>(w, C);
  const x = tape + w + VEC_BYTES, gamma = x + w + VEC_BYTES, posterior = gamma + w + VEC_BYTES;
  prepare<T>(tape, rows, labels, S, w);
  let alpha = rows + 2 * row, loss: f64 = 0;
  for (let t = 0; t < T; ++t, alpha += row, dz += stride, z += stride) {
    const top = rowMax<T>(z, C);
    factors<T>(alpha + row, x, z, labels, S, blank, top, w);
    forwardStep<T>(alpha + row, alpha, tape, w);
    const r = expRow<T>(dz, z, C, top);
    store<T>(alpha + row + toTotal(w), <T>(1 + r));
    loss += lane0<f64>(vlog1p<f64>(splat<f64>(r))) + (<f64>top - <f64>top); // NaN of infinities
  }
  const b = alpha + VEC_BYTES + w + bytes<T>(S), l = alpha + VEC_BYTES + bytes<T>(S - 1), d = toMantissas(w);
  const be = loadSplat<T>(b), le = loadSplat<T>(l), most = pmax<T>(be, le), low = lowest<T>();
  const exponent = lane0<T>(most);
  const P = lane0<T>(add<T>(aligned<T>(loadSplat<T>(b + d), be, most, low), aligned<T>(loadSplat<T>(l + d), le, most, low))); // (5)
  loss -= lane0<f64>(vlog<f64>(splat<f64>(<f64>P))) + <f64>exponent * 0.6931471805599453; // (6)
  if (!(loss < Infinity)) {
    fillRows<T>(dz - usize(T) * stride, T, stride, C, loss == Infinity ? impossible : NaN);
    return loss;
  }
  let beta = rows, after = rows + row;
  for (let t = T; t > 0; --t, alpha -= row) {
    dz -= stride;
    const sum = backwardStep<T>(beta, after, alpha, gamma, tape, w, exponent);
    const total = <f64>load<T>(alpha + toTotal(w));
    gradientStep<T>(dz, posterior, gamma, labels, C, S, blank, w, <T>(scale / sum), <T>(scale / total));
    const swap = beta;
    beta = after;
    after = swap;
  }
  return max<f64>(loss, 0); // P is a probability but for its rounding
}
