/**
 * The GRU cell, pointwise (the products are taken in sequence/). Math: docs/math/gru.md; names: docs/notation.md.
 *
 *   r = σ(Wxr·x⟨t⟩ + War·a⟨t−1⟩ + br)     z = σ(Wxz·x⟨t⟩ + Waz·a⟨t−1⟩ + bz)     (1)
 *   reset after:   m = Wan·a⟨t−1⟩ + ban    n = tanh(Wxn·x⟨t⟩ + bxn + r ∘ m)       (2)
 *   reset before:  m = r ∘ a⟨t−1⟩          n = tanh(Wxn·x⟨t⟩ + Wan·m + bn)        (3)
 *   a⟨t⟩ = n + z ∘ (a⟨t−1⟩ − n)                                                   (4)
 *
 *   dzz = da ∘ (a⟨t−1⟩ − n) ∘ z ∘ (1 − z)                                         (5)
 *   dzn = da ∘ (1 − z) ∘ (1 − n²)                                                 (6)
 *   after:   dm = dzn ∘ r             dzr = dzn ∘ m ∘ r ∘ (1 − r)                 (7)
 *   before:  dm = dzn·Wan (a product) dzr = dm ∘ a⟨t−1⟩ ∘ r ∘ (1 − r)             (8)
 *   da⟨t−1⟩ = da ∘ z  [+ dm ∘ r before]  + what comes by products                 (9)
 *
 * z is the share of the old state that stays: the notebook's course and the papers' other half call Γu = 1 − z.
 * Works on one block of up to PANEL units of all rows: r and z are two adjacent panels. Strides are bytes between rows,
 * `width` says how many units of the block exist.
 */
import { both, ONE } from "../constants";
import { flush } from "../flush";
import { vsigmoid, vtanh } from "../math";
import { add, mul, PANEL, PANEL_BYTES, sub, VEC_BYTES, vload, vloadPart, vstore, vstorePart } from "../vec";

// @ts-ignore: decorator
@inline const Z: usize = PANEL_BYTES;

/**
 * One step forward, reset after: (1) (2) (4). Pair: gruCellBackward.
 *
 * @param a      out   [N,H] block
 * @param gates  inout [N,W] block   in: pre-activations of r z, out: r z
 * @param n      inout [N,Hp] block  in: Wxn·x + bxn, out: n
 * @param m      in    [N,Hp] block
 * @param aPrev  in    [N,H] block
 */
export function gruCellForward<T extends number>(
  a: usize, gates: usize, n: usize, m: usize, aPrev: usize, stride: usize, paddedStride: usize, N: i32, width: i32,
): void {
  assert(N > 0 && width > 0 && width <= PANEL<T>());
  const second = width - PANEL<T>() / 2;
  for (; N > 0; --N) {
    forwardHalf<T>(a, gates, n, m, aPrev, width);
    if (second > 0) forwardHalf<T>(a + VEC_BYTES, gates + VEC_BYTES, n + VEC_BYTES, m + VEC_BYTES, aPrev + VEC_BYTES, second);
    a += stride;
    aPrev += stride;
    n += paddedStride;
    m += paddedStride;
    gates += 2 * paddedStride;
  }
}

/** One vector of units. */
function forwardHalf<T extends number>(a: usize, gates: usize, n: usize, m: usize, aPrev: usize, width: i32): void {
  const r = vsigmoid<T>(vload<T>(gates)); // (1)
  const z = vsigmoid<T>(vload<T>(gates + Z));
  const nt = vtanh<T>(add<T>(vload<T>(n), mul<T>(r, vload<T>(m)))); // (2)
  vstore<T>(gates, r);
  vstore<T>(gates + Z, z);
  vstore<T>(n, nt);
  vstorePart<T>(a, add<T>(nt, mul<T>(z, sub<T>(vloadPart<T>(aPrev, width), nt))), width); // (4)
}

/**
 * The gates of one step, reset before: (1) and m of (3).
 *
 * @param m      out   [N,H] block
 * @param gates  inout [N,W] block   in: pre-activations of r z, out: r z
 * @param aPrev  in    [N,H] block
 */
export function gruCellGates<T extends number>(m: usize, gates: usize, aPrev: usize, stride: usize, paddedStride: usize, N: i32, width: i32): void {
  assert(N > 0 && width > 0 && width <= PANEL<T>());
  for (; N > 0; --N) {
    gatesHalf<T>(m, gates, aPrev, width);
    gatesHalf<T>(m + VEC_BYTES, gates + VEC_BYTES, aPrev + VEC_BYTES, width - PANEL<T>() / 2);
    m += stride;
    aPrev += stride;
    gates += 2 * paddedStride;
  }
}

function gatesHalf<T extends number>(m: usize, gates: usize, aPrev: usize, width: i32): void {
  const r = vsigmoid<T>(vload<T>(gates)); // (1)
  vstore<T>(gates, r);
  vstore<T>(gates + Z, vsigmoid<T>(vload<T>(gates + Z)));
  vstorePart<T>(m, mul<T>(r, vloadPart<T>(aPrev, width)), width); // (3)
}

/**
 * The state of one step, reset before: n of (3), and (4). Pair: gruCellBackward.
 *
 * @param a      out   [N,H] block
 * @param n      inout [N,Hp] block  in: pre-activation, out: n
 * @param gates  in    [N,W] block   r z
 * @param aPrev  in    [N,H] block
 */
export function gruCellState<T extends number>(
  a: usize, n: usize, gates: usize, aPrev: usize, stride: usize, paddedStride: usize, N: i32, width: i32,
): void {
  assert(N > 0 && width > 0 && width <= PANEL<T>());
  for (; N > 0; --N) {
    stateHalf<T>(a, n, gates, aPrev, width);
    stateHalf<T>(a + VEC_BYTES, n + VEC_BYTES, gates + VEC_BYTES, aPrev + VEC_BYTES, width - PANEL<T>() / 2);
    a += stride;
    aPrev += stride;
    n += paddedStride;
    gates += 2 * paddedStride;
  }
}

function stateHalf<T extends number>(a: usize, n: usize, gates: usize, aPrev: usize, width: i32): void {
  const nt = vtanh<T>(vload<T>(n)); // (3)
  vstore<T>(n, nt);
  vstorePart<T>(a, add<T>(nt, mul<T>(vload<T>(gates + Z), sub<T>(vloadPart<T>(aPrev, width), nt))), width); // (4)
}

/**
 * One step backward: (5), (6), the first term of (9) and, reset after, (7). Pairs: gruCellForward, gruCellState.
 *
 * @param dz       out   [N,W] block   dzr (reset after) and dzz
 * @param dn       out   [N,Hp] block  dzn
 * @param dm       out   [N,Hp] block  (7); null: reset before, dzr is gruCellResetBackward's
 * @param da       inout [N,Hp] block  in: what reaches a⟨t⟩ from step t + 1, out: da ∘ z
 * @param dOutput  in    [N,H] block   what reaches a⟨t⟩ from outside; may be null
 * @param gates    tape  [N,W] block   r z
 * @param n        tape  [N,Hp] block
 * @param m        tape  [N,Hp] block  reset after; else unused
 * @param aPrev    tape  [N,H] block
 */
export function gruCellBackward<T extends number>(
  dz: usize, dn: usize, dm: usize, da: usize, dOutput: usize, gates: usize, n: usize, m: usize, aPrev: usize,
  stride: usize, paddedStride: usize, N: i32, width: i32,
): void {
  assert(N > 0 && width > 0 && width <= PANEL<T>());
  const second = width - PANEL<T>() / 2;
  for (; N > 0; --N) {
    backwardHalf<T>(dz, dn, dm, da, dOutput, gates, n, m, aPrev, width);
    backwardHalf<T>(
      dz + VEC_BYTES, dn + VEC_BYTES, dm ? dm + VEC_BYTES : 0, da + VEC_BYTES, dOutput ? dOutput + VEC_BYTES : 0, gates + VEC_BYTES,
      n + VEC_BYTES, m + VEC_BYTES, aPrev + VEC_BYTES, second,
    );
    dz += 2 * paddedStride;
    gates += 2 * paddedStride;
    dn += paddedStride;
    da += paddedStride;
    n += paddedStride;
    aPrev += stride;
    if (dOutput) dOutput += stride;
    if (dm) {
      dm += paddedStride;
      m += paddedStride;
    }
  }
}

/** One vector of units. Beyond H everything is read as zero (the buffers may hold ∞·0 there), so dz there is zero. */
function backwardHalf<T extends number>(
  dz: usize, dn: usize, dm: usize, da: usize, dOutput: usize, gates: usize, n: usize, m: usize, aPrev: usize, width: i32,
): void {
  const one = both<T>(ONE);
  const z = vloadPart<T>(gates + Z, width);
  const nt = vloadPart<T>(n, width);
  let d = vloadPart<T>(da, width);
  if (dOutput) d = add<T>(vloadPart<T>(dOutput, width), d);
  const dzn = flush<T>(mul<T>(mul<T>(d, sub<T>(one, z)), sub<T>(one, mul<T>(nt, nt)))); // (6)
  vstore<T>(dz + Z, flush<T>(mul<T>(mul<T>(d, sub<T>(vloadPart<T>(aPrev, width), nt)), mul<T>(z, sub<T>(one, z))))); // (5)
  vstore<T>(dn, dzn);
  vstore<T>(da, flush<T>(mul<T>(d, z))); // (9)
  if (!dm) return;
  const r = vloadPart<T>(gates, width);
  vstore<T>(dm, flush<T>(mul<T>(dzn, r))); // (7)
  vstore<T>(dz, flush<T>(mul<T>(mul<T>(dzn, vloadPart<T>(m, width)), mul<T>(r, sub<T>(one, r)))));
}

/**
 * One step backward, reset before, once dm is known: (8) and the second term of (9).
 *
 * @param dz     out   [N,W] block   dzr
 * @param da     inout [N,Hp] block  += dm ∘ r
 * @param dm     in    [N,Hp] block
 * @param gates  tape  [N,W] block   r z
 * @param aPrev  tape  [N,H] block
 */
export function gruCellResetBackward<T extends number>(
  dz: usize, da: usize, dm: usize, gates: usize, aPrev: usize, stride: usize, paddedStride: usize, N: i32, width: i32,
): void {
  assert(N > 0 && width > 0 && width <= PANEL<T>());
  for (; N > 0; --N) {
    resetHalf<T>(dz, da, dm, gates, aPrev, width);
    resetHalf<T>(dz + VEC_BYTES, da + VEC_BYTES, dm + VEC_BYTES, gates + VEC_BYTES, aPrev + VEC_BYTES, width - PANEL<T>() / 2);
    dz += 2 * paddedStride;
    gates += 2 * paddedStride;
    da += paddedStride;
    dm += paddedStride;
    aPrev += stride;
  }
}

function resetHalf<T extends number>(dz: usize, da: usize, dm: usize, gates: usize, aPrev: usize, width: i32): void {
  const r = vloadPart<T>(gates, width);
  const d = vloadPart<T>(dm, width);
  vstore<T>(dz, flush<T>(mul<T>(mul<T>(d, vloadPart<T>(aPrev, width)), mul<T>(r, sub<T>(both<T>(ONE), r))))); // (8)
  vstore<T>(da, add<T>(vload<T>(da), mul<T>(d, r))); // (9)
}
