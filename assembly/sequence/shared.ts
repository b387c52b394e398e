/**
 * What the recurrent layers share around their loop over time.
 *
 *   forward   Z = X·Wxᵀ + b for a chunk of steps at once; only a·Waᵀ stays in the loop             (1)
 *   backward  only dz·Wa stays in the loop; dX, dWx, dWa, db are one product each after it         (2)
 *
 * Flops at G gates: 2·T·N·G·H·(I + H) forward, twice that backward. Weights are read once a step from the nearest
 * cache that holds them; everything else streams.
 */
import { gemm } from "../gemm";
import { columnSums, gemmTransposedPair } from "../gemm_tn";
import { padded, Sequence } from "../layout";
import { bytes, PANEL_BYTES, weightRow } from "../vec";

/** Gate columns of a layer: G·Hp. */
// @ts-ignore: decorator
@inline export function gateWidth<T extends number>(s: Sequence, G: i32): i32 {
  return G * padded<T>(s.H);
}

/** Bytes between the panels of the packed forward weights. */
// @ts-ignore: decorator
@inline export function weightPanelBytes<T extends number, W extends number>(s: Sequence): usize {
  return usize(s.I + s.H) * weightRow<T, W>();
}

/** Z = X·Wxᵀ + b over `steps` time steps from t on, into `z` (1). */
export function inputProduct<T extends number, W extends number>(s: Sequence, z: usize, t: i32, steps: i32, G: i32): void {
  assert(s.T > 0 && s.N > 0 && s.I > 0 && s.H > 0 && s.chunk > 0);
  assert(s.x != 0 && s.a != 0 && s.gates != 0 && s.weights != 0 && s.bias != 0);
  const width = gateWidth<T>(s, G);
  const x = s.x + bytes<T>(usize(t) * s.N * s.I);
  gemm<T, W>(z, bytes<T>(width), x, bytes<T>(s.I), s.weights, weightPanelBytes<T, W>(s), s.bias, 0, steps * s.N, s.I, width);
}

/** da⟨t−1⟩ = dz⟨t⟩·Wa (2). */
export function recurrentGradient<T extends number>(s: Sequence, dz: usize, G: i32): void {
  const W = gateWidth<T>(s, G);
  const Hp = padded<T>(s.H);
  gemm<T, T>(s.da, bytes<T>(Hp), dz, bytes<T>(W), s.weightsHT, usize(W) * PANEL_BYTES, 0, 0, s.N, W, Hp);
}

/** dX, dWx, dWa and db from all dz (2). */
export function productsAfterLoop<T extends number>(s: Sequence, G: i32): void {
  const W = gateWidth<T>(s, G);
  const rows = s.T * s.N;
  const ld = bytes<T>(W);
  if (s.dx) gemm<T, T>(s.dx, bytes<T>(s.I), s.dz, ld, s.weightsXT, usize(W) * PANEL_BYTES, 0, 0, rows, W, s.I);
  gemmTransposedPair<T>(s.dWx, s.x, s.I, s.dWa, s.a, s.H, s.dz, ld, s.scratch, G, s.H, rows);
  if (s.dbx) columnSums<T>(s.dbx, s.dba, s.dz, ld, G, s.H, rows);
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
