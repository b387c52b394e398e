/*
 * The naive RNN over a sequence, f64, one scalar at a time.
 *
 *   (1) a⟨t⟩   = tanh(Wih·x⟨t⟩ + bih + Whh·a⟨t−1⟩ + bhh)
 *   (2) da     = dOutput⟨t⟩ + Whhᵀ·dz⟨t+1⟩            (dAn in place of the second term at the last step)
 *   (3) dz⟨t⟩  = (1 − a⟨t⟩²) · da
 *   (4) dx⟨t⟩  = Wihᵀ·dz⟨t⟩       da⟨t−1⟩ = Whhᵀ·dz⟨t⟩
 *   (5) dWih   = Σt dz⟨t⟩·x⟨t⟩ᵀ    dWhh = Σt dz⟨t⟩·a⟨t−1⟩ᵀ    db = Σt dz⟨t⟩
 */

import { addInto, columnSums, expectLength, matmul, matmulTransposedA, matmulTransposedB } from "./gemm.js";

/** Steps, samples, inputs, hidden units. */
export interface SequenceDims {
  readonly T: number;
  readonly N: number;
  readonly I: number;
  readonly H: number;
}

/** PyTorch's canonical weights, G gates: wih [G·H,I], whh [G·H,H], bih and bhh [G·H]; null is a network without biases. */
export interface SequenceWeights {
  readonly wih: ArrayLike<number>;
  readonly whh: ArrayLike<number>;
  readonly bih: ArrayLike<number> | null;
  readonly bhh: ArrayLike<number> | null;
}

/** What the backward pass reads; the forward pass returns it whole. */
export interface RnnTape {
  /** [T,N,I] */
  readonly x: Float64Array;
  /** [T+1,N,H], slot 0 is the initial state; from slot 1 on it is PyTorch's output. */
  readonly a: Float64Array;
  readonly weights: SequenceWeights;
}

export interface RnnGradients {
  /** [T,N,I] */
  readonly dx: Float64Array;
  /** [N,H] */
  readonly da0: Float64Array;
  /** [H,I] */
  readonly dwih: Float64Array;
  /** [H,H] */
  readonly dwhh: Float64Array;
  /** [H], the gradient of either bias */
  readonly db: Float64Array;
}

/** Throws unless the weights have the shapes of G gates. */
export function expectWeights({ I, H }: SequenceDims, G: number, { wih, whh, bih, bhh }: SequenceWeights): void {
  expectLength("wih", wih, G * H * I);
  expectLength("whh", whh, G * H * H);
  if (bih !== null) expectLength("bih", bih, G * H);
  if (bhh !== null) expectLength("bhh", bhh, G * H);
}

/** z [N,G·H] = x·Wihᵀ + bih + a·Whhᵀ + bhh, for one step. */
export function preActivation(
  { N, I, H }: SequenceDims,
  G: number,
  x: ArrayLike<number>,
  a: ArrayLike<number>,
  weights: SequenceWeights,
): Float64Array {
  const { wih, whh, bih, bhh } = weights;
  const width = G * H;
  const z = matmulTransposedB(x, [N, I], wih, [width, I]);
  addInto(z, matmulTransposedB(a, [N, H], whh, [width, H]));
  for (let n = 0; n < N; n++) {
    for (let j = 0; j < width; j++) z[n * width + j] += (bih === null ? 0 : bih[j]) + (bhh === null ? 0 : bhh[j]);
  }
  return z;
}

/**
 * @param x  in [T,N,I]
 * @param a0 in [N,H] initial state; null is zero
 */
export function rnnForward(dims: SequenceDims, x: ArrayLike<number>, a0: ArrayLike<number> | null, weights: SequenceWeights): RnnTape {
  const { T, N, I, H } = dims;
  expectLength("x", x, T * N * I);
  expectWeights(dims, 1, weights);
  const inputs = Float64Array.from(x);
  const a = new Float64Array((T + 1) * N * H);
  if (a0 !== null) {
    expectLength("a0", a0, N * H);
    a.set(a0);
  }
  for (let t = 0; t < T; t++) {
    const xt = inputs.subarray(t * N * I, (t + 1) * N * I);
    const aPrev = a.subarray(t * N * H, (t + 1) * N * H);
    const z = preActivation(dims, 1, xt, aPrev, weights);
    for (let j = 0; j < N * H; j++) a[(t + 1) * N * H + j] = Math.tanh(z[j]); // (1)
  }
  return { x: inputs, a, weights };
}

/**
 * @param dOutput in [T,N,H] ∂L/∂a⟨1…T⟩ by way of the outputs
 * @param dAn     in [N,H]   ∂L/∂a⟨T⟩ by way of the final state, added to the last dOutput; null is zero
 */
export function rnnBackward(dims: SequenceDims, tape: RnnTape, dOutput: ArrayLike<number>, dAn: ArrayLike<number> | null): RnnGradients {
  const { T, N, I, H } = dims;
  const { x, a, weights } = tape;
  expectLength("x", x, T * N * I);
  expectLength("a", a, (T + 1) * N * H);
  expectLength("dOutput", dOutput, T * N * H);
  expectWeights(dims, 1, weights);
  const dx = new Float64Array(T * N * I);
  const dwih = new Float64Array(H * I);
  const dwhh = new Float64Array(H * H);
  const db = new Float64Array(H);
  let dA: Float64Array = new Float64Array(N * H);
  if (dAn !== null) addInto(dA, dAn);

  for (let t = T - 1; t >= 0; t--) {
    const xt = x.subarray(t * N * I, (t + 1) * N * I);
    const aPrev = a.subarray(t * N * H, (t + 1) * N * H);
    const dz = new Float64Array(N * H);
    for (let j = 0; j < N * H; j++) {
      const aNext = a[(t + 1) * N * H + j];
      const da = dOutput[t * N * H + j] + dA[j]; // (2)
      dz[j] = (1 - aNext * aNext) * da; // (3)
    }
    dx.set(matmul(dz, [N, H], weights.wih, [H, I]), t * N * I); // (4)
    dA = matmul(dz, [N, H], weights.whh, [H, H]); // (4)
    addInto(dwih, matmulTransposedA(dz, [N, H], xt, [N, I])); // (5)
    addInto(dwhh, matmulTransposedA(dz, [N, H], aPrev, [N, H])); // (5)
    addInto(db, columnSums(dz, [N, H])); // (5)
  }
  return { dx, da0: dA, dwih, dwhh, db };
}
