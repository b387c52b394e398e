/**
 * Sums and means over one axis. An array is [outer,R,inner]: rows where inner = 1, else columns with the vectors along inner.
 *
 *   y = Σ_r x_r / d      (1)   d: 1, or R for the mean
 *   dx_r = dy / d        (2)
 *
 * (1) adds up to 32 elements in T, such blocks in f64; the order depends on R alone, and is one for rows and one for columns.
 * Bound by memory: each element once in, or once out.
 */
import { sum } from "../blas";
import { add, bytes, div, LANES, splat, VEC_BYTES, vload, vloadPart, vstore, vstorePart, zero } from "../vec";
import { highPair, joinPairs, lowPair } from "../vec_wide";

/** Turns of a loop whose sums stay in T. */
// @ts-ignore: decorator
@inline const BLOCK: i32 = 16;

/** (1) of four vectors of columns, rows `step` bytes apart: even rows and odd ones, then their sum, then f64. */
function sumColumns<T extends number>(y: usize, x: usize, step: usize, R: i32, divisor: v128): void {
  let w0 = zero(), w1 = zero(), w2 = zero(), w3 = zero(), w4 = zero(), w5 = zero(), w6 = zero(), w7 = zero();
  while (R > 0) {
    let s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero(), t0 = zero(), t1 = zero(), t2 = zero(), t3 = zero();
    let rows = min(R, 2 * BLOCK);
    R -= rows;
    for (; rows >= 2; rows -= 2, x += 2 * step) {
      s0 = add<T>(s0, vload<T>(x));
      s1 = add<T>(s1, vload<T>(x + VEC_BYTES));
      s2 = add<T>(s2, vload<T>(x + 2 * VEC_BYTES));
      s3 = add<T>(s3, vload<T>(x + 3 * VEC_BYTES));
      const odd = x + step;
      t0 = add<T>(t0, vload<T>(odd));
      t1 = add<T>(t1, vload<T>(odd + VEC_BYTES));
      t2 = add<T>(t2, vload<T>(odd + 2 * VEC_BYTES));
      t3 = add<T>(t3, vload<T>(odd + 3 * VEC_BYTES));
    }
    if (rows > 0) {
      s0 = add<T>(s0, vload<T>(x));
      s1 = add<T>(s1, vload<T>(x + VEC_BYTES));
      s2 = add<T>(s2, vload<T>(x + 2 * VEC_BYTES));
      s3 = add<T>(s3, vload<T>(x + 3 * VEC_BYTES));
    }
    s0 = add<T>(s0, t0);
    s1 = add<T>(s1, t1);
    s2 = add<T>(s2, t2);
    s3 = add<T>(s3, t3);
    w0 = add<f64>(w0, lowPair<T>(s0));
    w1 = add<f64>(w1, lowPair<T>(s1));
    w2 = add<f64>(w2, lowPair<T>(s2));
    w3 = add<f64>(w3, lowPair<T>(s3));
    if (sizeof<T>() == 4) {
      w4 = add<f64>(w4, highPair(s0));
      w5 = add<f64>(w5, highPair(s1));
      w6 = add<f64>(w6, highPair(s2));
      w7 = add<f64>(w7, highPair(s3));
    }
  }
  vstore<T>(y, joinPairs<T>(div<f64>(w0, divisor), div<f64>(w4, divisor)));
  vstore<T>(y + VEC_BYTES, joinPairs<T>(div<f64>(w1, divisor), div<f64>(w5, divisor)));
  vstore<T>(y + 2 * VEC_BYTES, joinPairs<T>(div<f64>(w2, divisor), div<f64>(w6, divisor)));
  vstore<T>(y + 3 * VEC_BYTES, joinPairs<T>(div<f64>(w3, divisor), div<f64>(w7, divisor)));
}

/** The same of one vector, or of its first n columns. */
function sumColumn<T extends number>(y: usize, x: usize, step: usize, R: i32, divisor: v128, n: i32): void {
  let low = zero(), high = zero();
  while (R > 0) {
    let s = zero(), t = zero(), rows = min(R, 2 * BLOCK);
    R -= rows;
    for (; rows >= 2; rows -= 2, x += 2 * step) {
      s = add<T>(s, vloadPart<T>(x, n));
      t = add<T>(t, vloadPart<T>(x + step, n));
    }
    if (rows > 0) {
      s = add<T>(s, vloadPart<T>(x, n));
      x += step;
    }
    s = add<T>(s, t);
    low = add<f64>(low, lowPair<T>(s));
    if (sizeof<T>() == 4) high = add<f64>(high, highPair(s));
  }
  vstorePart<T>(y, joinPairs<T>(div<f64>(low, divisor), div<f64>(high, divisor)), n);
}

/**
 * (1) Pair: sumBackward.
 *
 * @param y  out [outer,inner]
 * @param x  in  [outer,R,inner]
 */
export function sumForward<T extends number>(y: usize, x: usize, outer: i32, R: i32, inner: i32, divisor: f64): void {
  const step = bytes<T>(inner), block = usize(R) * step, d = splat<f64>(divisor);
  for (let o = 0; o < outer; ++o, x += block, y += step) {
    if (inner == 1) {
      store<T>(y, <T>(sum<T>(x, R) / divisor));
      continue;
    }
    let n = inner, at: usize = 0;
    for (; n >= 4 * LANES<T>(); n -= 4 * LANES<T>(), at += 4 * VEC_BYTES) sumColumns<T>(y + at, x + at, step, R, d);
    for (; n > 0; n -= LANES<T>(), at += VEC_BYTES) sumColumn<T>(y + at, x + at, step, R, d, n);
  }
}

/**
 * (2) Pair: sumForward.
 *
 * @param dx  out [outer,R,inner]
 * @param dy  in  [outer,inner]
 */
export function sumBackward<T extends number>(dx: usize, dy: usize, outer: i32, R: i32, inner: i32, divisor: f64): void {
  const step = bytes<T>(inner), d = splat<T>(<T>divisor);
  for (let o = 0; o < outer; ++o, dy += step) {
    if (inner == 1) {
      const v = div<T>(splat<T>(load<T>(dy)), d);
      let n = R;
      for (; n >= 2 * LANES<T>(); n -= 2 * LANES<T>(), dx += 2 * VEC_BYTES) {
        vstore<T>(dx, v);
        vstore<T>(dx + VEC_BYTES, v);
      }
      for (; n > 0; dx += bytes<T>(min(n, LANES<T>())), n -= LANES<T>()) vstorePart<T>(dx, v, n);
      continue;
    }
    for (let n = inner, at: usize = 0; n > 0; n -= LANES<T>(), at += VEC_BYTES) vstorePart<T>(dx + at, div<T>(vloadPart<T>(dy + at, n), d), n);
    for (let r = 1; r < R; ++r) memory.copy(dx + usize(r) * step, dx, step);
    dx += usize(R) * step;
  }
}
