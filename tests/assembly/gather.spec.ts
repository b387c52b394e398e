import { gather, scatterAdd } from "../../assembly/ops/gather";
import { at, clear, constant, copy, differ, list, not, overruns, random, rounded } from "./numbers";

/** x [4,5,3], index [2,3,3] along an axis, y in [3,4,5] of which the first [2,3,3] count. */
const X: StaticArray<i32> = [4, 5, 3], I: StaticArray<i32> = [2, 3, 3], Y: StaticArray<i32> = [3, 4, 5];
const N = 18;

function strides(shape: StaticArray<i32>): StaticArray<i32> {
  return [shape[1] * shape[2], shape[2], 1];
}

function planFor(axis: i32): usize {
  const x = strides(X), y = strides(Y), index = strides(I);
  const lines = new Array<i32>();
  for (let d = 0; d < 3; ++d) {
    lines.push(I[d]);
    lines.push(d == axis ? 0 : x[d]);
    lines.push(y[d]);
    lines.push(index[d]);
  }
  return list<i32>(lines);
}

/** The place of the i-th index among the elements of a shape, its coordinate along an axis replaced. */
function placeOf(i: i32, shape: StaticArray<i32>, axis: i32, coordinate: i32): i32 {
  const s = strides(shape), t = strides(I);
  let place = 0;
  for (let d = 0; d < 3; ++d) place += (d == axis ? coordinate : (i / t[d]) % I[d]) * s[d];
  return place;
}

function wrongGather<T extends number>(axis: i32, adds: i32): i32 {
  clear();
  const picks = new Array<i32>();
  for (let i = 0; i < N; ++i) picks.push((i * 7 + i / 5) % X[axis]);
  const x = random<T>(60, 1), y = random<T>(60, 2), want = copy<T>(y, 60);
  for (let i = 0; i < N; ++i) {
    const to = placeOf(i, Y, -1, 0);
    const value = at<T>(x, placeOf(i, X, axis, picks[i])) + (adds ? at<T>(y, to) : 0);
    store<T>(want + usize(to) * sizeof<T>(), <T>value);
  }
  gather<T>(y, x, list<i32>(picks), planFor(axis), 3, strides(X)[axis], adds);
  return overruns() + differ<T>(y, want, 60);
}

function wrongScatter<T extends number>(axis: i32): i32 {
  clear();
  const picks = new Array<i32>();
  for (let i = 0; i < N; ++i) picks.push((i * i) % X[axis]); // some places more than once
  const x = random<T>(60, 1), start = copy<T>(x, 60), y = random<T>(60, 2), sums = constant<f64>(60, 7);
  scatterAdd<T>(x, sums, 60, y, list<i32>(picks), planFor(axis), 3, strides(X)[axis]);
  let wrong = overruns();
  for (let p = 0; p < 60; ++p) {
    let sum: f64 = 0;
    for (let i = 0; i < N; ++i) if (placeOf(i, X, axis, picks[i]) == p) sum += at<T>(y, placeOf(i, Y, -1, 0));
    wrong += not(at<T>(x, p), rounded<T>(at<T>(start, p) + sum));
  }
  return wrong;
}

/** A million times 0.1 on one place: f32 alone would give 100958. */
function longSum(): f64 {
  clear();
  const n = 1000000;
  const x = constant<f32>(1, 0), sums = constant<f64>(1, 0);
  const y = constant<f32>(1, 0.1), index = list<i32>([0]);
  scatterAdd<f32>(x, sums, 1, y, index, list<i32>([n, 0, 0, 0]), 1, 1); // one element and one index, read again and again
  return at<f32>(x, 0);
}

describe("elements by an index", () => {
  it("gather", () => {
    for (let a = 0; a < 3; ++a) expect<i32>(wrongGather<f32>(a, 0) + wrongGather<f64>(a, 0)).toBe(0);
  });
  it("gather, added", () => {
    for (let a = 0; a < 3; ++a) expect<i32>(wrongGather<f32>(a, 1) + wrongGather<f64>(a, 1)).toBe(0);
  });
  it("scatter-add", () => {
    for (let a = 0; a < 3; ++a) expect<i32>(wrongScatter<f32>(a) + wrongScatter<f64>(a)).toBe(0);
  });
  it("keeps the digits of long sums", () => expect<f64>(longSum()).toBe(100000));
});
