/*
 * The naive heads, f64. M rows; a row is one sample at one step.
 *
 *   (1) y = x·Wᵀ + b             dx = dy·W    dW = dyᵀ·x    db = Σ dy          W [O,I], as in PyTorch
 *   (2) p[j] = exp(z[j] − max z) / Σk exp(z[k] − max z)                         by rows
 *   (3) dz[j] = p[j]·(dp[j] − Σk dp[k]·p[k])
 *   (4) L = mean over rows of log Σk exp(z[k] − max z) − (z[target] − max z)
 *   (5) dz[j] = (p[j] − [j = target]) / M
 *   (6) y[m] = table[token m]    dTable[v] = Σ over m with token m = v of dy[m]
 */

import { columnSums, expectLength, matmul, matmulTransposedA, matmulTransposedB } from "./gemm.js";

/** Rows, inputs, outputs. */
export interface DenseDims {
  readonly M: number;
  readonly I: number;
  readonly O: number;
}

/** Rows, classes. */
export interface RowDims {
  readonly M: number;
  readonly O: number;
}

/** Vocabulary, width. */
export interface EmbeddingDims {
  readonly V: number;
  readonly E: number;
}

/** (1) x [M,I], w [O,I], b [O] or null -> y [M,O] */
export function denseForward(
  { M, I, O }: DenseDims,
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  b: ArrayLike<number> | null,
): Float64Array {
  const y = matmulTransposedB(x, [M, I], w, [O, I]);
  if (b !== null) {
    expectLength("b", b, O);
    for (let m = 0; m < M; m++) for (let j = 0; j < O; j++) y[m * O + j] += b[j];
  }
  return y;
}

/** (1) -> dx [M,I], dw [O,I], db [O] */
export function denseBackward(
  { M, I, O }: DenseDims,
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  dy: ArrayLike<number>,
): { dx: Float64Array; dw: Float64Array; db: Float64Array } {
  return {
    dx: matmul(dy, [M, O], w, [O, I]),
    dw: matmulTransposedA(dy, [M, O], x, [M, I]),
    db: columnSums(dy, [M, O]),
  };
}

function rowMaximum(z: ArrayLike<number>, start: number, count: number): number {
  let max = z[start];
  for (let j = 1; j < count; j++) max = Math.max(max, z[start + j]);
  return max;
}

/** (2) z [M,O] -> p [M,O]; every row is shifted by its own maximum. */
export function softmaxRows({ M, O }: RowDims, z: ArrayLike<number>): Float64Array {
  expectLength("z", z, M * O);
  const p = new Float64Array(M * O);
  for (let m = 0; m < M; m++) {
    const max = rowMaximum(z, m * O, O);
    let sum = 0;
    for (let j = 0; j < O; j++) {
      p[m * O + j] = Math.exp(z[m * O + j] - max);
      sum += p[m * O + j];
    }
    for (let j = 0; j < O; j++) p[m * O + j] /= sum;
  }
  return p;
}

/** (3) p and dp [M,O] -> dz [M,O] */
export function softmaxRowsBackward({ M, O }: RowDims, p: ArrayLike<number>, dp: ArrayLike<number>): Float64Array {
  expectLength("p", p, M * O);
  expectLength("dp", dp, M * O);
  const dz = new Float64Array(M * O);
  for (let m = 0; m < M; m++) {
    let inner = 0;
    for (let j = 0; j < O; j++) inner += dp[m * O + j] * p[m * O + j];
    for (let j = 0; j < O; j++) dz[m * O + j] = p[m * O + j] * (dp[m * O + j] - inner);
  }
  return dz;
}

/** (4), (5) logits [M,O], integer targets [M] -> the mean loss and its gradient dLogits [M,O] */
export function crossEntropy(
  { M, O }: RowDims,
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
): { loss: number; dLogits: Float64Array } {
  expectLength("logits", logits, M * O);
  expectLength("targets", targets, M);
  const dLogits = softmaxRows({ M, O }, logits);
  let loss = 0;
  for (let m = 0; m < M; m++) {
    const target = targets[m];
    if (!Number.isInteger(target) || target < 0 || target >= O) throw new RangeError(`targets[${m}] = ${target} with ${O} classes`);
    const max = rowMaximum(logits, m * O, O);
    let sum = 0;
    for (let j = 0; j < O; j++) sum += Math.exp(logits[m * O + j] - max);
    loss += Math.log(sum) - (logits[m * O + target] - max); // (4)
    dLogits[m * O + target] -= 1; // (5)
  }
  for (let j = 0; j < M * O; j++) dLogits[j] /= M; // (5)
  return { loss: loss / M, dLogits };
}

/** (6) table [V,E], tokens [M] -> [M,E] */
export function embeddingForward({ V, E }: EmbeddingDims, table: ArrayLike<number>, tokens: ArrayLike<number>): Float64Array {
  expectLength("table", table, V * E);
  const out = new Float64Array(tokens.length * E);
  for (let m = 0; m < tokens.length; m++) {
    const token = tokens[m];
    if (!Number.isInteger(token) || token < 0 || token >= V) throw new RangeError(`tokens[${m}] = ${token} with a vocabulary of ${V}`);
    for (let e = 0; e < E; e++) out[m * E + e] = table[token * E + e];
  }
  return out;
}

/** (6) tokens [M], dOut [M,E] -> dTable [V,E] */
export function embeddingBackward({ V, E }: EmbeddingDims, tokens: ArrayLike<number>, dOut: ArrayLike<number>): Float64Array {
  expectLength("dOut", dOut, tokens.length * E);
  const dTable = new Float64Array(V * E);
  for (let m = 0; m < tokens.length; m++) for (let e = 0; e < E; e++) dTable[tokens[m] * E + e] += dOut[m * E + e];
  return dTable;
}
