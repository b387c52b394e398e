/**
 * Losses by element, each with its gradient in one pass: d = x − y.
 *
 *   MSE     l = d²              dx = s·2d                           (1)
 *   L1      l = |d|             dx = s·sign d, +0 at d = 0          (2)
 *   Huber   l = c·(d − c/2),    dx = s·c,    c = d within [−δ, δ]   (3)
 *
 * (3) is d²/2 where |d| ≤ δ and δ·(|d| − δ/2) elsewhere, without a branch. d is rounded to T, what follows is summed in f64:
 * squares of f32 neither overflow nor vanish. Equal numbers differ by 0, also where both are the same ∞. NaN stays NaN, in its element.
 * Gradients are flushed.
 */
import { bits, SIGN } from "../constants";
import { flush } from "../flush";
import { isPadding, stretchEnd } from "../lengths";
import {
  abs, and, andnot, bytes, eq, LANES, mul, or, pmax, pmin, select, splat, sub, VEC_BYTES, vload, vloadPart, vstore, vstorePart, zero,
} from "../vec";
import { hsum, maddWide } from "../vec_wide";

// @ts-ignore: decorator
@inline const MSE = 0;
// @ts-ignore: decorator
@inline const L1 = 1;
// @ts-ignore: decorator
@inline const HUBER = 2;

/** x − y; 0 where they are equal. */
// @ts-ignore: decorator
@inline function difference<T extends number>(x: v128, y: v128): v128 {
  return andnot(sub<T>(x, y), eq<T>(x, y));
}

/** sum + l of one vector of differences; lanes of zeros add nothing. */
// @ts-ignore: decorator
@inline function addLoss<T extends number>(kind: i32, d: v128, least: v128, most: v128, sum: v128): v128 {
  if (kind == MSE) return maddWide<T>(d, d, sum); // (1)
  if (kind == L1) return maddWide<T>(abs<T>(d), splat<T>(<T>1), sum); // (2)
  const c = within<T>(d, least, most);
  return maddWide<T>(c, sub<T>(d, mul<T>(splat<T>(<T>0.5), c)), sum); // (3)
}

/** dx of one vector of differences. */
// @ts-ignore: decorator
@inline function gradient<T extends number>(kind: i32, d: v128, least: v128, most: v128, s: v128): v128 {
  if (kind == MSE) return flush<T>(mul<T>(s, d)); // (1), s doubled
  if (kind == HUBER) return flush<T>(mul<T>(s, within<T>(d, least, most))); // (3)
  const signed = or(s, and(d, bits<T>(SIGN)));
  return select(andnot(signed, eq<T>(d, zero())), d, eq<T>(d, d)); // (2), NaN where d is
}

// @ts-ignore: decorator
@inline function within<T extends number>(d: v128, least: v128, most: v128): v128 {
  return pmax<T>(pmin<T>(d, most), least);
}

/** One stretch of n elements. */
// @ts-ignore: decorator
@inline function stretch<T extends number>(kind: i32, dx: usize, x: usize, y: usize, n: i32, scale: f64, delta: f64): f64 {
  const least = splat<T>(<T>-delta), most = splat<T>(<T>delta);
  let s = splat<T>(<T>(kind == MSE ? 2 * scale : scale));
  if (kind == L1) s = flush<T>(s);
  let sum = zero();
  for (; n >= LANES<T>(); n -= LANES<T>()) {
    const d = difference<T>(vload<T>(x), vload<T>(y));
    sum = addLoss<T>(kind, d, least, most, sum);
    vstore<T>(dx, gradient<T>(kind, d, least, most, s));
    x += VEC_BYTES;
    y += VEC_BYTES;
    dx += VEC_BYTES;
  }
  if (n > 0) {
    const d = difference<T>(vloadPart<T>(x, n), vloadPart<T>(y, n));
    sum = addLoss<T>(kind, d, least, most, sum);
    vstorePart<T>(dx, gradient<T>(kind, d, least, most, s), n);
  }
  return hsum<f64>(sum);
}

/** All stretches that are not padding; zeros in the others. */
// @ts-ignore: decorator
@inline function regression<T extends number>(
  kind: i32, dx: usize, x: usize, y: usize, lengths: usize, rows: i32, N: i32, T: i32, D: i32, scale: f64, delta: f64,
): f64 {
  let loss: f64 = 0;
  for (let row = 0; row < rows;) {
    const end = stretchEnd(lengths, N, T, rows, row);
    const at = bytes<T>(usize(row) * D), n = (end - row) * D;
    if (isPadding(lengths, N, T, row)) memory.fill(dx + at, 0, bytes<T>(n));
    else loss += stretch<T>(kind, dx + at, x + at, y + at, n, scale, delta);
    row = end;
  }
  return loss;
}

// Each of the three returns Σ l over all that is not padding.
//   dx       out [rows,D]  may alias x or y; +0 in padding
//   x, y     in  [rows,D]  prediction, target
//   lengths  in  [N] i32   may be null; else rows are N sequences of steps, in the order that T says (lengths.ts)
//   scale    s

/** (1) */
export function mse<T extends number>(dx: usize, x: usize, y: usize, lengths: usize, rows: i32, N: i32, T: i32, D: i32, scale: f64): f64 {
  return regression<T>(MSE, dx, x, y, lengths, rows, N, T, D, scale, 0);
}

/** (2) */
export function l1<T extends number>(dx: usize, x: usize, y: usize, lengths: usize, rows: i32, N: i32, T: i32, D: i32, scale: f64): f64 {
  return regression<T>(L1, dx, x, y, lengths, rows, N, T, D, scale, 0);
}

/** (3), delta > 0 */
export function huber<T extends number>(
  dx: usize, x: usize, y: usize, lengths: usize, rows: i32, N: i32, T: i32, D: i32, scale: f64, delta: f64,
): f64 {
  return regression<T>(HUBER, dx, x, y, lengths, rows, N, T, D, scale, delta);
}
