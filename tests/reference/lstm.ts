/*
 * The naive LSTM over a sequence, f64, one scalar at a time. Gate order i f g o, as in PyTorch.
 *
 *   (1) z⟨t⟩  = Wih·x⟨t⟩ + bih + Whh·a⟨t−1⟩ + bhh
 *   (2) i = σ(zi)   f = σ(zf)   g = tanh(zg)   o = σ(zo)
 *   (3) c⟨t⟩  = f·c⟨t−1⟩ + i·g
 *   (4) a⟨t⟩  = o·tanh(c⟨t⟩)
 *   (5) da    = dOutput⟨t⟩ + Whhᵀ·dz⟨t+1⟩                 (dAn in place of the second term at the last step)
 *   (6) dc    = da·o·(1 − tanh²c⟨t⟩) + f⟨t+1⟩·dc⟨t+1⟩      (dCn in place of the second term at the last step)
 *   (7) dzi = dc·g·i(1−i)   dzf = dc·c⟨t−1⟩·f(1−f)   dzg = dc·i·(1−g²)   dzo = da·tanh c⟨t⟩·o(1−o)
 *   (8) dx⟨t⟩ = Wihᵀ·dz⟨t⟩   da⟨t−1⟩ = Whhᵀ·dz⟨t⟩   dc⟨t−1⟩ = f·dc
 *   (9) dWih  = Σt dz⟨t⟩·x⟨t⟩ᵀ   dWhh = Σt dz⟨t⟩·a⟨t−1⟩ᵀ   db = Σt dz⟨t⟩
 */

import { addInto, columnSums, expectLength, matmul, matmulTransposedA } from "./gemm.js";
import { expectWeights, preActivation, type RnnGradients, type SequenceDims, type SequenceWeights } from "./rnn.js";

/** What the backward pass reads; the forward pass returns it whole. */
export interface LstmTape {
  /** [T,N,I] */
  readonly x: Float64Array;
  /** [T+1,N,H], slot 0 is the initial state; from slot 1 on it is PyTorch's output. */
  readonly a: Float64Array;
  /** [T+1,N,H], slot 0 is the initial state. */
  readonly c: Float64Array;
  /** [T,N,4H] after activation, i f g o */
  readonly gates: Float64Array;
  readonly weights: SequenceWeights;
}

/** As the RNN's, with dwih [4H,I], dwhh [4H,H], db [4H]. */
export interface LstmGradients extends RnnGradients {
  /** [N,H] */
  readonly dc0: Float64Array;
}

/** σ(z) without overflow for either sign. */
export function sigmoid(z: number): number {
  if (z >= 0) return 1 / (1 + Math.exp(-z));
  const e = Math.exp(z);
  return e / (1 + e);
}

/**
 * @param x  in [T,N,I]
 * @param a0 in [N,H] initial state; null is zero
 * @param c0 in [N,H] initial cell; null is zero
 */
export function lstmForward(
  dims: SequenceDims,
  x: ArrayLike<number>,
  a0: ArrayLike<number> | null,
  c0: ArrayLike<number> | null,
  weights: SequenceWeights,
): LstmTape {
  const { T, N, I, H } = dims;
  expectLength("x", x, T * N * I);
  expectWeights(dims, 4, weights);
  const inputs = Float64Array.from(x);
  const a = new Float64Array((T + 1) * N * H);
  const c = new Float64Array((T + 1) * N * H);
  const gates = new Float64Array(T * N * 4 * H);
  if (a0 !== null) {
    expectLength("a0", a0, N * H);
    a.set(a0);
  }
  if (c0 !== null) {
    expectLength("c0", c0, N * H);
    c.set(c0);
  }
  for (let t = 0; t < T; t++) {
    const xt = inputs.subarray(t * N * I, (t + 1) * N * I);
    const aPrev = a.subarray(t * N * H, (t + 1) * N * H);
    const z = preActivation(dims, 4, xt, aPrev, weights); // (1)
    for (let n = 0; n < N; n++) {
      for (let h = 0; h < H; h++) {
        const row = n * 4 * H + h;
        const gi = sigmoid(z[row]); // (2)
        const gf = sigmoid(z[row + H]); // (2)
        const gg = Math.tanh(z[row + 2 * H]); // (2)
        const go = sigmoid(z[row + 3 * H]); // (2)
        const previous = (t * N + n) * H + h;
        const next = ((t + 1) * N + n) * H + h;
        c[next] = gf * c[previous] + gi * gg; // (3)
        a[next] = go * Math.tanh(c[next]); // (4)
        const slot = t * N * 4 * H + row;
        gates[slot] = gi;
        gates[slot + H] = gf;
        gates[slot + 2 * H] = gg;
        gates[slot + 3 * H] = go;
      }
    }
  }
  return { x: inputs, a, c, gates, weights };
}

/**
 * @param dOutput in [T,N,H] ∂L/∂a⟨1…T⟩ by way of the outputs
 * @param dAn     in [N,H]   ∂L/∂a⟨T⟩ by way of the final state, added to the last dOutput; null is zero
 * @param dCn     in [N,H]   ∂L/∂c⟨T⟩ by way of the final state; null is zero
 */
export function lstmBackward(
  dims: SequenceDims,
  tape: LstmTape,
  dOutput: ArrayLike<number>,
  dAn: ArrayLike<number> | null,
  dCn: ArrayLike<number> | null,
): LstmGradients {
  const { T, N, I, H } = dims;
  const { x, a, c, gates, weights } = tape;
  expectLength("x", x, T * N * I);
  expectLength("a", a, (T + 1) * N * H);
  expectLength("c", c, (T + 1) * N * H);
  expectLength("gates", gates, T * N * 4 * H);
  expectLength("dOutput", dOutput, T * N * H);
  expectWeights(dims, 4, weights);
  const dx = new Float64Array(T * N * I);
  const dwih = new Float64Array(4 * H * I);
  const dwhh = new Float64Array(4 * H * H);
  const db = new Float64Array(4 * H);
  let dA: Float64Array = new Float64Array(N * H);
  const dC = new Float64Array(N * H);
  if (dAn !== null) addInto(dA, dAn);
  if (dCn !== null) addInto(dC, dCn);

  for (let t = T - 1; t >= 0; t--) {
    const xt = x.subarray(t * N * I, (t + 1) * N * I);
    const aPrev = a.subarray(t * N * H, (t + 1) * N * H);
    const dz = new Float64Array(N * 4 * H);
    for (let n = 0; n < N; n++) {
      for (let h = 0; h < H; h++) {
        const row = n * 4 * H + h;
        const slot = t * N * 4 * H + row;
        const gi = gates[slot];
        const gf = gates[slot + H];
        const gg = gates[slot + 2 * H];
        const go = gates[slot + 3 * H];
        const cPrev = c[(t * N + n) * H + h];
        const tanhC = Math.tanh(c[((t + 1) * N + n) * H + h]);
        const da = dOutput[(t * N + n) * H + h] + dA[n * H + h]; // (5)
        const dc = da * go * (1 - tanhC * tanhC) + dC[n * H + h]; // (6)
        dz[row] = dc * gg * gi * (1 - gi); // (7)
        dz[row + H] = dc * cPrev * gf * (1 - gf); // (7)
        dz[row + 2 * H] = dc * gi * (1 - gg * gg); // (7)
        dz[row + 3 * H] = da * tanhC * go * (1 - go); // (7)
        dC[n * H + h] = gf * dc; // (8)
      }
    }
    dx.set(matmul(dz, [N, 4 * H], weights.wih, [4 * H, I]), t * N * I); // (8)
    dA = matmul(dz, [N, 4 * H], weights.whh, [4 * H, H]); // (8)
    addInto(dwih, matmulTransposedA(dz, [N, 4 * H], xt, [N, I])); // (9)
    addInto(dwhh, matmulTransposedA(dz, [N, 4 * H], aPrev, [N, H])); // (9)
    addInto(db, columnSums(dz, [N, 4 * H])); // (9)
  }
  return { dx, da0: dA, dc0: dC, dwih, dwhh, db };
}
