/*
 * The naive LSTM with projection, peepholes and a bounded cell state over a sequence, f64, one scalar at a time. Gate order i f g o;
 * weights by their names in the layer.
 *
 *   (1) z⟨t⟩ = weight_ih·x⟨t⟩ + bias_ih + weight_hh·h⟨t−1⟩ + bias_hh
 *   (2) i = σ(zi + pi·c⟨t−1⟩)   f = σ(zf + pf·c⟨t−1⟩)   g = tanh(zg)      weight_ch holds pi, pf, po
 *   (3) c⟨t⟩ = f·c⟨t−1⟩ + i·g, within ±clip
 *   (4) m = σ(zo + po·c⟨t⟩)·tanh(c⟨t⟩)   h⟨t⟩ = weight_hr·m, or m
 */

import { sigmoid } from "./lstm.js";

export interface LstmpDims {
  readonly T: number;
  readonly N: number;
  readonly I: number;
  readonly H: number;
  /** Features of h. */
  readonly P: number;
}

/** @returns h⟨1…T⟩ [T,N,P] and the last c [N,H] */
export function lstmpForward(
  { T, N, I, H, P }: LstmpDims,
  x: ArrayLike<number>,
  h0: ArrayLike<number>,
  c0: ArrayLike<number>,
  weights: Readonly<Record<string, ArrayLike<number> | undefined>>,
  clip = Number.POSITIVE_INFINITY,
): { output: Float64Array; c: Float64Array } {
  const output = new Float64Array(T * N * P);
  const c = Float64Array.from(c0);
  const of = (name: string, i: number) => weights[name]?.[i] ?? 0;
  for (let t = 0; t < T; t++) {
    for (let n = 0; n < N; n++) {
      const before = (p: number) => (t > 0 ? output[((t - 1) * N + n) * P + p] : h0[n * P + p]);
      const m = new Float64Array(H);
      for (let j = 0; j < H; j++) {
        const z = (g: number) => {
          const row = g * H + j;
          let sum = of("bias_ih", row) + of("bias_hh", row);
          for (let i = 0; i < I; i++) sum += of("weight_ih", row * I + i) * x[(t * N + n) * I + i];
          for (let p = 0; p < P; p++) sum += of("weight_hh", row * P + p) * before(p);
          return sum; // (1)
        };
        const old = c[n * H + j];
        const gi = sigmoid(z(0) + of("weight_ch", j) * old); // (2)
        const gf = sigmoid(z(1) + of("weight_ch", H + j) * old);
        const next = Math.min(Math.max(gf * old + gi * Math.tanh(z(2)), -clip), clip); // (3)
        m[j] = sigmoid(z(3) + of("weight_ch", 2 * H + j) * next) * Math.tanh(next); // (4)
        c[n * H + j] = next;
      }
      for (let p = 0; p < P; p++) {
        let h = 0;
        if (weights.weight_hr) for (let j = 0; j < H; j++) h += of("weight_hr", p * H + j) * m[j];
        output[(t * N + n) * P + p] = weights.weight_hr ? h : m[p]; // (4)
      }
    }
  }
  return { output, c };
}
