/**
 * Elements by an index along one axis (a of x, of stride e):
 *
 *   y[i] = x[… , index[i], …]: x + Σ_{d≠a} i⟨d⟩·s⟨d⟩ + index[i]·e       (1)
 *   x[… , index[i], …] += Σ y[i] of equal places, in f64, in order          (2)
 *
 * A plan holds one line an axis of the index, outermost first: n, and the strides of x (0 along a), y and the index, as i32. Each axis of
 * x (but a) and y may be longer than the index. Indices have been checked (checkTokens): 0 ≤ index[i] < n of x along a.
 */
import { addSums } from "../blas";
import { bytes } from "../vec";

/** Bytes of one axis of a plan. */
// @ts-ignore: decorator
@inline const AXIS: usize = 16;

/** A stride of a plan, in elements. which: 1 of x, 2 of y, 3 of the index. */
// @ts-ignore: decorator
@inline function stride(plan: usize, which: usize): usize {
  return usize(load<i32>(plan + 4 * which));
}

/**
 * (1); added to y where adds is not 0.
 *
 * @param y      out | +=  as the plan says; aliases nothing
 * @param x      in
 * @param index  in        i32
 * @param plan   in        [rank,4] i32
 * @param along            elements from one place along the axis to the next
 */
export function gather<T extends number>(y: usize, x: usize, index: usize, plan: usize, rank: i32, along: i32, adds: i32): void {
  assert(rank > 0);
  const s = bytes<T>(stride(plan, 1)), t = bytes<T>(stride(plan, 2)), u = stride(plan, 3) << 2;
  let n = load<i32>(plan);
  if (rank > 1) {
    for (; n > 0; --n, x += s, y += t, index += u) gather<T>(y, x, index, plan + AXIS, rank - 1, along, adds);
  } else if (adds) {
    for (; n > 0; --n, x += s, y += t, index += u) store<T>(y, <T>(load<T>(y) + load<T>(at<T>(x, index, along))));
  } else {
    for (; n > 0; --n, x += s, y += t, index += u) store<T>(y, load<T>(at<T>(x, index, along))); // (1)
  }
}

// @ts-ignore: decorator
@inline function at<T extends number>(x: usize, index: usize, along: i32): usize {
  return x + bytes<T>(usize(load<i32>(index) * along));
}

/**
 * (2). As gather, the other way.
 *
 * @param x     +=       [n] dense
 * @param sums  scratch  [n] f64
 * @param y     in
 */
export function scatterAdd<T extends number>(
  x: usize, sums: usize, n: i32, y: usize, index: usize, plan: usize, rank: i32, along: i32,
): void {
  memory.fill(sums, 0, usize(n) << 3);
  scatterSums<T>(sums, y, index, plan, rank, along);
  addSums<T>(x, sums, n); // (2)
}

/** What falls on each place. */
function scatterSums<T extends number>(sums: usize, y: usize, index: usize, plan: usize, rank: i32, along: i32): void {
  const s = stride(plan, 1) << 3, t = bytes<T>(stride(plan, 2)), u = stride(plan, 3) << 2;
  let n = load<i32>(plan);
  if (rank > 1) {
    for (; n > 0; --n, sums += s, y += t, index += u) scatterSums<T>(sums, y, index, plan + AXIS, rank - 1, along);
    return;
  }
  for (; n > 0; --n, sums += s, y += t, index += u) {
    const to = at<f64>(sums, index, along);
    store<f64>(to, load<f64>(to) + <f64>load<T>(y));
  }
}
