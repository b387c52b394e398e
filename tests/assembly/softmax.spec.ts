import { softmaxBackward, softmaxForward } from "../../assembly/heads/softmax";
import { at, clear, constant, copy, differ, not, overruns, put, random, wrong } from "./numbers";

const M = 3;

/** Rows of C classes, and gradients by the definition; then both in place. */
function wrongSoftmax<T extends number>(C: i32): i32 {
  clear();
  const n = M * C, z = random<T>(n, 1, 4), dp = random<T>(n, 2), p = constant<T>(n, -77), dz = constant<T>(n, -77);
  put<T>(z, C, at<T>(z, C) + 1000); // far from the other rows, and off the scale of exp
  put<T>(z, n - 1, at<T>(z, n - 1) + 1000); // likewise in the tail
  softmaxForward<T>(p, z, M, C);
  softmaxBackward<T>(dz, dp, p, M, C);
  let count = overruns();
  for (let m = 0; m < M; ++m) {
    let top = -Infinity, sum: f64 = 0, dot: f64 = 0;
    for (let j = 0; j < C; ++j) top = Math.max(top, at<T>(z, m * C + j));
    for (let j = 0; j < C; ++j) sum += Math.exp(at<T>(z, m * C + j) - top);
    for (let j = 0; j < C; ++j) dot += (at<T>(dp, m * C + j) * Math.exp(at<T>(z, m * C + j) - top)) / sum;
    for (let j = 0; j < C; ++j) {
      const want = Math.exp(at<T>(z, m * C + j) - top) / sum;
      count += wrong<T>(at<T>(p, m * C + j), want, 8, 0); // each to its own digits, also a small one
      count += wrong<T>(at<T>(dz, m * C + j), want * (at<T>(dp, m * C + j) - dot), 8, want);
    }
  }
  const over = copy<T>(z, n), gradient = copy<T>(dp, n);
  softmaxForward<T>(over, over, M, C);
  softmaxBackward<T>(gradient, gradient, p, M, C);
  return count + differ<T>(over, p, n) + differ<T>(gradient, dz, n) + overruns();
}

function all<T extends number>(): i32 {
  let count = 0;
  for (let C = 1; C <= 35; ++C) count += wrongSoftmax<T>(C);
  return count;
}

/** NaN in one place spoils its row and no other. */
function spoiled<T extends number>(C: i32): i32 {
  let count = 0;
  for (let at0 = 0; at0 < C; ++at0) {
    clear();
    const p = constant<T>(2 * C, -77), z = random<T>(2 * C, 4);
    put<T>(z, at0, NaN);
    softmaxForward<T>(p, z, 2, C);
    for (let j = 0; j < C; ++j) if (!isNaN(at<T>(p, j)) || isNaN(at<T>(p, C + j))) ++count;
  }
  return count;
}

/** Infinite logits share evenly; those of −∞ get nothing; where all are −∞ the row is NaN. */
function wrongInfinite<T extends number>(C: i32, infinite: i32): i32 {
  clear();
  const p = constant<T>(2 * C, -77), z = random<T>(2 * C, 5);
  for (let j = 0; j < C; ++j) {
    if (j % infinite == 0) put<T>(z, j, Infinity);
    put<T>(z, C + j, -Infinity);
  }
  softmaxForward<T>(p, z, 2, C);
  const share = 1 / <f64>((C + infinite - 1) / infinite);
  let count = overruns();
  for (let j = 0; j < C; ++j) count += wrong<T>(at<T>(p, j), j % infinite == 0 ? share : 0, 1, 0) + not(at<T>(p, C + j), NaN);
  return count;
}

/** Many small ones beside one great: in f32 their sum would stand still. */
function wrongLongSum(): i32 {
  clear();
  const C = 1000000, z = constant<f32>(C, -17);
  put<f32>(z, C - 1, 0);
  softmaxForward<f32>(z, z, 1, C);
  const total = 1 + <f64>(C - 1) * Math.exp(-17.0);
  return wrong<f32>(at<f32>(z, C - 1), 1 / total, 1, 0) + wrong<f32>(at<f32>(z, 7), Math.exp(-17.0) / total, 4, 0);
}

describe("softmax, 1 to 35 classes", () => {
  it("is its definition, f32", () => expect<i32>(all<f32>()).toBe(0));
  it("is its definition, f64", () => expect<i32>(all<f64>()).toBe(0));
  it("keeps NaN in its row", () => {
    for (let C = 1; C <= 11; ++C) expect<i32>(spoiled<f32>(C) + spoiled<f64>(C)).toBe(0);
  });
  it("infinite logits", () => {
    for (let C = 1; C <= 19; ++C) {
      for (let k = 1; k <= 3; ++k) expect<i32>(wrongInfinite<f32>(C, k) + wrongInfinite<f64>(C, k)).toBe(0);
    }
  });
  it("a million classes", () => expect<i32>(wrongLongSum()).toBe(0));
});
