/**
 * Maxima over one axis, and where they are. An array is [outer,R,inner]: rows where inner = 1, else columns with the vectors along inner.
 *
 *   y = max_r x_r                                 (1)   NaN where an x_r is NaN
 *   dx_r = [x_r = y]·(dy / |{s: x_s = y}|)        (2)   shared among equals, as torch.amax; NaN where y is NaN
 *   place = the least r with x_r = y              (3)   the first NaN where one is NaN
 *
 * Bound by memory, but (3) of columns by its seven operations a vector.
 */
import { rowMax } from "../heads/softmax";
import {
  add, allEqual, and, andnot, anyTrue, bytes, div, eq, firstLanes, LANES, lt, mul, or, pmax, select, splat, VEC_BYTES, vload, vloadPart, vmax, vstore,
  vstorePart, zero,
} from "../vec";
import { addWide, hsum, splatBits, storeBitsPart } from "../vec_wide";

/** (1) of four vectors of columns, rows `step` bytes apart. Sums tell whether a NaN was passed over: heads/softmax.ts, rowMax. */
function maxOf4<T extends number>(y: usize, x: usize, step: usize, R: i32): void {
  let m0 = splat<T>(<T>-Infinity), m1 = m0, m2 = m0, m3 = m0, s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero(), from = x;
  for (let r = 0; r < R; ++r, x += step) {
    const a = vload<T>(x), b = vload<T>(x + VEC_BYTES), c = vload<T>(x + 2 * VEC_BYTES), d = vload<T>(x + 3 * VEC_BYTES);
    m0 = pmax<T>(m0, a);
    m1 = pmax<T>(m1, b);
    m2 = pmax<T>(m2, c);
    m3 = pmax<T>(m3, d);
    s0 = add<T>(s0, a);
    s1 = add<T>(s1, b);
    s2 = add<T>(s2, c);
    s3 = add<T>(s3, d);
  }
  vstore<T>(y, m0);
  vstore<T>(y + VEC_BYTES, m1);
  vstore<T>(y + 2 * VEC_BYTES, m2);
  vstore<T>(y + 3 * VEC_BYTES, m3);
  const sum = add<T>(add<T>(s0, s1), add<T>(s2, s3));
  if (allEqual<T>(sum, sum)) return;
  for (let at: usize = 0; at < 4 * VEC_BYTES; at += VEC_BYTES) maxOf1<T>(y + at, from + at, step, R, LANES<T>());
}

/** (1) of one vector, or of its first n columns. */
function maxOf1<T extends number>(y: usize, x: usize, step: usize, R: i32, n: i32): void {
  let most = vloadPart<T>(x, n);
  for (let r = 1; r < R; ++r) {
    x += step;
    most = vmax<T>(most, vloadPart<T>(x, n));
  }
  vstorePart<T>(y, most, n);
}

/**
 * (1) Pair: maxBackward.
 *
 * @param y  out [outer,inner]
 * @param x  in  [outer,R,inner]
 */
export function maxForward<T extends number>(y: usize, x: usize, outer: i32, R: i32, inner: i32): void {
  const step = bytes<T>(inner), block = usize(R) * step;
  for (let o = 0; o < outer; ++o, x += block, y += step) {
    if (inner == 1) {
      store<T>(y, rowMax<T>(x, R));
      continue;
    }
    let n = inner, at: usize = 0;
    for (; n >= 4 * LANES<T>(); n -= 4 * LANES<T>(), at += 4 * VEC_BYTES) maxOf4<T>(y + at, x + at, step, R);
    for (; n > 0; n -= LANES<T>(), at += VEC_BYTES) maxOf1<T>(y + at, x + at, step, R, n);
  }
}

/** (2) of one row. */
function shareRow<T extends number>(dx: usize, dy: T, most: T, x: usize, R: i32): void {
  const y = splat<T>(most), one = splat<T>(<T>1);
  let ones = zero(), n = R, at = x;
  for (; n >= LANES<T>(); n -= LANES<T>(), at += VEC_BYTES) ones = add<T>(ones, and(eq<T>(vload<T>(at), y), one));
  if (n > 0) ones = add<T>(ones, and(and(eq<T>(vloadPart<T>(at, n), y), firstLanes<T>(n)), one));
  const share = splat<T>(<T>(<f64>dy / hsum<f64>(addWide<T>(ones, zero()))));
  for (n = R; n >= LANES<T>(); n -= LANES<T>(), x += VEC_BYTES, dx += VEC_BYTES) {
    vstore<T>(dx, mul<T>(and(eq<T>(vload<T>(x), y), one), share)); // 0·∞ is NaN: as in PyTorch
  }
  if (n > 0) vstorePart<T>(dx, mul<T>(and(eq<T>(vloadPart<T>(x, n), y), one), share), n);
}

/** (2) of one vector of columns, or of its first n. */
function shareColumns<T extends number>(dx: usize, dy: usize, most: usize, x: usize, step: usize, R: i32, n: i32): void {
  const y = vloadPart<T>(most, n), one = splat<T>(<T>1);
  let ones = zero(), at = x;
  for (let r = 0; r < R; ++r, at += step) ones = add<T>(ones, and(eq<T>(vloadPart<T>(at, n), y), one));
  const share = div<T>(vloadPart<T>(dy, n), ones);
  for (let r = 0; r < R; ++r, x += step, dx += step) vstorePart<T>(dx, mul<T>(and(eq<T>(vloadPart<T>(x, n), y), one), share), n);
}

/**
 * (2) Pair: maxForward.
 *
 * @param dx  out  [outer,R,inner]
 * @param dy  in   [outer,inner]
 * @param y   tape [outer,inner]
 * @param x   in   [outer,R,inner]
 */
export function maxBackward<T extends number>(dx: usize, dy: usize, y: usize, x: usize, outer: i32, R: i32, inner: i32): void {
  const step = bytes<T>(inner), block = usize(R) * step;
  for (let o = 0; o < outer; ++o, x += block, dx += block, y += step, dy += step) {
    if (inner == 1) shareRow<T>(dx, load<T>(dy), load<T>(y), x, R);
    else for (let n = inner, at: usize = 0; n > 0; n -= LANES<T>(), at += VEC_BYTES) shareColumns<T>(dx + at, dy + at, y + at, x + at, step, R, n);
  }
}

/** (3) of one row: its maximum, then the first like it. */
function placeInRow<T extends number>(x: usize, R: i32): i32 {
  const most = rowMax<T>(x, R), top = splat<T>(most), isNaN = most != most;
  let at = 0;
  for (; at + LANES<T>() <= R; at += LANES<T>(), x += VEC_BYTES) {
    const v = vload<T>(x);
    if (isNaN ? !allEqual<T>(v, v) : anyTrue(eq<T>(v, top))) break;
  }
  for (let v = load<T>(x); isNaN ? v == v : v != most; v = load<T>(x)) {
    ++at;
    x += sizeof<T>();
  }
  return at;
}

/** (3) of one vector of columns, or of its first n. */
function placesOf<T extends number>(places: usize, x: usize, step: usize, R: i32, n: i32): void {
  let best = vloadPart<T>(x, n), place = zero();
  for (let r = 1; r < R; ++r) {
    x += step;
    const v = vloadPart<T>(x, n);
    const taken = or(lt<T>(best, v), andnot(eq<T>(best, best), eq<T>(v, v))); // greater, or the first NaN
    best = select(v, best, taken);
    place = select(splatBits<T>(r), place, taken);
  }
  storeBitsPart<T>(places, place, n);
}

/**
 * (3)
 *
 * @param places  out [outer,inner] i32
 * @param x       in  [outer,R,inner]
 */
export function argMax<T extends number>(places: usize, x: usize, outer: i32, R: i32, inner: i32): void {
  const step = bytes<T>(inner), block = usize(R) * step;
  for (let o = 0; o < outer; ++o, x += block, places += usize(inner) << 2) {
    if (inner == 1) {
      store<i32>(places, placeInRow<T>(x, R));
      continue;
    }
    for (let n = inner, at: usize = 0, to = places; n > 0; n -= LANES<T>(), at += VEC_BYTES, to += usize(LANES<T>()) << 2) {
      placesOf<T>(to, x + at, step, R, n);
    }
  }
}
