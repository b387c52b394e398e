import { lastStepBackward, lastStepForward, maxPoolBackward, maxPoolForward, meanPoolBackward, meanPoolForward } from "../../assembly/ops/pool";
import { at, clear, constant, copy, differ, list, not, overruns, put, random, rounded, wrong } from "./numbers";

const LAST = 0, MEAN = 1, MAX = 2;
const STEPS = 5;

/** Element (t, n, h) of [T,N,H] or [N,T,H]. */
function place(t: i32, n: i32, h: i32, T: i32, N: i32, H: i32, batchFirst: bool): i32 {
  return ((batchFirst ? n * T + t : t * N + n) * H) + h;
}

/** The step of the greatest of one column, the first of equals; by the way its value and the mean. */
let top: f64 = 0, mean: f64 = 0;
function survey<T extends number>(x: usize, n: i32, h: i32, steps: i32, N: i32, H: i32, batchFirst: bool): i32 {
  let first = 0, sum: f64 = 0;
  for (let t = 0; t < steps; ++t) {
    const value = at<T>(x, place(t, n, h, STEPS, N, H, batchFirst));
    if (t == 0 || value > top) {
      top = value;
      first = t;
    }
    sum += value;
  }
  mean = sum / steps;
  return first;
}

/** What padding holds: it may not be read. */
function spoilPadding<T extends number>(x: usize, lengths: i32[], N: i32, H: i32, batchFirst: bool): void {
  for (let n = 0; n < N; ++n) {
    for (let t = lengths[n]; t < STEPS; ++t) for (let h = 0; h < H; ++h) put<T>(x, place(t, n, h, STEPS, N, H, batchFirst), NaN);
  }
}

function wrongPool<T extends number>(kind: i32, N: i32, H: i32, batchFirst: bool, withLengths: bool): i32 {
  clear();
  const lengths = withLengths ? [3, 1, 5, 4] : [5, 5, 5, 5], size = STEPS * N * H;
  const p = withLengths ? list<i32>(lengths) : 0;
  const x = random<T>(size, 1), y = constant<T>(N * H, -77), places = constant<i32>(N * H, -77);
  for (let i = 0; i < size; ++i) put<T>(x, i, Math.round(at<T>(x, i) * 4)); // few values: equals occur
  spoilPadding<T>(x, lengths, N, H, batchFirst);
  const same = copy<T>(x, size), dy = random<T>(N * H, 2), dx = constant<T>(size, -77);
  if (kind == LAST) {
    lastStepForward<T>(y, x, p, STEPS, N, H, batchFirst);
    lastStepBackward<T>(dx, dy, p, STEPS, N, H, batchFirst);
  } else if (kind == MEAN) {
    meanPoolForward<T>(y, x, p, STEPS, N, H, batchFirst);
    meanPoolBackward<T>(dx, dy, p, STEPS, N, H, batchFirst);
  } else {
    maxPoolForward<T>(y, places, x, p, STEPS, N, H, batchFirst);
    maxPoolBackward<T>(dx, dy, places, STEPS, N, H, batchFirst);
  }
  let count = overruns() + differ<T>(x, same, size);
  for (let n = 0; n < N; ++n) {
    for (let h = 0; h < H; ++h) {
      const steps = lengths[n], first = survey<T>(x, n, h, steps, N, H, batchFirst), d = at<T>(dy, n * H + h);
      const last = at<T>(x, place(steps - 1, n, h, STEPS, N, H, batchFirst));
      count += not(at<T>(y, n * H + h), kind == LAST ? last : kind == MEAN ? rounded<T>(mean) : top);
      if (kind == MAX) count += not(at<i32>(places, n * H + h), first);
      for (let t = 0; t < STEPS; ++t) {
        const share = kind == MEAN ? (t < steps ? d * rounded<T>(1 / <f64>steps) : 0) : t == (kind == LAST ? steps - 1 : first) ? d : 0;
        count += not(at<T>(dx, place(t, n, h, STEPS, N, H, batchFirst)), rounded<T>(share));
      }
    }
  }
  return count;
}

function all<T extends number>(kind: i32): i32 {
  let count = 0;
  for (let H = 1; H <= 35; ++H) {
    for (let N = 1; N <= 4; N += 3) {
      count += wrongPool<T>(kind, N, H, false, false) + wrongPool<T>(kind, N, H, true, false);
      count += wrongPool<T>(kind, N, H, false, true) + wrongPool<T>(kind, N, H, true, true);
    }
  }
  return count;
}

/** A sequence has the same bits alone, in a batch and behind padding. */
function differentMeans<T extends number>(H: i32): i32 {
  clear();
  const N = 3, T = 40, steps = 29;
  const x = random<T>(T * N * H, 5), alone = constant<T>(steps * H, 0), y = constant<T>(N * H, 0), one = constant<T>(H, 0);
  for (let t = 0; t < steps; ++t) for (let h = 0; h < H; ++h) put<T>(alone, t * H + h, at<T>(x, (t * N + 1) * H + h));
  meanPoolForward<T>(y, x, list<i32>([T, steps, 1]), T, N, H, 0);
  meanPoolForward<T>(one, alone, 0, steps, 1, H, 0);
  return differ<T>(y + usize(H) * sizeof<T>(), one, H);
}

/** NaN wins over every number, the first of several; then its place is the gradient's. */
function wrongNaN<T extends number>(H: i32): i32 {
  clear();
  const x = random<T>(4 * H, 6), y = constant<T>(H, 0), places = constant<i32>(H, -1);
  for (let h = 0; h < H; ++h) for (let t = 1 + (h % 3); t < 4; t += 2) put<T>(x, t * H + h, NaN);
  maxPoolForward<T>(y, places, x, 0, 4, 1, H, 0);
  let count = overruns();
  for (let h = 0; h < H; ++h) count += not(at<T>(y, h), NaN) + not(at<i32>(places, h), 1 + (h % 3));
  return count;
}

/** Steps on pages of their own, which are taken block by block: equals, NaN and infinities in any block. */
function wrongLongMax<T extends number>(T: i32, N: i32, H: i32): i32 {
  clear();
  const x = random<T>(T * N * H, 8), y = constant<T>(N * H, -77), places = constant<i32>(N * H, -77);
  for (let i = 0; i < T * N * H; ++i) {
    const rare = (i * 7919) % 1009; // a prime that N·H is not a multiple of
    put<T>(x, i, rare == 0 ? NaN : rare == 1 ? Infinity : rare == 2 ? -Infinity : Math.round(at<T>(x, i) * 20));
  }
  maxPoolForward<T>(y, places, x, 0, T, N, H, 0);
  let count = overruns();
  for (let column = 0; column < N * H; ++column) {
    let best: f64 = at<T>(x, column), place = 0;
    for (let t = 1; t < T && !isNaN(best); ++t) {
      const value: f64 = at<T>(x, t * N * H + column);
      if (!(isNaN(value) || value > best)) continue;
      best = value;
      place = t;
    }
    count += not(at<T>(y, column), best) + not(at<i32>(places, column), place);
  }
  return count;
}

function wrongLongMean<T extends number>(steps: i32, H: i32): i32 {
  clear();
  const x = constant<T>(steps * H, 0.1), y = constant<T>(H, 0);
  meanPoolForward<T>(y, x, 0, steps, 1, H, 0);
  let count = 0;
  for (let h = 0; h < H; ++h) count += wrong<T>(at<T>(y, h), 0.1, sizeof<T>() == 4 ? 1 : 1e5, 0);
  return count;
}

describe("pools: 1 to 35 columns, both layouts, with lengths and without", () => {
  it("last step, f32", () => expect<i32>(all<f32>(LAST)).toBe(0));
  it("last step, f64", () => expect<i32>(all<f64>(LAST)).toBe(0));
  it("mean, f32", () => expect<i32>(all<f32>(MEAN)).toBe(0));
  it("mean, f64", () => expect<i32>(all<f64>(MEAN)).toBe(0));
  it("maximum, f32", () => expect<i32>(all<f32>(MAX)).toBe(0));
  it("maximum, f64", () => expect<i32>(all<f64>(MAX)).toBe(0));
});

describe("pools: numbers", () => {
  it("the mean of a sequence does not depend on its batch", () => {
    let count = 0;
    for (let H = 1; H <= 19; ++H) count += differentMeans<f32>(H) + differentMeans<f64>(H);
    expect<i32>(count).toBe(0);
  });
  it("the maximum is the first NaN", () => {
    let count = 0;
    for (let H = 1; H <= 19; ++H) count += wrongNaN<f32>(H) + wrongNaN<f64>(H);
    expect<i32>(count).toBe(0);
  });
  it("the maximum of many steps, block by block", () => {
    expect<i32>(wrongLongMax<f32>(41, 3, 401)).toBe(0);
    expect<i32>(wrongLongMax<f64>(41, 3, 203)).toBe(0);
    expect<i32>(wrongLongMax<f32>(41, 3, 37)).toBe(0); // not on pages of their own
  });
  it("the mean of a million times 0.1 is 0.1", () => {
    expect<i32>(wrongLongMean<f32>(1000000, 1)).toBe(0);
    expect<i32>(wrongLongMean<f32>(100000, 17)).toBe(0);
    expect<i32>(wrongLongMean<f64>(100000, 3)).toBe(0);
  });
});
