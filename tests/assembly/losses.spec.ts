import { bce, bceCheck } from "../../assembly/heads/bce";
import { huber, l1, mse } from "../../assembly/heads/regression";
import { vlog1p } from "../../assembly/log1p";
import { splat } from "../../assembly/vec";
import { at, clear, constant, copy, list, not, overruns, put, random, sigmoid, wrong } from "./numbers";

const STEPS = 4;
const MSE = 0, L1 = 1, HUBER = 2, BCE = 3, BCE_WEIGHT = 4, BCE_WEIGHTS = 5;

/** Whether a row is padding: by the lengths, in either layout. */
function isBehind(lengths: i32[], batchFirst: bool, row: i32): bool {
  const N = lengths.length;
  return batchFirst ? row % STEPS >= lengths[row / STEPS] : row / N >= lengths[row % N];
}

/** log(1 + eˣ). */
function softplus(x: f64): f64 {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

let slope: f64 = 0;
/** The loss of one element; by the way its derivative. */
function lossOf(kind: i32, x: f64, y: f64, weight: f64): f64 {
  const d = x - y;
  if (kind == MSE) {
    slope = 2 * d;
    return d * d;
  }
  if (kind == L1) {
    slope = d == 0 ? 0 : d > 0 ? 1 : -1;
    return Math.abs(d);
  }
  if (kind == HUBER) {
    slope = Math.abs(d) <= 0.75 ? d : d > 0 ? 0.75 : -0.75;
    return Math.abs(d) <= 0.75 ? (d * d) / 2 : 0.75 * (Math.abs(d) - 0.375);
  }
  slope = (1 - y) * sigmoid(x) - weight * y * sigmoid(-x);
  return (1 - y) * softplus(x) + weight * y * softplus(-x);
}

function run<T extends number>(kind: i32, dx: usize, x: usize, y: usize, w: usize, p: usize, rows: i32, N: i32, T0: i32, D: i32): f64 {
  if (kind == MSE) return mse<T>(dx, x, y, p, rows, N, T0, D, 0.25);
  if (kind == L1) return l1<T>(dx, x, y, p, rows, N, T0, D, 0.25);
  if (kind == HUBER) return huber<T>(dx, x, y, p, rows, N, T0, D, 0.25, 0.75);
  return bce<T>(dx, x, y, kind == BCE_WEIGHTS ? w : 0, p, rows, N, T0, D, D, kind == BCE_WEIGHT ? 3 : 1, 0.25);
}

function wrongLoss<T extends number>(kind: i32, D: i32, withLengths: bool, batchFirst: bool): i32 {
  clear();
  const lengths = withLengths ? [2, 4, 1] : [4, 4, 4], N = 3, rows = N * STEPS, n = rows * D;
  const x = random<T>(n, 1, 2), y = random<T>(n, 2, 2), w = random<T>(D, 3, 2), dx = constant<T>(n, -77);
  for (let i = 0; i < n; ++i) {
    if (kind >= BCE) put<T>(y, i, Math.abs(at<T>(y, i)) / 2);
    else if (i % 5 == 4) put<T>(x, i, at<T>(y, i)); // d = 0
    if (isBehind(lengths, batchFirst, i / D)) put<T>(x, i, NaN);
  }
  for (let j = 0; j < D; ++j) put<T>(w, j, Math.abs(at<T>(w, j)));
  const p = withLengths ? list<i32>(lengths) : 0, T0 = batchFirst ? STEPS : 0;
  const over = copy<T>(x, n), target = copy<T>(y, n);
  const loss = run<T>(kind, dx, x, y, w, p, rows, N, T0, D);
  let count = overruns(), sum: f64 = 0;
  for (let i = 0; i < n; ++i) {
    const behind = isBehind(lengths, batchFirst, i / D), weight = kind == BCE_WEIGHTS ? at<T>(w, i % D) : kind == BCE_WEIGHT ? 3.0 : 1.0;
    if (!behind) sum += lossOf(kind, at<T>(x, i), at<T>(y, i), weight);
    count += wrong<T>(at<T>(dx, i), behind ? 0 : slope / 4, 8, behind ? 0 : 1);
  }
  count += wrong<T>(loss, sum, 8);
  // Over its input, and over its target.
  count += not(run<T>(kind, over, over, y, w, p, rows, N, T0, D), loss) + not(run<T>(kind, target, x, target, w, p, rows, N, T0, D), loss);
  return count + (memory.compare(over, dx, usize(n) * sizeof<T>()) || memory.compare(target, dx, usize(n) * sizeof<T>()) ? 1 : 0);
}

function all<T extends number>(kind: i32): i32 {
  let count = 0;
  for (let D = 1; D <= 19; ++D) {
    count += wrongLoss<T>(kind, D, false, false) + wrongLoss<T>(kind, D, true, false) + wrongLoss<T>(kind, D, true, true);
  }
  return count;
}

/** One element: the loss; by the way its gradient, at scale 1. */
let gradient: f64 = 0;
function one<T extends number>(kind: i32, x: f64, y: f64): f64 {
  clear();
  const dx = constant<T>(1, -77);
  const loss = run<T>(kind, dx, constant<T>(1, x), constant<T>(1, y), 0, 0, 1, 1, 0, 1);
  gradient = 4 * at<T>(dx, 0);
  return loss;
}

function wrongInfinite<T extends number>(): i32 {
  let count = not(one<T>(BCE, Infinity, 1), 0) + not(gradient, 0) + not(one<T>(BCE, -Infinity, 0), 0) + not(gradient, 0);
  count += not(one<T>(BCE, Infinity, 0), Infinity) + not(gradient, 1) + not(one<T>(BCE, -Infinity, 1), Infinity) + not(gradient, -1);
  count += not(one<T>(BCE, Infinity, 0.5), Infinity) + not(one<T>(BCE, NaN, 1), NaN) + not(gradient, NaN);
  count += wrong<T>(one<T>(BCE, 40, 1), Math.exp(-40.0), 8, 0) + wrong<T>(gradient, -Math.exp(-40.0), 8, 0);
  for (let kind = MSE; kind <= HUBER; ++kind) {
    count += not(one<T>(kind, Infinity, Infinity), 0) + not(gradient, 0) + not(one<T>(kind, -Infinity, Infinity), Infinity);
    count += not(one<T>(kind, NaN, 1), NaN) + not(gradient, NaN) + not(one<T>(kind, 1, 1), 0) + not(gradient, 0);
  }
  return count + wrong<f64>(one<T>(MSE, 1e30, 0), 1e60, 1e10, 0) + (1 / (one<T>(L1, 2, 2) + gradient) == Infinity ? 0 : 1);
}

/** The first target outside [0, 1] that counts. */
function firstBad<T extends number>(D: i32): i32 {
  clear();
  const lengths = list<i32>([1, 2]), y = constant<T>(4 * D, 0.5);
  let count = 0;
  for (let i = 0; i < 4 * D; ++i) {
    for (let k = 0; k < 3; ++k) {
      put<T>(y, i, k == 0 ? -0.01 : k == 1 ? 1.01 : NaN);
      // Rows, time-major: 2 is behind the first's length; batch-first, row 1 is.
      count += not(bceCheck<T>(y, 0, 4, 2, 0, D), i) + not(bceCheck<T>(y, lengths, 4, 2, 0, D), i / D == 2 ? -1 : i);
      count += not(bceCheck<T>(y, lengths, 4, 2, 2, D), i / D == 1 ? -1 : i);
    }
    put<T>(y, i, i % 2);
  }
  return count + not(bceCheck<T>(y, 0, 4, 2, 0, D), -1);
}

function wrongLog1p<T extends number>(x: f64): i32 {
  const v = splat<T>(<T>x), p = constant<T>(16 / sizeof<T>(), 0);
  v128.store(p, vlog1p<T>(v));
  return wrong<T>(at<T>(p, 0), Math.log1p(<f64>(<T>x)), 4, 0);
}

function wrongLogs<T extends number>(): i32 {
  let count = 0;
  for (let x: f64 = 1e-30; x < 1e30; x *= 1.7) {
    clear();
    count += wrongLog1p<T>(x);
  }
  return count + wrongLog1p<T>(0) + wrongLog1p<T>(1);
}

describe("losses by element: 12 rows of 1 to 19, both layouts, with lengths and without", () => {
  it("MSE", () => expect<i32>(all<f32>(MSE) + all<f64>(MSE)).toBe(0));
  it("L1", () => expect<i32>(all<f32>(L1) + all<f64>(L1)).toBe(0));
  it("Huber", () => expect<i32>(all<f32>(HUBER) + all<f64>(HUBER)).toBe(0));
  it("BCE", () => expect<i32>(all<f32>(BCE) + all<f64>(BCE)).toBe(0));
  it("BCE with one weight", () => expect<i32>(all<f32>(BCE_WEIGHT) + all<f64>(BCE_WEIGHT)).toBe(0));
  it("BCE with weights", () => expect<i32>(all<f32>(BCE_WEIGHTS) + all<f64>(BCE_WEIGHTS)).toBe(0));
  it("right infinite predictions cost nothing, wrong ones are infinite, NaN is NaN, f32", () => expect<i32>(wrongInfinite<f32>()).toBe(0));
  it("right infinite predictions cost nothing, wrong ones are infinite, NaN is NaN, f64", () => expect<i32>(wrongInfinite<f64>()).toBe(0));
  it("finds the first target outside [0, 1]", () => {
    for (let D = 1; D <= 9; ++D) expect<i32>(firstBad<f32>(D) + firstBad<f64>(D)).toBe(0);
  });
  it("log1p keeps its digits near 0", () => expect<i32>(wrongLogs<f32>() + wrongLogs<f64>()).toBe(0));
});
