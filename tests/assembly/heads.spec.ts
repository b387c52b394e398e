import { addTo, scale, sumSquares } from "../../assembly/blas";
import { checkTokens, embeddingBackward, embeddingForward } from "../../assembly/ops/embedding";
import { crossEntropy } from "../../assembly/heads/cross_entropy";
import { softmaxBackward, softmaxForward } from "../../assembly/heads/softmax";
import { adam, sgd } from "../../assembly/optim";
import { bytes } from "../../assembly/vec";

function alloc<T extends number>(n: i32, guard: i32 = 1): usize {
  const p = heap.alloc(bytes<T>(n + guard));
  for (let i = 0; i < n + guard; ++i) store<T>(p + bytes<T>(i), <T>-77);
  return p;
}

function fill<T extends number>(n: i32, seed: u32, size: f64): usize {
  const p = alloc<T>(n);
  let state = seed * 2654435761 + 1;
  for (let i = 0; i < n; ++i) {
    state = state * 1664525 + 1013904223;
    store<T>(p + bytes<T>(i), <T>((<f64>(<i32>(state >> 8) - (1 << 23)) / <f64>(1 << 23)) * size));
  }
  return p;
}

function at<T extends number>(p: usize, i: i32): f64 {
  return <f64>load<T>(p + bytes<T>(i));
}

function put<T extends number>(p: usize, i: i32, x: f64): void {
  store<T>(p + bytes<T>(i), <T>x);
}

function near<T extends number>(got: f64, want: f64, factor: f64 = 8): bool {
  const unit: f64 = sizeof<T>() == 4 ? 1.1920928955078125e-7 : 2.220446049250313e-16;
  return Math.abs(got - want) <= factor * unit * (1 + Math.abs(want));
}

/** Rows of C classes, and gradients by the definition, in f64. */
function wrongSoftmax<T extends number>(C: i32): i32 {
  const M = 3, n = M * C;
  const z = fill<T>(n, 1, 4), dp = fill<T>(n, 2, 1), p = alloc<T>(n), dz = alloc<T>(n);
  put<T>(z, C, at<T>(z, C) + 1000); // far from the other rows, and off the scale of exp
  softmaxForward<T>(p, z, M, C);
  softmaxBackward<T>(dz, dp, p, M, C);
  let wrong = at<T>(p, n) == -77 && at<T>(dz, n) == -77 ? 0 : 1;
  for (let m = 0; m < M; ++m) {
    let top = at<T>(z, m * C), sum: f64 = 0, dot: f64 = 0;
    for (let j = 1; j < C; ++j) top = Math.max(top, at<T>(z, m * C + j));
    for (let j = 0; j < C; ++j) sum += Math.exp(at<T>(z, m * C + j) - top);
    for (let j = 0; j < C; ++j) dot += (at<T>(dp, m * C + j) * Math.exp(at<T>(z, m * C + j) - top)) / sum;
    for (let j = 0; j < C; ++j) {
      const want = Math.exp(at<T>(z, m * C + j) - top) / sum;
      if (!near<T>(at<T>(p, m * C + j), want)) ++wrong;
      if (!near<T>(at<T>(dz, m * C + j), want * (at<T>(dp, m * C + j) - dot))) ++wrong;
    }
  }
  // In place.
  softmaxForward<T>(z, z, M, C);
  if (memory.compare(z, p, bytes<T>(n)) != 0) ++wrong;
  softmaxBackward<T>(dp, dp, p, M, C);
  if (memory.compare(dp, dz, bytes<T>(n)) != 0) ++wrong;
  heap.free(z);
  heap.free(dp);
  heap.free(p);
  heap.free(dz);
  return wrong;
}

function wrongCrossEntropy<T extends number>(C: i32): i32 {
  const M = 4, n = M * C, scaling = 0.25;
  const z = fill<T>(n, 3, 5), dz = alloc<T>(n), targets = heap.alloc(4 * M);
  for (let m = 0; m < M; ++m) store<i32>(targets + (m << 2), (m * 3) % C);
  const loss = crossEntropy<T>(dz, z, targets, 0, 0, M, 1, 0, C, scaling, 0, -100);
  let wrong = at<T>(dz, n) == -77 ? 0 : 1;
  let want: f64 = 0;
  for (let m = 0; m < M; ++m) {
    let sum: f64 = 0;
    const y = (m * 3) % C;
    for (let j = 0; j < C; ++j) sum += Math.exp(at<T>(z, m * C + j));
    want += Math.log(sum) - at<T>(z, m * C + y);
    for (let j = 0; j < C; ++j) {
      const p = Math.exp(at<T>(z, m * C + j)) / sum;
      if (!near<T>(at<T>(dz, m * C + j), scaling * (p - (j == y ? 1.0 : 0.0)))) ++wrong;
    }
  }
  if (!near<T>(loss, want, 16)) ++wrong;
  heap.free(z);
  heap.free(dz);
  heap.free(targets);
  return wrong;
}

function wrongHeads<T extends number>(): i32 {
  let wrong = 0;
  for (let C = 1; C <= 19; ++C) wrong += wrongSoftmax<T>(C) + wrongCrossEntropy<T>(C);
  return wrong;
}

/** NaN in one row stays there. */
function spoiledRows<T extends number>(C: i32): i32 {
  const p = alloc<T>(2 * C), z = fill<T>(2 * C, 4, 1);
  put<T>(z, C - 1, NaN);
  softmaxForward<T>(p, z, 2, C);
  let wrong = 0;
  for (let j = 0; j < C; ++j) if (!isNaN(at<T>(p, j)) || isNaN(at<T>(p, C + j))) ++wrong;
  return wrong;
}

function wrongEmbeddings<T extends number>(E: i32): i32 {
  const M = 5, V = 4;
  const w = fill<T>(V * E, 5, 1), dw = fill<T>(V * E, 6, 1), before = fill<T>(V * E, 6, 1), dy = fill<T>(M * E, 7, 1), y = alloc<T>(M * E);
  const tokens = heap.alloc(4 * M);
  for (let m = 0; m < M; ++m) store<i32>(tokens + (m << 2), (m * 3) % V); // 0 3 2 1 0: one token twice
  embeddingForward<T>(y, tokens, w, M, E);
  const links = heap.alloc(4 * (V + M)), sums = heap.alloc(8 * E);
  embeddingBackward<T>(dw, links, sums, dy, tokens, M, V, E, -1);
  heap.free(links);
  heap.free(sums);
  let wrong = at<T>(y, M * E) == -77 && at<T>(dw, V * E) == -77 ? 0 : 1;
  for (let m = 0; m < M; ++m) for (let j = 0; j < E; ++j) if (at<T>(y, m * E + j) != at<T>(w, ((m * 3) % V) * E + j)) ++wrong;
  for (let v = 0; v < V; ++v) {
    for (let j = 0; j < E; ++j) {
      let want = at<T>(before, v * E + j);
      for (let m = 0; m < M; ++m) if ((m * 3) % V == v) want += at<T>(dy, m * E + j);
      if (!near<T>(at<T>(dw, v * E + j), want)) ++wrong;
    }
  }
  heap.free(w);
  heap.free(dw);
  heap.free(before);
  heap.free(dy);
  heap.free(y);
  heap.free(tokens);
  return wrong;
}

function wrongTables<T extends number>(): i32 {
  let wrong = 0;
  for (let E = 1; E <= 11; ++E) wrong += wrongEmbeddings<T>(E);
  return wrong;
}

function wrongVectors<T extends number>(): i32 {
  let wrong = 0;
  for (let n = 0; n <= 13; ++n) {
    const x = fill<T>(n, 8, 3), y = fill<T>(n, 9, 3), x0 = fill<T>(n, 8, 3), y0 = fill<T>(n, 9, 3);
    let squares: f64 = 0;
    for (let i = 0; i < n; ++i) squares += at<T>(x, i) * at<T>(x, i);
    if (!near<f64>(sumSquares<T>(x, n, 1), squares)) ++wrong;
    addTo<T>(y, x, n);
    scale<T>(x, n, 0.5);
    for (let i = 0; i < n; ++i) {
      if (at<T>(x, i) != at<T>(x0, i) / 2) ++wrong;
      if (at<T>(y, i) != <f64>(<T>(at<T>(y0, i) + at<T>(x0, i)))) ++wrong;
    }
    if (at<T>(x, n) != -77 || at<T>(y, n) != -77) ++wrong;
  }
  return wrong;
}

function wrongOptimizers<T extends number>(): i32 {
  let wrong = 0;
  for (let n = 1; n <= 9; ++n) {
    const p = fill<T>(n, 10, 1), p0 = fill<T>(n, 10, 1), g = fill<T>(n, 11, 1), v = fill<T>(n, 12, 1), v0 = fill<T>(n, 12, 1);
    sgd<T>(p, v, g, n, 0.1, 0.9, 0, 0);
    for (let i = 0; i < n; ++i) {
      const d = 0.9 * at<T>(v0, i) + at<T>(g, i);
      if (!near<T>(at<T>(v, i), d) || !near<T>(at<T>(p, i), at<T>(p0, i) - 0.1 * d)) ++wrong;
    }
    if (at<T>(p, n) != -77 || at<T>(v, n) != -77) ++wrong;
    sgd<T>(p0, 0, g, n, 0.1, 0, 0, 0);
    const q = fill<T>(n, 13, 1), q0 = fill<T>(n, 13, 1), m = alloc<T>(n), s = alloc<T>(n);
    for (let i = 0; i < n; ++i) {
      put<T>(m, i, 0.5);
      put<T>(s, i, 0.25);
    }
    adam<T>(q, m, s, g, n, 0.9, 0.999, 1e-8, 0.01, 0.5, 0, 1);
    for (let i = 0; i < n; ++i) {
      const gi = at<T>(g, i), mi = 0.9 * 0.5 + 0.1 * gi, si = 0.999 * 0.25 + 0.001 * gi * gi;
      if (!near<T>(at<T>(m, i), mi) || !near<T>(at<T>(s, i), si)) ++wrong;
      if (!near<T>(at<T>(q, i), at<T>(q0, i) - (0.01 * mi) / (Math.sqrt(si) / 0.5 + 1e-8))) ++wrong;
    }
    if (at<T>(q, n) != -77 || at<T>(m, n) != -77 || at<T>(s, n) != -77 || at<T>(p0, n) != -77) ++wrong;
  }
  return wrong;
}

function firstBad(a: i32, b: i32, c: i32): i32 {
  const p = heap.alloc(12);
  store<i32>(p, a);
  store<i32>(p, b, 4);
  store<i32>(p, c, 8);
  const index = checkTokens(p, 3, 10);
  heap.free(p);
  return index;
}

describe("softmax and cross-entropy, 1 to 19 classes", () => {
  it("are their definitions, f32", () => expect<i32>(wrongHeads<f32>()).toBe(0));
  it("are their definitions, f64", () => expect<i32>(wrongHeads<f64>()).toBe(0));
  it("keep NaN in its row", () => {
    expect<i32>(spoiledRows<f32>(7)).toBe(0);
    expect<i32>(spoiledRows<f32>(4)).toBe(0);
    expect<i32>(spoiledRows<f64>(3)).toBe(0);
  });
});

describe("embedding", () => {
  it("copies rows and adds gradients, f32", () => expect<i32>(wrongTables<f32>()).toBe(0));
  it("copies rows and adds gradients, f64", () => expect<i32>(wrongTables<f64>()).toBe(0));
  it("finds the first token out of range", () => {
    expect<i32>(firstBad(0, 9, 5)).toBe(-1);
    expect<i32>(firstBad(10, 1, 11)).toBe(0);
    expect<i32>(firstBad(3, -1, 99)).toBe(1);
    expect<i32>(firstBad(3, 4, i32.MAX_VALUE)).toBe(2);
  });
});

describe("vectors", () => {
  it("sumSquares, addTo, scale, f32", () => expect<i32>(wrongVectors<f32>()).toBe(0));
  it("sumSquares, addTo, scale, f64", () => expect<i32>(wrongVectors<f64>()).toBe(0));
  it("sumSquares does not overflow where f32 would", () => {
    const p = heap.alloc(4);
    store<f32>(p, 1e30);
    expect<bool>(near<f32>(sumSquares<f32>(p, 1, 1) / 1e60, 1)).toBe(true);
  });
});

describe("optimizers", () => {
  it("sgd and adam take the step of the formula, f32", () => expect<i32>(wrongOptimizers<f32>()).toBe(0));
  it("sgd and adam take the step of the formula, f64", () => expect<i32>(wrongOptimizers<f64>()).toBe(0));
});
