/**
 * The two recursions of a linear-chain CRF over one sequence of L steps, in logarithms, each step normalised. Emissions e⟨t⟩ [K]; scores
 * c, r, E, F, start, end of crf_scores.ts.
 *
 *   α⟨0⟩ = start + e⟨0⟩
 *   α⟨t⟩_j = log Σ_i exp(α⟨t−1⟩_i + V_ij) + e⟨t⟩_j = c_j + log s⟨t⟩_j + e⟨t⟩_j,   s⟨t⟩ = exp(α⟨t−1⟩)·E          (1)
 *   m⟨t⟩ = max α⟨t⟩ is taken off α⟨t⟩, and added up:   log Z = Σ m⟨t⟩ + log Σ_j exp(α⟨L−1⟩_j + end_j)            (2)
 *   β⟨L−1⟩ = end,   u = e⟨t⟩ + β⟨t⟩ less its maximum
 *   β⟨t−1⟩_i = log Σ_j exp(V_ij + u_j) = r_i + log z_i,   z = exp(u)·F                                            (3)
 *   p⟨t⟩ = softmax(α⟨t⟩ + β⟨t⟩),   the chance of each tag at step t                                               (4)
 *
 * (3) and (4) hold up to a constant in β, which (4) does not see. Exponentials of numbers far below the maximum are 0 (math.ts); where a sum of
 * (1) or (3) is so small that what was lost may count, that element is summed again in f64, around its own maximum: `LEAST`. So no score is too
 * great or too small.
 */
import { gemm } from "../gemm";
import { vexp, vlog } from "../math";
import { add, and, anyTrue, bytes, firstLanes, LANES, lt, or, PANEL_BYTES, splat, sub, VEC_BYTES, vload, vloadPart, vstore, zero } from "../vec";
import { logSum, panelsE, panelsF, rowBehind, rowOf } from "./crf_scores";
import { expRow, rowMax } from "./softmax";

/** One sequence: where its numbers lie. */
@unmanaged
export class Lattice {
  K: i32 = 0;
  /** Steps. */
  L: i32 = 0;
  scores: usize = 0;
  /** In [L,K] rows `stride` bytes apart: emissions. */
  e: usize = 0;
  stride: usize = 0;
  /** Scratch [T,Kp] each: α, exp(α), s. */
  alpha: usize = 0;
  a: usize = 0;
  s: usize = 0;
  /** Scratch [Kp] each: β; u; exp(u). */
  beta: usize = 0;
  u: usize = 0;
  v: usize = 0;
}

/** Bytes at the beginning of the scratch that hold the Lattice itself. */
// @ts-ignore: decorator
@inline const HEAD: usize = 128;

/** Bytes of a Lattice and its scratch for at most T steps; an f64, for they may be more than a memory holds. */
export function latticeBytes<T extends number>(T: i32, K: i32): f64 {
  return <f64>HEAD + (3 * <f64>T + 3) * <f64>rowOf<T>(K);
}

export function latticeIn<T extends number>(scratch: usize, scores: usize, T: i32, K: i32): Lattice {
  assert(offsetof<Lattice>() <= HEAD);
  const l = changetype<Lattice>(scratch), row = rowOf<T>(K);
  l.K = K;
  l.scores = scores;
  l.alpha = scratch + HEAD;
  l.a = l.alpha + usize(T) * row;
  l.s = l.a + usize(T) * row;
  l.beta = l.s + usize(T) * row;
  l.u = l.beta + row;
  l.v = l.u + row;
  return l;
}

/**
 * A sum of (1) or (3) below this is summed again. Each of at most K terms lost to underflow is below the least normal number: beside this, K·10⁻¹³
 * (f64: K·10⁻¹⁸).
 */
// @ts-ignore: decorator
@inline export function LEAST<T extends number>(): T {
  return sizeof<T>() == 4 ? <T>1e-25 : <T>1e-290;
}

/** Whether an element is so. */
// @ts-ignore: decorator
@inline export function isSmall<T extends number>(ptr: usize): bool {
  return load<T>(ptr) < LEAST<T>();
}

/** x − m into x, its exponentials into a; all columns. @returns m, the greatest of the first K; NaN where one is NaN */
function settle<T extends number>(a: usize, x: usize, K: i32): T {
  const m = rowMax<T>(x, K), top = splat<T>(m), row = rowOf<T>(K);
  for (let at: usize = 0; at < row; at += VEC_BYTES) {
    const d = sub<T>(vload<T>(x + at), top);
    vstore<T>(x + at, d);
    vstore<T>(a + at, vexp<T>(d));
  }
  return m;
}

/** y = base + log s (+ e); all columns. @param e may be null @returns whether any of the first K of s is small */
function logRow<T extends number>(y: usize, base: usize, s: usize, e: usize, K: i32): bool {
  const least = splat<T>(LEAST<T>()), row = rowOf<T>(K);
  let small = zero(), left = K;
  for (let at: usize = 0; at < row; at += VEC_BYTES, left -= LANES<T>()) {
    const sum = vload<T>(s + at);
    small = or(small, and(lt<T>(sum, least), firstLanes<T>(left)));
    const log = add<T>(vload<T>(base + at), vlog<T>(sum));
    vstore<T>(y + at, e ? add<T>(log, vloadPart<T>(e + at, left)) : log);
  }
  return anyTrue(small);
}

/** (1), (2). @returns Σ m⟨t⟩ */
export function forward<T extends number>(l: Lattice): f64 {
  const K = l.K, row = rowOf<T>(K), scores = l.scores, start = rowBehind<T>(scores, K, 2), c = rowBehind<T>(scores, K, 0);
  let left = K;
  for (let at: usize = 0; at < row; at += VEC_BYTES, left -= LANES<T>()) {
    vstore<T>(l.alpha + at, add<T>(vload<T>(start + at), vloadPart<T>(l.e + at, left)));
  }
  let sum = <f64>settle<T>(l.a, l.alpha, K);
  let alpha = l.alpha, a = l.a, s = l.s, e = l.e;
  for (let t = 1; t < l.L; ++t) {
    s += row;
    e += l.stride;
    gemm<T, T>(s, row, a, row, panelsE<T>(scores, K), usize(K) * PANEL_BYTES, 0, 0, 1, K, <i32>(row / sizeof<T>()));
    if (logRow<T>(alpha + row, c, s, e, K)) {
      for (let j = 0; j < K; ++j) {
        const at = bytes<T>(j);
        if (isSmall<T>(s + at)) store<T>(alpha + row + at, <T>(logSum<T>(alpha, scores + at, row, K) + <f64>load<T>(e + at)));
      }
    }
    alpha += row;
    a += row;
    sum += <f64>settle<T>(a, alpha, K);
  }
  return sum;
}

/** Begins with β⟨L−1⟩. @returns what (2) adds to the sum of forward */
export function turn<T extends number>(l: Lattice): f64 {
  const end = rowBehind<T>(l.scores, l.K, 3);
  memory.copy(l.beta, end, rowOf<T>(l.K));
  return logSum<T>(l.alpha + usize(l.L - 1) * rowOf<T>(l.K), end, sizeof<T>(), l.K);
}

/** (4), not yet divided by 1 + r. @param p out [K] @returns r */
export function posterior<T extends number>(l: Lattice, t: i32, p: usize): f64 {
  const row = rowOf<T>(l.K), alpha = l.alpha + usize(t) * row;
  for (let at: usize = 0; at < row; at += VEC_BYTES) vstore<T>(l.u + at, add<T>(vload<T>(alpha + at), vload<T>(l.beta + at)));
  return expRow<T>(p, l.u, l.K, rowMax<T>(l.u, l.K));
}

/** (3): from β⟨t⟩ to β⟨t−1⟩. */
export function stepBack<T extends number>(l: Lattice, t: i32): void {
  const K = l.K, row = rowOf<T>(K), scores = l.scores, e = l.e + usize(t) * l.stride;
  let left = K;
  for (let at: usize = 0; at < row; at += VEC_BYTES, left -= LANES<T>()) {
    vstore<T>(l.u + at, add<T>(vload<T>(l.beta + at), vloadPart<T>(e + at, left)));
  }
  settle<T>(l.v, l.u, K);
  gemm<T, T>(l.beta, row, l.v, row, panelsF<T>(scores, K), usize(K) * PANEL_BYTES, 0, 0, 1, K, <i32>(row / sizeof<T>())); // z
  const z = l.v; // exp(u) has been used
  memory.copy(z, l.beta, row);
  if (!logRow<T>(l.beta, rowBehind<T>(scores, K, 1), z, 0, K)) return;
  for (let i = 0; i < K; ++i) {
    const at = bytes<T>(i);
    if (isSmall<T>(z + at)) store<T>(l.beta + at, <T>logSum<T>(l.u, scores + usize(i) * row, sizeof<T>(), K));
  }
}
