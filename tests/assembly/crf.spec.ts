import { crfCheck, crfLoss, crfMarginals, crfScratch } from "../../assembly/heads/crf";
import { forward, latticeBytes, latticeIn, posterior, stepBack, turn } from "../../assembly/heads/crf_lattice";
import { crfPrepare, crfScoresLength, inPanels, log1, logSum, panelsE, panelsF, pathScore, rowBehind, rowOf } from "../../assembly/heads/crf_scores";
import { crfDecode, crfDecodeScratch } from "../../assembly/heads/crf_viterbi";
import { at, clear, constant, list, not, overruns, put, random, wrong } from "./numbers";

const T = 3, N = 2, SCALE = 0.5;
const LENGTHS = 1, BATCH_FIRST = 2, FORBIDDEN = 4;

/** What is compared with: sums over all paths of one sequence. */
let Z: f64 = 0, best: f64 = 0;
const chance = new StaticArray<f64>(1024), pairs = new StaticArray<f64>(4096), bestTags = new StaticArray<i32>(T), tags = new StaticArray<i32>(T);

function rowAt(n: i32, t: i32, options: i32): i32 {
  return options & BATCH_FIRST ? n * T + t : t * N + n;
}

function isOut(forbidden: usize, i: i32): bool {
  return forbidden != 0 && load<u8>(forbidden + i) != 0;
}

/** The score of `tags`. */
function scored<E extends number>(e: usize, w: usize, forbidden: usize, n: i32, L: i32, K: i32, options: i32): f64 {
  let score: f64 = 0;
  for (let t = 0; t < L; ++t) {
    const y = tags[t], before = t == 0 ? y : 2 * K + tags[t - 1] * K + y;
    if (isOut(forbidden, before) || (t == L - 1 && isOut(forbidden, K + y))) return -Infinity;
    score += at<E>(w, before) + at<E>(e, rowAt(n, t, options) * K + y);
    if (t == L - 1) score += at<E>(w, K + y);
  }
  return score;
}

function allPaths<E extends number>(e: usize, w: usize, forbidden: usize, n: i32, L: i32, K: i32, options: i32): void {
  Z = 0;
  best = -Infinity;
  for (let i = 0; i < L * K; ++i) chance[i] = 0;
  for (let i = 0; i < K * K; ++i) pairs[i] = 0;
  const count = <i32>Math.pow(K, L);
  for (let p = 0; p < count; ++p) {
    for (let t = 0, rest = p; t < L; ++t, rest /= K) tags[t] = rest % K;
    const score = scored<E>(e, w, forbidden, n, L, K, options), weight = Math.exp(score);
    Z += weight;
    for (let t = 0; t < L; ++t) {
      chance[t * K + tags[t]] += weight;
      if (t > 0) pairs[tags[t - 1] * K + tags[t]] += weight;
      if (score > best) bestTags[t] = tags[t];
    }
    best = Math.max(best, score);
  }
}

function wrongCRF<E extends number>(K: i32, options: i32): i32 {
  clear();
  const lengths = [2, 3], size = 2 * K + K * K, M = T * N;
  const e = random<E>(M * K, 3, 2), w = random<E>(size, 4), y = constant<i32>(M, 0);
  const behind: usize = options & LENGTHS ? list<i32>(lengths) : 0;
  const forbidden: usize = options & FORBIDDEN ? constant<u8>(size, 0) : 0;
  if (forbidden) for (let i = 0; i < size; ++i) store<u8>(forbidden + i, i % 4 == 3 && K > 1 ? 1 : 0);
  const scores = constant<E>(<i32>crfScoresLength<E>(K), -77), first = options & BATCH_FIRST ? 1 : 0;
  const scratch = constant<u8>(<i32>crfScratch<E>(T, K, 1), 255), decoding = constant<u8>(<i32>crfDecodeScratch<E>(T, K), 255);
  const de = constant<E>(M * K, -77), dw = constant<E>(size, -77), p = constant<E>(M * K, -77);
  const found = constant<i32>(N * T, -9), totals = constant<f64>(N, -77);
  crfPrepare<E>(scores, w, forbidden, K);
  crfMarginals<E>(p, scores, e, behind, T, N, K, first, scratch);
  let count = not(crfDecode<E>(found, totals, scores, e, behind, T, N, K, first, decoding), -1);
  const want = new Array<f64>(size);
  for (let i = 0; i < size; ++i) want[i] = 0;
  const wantDe = new Array<f64>(M * K);
  let loss: f64 = 0;
  for (let n = 0; n < N; ++n) {
    const L = behind ? lengths[n] : T;
    allPaths<E>(e, w, forbidden, n, L, K, options);
    count += wrong<f64>(at<f64>(totals, n), best, sizeof<E>() == 4 ? 1e8 : 64);
    for (let t = 0; t < T; ++t) {
      const row = rowAt(n, t, options);
      if (t >= L) store<i32>(y + 4 * row, 12345);
      else store<i32>(y + 4 * row, bestTags[t]); // allowed
      count += not(load<i32>(found + 4 * (n * T + t)), t < L ? bestTags[t] : -9);
      for (let j = 0; j < K; ++j) {
        const P = t < L ? chance[t * K + j] / Z : 0;
        count += wrong<E>(at<E>(p, row * K + j), P, 64, 0.1);
        wantDe[row * K + j] = t < L ? P - (bestTags[t] == j ? 1 : 0) : 0;
        if (t == 0) want[j] += wantDe[row * K + j];
        if (t == L - 1) want[K + j] += wantDe[row * K + j];
      }
      if (t > 0 && t < L) want[2 * K + bestTags[t - 1] * K + bestTags[t]] -= 1;
    }
    for (let i = 0; i < K * K; ++i) want[2 * K + i] += pairs[i] / Z;
    loss += Math.log(Z) - best;
  }
  count += not(crfCheck(y, forbidden, behind, T, N, K, first), -1);
  count += wrong<E>(crfLoss<E>(de, dw, scores, e, y, behind, T, N, K, first, SCALE, scratch), loss, 64);
  for (let i = 0; i < M * K; ++i) count += wrong<E>(at<E>(de, i), SCALE * wantDe[i], 64);
  for (let i = 0; i < size; ++i) count += isOut(forbidden, i) ? not(at<E>(dw, i), 0) : wrong<E>(at<E>(dw, i), SCALE * want[i], 128);
  count += not(crfLoss<E>(de, 0, scores, e, y, behind, T, N, K, first, SCALE, scratch), crfLoss<E>(p, dw, scores, e, y, behind, T, N, K, first, SCALE, scratch));
  return count + overruns();
}

function all<E extends number>(): i32 {
  let count = 0;
  for (let K = 1; K <= 11; ++K) for (let options = 0; options < 8; ++options) count += wrongCRF<E>(K, options);
  return count;
}

/** What is far off the scale of exp: sums of (1) and (3) that vanish are summed again. */
function wrongFarOff<E extends number>(): i32 {
  clear();
  const K = 2, w = list<E>([<E>0, <E>-9000, <E>0, <E>0, <E>-9000, <E>-9000, <E>9000, <E>-9000]), e = constant<E>(2 * K, 0), p = constant<E>(2 * K, -1);
  const scores = constant<E>(<i32>crfScoresLength<E>(K), 0), scratch = constant<u8>(<i32>crfScratch<E>(2, K, 0), 0);
  crfPrepare<E>(scores, w, 0, K);
  crfMarginals<E>(p, scores, e, 0, 2, 1, K, 0, scratch); // 0 0: −9000; 0 1: −9000; 1 0: −9000 + 9000; 1 1: −18000
  return not(at<E>(p, 0), 0) + not(at<E>(p, 1), 1) + not(at<E>(p, 2), 1) + not(at<E>(p, 3), 0) + overruns();
}

/** The pieces: E and F by their panels, a path's score, one step of either recursion. */
function wrongPieces<E extends number>(K: i32): i32 {
  clear();
  const w = random<E>(2 * K + K * K, 5), e = random<E>(2 * K, 6), scores = constant<E>(<i32>crfScoresLength<E>(K), -77), path = list<i32>([K - 1, 0]);
  crfPrepare<E>(scores, w, 0, K);
  let count = 0;
  for (let i = 0; i < K; ++i) {
    for (let j = 0; j < K; ++j) {
      const V = at<E>(scores + <usize>i * rowOf<E>(K), j);
      count += not(V, at<E>(w, 2 * K + i * K + j));
      count += wrong<E>(<f64>load<E>(inPanels<E>(panelsE<E>(scores, K), K, i, j)), Math.exp(V - at<E>(rowBehind<E>(scores, K, 0), j)));
      count += wrong<E>(<f64>load<E>(inPanels<E>(panelsF<E>(scores, K), K, j, i)), Math.exp(V - at<E>(rowBehind<E>(scores, K, 1), i)));
    }
  }
  const score = at<E>(w, K - 1) + at<E>(e, K - 1) + at<E>(w, 2 * K + (K - 1) * K) + at<E>(e, K) + at<E>(w, K);
  count += wrong<f64>(pathScore<E>(scores, K, path, 4, e, rowOf<E>(0) + K * sizeof<E>(), 2), score);
  const l = latticeIn<E>(constant<u8>(<i32>latticeBytes<E>(2, K), 255), scores, 2, K), p = constant<E>(K, 0);
  l.e = e;
  l.stride = K * sizeof<E>();
  l.L = 2;
  const logZ = forward<E>(l) + turn<E>(l);
  stepBack<E>(l, 1);
  const r = posterior<E>(l, 0, p);
  let Z: f64 = 0;
  for (let i = 0; i < K; ++i) for (let j = 0; j < K; ++j) Z += Math.exp(at<E>(w, i) + at<E>(e, i) + at<E>(w, 2 * K + i * K + j) + at<E>(e, K + j) + at<E>(w, K + j));
  let sum: f64 = 0;
  for (let j = 0; j < K; ++j) sum += at<E>(p, j);
  count += wrong<E>(logZ, Math.log(Z), 16) + wrong<E>(sum, 1 + r, 16);
  return count + wrong<f64>(logSum<E>(e, e, sizeof<E>(), 1), 2 * at<E>(e, 0)) + wrong<f64>(log1(10), Math.log(10)) + overruns();
}

describe("a CRF of 1 to 11 tags, by all paths", () => {
  it("f32", () => expect(all<f32>()).toBe(0));
  it("f64", () => expect(all<f64>()).toBe(0));
  it("far off the scale of exp", () => expect(wrongFarOff<f32>() + wrongFarOff<f64>()).toBe(0));
  it("its pieces", () => {
    let count = 0;
    for (let K = 1; K <= 19; ++K) count += wrongPieces<f32>(K) + wrongPieces<f64>(K);
    expect(count).toBe(0);
  });
  it("tags that are none, or are forbidden where they are, are found sequence by sequence", () => {
    clear();
    const K = 2, forbidden = constant<u8>(8, 0), y = list<i32>([0, 1, 1, 0]); // sequences 0 1 and 1 0
    expect(crfCheck(y, forbidden, 0, 2, 2, K, 0)).toBe(-1);
    store<u8>(forbidden + 1, 1); // to begin with 1
    expect(crfCheck(y, forbidden, 0, 2, 2, K, 0)).toBe(1);
    store<u8>(forbidden + 5, 1); // from 0 to 1
    expect(crfCheck(y, forbidden, 0, 2, 2, K, 0)).toBe(2);
    expect(crfCheck(y, forbidden, list<i32>([1, 1]), 2, 2, K, 0)).toBe(1);
    store<i32>(y, 2);
    expect(crfCheck(y, 0, 0, 2, 2, K, 0)).toBe(0);
  });
  it("no path is allowed", () => {
    clear();
    const w = constant<f32>(3, 0), forbidden = constant<u8>(3, 1), scores = constant<f32>(<i32>crfScoresLength<f32>(1), 0);
    crfPrepare<f32>(scores, w, forbidden, 1);
    const scratch = constant<u8>(<i32>crfDecodeScratch<f32>(1, 1), 0);
    expect(crfDecode<f32>(constant<i32>(1, 0), constant<f64>(1, 0), scores, w, 0, 1, 1, 1, 0, scratch)).toBe(0);
  });
});
