/*
 * The naive GRU over a sequence, f64, one scalar at a time. Gate order r z n, as in PyTorch.
 *
 *   (1) r = σ(Wxr·x + bxr + Whr·h + bhr)   z = σ(Wxz·x + bxz + Whz·h + bhz)
 *   (2) n = tanh(Wxn·x + bxn + r·m), m = Whn·h + bhn                                reset after
 *   (3) n = tanh(Wxn·x + bxn + Whn·m + bhn), m = r·h                                reset before
 *   (4) h⟨t⟩ = (1 − z)·n + z·h
 *   (5) dzz = dh·(h − n)·z(1−z)     dzn = dh·(1−z)·(1−n²)
 *   (6) after:  dm = dzn·r          dzr = dzn·m·r(1−r)     dh⟨t−1⟩ = dh·z + Whrᵀ·dzr + Whzᵀ·dzz + Whnᵀ·dm
 *   (7) before: dm = Whnᵀ·dzn       dzr = dm·h·r(1−r)      dh⟨t−1⟩ = dh·z + Whrᵀ·dzr + Whzᵀ·dzz + dm·r
 */

import { addInto, columnSums, expectLength, matmul, matmulTransposedA, matmulTransposedB } from "./gemm.js";
import { sigmoid } from "./lstm.js";
import { expectWeights, type SequenceDims, type SequenceWeights } from "./rnn.js";

/** What the backward pass reads; the forward pass returns it whole. */
export interface GruTape {
  readonly x: Float64Array;
  /** [T+1,N,H], slot 0 is the initial state. */
  readonly a: Float64Array;
  /** [T,N,H] each; m as in (2) or (3). */
  readonly r: Float64Array;
  readonly z: Float64Array;
  readonly n: Float64Array;
  readonly m: Float64Array;
  readonly weights: SequenceWeights;
  readonly resetAfter: boolean;
}

/** dwih [3H,I], dwhh [3H,H], dbih and dbhh [3H] (they differ in n), da0 [N,H]. */
export interface GruGradients {
  readonly dx: Float64Array;
  readonly da0: Float64Array;
  readonly dwih: Float64Array;
  readonly dwhh: Float64Array;
  readonly dbih: Float64Array;
  readonly dbhh: Float64Array;
}

/** @param a0 in [N,H] initial state; null is zero */
export function gruForward(
  dims: SequenceDims,
  x: ArrayLike<number>,
  a0: ArrayLike<number> | null,
  weights: SequenceWeights,
  resetAfter: boolean,
): GruTape {
  const { T, N, I, H } = dims;
  expectLength("x", x, T * N * I);
  expectWeights(dims, 3, weights);
  const { wih, whh, bih, bhh } = weights;
  const tape = { x: Float64Array.from(x), a: new Float64Array((T + 1) * N * H), weights, resetAfter };
  if (a0 !== null) tape.a.set(a0);
  const [r, z, n, m] = [1, 2, 3, 4].map(() => new Float64Array(T * N * H));
  const at = (bias: ArrayLike<number> | null, j: number) => (bias === null ? 0 : bias[j]);
  const whn = Float64Array.from(whh).subarray(2 * H * H);
  for (let t = 0; t < T; t++) {
    const h = tape.a.subarray(t * N * H, (t + 1) * N * H);
    const px = matmulTransposedB(tape.x.subarray(t * N * I, (t + 1) * N * I), [N, I], wih, [3 * H, I]);
    const ph = matmulTransposedB(h, [N, H], whh, [3 * H, H]);
    const each = (visit: (k: number, row: number, j: number) => void) => {
      for (let row = 0; row < N; row++) for (let j = 0; j < H; j++) visit(t * N * H + row * H + j, row, j);
    };
    const sum = (row: number, j: number) => px[row * 3 * H + j] + ph[row * 3 * H + j] + at(bih, j) + at(bhh, j);
    each((k, row, j) => {
      r[k] = sigmoid(sum(row, j)); // (1)
      z[k] = sigmoid(sum(row, H + j));
      m[k] = resetAfter ? ph[row * 3 * H + 2 * H + j] + at(bhh, 2 * H + j) : r[k] * h[row * H + j];
    });
    const pm = matmulTransposedB(m.subarray(t * N * H, (t + 1) * N * H), [N, H], whn, [H, H]);
    each((k, row, j) => {
      const fromH = resetAfter ? r[k] * m[k] : pm[row * H + j] + at(bhh, 2 * H + j);
      n[k] = Math.tanh(px[row * 3 * H + 2 * H + j] + at(bih, 2 * H + j) + fromH); // (2) (3)
      tape.a[N * H + k] = (1 - z[k]) * n[k] + z[k] * h[row * H + j]; // (4)
    });
  }
  return { ...tape, r, z, n, m };
}

/**
 * @param dOutput in [T,N,H] ∂L/∂a⟨1…T⟩ by way of the outputs
 * @param dAn     in [N,H]   ∂L/∂a⟨T⟩ by way of the final state; null is zero
 */
export function gruBackward(dims: SequenceDims, tape: GruTape, dOutput: ArrayLike<number>, dAn: ArrayLike<number> | null): GruGradients {
  const { T, N, I, H } = dims;
  const { x, a, r, z, n, m, weights, resetAfter } = tape;
  expectLength("dOutput", dOutput, T * N * H);
  const whh = Float64Array.from(weights.whh);
  const whn = whh.subarray(2 * H * H);
  const dx = new Float64Array(T * N * I);
  const dwih = new Float64Array(3 * H * I);
  const dwhh = new Float64Array(3 * H * H);
  const dbih = new Float64Array(3 * H);
  const dbhh = new Float64Array(3 * H);
  let dA: Float64Array = new Float64Array(N * H);
  if (dAn !== null) addInto(dA, dAn);
  for (let t = T - 1; t >= 0; t--) {
    const from = t * N * H;
    const h = a.subarray(from, from + N * H);
    const dIn = new Float64Array(N * 3 * H); // at x's products
    const dHidden = new Float64Array(N * 3 * H); // at h's products
    const next = new Float64Array(N * H);
    const dzn = new Float64Array(N * H);
    for (let i = 0; i < N * H; i++) {
      const k = from + i;
      const da = dOutput[k] + dA[i];
      const at = Math.floor(i / H) * 3 * H + (i % H);
      dIn[at + H] = dHidden[at + H] = da * (h[i] - n[k]) * z[k] * (1 - z[k]); // (5)
      dIn[at + 2 * H] = dzn[i] = da * (1 - z[k]) * (1 - n[k] * n[k]);
      next[i] = da * z[k];
    }
    const dmBefore = matmul(dzn, [N, H], whn, [H, H]);
    for (let i = 0; i < N * H; i++) {
      const k = from + i;
      const at = Math.floor(i / H) * 3 * H + (i % H);
      const dr = (resetAfter ? dzn[i] * m[k] : dmBefore[i] * h[i]) * r[k] * (1 - r[k]); // (6) (7)
      dIn[at] = dHidden[at] = dr;
      if (resetAfter) dHidden[at + 2 * H] = dzn[i] * r[k];
      else next[i] += dmBefore[i] * r[k];
    }
    addInto(next, matmul(dHidden, [N, 3 * H], whh, [3 * H, H])); // n's columns are zero where the reset comes before
    dx.set(matmul(dIn, [N, 3 * H], weights.wih, [3 * H, I]), t * N * I);
    addInto(dwih, matmulTransposedA(dIn, [N, 3 * H], x.subarray(t * N * I, (t + 1) * N * I), [N, I]));
    addInto(dwhh, matmulTransposedA(dHidden, [N, 3 * H], h, [N, H]));
    addInto(dbih, columnSums(dIn, [N, 3 * H]));
    addInto(dbhh, columnSums(dHidden, [N, 3 * H]));
    if (!resetAfter) {
      addInto(dwhh.subarray(2 * H * H), matmulTransposedA(dzn, [N, H], m.subarray(from, from + N * H), [N, H]));
      addInto(dbhh.subarray(2 * H), columnSums(dzn, [N, H]));
    }
    dA = next;
  }
  return { dx, da0: dA, dwih, dwhh, dbih, dbhh };
}
