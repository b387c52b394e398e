/*
 * The naive MinGRU and MinLSTM over a sequence, f64, one scalar at a time. Gate order z h and f i h.
 *
 *   (1) k = W·x + b of every gate;  h̃ = g(k of h),  g(v) = v or, positive, v + ½ where v ≥ 0, else σ(v)
 *   (2) MinGRU   z = σ(kz)            MinLSTM   f = σ(kf)   i = σ(ki)   z = i / (f + i)
 *   (3) h⟨t⟩ = (1 − z)·h⟨t−1⟩ + z·h̃
 *   (4) dz = dh·(h̃ − h⟨t−1⟩)          dh̃ = dh·z            dh⟨t−1⟩ = dh·(1 − z)
 *   (5) MinGRU   dkz = dz·z(1−z)      MinLSTM   di = dz·f/(f + i)²   df = −dz·i/(f + i)²   dk = d·σ(1−σ)
 */

import { addInto, columnSums, expectLength, matmul, matmulTransposedA, matmulTransposedB } from "./gemm.js";
import { sigmoid } from "./lstm.js";
import type { SequenceDims } from "./rnn.js";

export type MinKind = "MinGRU" | "MinLSTM";

/** wih [G·H,I] and bih [G·H], G = 2 or 3. */
export interface MinWeights {
  readonly wih: ArrayLike<number>;
  readonly bih: ArrayLike<number> | null;
}

/** What the backward pass reads; the forward pass returns it whole. */
export interface MinTape {
  readonly kind: MinKind;
  readonly positive: boolean;
  readonly x: Float64Array;
  /** [T+1,N,H], slot 0 is the initial state. */
  readonly a: Float64Array;
  /** [T·N,G·H] (1) */
  readonly k: Float64Array;
  readonly weights: MinWeights;
}

export interface MinGradients {
  readonly dx: Float64Array;
  readonly da0: Float64Array;
  readonly dwih: Float64Array;
  readonly dbih: Float64Array;
}

/** Of one unit: h̃ and its slope (1), z, and what ∂L/∂z becomes at each gate (2) (5). */
function unit(kind: MinKind, positive: boolean, k: (gate: number) => number) {
  const v = k(kind === "MinGRU" ? 1 : 2);
  const s = sigmoid(v);
  const [candidate, slope] = !positive ? [v, 1] : v >= 0 ? [v + 0.5, 1] : [s, s * (1 - s)];
  const first = sigmoid(k(0));
  if (kind === "MinGRU") return { candidate, slope, z: first, toGates: [first * (1 - first)] };
  const i = sigmoid(k(1));
  const sum = first + i;
  return { candidate, slope, z: i / sum, toGates: [(-i / sum ** 2) * first * (1 - first), (first / sum ** 2) * i * (1 - i)] };
}

/** @param a0 in [N,H] initial state; null is zero */
export function minForward(
  dims: SequenceDims,
  x: ArrayLike<number>,
  a0: ArrayLike<number> | null,
  weights: MinWeights,
  kind: MinKind,
  positive: boolean,
): MinTape {
  const { T, N, I, H } = dims;
  const W = (kind === "MinGRU" ? 2 : 3) * H;
  expectLength("x", x, T * N * I);
  const a = new Float64Array((T + 1) * N * H);
  if (a0 !== null) a.set(a0);
  const k = matmulTransposedB(x, [T * N, I], weights.wih, [W, I]);
  for (let i = 0; weights.bih && i < k.length; i++) k[i] += weights.bih[i % W]; // (1)
  for (let row = 0; row < T * N; row++) {
    for (let j = 0; j < H; j++) {
      const { candidate, z } = unit(kind, positive, (gate) => k[row * W + gate * H + j]); // (2)
      a[(N + row) * H + j] = (1 - z) * a[row * H + j] + z * candidate; // (3)
    }
  }
  return { kind, positive, x: Float64Array.from(x), a, k, weights };
}

/**
 * @param dOutput in [T,N,H] ∂L/∂a⟨1…T⟩ by way of the outputs
 * @param dAn     in [N,H]   ∂L/∂a⟨T⟩ by way of the final state; null is zero
 */
export function minBackward(dims: SequenceDims, tape: MinTape, dOutput: ArrayLike<number>, dAn: ArrayLike<number> | null): MinGradients {
  const { T, N, I, H } = dims;
  const { kind, positive, x, a, k, weights } = tape;
  const G = kind === "MinGRU" ? 2 : 3;
  const W = G * H;
  expectLength("dOutput", dOutput, T * N * H);
  const dk = new Float64Array(T * N * W);
  const da0 = new Float64Array(N * H);
  if (dAn !== null) addInto(da0, dAn);
  for (let row = T * N - 1; row >= 0; row--) {
    for (let j = 0; j < H; j++) {
      const { candidate, slope, z, toGates } = unit(kind, positive, (gate) => k[row * W + gate * H + j]);
      const at = (row % N) * H + j;
      const dh = dOutput[row * H + j] + da0[at];
      const dz = dh * (candidate - a[row * H + j]); // (4)
      toGates.forEach((factor, gate) => {
        dk[row * W + gate * H + j] = dz * factor; // (5)
      });
      dk[row * W + (G - 1) * H + j] = dh * z * slope;
      da0[at] = dh * (1 - z);
    }
  }
  return {
    dx: matmul(dk, [T * N, W], weights.wih, [W, I]),
    da0,
    dwih: matmulTransposedA(dk, [T * N, W], x, [T * N, I]),
    dbih: columnSums(dk, [T * N, W]),
  };
}
