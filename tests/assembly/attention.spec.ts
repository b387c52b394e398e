import { attentionBackward, attentionForward } from "../../assembly/ops/attention";
import { additiveRows, addOuter, dotRows, weightedRows } from "../../assembly/ops/attention_rows";
import { at, clear, constant, copy, differ, list, not, overruns, put, random, wrong } from "./numbers";

const ADDITIVE = 1, CAUSAL = 2, BATCH_FIRST = 4;
const H = 2, N = 3, M = 4;
/** The row of the memory that each row of queries reads: one is shared, two are left out. */
const rowOf: StaticArray<i32> = [3, 1, 3];
const lengthOf: StaticArray<i32> = [1, 2, 1, 3];

/** Element j of a head at a step of a row. */
function place(kind: i32, steps: i32, rows: i32, width: i32, t: i32, n: i32, h: i32, j: i32): i32 {
  return ((kind & BATCH_FIRST ? n * steps + t : t * rows + n) * H + h) * width + j;
}

/** Both passes by the definition, Q queries of S steps; gradients are added to what stands there. */
function wrongAttention<T extends number>(Q: i32, S: i32, D: i32, E: i32, kind: i32, reach: i32): i32 {
  clear();
  const sizeQ = Q * N * H * D, sizeK = S * M * H * D, sizeV = S * M * H * E, sizeC = Q * N * H * E, sizeA = N * H * Q * S;
  const scale = kind & ADDITIVE ? 1 : 0.7;
  const q = random<T>(sizeQ, 1), k = random<T>(sizeK, 2), v = random<T>(sizeV, 3), w = kind & ADDITIVE ? random<T>(H * D, 4) : 0;
  const context = constant<T>(sizeC, -77), weights = constant<T>(sizeA, -77), lengths = constant<i32>(M, 0);
  for (let m = 0; m < M; ++m) put<i32>(lengths, m, min(S, lengthOf[m]));
  const rows = list<i32>([rowOf[0], rowOf[1], rowOf[2]]);
  for (let m = 0; m < M; ++m) {
    for (let s = min(S, lengthOf[m]); s < S; ++s) {
      for (let h = 0; h < H; ++h) {
        put<T>(k, place(kind, S, M, D, s, m, h, 0), NaN); // padding is not read
        put<T>(v, place(kind, S, M, E, s, m, h, E - 1), NaN);
      }
    }
  }
  attentionForward<T>(context, weights, q, k, v, w, lengths, rows, Q, S, N, M, H, D, E, kind, scale);

  const dq = constant<T>(sizeQ, -77), dk = random<T>(sizeK, 5), dv = random<T>(sizeV, 6), dw = kind & ADDITIVE ? random<T>(H * D, 7) : 0;
  const wantK = constant<f64>(sizeK, 0), wantV = constant<f64>(sizeV, 0), wantW = constant<f64>(H * D, 0);
  for (let i = 0; i < sizeK; ++i) put<f64>(wantK, i, at<T>(dk, i));
  for (let i = 0; i < sizeV; ++i) put<f64>(wantV, i, at<T>(dv, i));
  if (dw) for (let i = 0; i < H * D; ++i) put<f64>(wantW, i, at<T>(dw, i));
  const dc = reach & 1 ? random<T>(sizeC, 8) : 0, da = reach & 2 ? random<T>(sizeA, 9) : 0;
  const scratch = constant<T>(S, -77), sums = constant<f64>(H * D, -77);
  attentionBackward<T>(dq, dk, dv, dw, scratch, sums, dc, da, weights, q, k, v, w, lengths, rows, Q, S, N, M, H, D, E, kind, scale);

  let count = overruns();
  const e = new StaticArray<f64>(S), a = new StaticArray<f64>(S), d = new StaticArray<f64>(S);
  for (let n = 0; n < N; ++n) {
    const m = rowOf[n], length = min(S, lengthOf[m]);
    for (let h = 0; h < H; ++h) {
      for (let t = 0; t < Q; ++t) {
        const L = kind & CAUSAL ? min(length, t + 1) : length, row = ((n * H + h) * Q + t) * S;
        let total: f64 = 0, dot: f64 = 0;
        for (let s = 0; s < L; ++s) {
          e[s] = 0;
          for (let j = 0; j < D; ++j) {
            const x = at<T>(q, place(kind, Q, N, D, t, n, h, j)), key = at<T>(k, place(kind, S, M, D, s, m, h, j));
            e[s] += kind & ADDITIVE ? at<T>(w, h * D + j) * Math.tanh(x + key) : scale * x * key;
          }
          total += Math.exp(e[s]);
        }
        for (let s = 0; s < S; ++s) {
          a[s] = s < L ? Math.exp(e[s]) / total : 0;
          count += wrong<T>(at<T>(weights, row + s), a[s], 8);
        }
        for (let j = 0; j < E; ++j) {
          let sum: f64 = 0;
          for (let s = 0; s < L; ++s) sum += a[s] * at<T>(v, place(kind, S, M, E, s, m, h, j));
          count += wrong<T>(at<T>(context, place(kind, Q, N, E, t, n, h, j)), sum, 8);
        }
        for (let s = 0; s < L; ++s) {
          d[s] = da ? at<T>(da, row + s) : 0;
          for (let j = 0; dc && j < E; ++j) {
            const c = at<T>(dc, place(kind, Q, N, E, t, n, h, j)), value = place(kind, S, M, E, s, m, h, j);
            d[s] += c * at<T>(v, value);
            put<f64>(wantV, value, at<f64>(wantV, value) + a[s] * c);
          }
          dot += a[s] * d[s];
        }
        for (let j = 0; j < D; ++j) {
          const query = place(kind, Q, N, D, t, n, h, j);
          let sum: f64 = 0;
          for (let s = 0; s < L; ++s) {
            const key = place(kind, S, M, D, s, m, h, j), x = at<T>(q, query), y = at<T>(k, key), g = a[s] * (d[s] - dot);
            const u = Math.tanh(x + y);
            sum += kind & ADDITIVE ? g * at<T>(w, h * D + j) * (1 - u * u) : scale * g * y;
            put<f64>(wantK, key, at<f64>(wantK, key) + (kind & ADDITIVE ? g * at<T>(w, h * D + j) * (1 - u * u) : scale * g * x));
            put<f64>(wantW, h * D + j, at<f64>(wantW, h * D + j) + g * u);
          }
          count += wrong<T>(at<T>(dq, query), sum, 16);
        }
      }
    }
  }
  for (let i = 0; i < sizeK; ++i) count += wrong<T>(at<T>(dk, i), at<f64>(wantK, i), 24);
  for (let i = 0; i < sizeV; ++i) count += wrong<T>(at<T>(dv, i), at<f64>(wantV, i), 24);
  if (dw) for (let i = 0; i < H * D; ++i) count += wrong<T>(at<T>(dw, i), at<f64>(wantW, i), 24);
  return count;
}

function all<T extends number>(kind: i32): i32 {
  let count = 0;
  for (let size = 1; size <= 9; ++size) count += wrongAttention<T>(3, 3, size, 10 - size, kind, 3);
  count += wrongAttention<T>(1, 3, 37, 35, kind, 1) + wrongAttention<T>(2, 1, 5, 3, kind, 3) + wrongAttention<T>(5, 11, 4, 4, kind, 2);
  return count;
}

/** What is not wanted is not touched, and the rest keeps its bits; without lengths and rows, each row reads its own whole one. */
function wrongParts<T extends number>(kind: i32): i32 {
  clear();
  const Q = 2, S = 5, D = 3, E = 6, size = S * N * H * 6;
  const q = random<T>(size, 1), k = random<T>(size, 2), v = random<T>(size, 3), w = random<T>(H * D, 4), dc = random<T>(size, 5);
  const context = constant<T>(size, 0), weights = constant<T>(N * H * Q * S, 0), all = list<i32>([S, S, S]), own = list<i32>([0, 1, 2]);
  attentionForward<T>(context, weights, q, k, v, w, 0, 0, Q, S, N, N, H, D, E, kind, 1);
  const same = constant<T>(size, 0), other = constant<T>(N * H * Q * S, 0);
  attentionForward<T>(same, other, q, k, v, w, all, own, Q, S, N, N, H, D, E, kind, 1);
  const dq = constant<T>(size, 0), dk = constant<T>(size, 0), dv = constant<T>(size, 0), dw = constant<T>(H * D, 0);
  const scratch = constant<T>(S, 0), sums = constant<f64>(H * D, 0), part = constant<T>(size, 0);
  attentionBackward<T>(dq, dk, dv, dw, scratch, sums, dc, 0, weights, q, k, v, w, 0, 0, Q, S, N, N, H, D, E, kind, 1);
  attentionBackward<T>(part, 0, 0, 0, scratch, sums, dc, 0, weights, q, k, v, w, 0, 0, Q, S, N, N, H, D, E, kind, 1);
  return differ<T>(context, same, size) + differ<T>(weights, other, N * H * Q * S) + differ<T>(dq, part, size) + overruns();
}

/** Row by row: (1) to (4) of attention_rows.ts, four rows at a time as one by one. */
function wrongRows<T extends number>(S: i32, D: i32): i32 {
  clear();
  const x = random<T>(D, 1), m = random<T>(S * D, 2), w = random<T>(D, 3), y = constant<T>(S, -77), one = constant<T>(S, -77), a = random<T>(S, 4);
  const step = usize(D) * sizeof<T>(), sum = constant<T>(D, -77), added = copy<T>(m, S * D);
  dotRows<T>(y, x, m, step, S, D, <T>0.5);
  for (let s = 0; s < S; ++s) dotRows<T>(one + usize(s) * sizeof<T>(), x, m + usize(s) * step, step, 1, D, <T>0.5);
  let count = differ<T>(y, one, S);
  for (let s = 0; s < S; ++s) {
    let want: f64 = 0;
    for (let d = 0; d < D; ++d) want += at<T>(x, d) * at<T>(m, s * D + d);
    count += wrong<T>(at<T>(y, s), 0.5 * want, 16);
  }
  additiveRows<T>(y, x, m, step, w, S, D);
  for (let s = 0; s < S; ++s) {
    let want: f64 = 0;
    for (let d = 0; d < D; ++d) want += at<T>(w, d) * Math.tanh(at<T>(x, d) + at<T>(m, s * D + d));
    count += wrong<T>(at<T>(y, s), want, 16);
  }
  weightedRows<T>(sum, a, m, step, S, D);
  addOuter<T>(added, step, a, x, S, D);
  for (let d = 0; d < D; ++d) {
    let want: f64 = 0;
    for (let s = 0; s < S; ++s) {
      want += at<T>(a, s) * at<T>(m, s * D + d);
      count += wrong<T>(at<T>(added, s * D + d), at<T>(m, s * D + d) + at<T>(a, s) * at<T>(x, d));
    }
    count += wrong<T>(at<T>(sum, d), want, 16);
  }
  return count + overruns();
}

/** A score that is not a number spoils its own query alone. */
function spoiled<T extends number>(kind: i32): i32 {
  clear();
  const q = random<T>(2 * H, 1), k = random<T>(3 * 2 * H, 2), w = random<T>(H, 3), context = constant<T>(2 * H, 0), weights = constant<T>(2 * H * 3, 0);
  put<T>(q, 0, NaN);
  attentionForward<T>(context, weights, q, k, k, w, 0, 0, 1, 3, 2, 2, H, 1, 1, kind, 1);
  let count = not(at<T>(context, 0), NaN);
  for (let i = 1; i < 2 * H; ++i) if (isNaN(at<T>(context, i))) ++count;
  return count;
}

describe("attention", () => {
  it("dot, by its definition", () => {
    expect<i32>(all<f32>(0) + all<f64>(0) + all<f32>(BATCH_FIRST) + all<f64>(BATCH_FIRST)).toBe(0);
  });
  it("additive, by its definition", () => {
    expect<i32>(all<f32>(ADDITIVE) + all<f64>(ADDITIVE) + all<f32>(ADDITIVE | BATCH_FIRST) + all<f64>(ADDITIVE | BATCH_FIRST)).toBe(0);
  });
  it("causal, by its definition", () => {
    expect<i32>(all<f32>(CAUSAL) + all<f64>(CAUSAL | BATCH_FIRST) + all<f64>(CAUSAL | ADDITIVE)).toBe(0);
  });
  it("gives what is wanted", () => expect<i32>(wrongParts<f32>(0) + wrongParts<f64>(0) + wrongParts<f32>(1) + wrongParts<f64>(1)).toBe(0));
  it("rows of a memory", () => {
    let count = 0;
    for (let S = 1; S <= 9; ++S) for (let D = 1; D <= 37; D += 3) count += wrongRows<f32>(S, D) + wrongRows<f64>(S, D);
    expect<i32>(count).toBe(0);
  });
  it("keeps NaN in its query", () => expect<i32>(spoiled<f32>(0) + spoiled<f64>(0) + spoiled<f32>(1) + spoiled<f64>(1)).toBe(0));
});
