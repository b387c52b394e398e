import { conv2d, conv2dBias, conv2dScratch, conv2dWeights } from "../../assembly/ops/conv2d";
import { conv2dInput, conv2dInputScratch } from "../../assembly/ops/conv2d_input";
import { avgPool2d, avgPool2dBackward, maxPool2d, maxPool2dBackward } from "../../assembly/ops/pool2d";
import { at, clear, constant, copy, differ, list, not, overruns, put, random, rounded, wrong } from "./numbers";

/** N, groups, C, H, W, O, KH, KW, OH, OW, stride, padding and dilation of rows and columns. */
let plan: i32[] = [];

function planOf(groups: i32, C: i32, H: i32, W: i32, O: i32, KH: i32, KW: i32, s: i32, t: i32, p: i32, q: i32, d: i32, e: i32): void {
  const OH = (H + 2 * p - d * (KH - 1) - 1) / s + 1, OW = (W + 2 * q - e * (KW - 1) - 1) / t + 1;
  plan = [2, groups, C, H, W, O, KH, KW, OH, OW, s, t, p, q, d, e];
}

/** All passes against the sums of each product, in f64. */
function wrongConvolution<T extends number>(): i32 {
  clear();
  const N = plan[0], G = plan[1], C = plan[2], H = plan[3], W = plan[4], O = plan[5], KH = plan[6], KW = plan[7], OH = plan[8], OW = plan[9];
  const sizeX = N * G * C * H * W, sizeW = G * O * C * KH * KW, sizeY = N * G * O * OH * OW;
  const words = list<i32>(plan), x = random<T>(sizeX, 1), w = random<T>(sizeW, 2), bias = random<T>(G * O, 3), dy = random<T>(sizeY, 4);
  const sameX = copy<T>(x, sizeX), sameW = copy<T>(w, sizeW), sameY = copy<T>(dy, sizeY);
  const y = constant<T>(sizeY, -77), dx = constant<T>(sizeX, -77), dw = constant<T>(sizeW, 2), dbias = constant<T>(G * O, 1);
  conv2d<T>(y, x, w, bias, constant<u8>(i32(conv2dScratch<T>(words, 0)), 7), words);
  conv2dInput<T>(dx, dy, w, constant<u8>(i32(conv2dInputScratch<T>(words)), 7), words);
  conv2dWeights<T>(dw, dy, x, constant<u8>(i32(conv2dScratch<T>(words, 1)), 7), words);
  conv2dBias<T>(dbias, dy, N, G * O, OH * OW);

  const wantY = constant<f64>(sizeY, 0), wantX = constant<f64>(sizeX, 0), wantW = constant<f64>(sizeW, 2), wantB = constant<f64>(G * O, 1);
  for (let n = 0; n < N; ++n) {
    for (let o = 0; o < G * O; ++o) {
      for (let p = 0; p < OH; ++p) {
        for (let q = 0; q < OW; ++q) {
          const to = ((n * G * O + o) * OH + p) * OW + q, d = at<T>(dy, to);
          put<f64>(wantB, o, at<f64>(wantB, o) + d);
          put<f64>(wantY, to, at<T>(bias, o));
          for (let k = 0; k < C * KH * KW; ++k) {
            const c = k / (KH * KW), h = p * plan[10] - plan[12] + k / KW % KH * plan[14], v = q * plan[11] - plan[13] + k % KW * plan[15];
            if (h < 0 || h >= H || v < 0 || v >= W) continue;
            const from = ((n * G * C + o / O * C + c) * H + h) * W + v, tap = o * C * KH * KW + k;
            put<f64>(wantY, to, at<f64>(wantY, to) + at<T>(w, tap) * at<T>(x, from));
            put<f64>(wantX, from, at<f64>(wantX, from) + at<T>(w, tap) * d);
            put<f64>(wantW, tap, at<f64>(wantW, tap) + at<T>(x, from) * d);
          }
        }
      }
    }
  }
  let count = overruns() + differ<T>(x, sameX, sizeX) + differ<T>(w, sameW, sizeW) + differ<T>(dy, sameY, sizeY);
  for (let i = 0; i < sizeY; ++i) count += wrong<T>(at<T>(y, i), at<f64>(wantY, i), 64);
  for (let i = 0; i < sizeX; ++i) count += wrong<T>(at<T>(dx, i), at<f64>(wantX, i), 64);
  for (let i = 0; i < sizeW; ++i) count += wrong<T>(at<T>(dw, i), at<f64>(wantW, i), 64);
  for (let i = 0; i < G * O; ++i) count += wrong<T>(at<T>(dbias, i), at<f64>(wantB, i), 16);
  return count;
}

/** Planes, H, W, OH, OW, window, stride and padding of rows and columns. */
function wrongPool<T extends number>(planes: i32, H: i32, W: i32, KH: i32, KW: i32, s: i32, t: i32, p: i32, q: i32): i32 {
  clear();
  const OH = (H + 2 * p - KH) / s + 1, OW = (W + 2 * q - KW) / t + 1, sizeX = planes * H * W, sizeY = planes * OH * OW;
  const words = list<i32>([planes, H, W, OH, OW, KH, KW, s, t, p, q]), x = random<T>(sizeX, 1), dy = random<T>(sizeY, 2);
  for (let i = 0; i < sizeX; ++i) put<T>(x, i, Math.round(at<T>(x, i) * 3)); // few values: equals occur
  for (let i = 0; i < sizeY; ++i) put<T>(dy, i, Math.round(at<T>(dy, i) * 8)); // sums are exact
  const same = copy<T>(x, sizeX), row = constant<T>(W, -77), most = constant<T>(sizeY, -77), mean = constant<T>(sizeY, -77);
  const dMost = constant<T>(sizeX, -77), dMean = constant<T>(sizeX, -77), wantMost = constant<f64>(sizeX, 0), wantMean = constant<f64>(sizeX, 0);
  maxPool2d<T>(most, x, row, words);
  avgPool2d<T>(mean, x, row, words);
  maxPool2dBackward<T>(dMost, dy, most, x, words);
  avgPool2dBackward<T>(dMean, dy, words);
  let count = overruns() + differ<T>(x, same, sizeX);
  for (let i = 0; i < sizeY; ++i) {
    const plane = i / (OH * OW), top = i / OW % OH * s - p, left = i % OW * t - q;
    let best = -1, sum: f64 = 0;
    for (let k = 0; k < KH * KW; ++k) {
      const h = top + k / KW, w = left + k % KW;
      if (h < 0 || h >= H || w < 0 || w >= W) continue;
      const place = (plane * H + h) * W + w;
      if (best < 0 || at<T>(x, place) > at<T>(x, best)) best = place;
      sum += at<T>(x, place);
      put<f64>(wantMean, place, at<f64>(wantMean, place) + at<T>(dy, i) / (KH * KW));
    }
    put<f64>(wantMost, best, at<f64>(wantMost, best) + at<T>(dy, i));
    count += not(at<T>(most, i), at<T>(x, best)) + not(at<T>(mean, i), rounded<T>(sum / (KH * KW)));
  }
  for (let i = 0; i < sizeX; ++i) count += not(at<T>(dMost, i), at<f64>(wantMost, i)) + wrong<T>(at<T>(dMean, i), at<f64>(wantMean, i), 16);
  return count;
}

function wrongConvolutions<T extends number>(): i32 {
  let count = 0;
  for (let O = 1; O <= 14; ++O) { // every tile
    planOf(1, 2, 4, O + 2, O, 3, 2, 1, 1, 1, 1, 1, 1);
    count += wrongConvolution<T>();
  }
  for (let W = 1; W <= 19; ++W) { // every end of a row
    planOf(1, 1, 3, W, 4, 3, 1, 1, 1, 1, 0, 1, 1);
    count += wrongConvolution<T>();
    planOf(2, 1, 3, W + 3, 3, 2, 3, 2, 2, 0, 1, 1, 2);
    count += wrongConvolution<T>();
  }
  planOf(3, 2, 7, 9, 2, 3, 3, 2, 3, 4, 3, 2, 1); // more padding than weights
  count += wrongConvolution<T>();
  planOf(1, 1, 300, 3, 5, 2, 2, 1, 1, 0, 0, 1, 1); // more than a chain
  count += wrongConvolution<T>();
  return count;
}

function wrongPools<T extends number>(): i32 {
  let count = 0;
  for (let W = 2; W <= 19; ++W) count += wrongPool<T>(3, 4, W, 2, 2, 2, 2, 0, 0) + wrongPool<T>(2, 5, W + 1, 3, 3, 2, 1, 1, 1);
  return count + wrongPool<T>(1, 1, 1, 1, 1, 1, 1, 0, 0) + wrongPool<T>(2, 7, 6, 4, 2, 3, 2, 2, 1);
}

describe("convolution", () => {
  test("f32", () => expect<i32>(wrongConvolutions<f32>()).toBe(0));
  test("f64", () => expect<i32>(wrongConvolutions<f64>()).toBe(0));
});

describe("pooling of pictures", () => {
  test("f32", () => expect<i32>(wrongPools<f32>()).toBe(0));
  test("f64", () => expect<i32>(wrongPools<f64>()).toBe(0));
});
