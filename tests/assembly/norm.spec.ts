import { layerNormBackward, layerNormForward } from "../../assembly/ops/norm";
import { at, clear, constant, copy, differ, list, not, overruns, put, random, rounded, wrong } from "./numbers";

const M = 3, EPSILON: f64 = 1e-5;

/** x̂ of row m (2), from its definition; `root`: √(v + ε). */
let root: f64 = 0, mean: f64 = 0;
function measure<T extends number>(x: usize, m: i32, D: i32): void {
  let sum: f64 = 0, squares: f64 = 0;
  for (let j = 0; j < D; ++j) sum += at<T>(x, m * D + j);
  mean = sum / D;
  for (let j = 0; j < D; ++j) squares += (at<T>(x, m * D + j) - mean) * (at<T>(x, m * D + j) - mean);
  root = Math.sqrt(squares / D + EPSILON);
}

/** Forward and backward, with weights and without; y over x and dx over dy at the end. */
function wrongNorm<T extends number>(D: i32, weighted: bool, shift: f64): i32 {
  clear();
  const n = M * D;
  const x = random<T>(n, 1, 2), w = weighted ? random<T>(D, 2, 2) : 0, b = weighted ? random<T>(D, 3) : 0, dy = random<T>(n, 4);
  for (let i = 0; i < n; ++i) put<T>(x, i, at<T>(x, i) + shift);
  const y = constant<T>(n, -77), stats = constant<f64>(3 * M, -77), dx = constant<T>(n, -77), sums = constant<f64>(2 * D, 1e9);
  const dw = weighted ? random<T>(D, 5) : 0, db = weighted ? random<T>(D, 6) : 0;
  const dwBefore = random<T>(D, 5), dbBefore = random<T>(D, 6), dwWant = constant<f64>(D, 0), dbWant = constant<f64>(D, 0);
  layerNormForward<T>(y, stats, x, w, b, M, D, EPSILON);
  layerNormBackward<T>(dx, dw, db, weighted ? sums : 0, dy, x, stats, w, M, D);
  let count = overruns();
  for (let m = 0; m < M; ++m) {
    measure<T>(x, m, D);
    const units = 8 + Math.abs(shift) / root; // f64's own: d = x − μ has lost that much
    let g: f64 = 0, p: f64 = 0;
    for (let j = 0; j < D; ++j) {
      const i = m * D + j, normal = (at<T>(x, i) - mean) / root, d = at<T>(dy, i) * (w ? at<T>(w, j) : 1);
      g += d;
      p += d * normal;
      count += wrong<T>(at<T>(y, i), normal * (w ? at<T>(w, j) : 1) + (b ? at<T>(b, j) : 0), units);
      put<f64>(dwWant, j, at<f64>(dwWant, j) + at<T>(dy, i) * normal);
      put<f64>(dbWant, j, at<f64>(dbWant, j) + at<T>(dy, i));
    }
    for (let j = 0; j < D; ++j) {
      const i = m * D + j, normal = (at<T>(x, i) - mean) / root, d = at<T>(dy, i) * (w ? at<T>(w, j) : 1);
      count += wrong<T>(at<T>(dx, i), (d - g / D - (normal * p) / D) / root, units, 1 / root); // (3)
    }
  }
  for (let j = 0; weighted && j < D; ++j) {
    count += wrong<T>(at<T>(dw, j), at<T>(dwBefore, j) + at<f64>(dwWant, j), 8 + Math.abs(shift)); // (4)
    count += wrong<T>(at<T>(db, j), at<T>(dbBefore, j) + at<f64>(dbWant, j));
  }
  const over = copy<T>(x, n), stats2 = constant<f64>(3 * M, 0);
  layerNormForward<T>(over, stats2, over, w, b, M, D, EPSILON);
  layerNormBackward<T>(dy, 0, 0, 0, dy, x, stats, w, M, D);
  return count + differ<T>(over, y, n) + differ<T>(dy, dx, n) + differ<f64>(stats, stats2, 3 * M);
}

function all<T extends number>(): i32 {
  let count = 0;
  for (let D = 1; D <= 19; ++D) {
    count += wrongNorm<T>(D, true, 0) + wrongNorm<T>(D, false, 0) + wrongNorm<T>(D, true, 1000) + wrongNorm<T>(D, false, -1000);
  }
  return count;
}

/** One row of D, to x̂ alone. */
function normalised<T extends number>(values: f64[], epsilon: f64): usize {
  clear();
  const D = values.length, x = constant<T>(D, 0), y = constant<T>(D, -77);
  for (let j = 0; j < D; ++j) put<T>(x, j, values[j]);
  layerNormForward<T>(y, constant<f64>(3, 0), x, 0, 0, 1, D, epsilon);
  return y;
}

/** x̂ of values·size, beside the x̂ of the values, for each size: a factor changes nothing. */
function scaleMatters<T extends number>(values: f64[], sizes: f64[]): i32 {
  const want: f64[] = [];
  const plain = normalised<f64>(values, 0);
  for (let j = 0; j < values.length; ++j) want.push(at<f64>(plain, j));
  let count = 0;
  for (let s = 0; s < sizes.length; ++s) {
    const larger: f64[] = [];
    for (let j = 0; j < values.length; ++j) larger.push(values[j] * sizes[s]);
    const y = normalised<T>(larger, 0);
    for (let j = 0; j < values.length; ++j) count += wrong<T>(at<T>(y, j), want[j]);
  }
  return count;
}

/** [a,1,2,3] with a far above the rest: √3 and −1/√3. */
function wrongOutlier<T extends number>(a: f64): i32 {
  const y = normalised<T>([a, 1, 2, 3], EPSILON);
  let count = wrong<T>(at<T>(y, 0), Math.sqrt(3.0));
  for (let j = 1; j < 4; ++j) count += wrong<T>(at<T>(y, j), -1 / Math.sqrt(3.0));
  return count;
}

/** Equal features have no deviation: exactly 0, whatever they are. */
function unequal<T extends number>(x: f64, D: i32): i32 {
  const row: f64[] = [];
  for (let j = 0; j < D; ++j) row.push(x);
  const y = normalised<T>(row, EPSILON);
  let count = 0;
  for (let j = 0; j < D; ++j) count += not(at<T>(y, j), 0);
  return count;
}

/** The gradient of a row of equal features: nothing but (g − ḡ)/√ε is left, whatever they are. */
function wrongEqualGradient<T extends number>(x: f64, D: i32): i32 {
  clear();
  const row = constant<T>(D, x), y = constant<T>(D, 0), stats = constant<f64>(3, 0), dy = random<T>(D, 8), dx = constant<T>(D, -77);
  layerNormForward<T>(y, stats, row, 0, 0, 1, D, EPSILON);
  layerNormBackward<T>(dx, 0, 0, 0, dy, row, stats, 0, 1, D);
  let sum: f64 = 0, count = overruns();
  for (let j = 0; j < D; ++j) sum += at<T>(dy, j);
  for (let j = 0; j < D; ++j) count += wrong<T>(at<T>(dx, j), (at<T>(dy, j) - sum / D) / Math.sqrt(EPSILON), 8, 300);
  return count;
}

/** A gradient of a hundred thousand rows: 0.1·x̂ and 0.1, whose sums f32 would spoil. */
function wrongLongGradient(): i32 {
  clear();
  const rows = 100000, D = 3;
  const x = constant<f32>(rows * D, 0), dy = constant<f32>(rows * D, 0.1), dx = constant<f32>(rows * D, 0), stats = constant<f64>(3 * rows, 0);
  for (let m = 0; m < rows; ++m) for (let j = 0; j < D; ++j) put<f32>(x, m * D + j, <f64>j);
  const dw = constant<f32>(D, 0), db = constant<f32>(D, 0), sums = constant<f64>(2 * D, 0);
  layerNormForward<f32>(dx, stats, x, 0, 0, rows, D, 0);
  layerNormBackward<f32>(dx, dw, db, sums, dy, x, stats, 0, rows, D);
  const total = rows * rounded<f32>(0.1);
  let count = 0;
  for (let j = 0; j < D; ++j) {
    count += wrong<f32>(at<f32>(dw, j), total * <f64>(j - 1) * Math.sqrt(1.5), 1, 0) + wrong<f32>(at<f32>(db, j), total, 1, 0);
  }
  return count;
}

describe("layer normalisation, 3 rows of 1 to 19", () => {
  it("is its definition, forward and backward, f32", () => expect<i32>(all<f32>()).toBe(0));
  it("is its definition, forward and backward, f64", () => expect<i32>(all<f64>()).toBe(0));
});

describe("layer normalisation: numbers", () => {
  it("one feature far above the rest, to the end of the type", () => {
    expect<i32>(wrongOutlier<f32>(1e20) + wrongOutlier<f32>(1e30) + wrongOutlier<f32>(3e38)).toBe(0);
    expect<i32>(wrongOutlier<f64>(1e20) + wrongOutlier<f64>(1e160) + wrongOutlier<f64>(1.7e308)).toBe(0);
    expect<i32>(wrongOutlier<f32>(1e9) + wrongOutlier<f64>(1e17)).toBe(0);
  });
  it("a factor changes nothing, however great or small", () => {
    expect<i32>(scaleMatters<f32>([1, -2, 3.5, 0.25, 7], [1, 1e30, 4e37, 1e-30, 1e-36])).toBe(0);
    expect<i32>(scaleMatters<f64>([1, -2, 3.5, 0.25, 7], [1, 1e30, 1e160, 2e307, 1e-160, 1e-290])).toBe(0);
  });
  it("equal features give exactly 0", () => {
    let count = 0;
    for (let D = 1; D <= 19; ++D) {
      count += unequal<f32>(0.1, D) + unequal<f32>(1e30, D) + unequal<f32>(3e38, D) + unequal<f32>(0, D) + unequal<f32>(1e-40, D);
      count += unequal<f64>(0.1, D) + unequal<f64>(1e300, D) + unequal<f64>(1.7e308, D) + unequal<f64>(5e-324, D);
    }
    expect<i32>(count).toBe(0);
  });
  it("the gradient of equal features is finite", () => {
    let count = 0;
    for (let D = 1; D <= 19; ++D) {
      count += wrongEqualGradient<f32>(0, D) + wrongEqualGradient<f32>(3e38, D) + wrongEqualGradient<f32>(1e-40, D);
      count += wrongEqualGradient<f64>(1, D) + wrongEqualGradient<f64>(1.7e308, D) + wrongEqualGradient<f64>(5e-324, D);
      count += wrongEqualGradient<f64>(1e160, D) + wrongEqualGradient<f64>(1e-160, D);
    }
    expect<i32>(count).toBe(0);
  });
  it("NaN stays in its row", () => {
    clear();
    const x = list<f32>([1, NaN, 3, 1, 2, 3]), y = constant<f32>(6, -77);
    layerNormForward<f32>(y, constant<f64>(6, 0), x, 0, 0, 2, 3, EPSILON);
    for (let j = 0; j < 3; ++j) expect<bool>(isNaN(at<f32>(y, j))).toBe(true);
    expect<i32>(wrong<f32>(at<f32>(y, 3), -Math.sqrt(1.5), 64) + not(at<f32>(y, 4), 0)).toBe(0);
  });
  it("sums a hundred thousand rows of gradients", () => expect<i32>(wrongLongGradient()).toBe(0));
});
