import { gemmTransposedScratch } from "../../assembly/gemm_tn";
import { denseBackward, denseForward } from "../../assembly/heads/dense";
import { padded, panels } from "../../assembly/layout";
import { packBackward, packBias, packForward } from "../../assembly/pack";
import { PANEL } from "../../assembly/vec";
import { at, clear, constant, copy, differ, overruns, random, wrong } from "./numbers";

const FROZEN = 1, NO_INPUT = 2, NO_BIAS = 4;

function wrongDense<T extends number>(M: i32, I: i32, O: i32, less: i32): i32 {
  clear();
  const x = random<T>(M * I, 1), w = random<T>(O * I, 2), b = random<T>(O, 3), dy = random<T>(M * O, 4), same = copy<T>(dy, M * O);
  const packed = constant<T>(padded<T>(O) * I, NaN), bias = constant<T>(padded<T>(O), NaN), back = constant<T>(panels<T>(I) * PANEL<T>() * O, NaN);
  packForward<T, T>(packed, w, 1, O, I, 0, I);
  packBias<T>(bias, b, 0, 1, O);
  packBackward<T>(back, w, 1, O, I, true);
  const y = constant<T>(M * O, NaN);
  const dx: usize = less & NO_INPUT ? 0 : constant<T>(M * I, NaN);
  const dw: usize = less & FROZEN ? 0 : random<T>(O * I, 5);
  const db: usize = less & NO_BIAS ? 0 : random<T>(O, 6);
  const dwBefore = random<T>(O * I, 5), dbBefore = random<T>(O, 6);
  denseForward<T>(y, x, packed, bias, M, I, O);
  denseBackward<T>(dx, dw, db, dw ? constant<T>(i32(gemmTransposedScratch<T>(O, M, I)), NaN) : 0, dy, x, back, M, I, O);
  let count = overruns() + differ<T>(dy, same, M * O);
  for (let o = 0; o < O; ++o) {
    let sum: f64 = 0;
    for (let m = 0; m < M; ++m) {
      let want = at<T>(b, o);
      for (let i = 0; i < I; ++i) want += at<T>(x, m * I + i) * at<T>(w, o * I + i);
      count += wrong<T>(at<T>(y, m * O + o), want, 16); // (1)
      sum += at<T>(dy, m * O + o);
    }
    for (let i = 0; dw && i < I; ++i) {
      let want = at<T>(dwBefore, o * I + i);
      for (let m = 0; m < M; ++m) want += at<T>(dy, m * O + o) * at<T>(x, m * I + i);
      count += wrong<T>(at<T>(dw, o * I + i), want, 16); // (2)
    }
    if (db) count += wrong<T>(at<T>(db, o), at<T>(dbBefore, o) + (dw ? sum : 0), 16);
  }
  for (let i = 0; dx && i < I; ++i) {
    for (let m = 0; m < M; ++m) {
      let want: f64 = 0;
      for (let o = 0; o < O; ++o) want += at<T>(dy, m * O + o) * at<T>(w, o * I + i);
      count += wrong<T>(at<T>(dx, m * I + i), want, 16);
    }
  }
  return count;
}

function all<T extends number>(): i32 {
  let count = 0;
  for (let M = 1; M <= 7; M += 2) {
    for (let I = 1; I <= 17; I += 4) for (let O = 1; O <= 18; ++O) count += wrongDense<T>(M, I, O, (I + O) % 8);
  }
  return count + wrongDense<T>(4, 3, 35, 0) + wrongDense<T>(1, 8, 64, 0);
}

describe("dense: 1 to 17 inputs, 1 to 18 outputs", () => {
  it("is its formula, and leaves out what is not wanted, f32", () => expect<i32>(all<f32>()).toBe(0));
  it("is its formula, and leaves out what is not wanted, f64", () => expect<i32>(all<f64>()).toBe(0));
});
