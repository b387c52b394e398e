/**
 * What the recurrent layers share around their loop over time.
 *
 *   forward   Z = X·Wxᵀ + b for a chunk of steps at once; only a·Waᵀ stays in the loop             (1)
 *   backward  only dz·Wa stays in the loop; dX, dWx, dWa, db are one product each after it         (2)
 *
 * Flops at G gates: 2·T·N·G·H·(I + K) forward, twice that backward. Weights are read once a step from the nearest
 * cache that holds them; everything else streams.
 */
import { gemm } from "../gemm";
import { columnSums, gemmTransposedPair } from "../gemm_tn";
import { padded, Sequence } from "../layout";
import { operand, operandRow, partBytes, product } from "../product";
import { bytes, PANEL_BYTES } from "../vec";

/** Gate columns of a layer: G·Hp. */
// @ts-ignore: decorator
@inline export function gateWidth<T extends number>(s: Sequence, G: i32): i32 {
  return G * padded<T>(s.H);
}

/** Bytes between the panels of the packed forward weights. */
// @ts-ignore: decorator
@inline export function weightPanelBytes<T extends number, W extends number>(s: Sequence): usize {
  return sizeof<W>() == 1 ? partBytes<T, W>(s.I) + partBytes<T, W>(s.K) : partBytes<T, W>(s.I + s.K);
}

/** The codes of x of one row, or x, and those of a behind them. */
// @ts-ignore: decorator
@inline export function inputRow<T extends number, W extends number>(s: Sequence): usize {
  return operand<T, W>(s.scratch, s.x, 0, 1, s.I);
}

// @ts-ignore: decorator
@inline export function stateRow<T extends number, W extends number>(s: Sequence): usize {
  return operand<T, W>(s.scratch + operandRow<W>(s.I, 0), s.a, 0, 1, s.K);
}

/** Row `kept` of [*,G·Hp]. */
// @ts-ignore: decorator
@inline export function preActivation<T extends number>(s: Sequence, buffer: usize, kept: i32, G: i32): usize {
  return buffer + usize(kept) * bytes<T>(gateWidth<T>(s, G));
}

/** What reaches row `row` of a from outside, or null. */
// @ts-ignore: decorator
@inline export function outputGradient<T extends number>(s: Sequence, row: i32): usize {
  return s.dOutput ? s.dOutput + usize(row) * bytes<T>(s.P) : 0;
}

/** Rows of step t. */
// @ts-ignore: decorator
@inline export function rowsAt(s: Sequence, t: i32): i32 {
  return s.rows ? load<i32>(s.rows + (usize(t) << 2)) : s.N;
}

/** Rows of `steps` steps from t on. */
export function rowsIn(s: Sequence, t: i32, steps: i32): i32 {
  let sum = 0;
  for (let end = t + steps; t < end; ++t) sum += rowsAt(s, t);
  return sum;
}

/** Z = X·Wxᵀ + b over `count` rows from `row` on, into `z` (1). */
export function inputProduct<T extends number, W extends number>(
  s: Sequence, z: usize, row: i32, count: i32, weights: usize, bias: usize, G: i32,
): void {
  assert(s.T > 0 && s.N > 0 && s.I > 0 && s.H > 0 && s.chunk > 0);
  assert(s.x != 0 && s.a != 0 && z != 0 && weights != 0 && bias != 0);
  const width = gateWidth<T>(s, G);
  const ldx = bytes<T>(s.I);
  const x = operand<T, W>(s.scratch, s.x + usize(row) * ldx, ldx, count, s.I);
  product<T, W>(z, bytes<T>(width), x, operandRow<W>(s.I, ldx), weights, weightPanelBytes<T, W>(s), bias, 0, count, s.I, width);
}

/** What reaches a⟨t−1⟩ through a product: out = init + dz·Wa over `rows` rows (2). `init` [N,Kp] may be out, or null for zeros. */
export function recurrentGradient<T extends number>(s: Sequence, out: usize, dz: usize, weights: usize, init: usize, rows: i32, G: i32): void {
  const W = gateWidth<T>(s, G);
  const Kp = padded<T>(s.K);
  gemm<T, T>(out, bytes<T>(Kp), dz, bytes<T>(W), weights, usize(W) * PANEL_BYTES, init, bytes<T>(Kp), rows, W, Kp);
}

/** dX = init + dz·Wx (2). `init` is null or dX. */
export function inputGradient<T extends number>(s: Sequence, dz: usize, weights: usize, init: usize, G: i32): void {
  const W = gateWidth<T>(s, G);
  const row = bytes<T>(s.I);
  if (s.dx) gemm<T, T>(s.dx, row, dz, bytes<T>(W), weights, usize(W) * PANEL_BYTES, init, row, s.M, W, s.I);
}

/** a⟨t−1⟩ beside each row of step t, dense: where all steps have N rows, a itself from its first row on. */
export function previousStates<T extends number>(s: Sequence): usize {
  if (!s.rows) return s.a;
  const row = bytes<T>(s.P);
  let from = s.a, to = s.aPrev, before = s.N;
  for (let t = 0; t < s.T; ++t) {
    const count = usize(rowsAt(s, t));
    memory.copy(to, from, count * row);
    to += count * row;
    from += usize(before) * row;
    before = i32(count);
  }
  return s.aPrev;
}

/** From all dz: dX, and unless the layer is frozen dWx, dWa and db, where one dz serves both products (2). */
export function productsAfterLoop<T extends number>(s: Sequence, G: i32): void {
  inputGradient<T>(s, s.dz, s.weightsXT, 0, G);
  if (!s.dWx) return;
  const ld = bytes<T>(gateWidth<T>(s, G));
  gemmTransposedPair<T>(s.dWx, s.x, s.I, s.dWa, previousStates<T>(s), s.K, s.dz, ld, s.scratch, G, s.H, s.M);
  if (s.dbx) columnSums<T>(s.dbx, s.dba, s.dz, ld, G, s.H, s.M);
}

/** [N,H] rows to rows padded with zeros, or all zeros from a null pointer. */
export function padRows<T extends number>(dst: usize, src: usize, N: i32, H: i32): void {
  const row = bytes<T>(padded<T>(H));
  memory.fill(dst, 0, row * N);
  if (!src) return;
  for (let n = 0; n < N; ++n) memory.copy(dst + usize(n) * row, src + bytes<T>(n * H), bytes<T>(H));
}

/** Padded rows to [N,H]. */
export function unpadRows<T extends number>(dst: usize, src: usize, N: i32, H: i32): void {
  const row = bytes<T>(padded<T>(H));
  for (let n = 0; n < N; ++n) memory.copy(dst + bytes<T>(n * H), src + usize(n) * row, bytes<T>(H));
}
