import { matmul, matmulScratch } from "../../assembly/ops/matmul";
import { at, clear, constant, copy, differ, list, overruns, random, wrong } from "./numbers";

const TRANSPOSED_A = 1, TRANSPOSED_B = 2, OVER_ROWS = 4;

/**
 * Products over batch axes of 2 and 3; what each of c, a, b does not move along is given bit by bit (1: the first axis, 2: the second).
 * The axes that c stands still along must be the last ones.
 */
function wrongBatches<T extends number>(M: i32, K: i32, N: i32, kind: i32, stillC: i32, stillA: i32, stillB: i32, adds: i32): i32 {
  clear();
  const lines: i32[] = [], sizes: StaticArray<i32> = [2, 3], still: StaticArray<i32> = [stillC, stillA, stillB];
  const matrix: StaticArray<i32> = [M * N, M * K, K * N], stride: StaticArray<i32> = [0, 0, 0, 0, 0, 0];
  for (let o = 0; o < 3; ++o) {
    stride[2 * o + 1] = still[o] & 2 ? 0 : matrix[o];
    stride[2 * o] = still[o] & 1 ? 0 : still[o] & 2 ? matrix[o] : 3 * matrix[o];
  }
  for (let d = 0; d < 2; ++d) {
    lines.push(sizes[d]);
    for (let o = 0; o < 3; ++o) lines.push(stride[2 * o + d]);
  }
  const summed = stillC == 3 ? 2 : stillC == 2 ? 1 : 0;
  const c = random<T>(6 * M * N, 1), start = copy<T>(c, 6 * M * N), a = random<T>(6 * M * K, 2), b = random<T>(6 * K * N, 3);
  const sameA = copy<T>(a, 6 * M * K), sameB = copy<T>(b, 6 * K * N);
  const scratch = constant<T>(i32(matmulScratch<T>(M, K, N, kind, summed)), 7);
  matmul<T>(c, a, b, scratch, list<i32>(lines), 2, summed, M, K, N, kind, adds);

  const want = constant<f64>(6 * M * N, 0), touched = constant<f64>(6 * M * N, 0);
  for (let i = 0; i < 6; ++i) {
    const p = i / 3, q = i % 3;
    const ci = p * stride[0] + q * stride[1], ai = p * stride[2] + q * stride[3], bi = p * stride[4] + q * stride[5];
    for (let m = 0; m < M; ++m) {
      for (let n = 0; n < N; ++n) {
        let sum: f64 = 0;
        for (let k = 0; k < K; ++k) {
          const left = kind & (TRANSPOSED_A | OVER_ROWS) ? k * M + m : m * K + k;
          const right = kind & TRANSPOSED_B ? n * K + k : k * N + n;
          sum += at<T>(a, ai + left) * at<T>(b, bi + right);
        }
        const place = usize(ci + m * N + n) * 8;
        store<f64>(want + place, load<f64>(want + place) + sum);
        store<f64>(touched + place, 1);
      }
    }
  }
  let count = overruns() + differ<T>(a, sameA, 6 * M * K) + differ<T>(b, sameB, 6 * K * N);
  for (let i = 0; i < 6 * M * N; ++i) {
    const before = adds || at<f64>(touched, i) == 0 ? at<T>(start, i) : 0;
    count += wrong<T>(at<T>(c, i), before + at<f64>(want, i), 16);
  }
  return count;
}

function wrongKinds<T extends number>(stillC: i32, stillA: i32, stillB: i32): i32 {
  let count = 0;
  for (let kind = 0; kind <= OVER_ROWS; ++kind) {
    for (let adds = 0; adds < 2; ++adds) {
      count += wrongBatches<T>(1, 1, 1, kind, stillC, stillA, stillB, adds);
      count += wrongBatches<T>(5, 7, 3, kind, stillC, stillA, stillB, adds);
      count += wrongBatches<T>(4, 5, 17, kind, stillC, stillA, stillB, adds);
      count += wrongBatches<T>(9, 2, 8, kind, stillC, stillA, stillB, adds);
    }
  }
  return count;
}

/** No batch axis at all, and rows enough for several blocks. */
function wrongLong<T extends number>(): i32 {
  clear();
  const M = 3, K = 600, N = 5;
  const c = constant<T>(M * N, 0), a = random<T>(M * K, 1), b = random<T>(K * N, 2);
  const scratch = constant<T>(i32(matmulScratch<T>(M, K, N, OVER_ROWS, 0)), 7);
  matmul<T>(c, a, b, scratch, 0, 0, 0, M, K, N, OVER_ROWS, 0);
  let count = overruns();
  for (let i = 0; i < M * N; ++i) {
    let sum: f64 = 0;
    for (let k = 0; k < K; ++k) sum += at<T>(a, k * M + i / N) * at<T>(b, k * N + (i % N));
    count += wrong<T>(at<T>(c, i), sum, 32);
  }
  return count;
}

describe("products in batches", () => {
  it("all move", () => expect<i32>(wrongKinds<f32>(0, 0, 0) + wrongKinds<f64>(0, 0, 0)).toBe(0));
  it("a stands still", () => {
    for (let still = 1; still <= 3; ++still) expect<i32>(wrongKinds<f32>(0, still, 0) + wrongKinds<f64>(0, still, 0)).toBe(0);
  });
  it("b stands still", () => {
    for (let still = 1; still <= 3; ++still) expect<i32>(wrongKinds<f32>(0, 0, still) + wrongKinds<f64>(0, 0, still)).toBe(0);
  });
  it("each along one", () => expect<i32>(wrongKinds<f32>(0, 1, 2) + wrongKinds<f64>(0, 2, 1)).toBe(0));
  it("c stands still: sums", () => {
    for (let still = 2; still <= 3; ++still) {
      expect<i32>(wrongKinds<f32>(still, 0, 0) + wrongKinds<f64>(still, 0, 0)).toBe(0);
      expect<i32>(wrongKinds<f32>(still, 0, 1) + wrongKinds<f64>(still, 1, 0)).toBe(0);
    }
  });
  it("long sums over rows", () => expect<i32>(wrongLong<f32>() + wrongLong<f64>()).toBe(0));
});
