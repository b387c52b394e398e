import { sum } from "../../assembly/blas";
import { cumulativeSum } from "../../assembly/ops/cumulative";
import { argMax, maxBackward, maxForward } from "../../assembly/ops/extremes";
import { sumBackward, sumForward } from "../../assembly/ops/reduce";
import { logSumExpBackward, softmaxAxis, softmaxAxisBackward } from "../../assembly/ops/softmax_axis";
import { varianceBackward, varianceForward } from "../../assembly/ops/variance";
import { at, clear, constant, not, overruns, put, random, wrong } from "./numbers";

const OUTER = 2;

/** Sums, variances and cumulative sums of [2,R,inner], and their gradients, by the definition. */
function wrongSums<T extends number>(R: i32, inner: i32): i32 {
  clear();
  const n = OUTER * R * inner, k = OUTER * inner, x = random<T>(n, 1, 3), dy = random<T>(k, 2), d = random<T>(n, 3);
  const mean = constant<T>(k, -77), v = constant<T>(k, -77), tape = constant<f64>(k, -77);
  const dx = constant<T>(n, -77), dv = constant<T>(n, -77), y = constant<T>(n, -77), back = constant<T>(n, -77);
  sumForward<T>(mean, x, OUTER, R, inner, R);
  sumBackward<T>(dx, dy, OUTER, R, inner, R);
  varianceForward<T>(v, tape, x, OUTER, R, inner, 0);
  varianceBackward<T>(dv, dy, tape, x, OUTER, R, inner, 0);
  cumulativeSum<T>(y, x, OUTER, R, inner, 0);
  cumulativeSum<T>(back, d, OUTER, R, inner, 1);
  let count = overruns();
  for (let i = 0; i < k; ++i) {
    const base = (i / inner) * R * inner + (i % inner);
    let total: f64 = 0, left: f64 = 0, squares: f64 = 0;
    for (let r = 0; r < R; ++r) {
      total += at<T>(x, base + r * inner);
      left += at<T>(d, base + r * inner);
      count += wrong<T>(at<T>(y, base + r * inner), total, 32, 3);
    }
    const m = total / R;
    for (let r = 0, after = left; r < R; ++r) {
      const j = base + r * inner, off = at<T>(x, j) - m;
      squares += off * off;
      count += wrong<T>(at<T>(back, j), after, 64, 3) + wrong<T>(at<T>(dx, j), at<T>(dy, i) / R, 2);
      count += wrong<T>(at<T>(dv, j), (at<T>(dy, i) * 2 * off) / R, 16);
      after -= at<T>(d, j);
    }
    count += wrong<T>(at<T>(mean, i), m, 32, 3) + wrong<T>(at<T>(v, i), squares / R, 16) + wrong<f64>(at<f64>(tape, i), m, 32, 3);
  }
  return count + wrong<T>(sum<T>(x, R) , inner == 1 ? at<T>(mean, 0) * R : sum<T>(x, R), 32, R);
}

/** Maxima, some of them equal, with a NaN in one place or none. */
function wrongMaxima<T extends number>(R: i32, inner: i32, bad: i32): i32 {
  clear();
  const n = OUTER * R * inner, k = OUTER * inner, x = random<T>(n, 4, 3), dy = random<T>(k, 5);
  for (let i = 0; i < n; ++i) put<T>(x, i, Math.round(at<T>(x, i)));
  if (bad >= 0) put<T>(x, bad, NaN);
  const y = constant<T>(k, -77), places = constant<i32>(k, -77), dx = constant<T>(n, -77);
  maxForward<T>(y, x, OUTER, R, inner);
  argMax<T>(places, x, OUTER, R, inner);
  maxBackward<T>(dx, dy, y, x, OUTER, R, inner);
  let count = overruns();
  for (let i = 0; i < k; ++i) {
    const base = (i / inner) * R * inner + (i % inner);
    let most: f64 = -Infinity, place = 0, equal = 0;
    for (let r = 0; r < R; ++r) {
      const value = at<T>(x, base + r * inner);
      if (value > most || (isNaN(value) && !isNaN(most))) {
        most = value;
        place = r;
        equal = 0;
      }
      if (value == most) ++equal;
    }
    count += not(at<T>(y, i), most) + not(load<i32>(places + (usize(i) << 2)), place);
    for (let r = 0; r < R; ++r) {
      const j = base + r * inner;
      if (isNaN(most)) count += not(at<T>(dx, j), NaN);
      else count += wrong<T>(at<T>(dx, j), at<T>(x, j) == most ? at<T>(dy, i) / equal : 0, 2);
    }
  }
  return count;
}

/** The three of softmax_axis.ts, and their gradients, far from 0. */
function wrongSoftmax<T extends number>(R: i32, inner: i32): i32 {
  clear();
  const n = OUTER * R * inner, k = OUTER * inner, z = random<T>(n, 6, 4), dy = random<T>(n, 7), ds = random<T>(k, 8);
  for (let i = 0; i < n; ++i) put<T>(z, i, at<T>(z, i) + 16);
  const p = constant<T>(n, -77), l = constant<T>(n, -77), s = constant<T>(k, -77);
  const dp = constant<T>(n, -77), dl = constant<T>(n, -77), dz = constant<T>(n, -77);
  softmaxAxis<T>(p, z, OUTER, R, inner, 0);
  softmaxAxis<T>(l, z, OUTER, R, inner, 1);
  softmaxAxis<T>(s, z, OUTER, R, inner, 2);
  softmaxAxisBackward<T>(dp, dy, p, OUTER, R, inner, 0);
  softmaxAxisBackward<T>(dl, dy, l, OUTER, R, inner, 1);
  logSumExpBackward<T>(dz, ds, s, z, OUTER, R, inner);
  let count = overruns();
  for (let i = 0; i < k; ++i) {
    const base = (i / inner) * R * inner + (i % inner);
    let total: f64 = 0, dot: f64 = 0, flow: f64 = 0;
    for (let r = 0; r < R; ++r) total += Math.exp(at<T>(z, base + r * inner));
    for (let r = 0; r < R; ++r) {
      const j = base + r * inner;
      dot += (at<T>(dy, j) * Math.exp(at<T>(z, j))) / total;
      flow += at<T>(dy, j);
    }
    count += wrong<T>(at<T>(s, i), Math.log(total));
    for (let r = 0; r < R; ++r) {
      const j = base + r * inner, want = Math.exp(at<T>(z, j)) / total;
      count += wrong<T>(at<T>(p, j), want, 16) + wrong<T>(at<T>(l, j), at<T>(z, j) - Math.log(total), 16);
      count += wrong<T>(at<T>(dp, j), want * (at<T>(dy, j) - dot), 16) + wrong<T>(at<T>(dl, j), at<T>(dy, j) - want * flow, 32, 3);
      count += wrong<T>(at<T>(dz, j), at<T>(ds, i) * want, 64);
    }
  }
  return count;
}

function all<T extends number>(): i32 {
  let count = 0;
  for (let R = 1; R <= 41; R += R < 10 ? 1 : 7) {
    for (let inner = 1; inner <= 37; inner += inner < 9 ? 1 : 7) {
      count += wrongSums<T>(R, inner) + wrongSoftmax<T>(R, inner) + wrongMaxima<T>(R, inner, -1) + wrongMaxima<T>(R, inner, (R * inner) / 2);
    }
  }
  return count + wrongSums<T>(1100, 1) + wrongMaxima<T>(300, 1, 299);
}

describe("over an axis, of rows and of columns", () => {
  it("is its definition, f32", () => expect<i32>(all<f32>()).toBe(0));
  it("is its definition, f64", () => expect<i32>(all<f64>()).toBe(0));
});
