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
import { add, allEqual, andnot, bytes, div, eq, LANES, lt, mul, pmax, select, splat, VEC_BYTES, vload, vloadPart, vstorePart, zero } from "../vec";
import { le } from "../vec_mask";
import { later, loadBitsPart, loadPair, loadPairPart, pairBytes, splatBits, storeBitsPart, storePairPart } from "../vec_wide";

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

/**
 * Steps that are taken together before the next columns where they lie on pages of their own: as many pages are read on side by side, which the
 * hardware foresees (measured, f32, [200,64,512]: 0.26 ns an element, all steps at once 0.52; batch-first, within pages, 0.67 and 0.38).
 */
// @ts-ignore: decorator
@inline const STEPS: i32 = 16;
// @ts-ignore: decorator
@inline const PAGE: usize = 4096;

/**
 * Maxima of four vectors of columns, and their steps, over the steps from `first` up to `end`; where first > 0, going on from what y and
 * places hold. As rowMax of heads/softmax.ts: pmax passes NaN over, but their sum is NaN then, and the columns are looked at again.
 */
function maxOf4<S extends number>(y: usize, places: usize, x: usize, step: usize, first: i32, end: i32): void {
  const from = first ? y : x, old = first ? places : 0;
  let b0 = vload<S>(from), b1 = vload<S>(from + VEC_BYTES), b2 = vload<S>(from + 2 * VEC_BYTES), b3 = vload<S>(from + 3 * VEC_BYTES);
  let p0 = placesAt<S>(old, 0), p1 = placesAt<S>(old, 1), p2 = placesAt<S>(old, 2), p3 = placesAt<S>(old, 3);
  let sum = add<S>(add<S>(b0, b1), add<S>(b2, b3)), at = x;
  for (let t = first; t < end; ++t, at += step) {
    const place = splatBits<S>(t);
    const v0 = vload<S>(at), v1 = vload<S>(at + VEC_BYTES), v2 = vload<S>(at + 2 * VEC_BYTES), v3 = vload<S>(at + 3 * VEC_BYTES);
    p0 = later<S>(p0, place, lt<S>(b0, v0));
    p1 = later<S>(p1, place, lt<S>(b1, v1));
    p2 = later<S>(p2, place, lt<S>(b2, v2));
    p3 = later<S>(p3, place, lt<S>(b3, v3));
    b0 = pmax<S>(b0, v0);
    b1 = pmax<S>(b1, v1);
    b2 = pmax<S>(b2, v2);
    b3 = pmax<S>(b3, v3);
    sum = add<S>(sum, add<S>(add<S>(v0, v1), add<S>(v2, v3)));
  }
  if (!allEqual<S>(sum, sum)) return maxOfRest<S>(y, places, x, step, first, end, 4 * LANES<S>());
  putMax<S>(y, places, b0, p0, LANES<S>());
  putMax<S>(y + VEC_BYTES, places + placeBytes<S>(1), b1, p1, LANES<S>());
  putMax<S>(y + 2 * VEC_BYTES, places + placeBytes<S>(2), b2, p2, LANES<S>());
  putMax<S>(y + 3 * VEC_BYTES, places + placeBytes<S>(3), b3, p3, LANES<S>());
}

/** Bytes of the steps of so many vectors. */
// @ts-ignore: decorator
@inline function placeBytes<S extends number>(vectors: usize): usize {
  return vectors * (usize(LANES<S>()) << 2);
}

/** Steps of a vector of columns, as wide as S; 0 where there are none yet. */
// @ts-ignore: decorator
@inline function placesAt<S extends number>(places: usize, vector: usize): v128 {
  return places ? loadBitsPart<S>(places + placeBytes<S>(vector), LANES<S>()) : zero();
}

/** As maxOf4, of n columns, vector by vector: NaN takes the place of every number, the first NaN stays. */
function maxOfRest<S extends number>(y: usize, places: usize, x: usize, step: usize, first: i32, end: i32, n: i32): void {
  for (; n > 0; n -= LANES<S>(), y += VEC_BYTES, places += placeBytes<S>(1), x += VEC_BYTES) {
    let best = vloadPart<S>(first ? y : x, n), place = first ? loadBitsPart<S>(places, n) : zero(), at = x;
    for (let t = first; t < end; ++t, at += step) {
      const v = vloadPart<S>(at, n), taken = andnot(eq<S>(best, best), le<S>(v, best));
      best = select(v, best, taken);
      place = select(splatBits<S>(t), place, taken);
    }
    putMax<S>(y, places, best, place, n);
  }
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
    const steps = stepsOf(lengths, n, T), together = step > PAGE ? STEPS : steps;
    for (let t = 0; t < steps; t += together) {
      const end = min(t + together, steps);
      let h = H, from = x + usize(t) * step, to = y, place = places;
      for (; h >= 4 * LANES<S>(); h -= 4 * LANES<S>(), from += 4 * VEC_BYTES, to += 4 * VEC_BYTES, place += placeBytes<S>(4)) {
        maxOf4<S>(to, place, from, step, t, end);
      }
      maxOfRest<S>(to, place, from, step, t, end, h);
    }
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
