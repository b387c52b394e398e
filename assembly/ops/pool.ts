/**
 * From a sequence to one row: over the steps t < length[n] of each sequence n. Padding is neither read nor given a gradient.
 *
 *   last   y[n] = x[length[n] − 1, n]                          (1)
 *   mean   y[n] = Σ_t x[t,n] / length[n]                       (2)
 *   max    y[n,h] = max_t x[t,n,h], the first where several    (3)
 *
 * x is [T,N,H], or batch-first [N,T,H]: strides alone. Sums run over t in order, in f64, so that a sequence has the same bits in any batch.
 * Bound by memory: each element once in and once out.
 */
import { stepsOf } from "../lengths";
import { add, andnot, bytes, div, eq, LANES, lt, mul, or, select, splat, VEC_BYTES, vload, vloadPart, vstorePart, zero } from "../vec";
import { loadPair, loadPairPart, pairBytes, splatBits, storeBitsPart, storePairPart } from "../vec_wide";

/** Bytes from a step of a sequence to its next. */
// @ts-ignore: decorator
@inline function stepBytes<S extends number>(N: i32, H: i32, batchFirst: i32): usize {
  return bytes<S>(H) * (batchFirst ? 1 : usize(N));
}

/** Bytes from a sequence to the next. */
// @ts-ignore: decorator
@inline function sequenceBytes<S extends number>(T: i32, H: i32, batchFirst: i32): usize {
  return bytes<S>(H) * (batchFirst ? usize(T) : 1);
}

/**
 * (1) Pair: lastStepBackward.
 *
 * @param y           out [N,H]
 * @param x           in  [T,N,H]
 * @param lengths     in  [N] i32, may be null
 * @param batchFirst  whether x is [N,T,H]
 */
export function lastStepForward<S extends number>(y: usize, x: usize, lengths: usize, T: i32, N: i32, H: i32, batchFirst: i32): void {
  const row = bytes<S>(H), step = stepBytes<S>(N, H, batchFirst), sequence = sequenceBytes<S>(T, H, batchFirst);
  for (let n = 0; n < N; ++n) memory.copy(y + usize(n) * row, x + usize(n) * sequence + usize(stepsOf(lengths, n, T) - 1) * step, row);
}

/** @param dx out [T,N,H] @param dy in [N,H] */
export function lastStepBackward<S extends number>(dx: usize, dy: usize, lengths: usize, T: i32, N: i32, H: i32, batchFirst: i32): void {
  const row = bytes<S>(H), step = stepBytes<S>(N, H, batchFirst), sequence = sequenceBytes<S>(T, H, batchFirst);
  memory.fill(dx, 0, usize(T) * usize(N) * row);
  for (let n = 0; n < N; ++n) memory.copy(dx + usize(n) * sequence + usize(stepsOf(lengths, n, T) - 1) * step, dy + usize(n) * row, row);
}

/** Means of 8 pairs of columns: 64 or 128 bytes of each step. */
function meanOf16<S extends number>(y: usize, x: usize, step: usize, steps: i32, s: v128): void {
  let s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero(), s4 = zero(), s5 = zero(), s6 = zero(), s7 = zero();
  for (let t = 0; t < steps; ++t, x += step) {
    s0 = add<f64>(s0, loadPair<S>(x));
    s1 = add<f64>(s1, loadPair<S>(x + pairBytes<S>()));
    s2 = add<f64>(s2, loadPair<S>(x + 2 * pairBytes<S>()));
    s3 = add<f64>(s3, loadPair<S>(x + 3 * pairBytes<S>()));
    s4 = add<f64>(s4, loadPair<S>(x + 4 * pairBytes<S>()));
    s5 = add<f64>(s5, loadPair<S>(x + 5 * pairBytes<S>()));
    s6 = add<f64>(s6, loadPair<S>(x + 6 * pairBytes<S>()));
    s7 = add<f64>(s7, loadPair<S>(x + 7 * pairBytes<S>()));
  }
  storePairPart<S>(y, div<f64>(s0, s), 2);
  storePairPart<S>(y + pairBytes<S>(), div<f64>(s1, s), 2);
  storePairPart<S>(y + 2 * pairBytes<S>(), div<f64>(s2, s), 2);
  storePairPart<S>(y + 3 * pairBytes<S>(), div<f64>(s3, s), 2);
  storePairPart<S>(y + 4 * pairBytes<S>(), div<f64>(s4, s), 2);
  storePairPart<S>(y + 5 * pairBytes<S>(), div<f64>(s5, s), 2);
  storePairPart<S>(y + 6 * pairBytes<S>(), div<f64>(s6, s), 2);
  storePairPart<S>(y + 7 * pairBytes<S>(), div<f64>(s7, s), 2);
}

/** Mean of one pair of columns; of the first where n = 1. */
function meanOfPair<S extends number>(y: usize, x: usize, step: usize, steps: i32, s: v128, n: i32): void {
  let sum = zero();
  for (let t = 0; t < steps; ++t, x += step) sum = add<f64>(sum, loadPairPart<S>(x, n));
  storePairPart<S>(y, div<f64>(sum, s), n);
}

/** (2) Pair: meanPoolBackward. Arguments as lastStepForward. */
export function meanPoolForward<S extends number>(y: usize, x: usize, lengths: usize, T: i32, N: i32, H: i32, batchFirst: i32): void {
  const step = stepBytes<S>(N, H, batchFirst), sequence = sequenceBytes<S>(T, H, batchFirst);
  for (let n = 0; n < N; ++n, x += sequence) {
    const steps = stepsOf(lengths, n, T), count = splat<f64>(<f64>steps);
    let h = H, from = x;
    for (; h >= 16; h -= 16, from += bytes<S>(16), y += bytes<S>(16)) meanOf16<S>(y, from, step, steps, count);
    for (; h > 0; h -= 2, from += pairBytes<S>()) {
      meanOfPair<S>(y, from, step, steps, count, h);
      y += bytes<S>(min(h, 2));
    }
  }
}

/** y ← s·x. */
function scaled<S extends number>(y: usize, x: usize, n: i32, s: S): void {
  const factor = splat<S>(s);
  for (; n > 0; n -= LANES<S>(), x += VEC_BYTES, y += VEC_BYTES) vstorePart<S>(y, mul<S>(factor, vloadPart<S>(x, n)), n);
}

/** @param dx out [T,N,H] @param dy in [N,H] */
export function meanPoolBackward<S extends number>(dx: usize, dy: usize, lengths: usize, T: i32, N: i32, H: i32, batchFirst: i32): void {
  const row = bytes<S>(H), step = stepBytes<S>(N, H, batchFirst), sequence = sequenceBytes<S>(T, H, batchFirst);
  for (let n = 0; n < N; ++n, dy += row) {
    const steps = stepsOf(lengths, n, T);
    let to = dx + usize(n) * sequence;
    for (let t = 0; t < T; ++t, to += step) {
      if (t < steps) scaled<S>(to, dy, H, <S>(1 / <f64>steps));
      else memory.fill(to, 0, row);
    }
  }
}

/** Whether v takes the place of the best so far: it is greater, or the first NaN. */
// @ts-ignore: decorator
@inline function beats<S extends number>(v: v128, best: v128): v128 {
  return or(lt<S>(best, v), andnot(eq<S>(best, best), eq<S>(v, v)));
}

/** Maxima of four vectors of columns, and their steps. */
function maxOf4<S extends number>(y: usize, places: usize, x: usize, step: usize, steps: i32): void {
  let b0 = vload<S>(x), b1 = vload<S>(x + VEC_BYTES), b2 = vload<S>(x + 2 * VEC_BYTES), b3 = vload<S>(x + 3 * VEC_BYTES);
  let p0 = zero(), p1 = zero(), p2 = zero(), p3 = zero();
  for (let t = 1; t < steps; ++t) {
    x += step;
    const place = splatBits<S>(t);
    let v = vload<S>(x), taken = beats<S>(v, b0);
    b0 = select(v, b0, taken);
    p0 = select(place, p0, taken);
    v = vload<S>(x + VEC_BYTES);
    taken = beats<S>(v, b1);
    b1 = select(v, b1, taken);
    p1 = select(place, p1, taken);
    v = vload<S>(x + 2 * VEC_BYTES);
    taken = beats<S>(v, b2);
    b2 = select(v, b2, taken);
    p2 = select(place, p2, taken);
    v = vload<S>(x + 3 * VEC_BYTES);
    taken = beats<S>(v, b3);
    b3 = select(v, b3, taken);
    p3 = select(place, p3, taken);
  }
  putMax<S>(y, places, b0, p0, LANES<S>());
  putMax<S>(y + VEC_BYTES, places + (usize(LANES<S>()) << 2), b1, p1, LANES<S>());
  putMax<S>(y + 2 * VEC_BYTES, places + (usize(LANES<S>()) << 3), b2, p2, LANES<S>());
  putMax<S>(y + 3 * VEC_BYTES, places + 3 * (usize(LANES<S>()) << 2), b3, p3, LANES<S>());
}

/** Maxima of one vector of columns, or of its first n. */
function maxOf1<S extends number>(y: usize, places: usize, x: usize, step: usize, steps: i32, n: i32): void {
  let best = vloadPart<S>(x, n), place = zero();
  for (let t = 1; t < steps; ++t) {
    x += step;
    const v = vloadPart<S>(x, n), taken = beats<S>(v, best);
    best = select(v, best, taken);
    place = select(splatBits<S>(t), place, taken);
  }
  putMax<S>(y, places, best, place, n);
}

// @ts-ignore: decorator
@inline function putMax<S extends number>(y: usize, places: usize, best: v128, place: v128, n: i32): void {
  vstorePart<S>(y, best, n);
  storeBitsPart<S>(places, place, n);
}

/**
 * (3) NaN wins over every number, as in PyTorch. Pair: maxPoolBackward.
 *
 * @param places  tape [N,H] i32  the step of each maximum
 */
export function maxPoolForward<S extends number>(
  y: usize, places: usize, x: usize, lengths: usize, T: i32, N: i32, H: i32, batchFirst: i32,
): void {
  const step = stepBytes<S>(N, H, batchFirst), sequence = sequenceBytes<S>(T, H, batchFirst);
  for (let n = 0; n < N; ++n, x += sequence) {
    const steps = stepsOf(lengths, n, T);
    let h = 0;
    for (; h + 4 * LANES<S>() <= H; h += 4 * LANES<S>()) {
      maxOf4<S>(y + bytes<S>(h), places + (usize(h) << 2), x + bytes<S>(h), step, steps);
    }
    for (; h < H; h += LANES<S>()) maxOf1<S>(y + bytes<S>(h), places + (usize(h) << 2), x + bytes<S>(h), step, steps, H - h);
    y += bytes<S>(H);
    places += usize(H) << 2;
  }
}

/** @param dx out [T,N,H] @param dy in [N,H] */
export function maxPoolBackward<S extends number>(dx: usize, dy: usize, places: usize, T: i32, N: i32, H: i32, batchFirst: i32): void {
  const step = stepBytes<S>(N, H, batchFirst), sequence = sequenceBytes<S>(T, H, batchFirst);
  memory.fill(dx, 0, usize(T) * usize(N) * bytes<S>(H));
  for (let n = 0; n < N; ++n, dx += sequence) {
    for (let h: usize = 0; h < usize(H); ++h, places += 4, dy += sizeof<S>()) {
      store<S>(dx + usize(load<i32>(places)) * step + bytes<S>(h), load<S>(dy));
    }
  }
}
