import { crossEntropy, crossEntropyWeight } from "../../assembly/heads/cross_entropy";
import { at, clear, constant, copy, differ, list, not, overruns, put, random, wrong } from "./numbers";

const STEPS = 3, SCALE = 0.25, IGNORED = -100;
const LENGTHS = 1, BATCH_FIRST = 2, WEIGHTS = 4, IGNORE = 8;

function isBehind(lengths: i32[], batchFirst: bool, row: i32): bool {
  return batchFirst ? row % STEPS >= lengths[row / STEPS] : row / lengths.length >= lengths[row % lengths.length];
}

/** −log p of a row's class c, p of it. */
let p: f64 = 0;
function surprise<T extends number>(z: usize, m: i32, C: i32, c: i32): f64 {
  let top = -Infinity, sum: f64 = 0;
  for (let j = 0; j < C; ++j) top = Math.max(top, at<T>(z, m * C + j));
  for (let j = 0; j < C; ++j) sum += Math.exp(at<T>(z, m * C + j) - top);
  p = Math.exp(at<T>(z, m * C + c) - top) / sum;
  return Math.log(sum) + top - at<T>(z, m * C + c);
}

function wrongLoss<T extends number>(C: i32, options: i32, smoothing: f64): i32 {
  clear();
  const lengths = [2, 3, 1, 3], N = 4, M = N * STEPS, n = M * C, batchFirst = (options & BATCH_FIRST) != 0;
  const z = random<T>(n, 3, 5), dz = constant<T>(n, -77), targets = constant<i32>(M, 0);
  const w: usize = options & WEIGHTS ? random<T>(C, 4) : 0;
  const behind: usize = options & LENGTHS ? list<i32>(lengths) : 0;
  for (let c = 0; w && c < C; ++c) put<T>(w, c, c % 4 == 3 ? 0 : Math.abs(at<T>(w, c)) + 0.1);
  let W: f64 = 0, want: f64 = 0;
  for (let m = 0; m < M; ++m) {
    const padding = (options & LENGTHS) != 0 && isBehind(lengths, batchFirst, m), ignored = (options & IGNORE) != 0 && m % 3 == 1;
    store<i32>(targets + 4 * m, ignored ? IGNORED : padding ? 12345 : (m * 3) % C);
    if (padding || ignored) for (let c = 0; c < C; ++c) put<T>(z, m * C + c, NaN); // whatever they hold
  }
  const over = copy<T>(z, n);
  const loss = crossEntropy<T>(dz, z, targets, w, behind, M, N, batchFirst ? STEPS : 0, C, SCALE, smoothing, IGNORED);
  const again = crossEntropy<T>(over, over, targets, w, behind, M, N, batchFirst ? STEPS : 0, C, SCALE, smoothing, IGNORED);
  let count = overruns() + not(again, loss) + differ<T>(over, dz, n);
  for (let m = 0; m < M; ++m) {
    const y = load<i32>(targets + 4 * m);
    if (y < 0 || y >= C) {
      for (let c = 0; c < C; ++c) count += not(at<T>(dz, m * C + c), 0);
      continue;
    }
    const wy = w ? at<T>(w, y) : 1;
    let k = (1 - smoothing) * wy;
    W += wy;
    want += k * surprise<T>(z, m, C, y);
    for (let c = 0; c < C; ++c) {
      const b = (smoothing / C) * (w ? at<T>(w, c) : 1);
      k += b;
      if (b != 0) want += b * surprise<T>(z, m, C, c);
    }
    for (let c = 0; c < C; ++c) {
      surprise<T>(z, m, C, c);
      const less = (c == y ? (1 - smoothing) * wy : 0) + (smoothing / C) * (w ? at<T>(w, c) : 1);
      count += wrong<T>(at<T>(dz, m * C + c), SCALE * (k * p - less));
    }
  }
  count += wrong<f64>(crossEntropyWeight<T>(targets, w, behind, M, N, batchFirst ? STEPS : 0, C, IGNORED), W);
  return count + wrong<T>(loss, want, 16);
}

function all<T extends number>(): i32 {
  let count = 0;
  for (let C = 1; C <= 19; ++C) {
    for (let options = 0; options < 16; ++options) count += wrongLoss<T>(C, options, 0) + wrongLoss<T>(C, options, 0.1);
    count += wrongLoss<T>(C, 0, 1) + wrongLoss<T>(C, WEIGHTS, 1);
  }
  return count;
}

/** One row with target 0: the loss; the gradients at scale 1 follow. */
let d0: f64 = 0, d1: f64 = 0;
function one<T extends number>(a: f64, b: f64, smoothing: f64): f64 {
  clear();
  const z = constant<T>(2, a), dz = constant<T>(2, -77);
  put<T>(z, 1, b);
  const loss = crossEntropy<T>(dz, z, list<i32>([0]), 0, 0, 1, 1, 0, 2, 1, smoothing, IGNORED);
  d0 = at<T>(dz, 0);
  d1 = at<T>(dz, 1);
  return loss;
}

/** Where p is near 1: −log p and 1 − p, each to its own digits. */
function wrongCertain<T extends number>(gap: f64): i32 {
  const e = Math.exp(-gap), units: f64 = 8;
  return wrong<T>(one<T>(gap, 0, 0), Math.log1p(e), units, 0) + wrong<T>(d0, -e / (1 + e), units, 0) + wrong<T>(d1, e / (1 + e), units, 0);
}

function wrongInfinite<T extends number>(): i32 {
  let count = not(one<T>(Infinity, 0, 0), 0) + not(d0, 0) + not(d1, 0) + not(one<T>(0, -Infinity, 0), 0) + not(d0, 0) + not(d1, 0);
  count += not(one<T>(-Infinity, 0, 0), Infinity) + not(d0, -1) + not(d1, 1) + not(one<T>(NaN, 0, 0), NaN) + not(one<T>(0, NaN, 0), NaN);
  const most: f64 = sizeof<T>() == 4 ? 3.4e38 : 1.7e308; // twice that is not finite
  count += wrong<f64>(one<T>(0.5 * most, -0.5 * most, 0.5) / (0.25 * most), 1, 1e9) + wrong<T>(d0, 0.25) + wrong<T>(d1, -0.25);
  return count;
}

/** A hundred thousand classes of equal logits below the target's. */
function wrongLongSum(): i32 {
  clear();
  const C = 100000, z = constant<f32>(C, -17), dz = constant<f32>(C, -77);
  put<f32>(z, 1, 0);
  const loss = crossEntropy<f32>(dz, z, list<i32>([1]), 0, 0, 1, 1, 0, C, 1, 0, IGNORED), r = <f64>(C - 1) * Math.exp(-17.0);
  return wrong<f32>(loss, Math.log1p(r), 4, 0) + wrong<f32>(at<f32>(dz, 1), -r / (1 + r), 4, 0)
    + wrong<f32>(at<f32>(dz, 0), Math.exp(-17.0) / (1 + r), 4, 0);
}

/** The first target out of range that counts, as −1 − m. */
function firstBad(bad: i32): i32 {
  clear();
  const targets = list<i32>([0, 4, IGNORED, 1]), lengths = list<i32>([2, 1]);
  let count = not(crossEntropyWeight<f32>(targets, 0, 0, 4, 2, 0, 5, IGNORED), 3);
  for (let m = 0; m < 4; ++m) {
    const old = load<i32>(targets + 4 * m);
    store<i32>(targets + 4 * m, bad);
    count += not(crossEntropyWeight<f32>(targets, 0, 0, 4, 2, 0, 5, IGNORED), -1 - m);
    // Row 3 is the second's second step, behind its length; so it is batch-first.
    const valid = not(crossEntropyWeight<f32>(targets, 0, lengths, 4, 2, 0, 5, IGNORED), m == 3 ? 2 : -1 - m);
    count += valid + not(crossEntropyWeight<f32>(targets, 0, lengths, 4, 2, 2, 5, IGNORED), m == 3 ? 2 : -1 - m);
    store<i32>(targets + 4 * m, old);
  }
  return count;
}

describe("cross-entropy: 12 rows of 1 to 19 classes; lengths in both layouts, weights, ignored rows, smoothing", () => {
  it("is its definition, f32", () => expect<i32>(all<f32>()).toBe(0));
  it("is its definition, f64", () => expect<i32>(all<f64>()).toBe(0));
  it("keeps its digits where p is near 1", () => {
    expect<i32>(wrongCertain<f32>(0) + wrongCertain<f32>(10) + wrongCertain<f32>(17) + wrongCertain<f32>(60)).toBe(0);
    expect<i32>(wrongCertain<f64>(0) + wrongCertain<f64>(17) + wrongCertain<f64>(40) + wrongCertain<f64>(600)).toBe(0);
  });
  it("infinite and greatest logits", () => expect<i32>(wrongInfinite<f32>() + wrongInfinite<f64>()).toBe(0));
  it("sums a hundred thousand classes", () => expect<i32>(wrongLongSum()).toBe(0));
  it("finds the first target out of range", () => expect<i32>(firstBad(5) + firstBad(-1) + firstBad(i32.MAX_VALUE)).toBe(0));
});
