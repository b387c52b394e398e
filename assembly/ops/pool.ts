/**
 * From a sequence to one row: over the steps t < length[n] of each sequence n. Padding is neither read nor given a gradient.
 *
 *   last   y[n] = x[length[n] − 1, n]                          (1)
 *   mean   y[n] = Σ_t x[t,n] / length[n]                       (2)
 *   max    y[n,h] = max_t x[t,n,h], the first where several    (3)
 *
 * Sums run over t in order, so that a sequence has the same bits in any batch. Bound by memory: each element once in and once out.
 */
import { addTo } from "../blas";
import { bytes, LANES, mul, splat, VEC_BYTES, vloadPart, vstorePart } from "../vec";

/** Steps of sequence n; T where there are no lengths. */
// @ts-ignore: decorator
@inline function stepsOf(lengths: usize, n: i32, T: i32): i32 {
  return lengths ? load<i32>(lengths + (usize(n) << 2)) : T;
}

/** y ← s·x. May alias. */
function scaled<S extends number>(y: usize, x: usize, n: i32, s: S): void {
  const factor = splat<S>(s);
  for (; n > 0; n -= LANES<S>(), x += VEC_BYTES, y += VEC_BYTES) vstorePart<S>(y, mul<S>(factor, vloadPart<S>(x, n)), n);
}

/**
 * (1) Pair: lastStepBackward.
 *
 * @param y        out [N,H]
 * @param x        in  [T,N,H]
 * @param lengths  in  [N] i32, may be null
 */
export function lastStepForward<S extends number>(y: usize, x: usize, lengths: usize, T: i32, N: i32, H: i32): void {
  const row = bytes<S>(H);
  for (let n = 0; n < N; ++n) memory.copy(y + n * row, x + (usize(stepsOf(lengths, n, T) - 1) * N + n) * row, row);
}

/** @param dx out [T,N,H] @param dy in [N,H] */
export function lastStepBackward<S extends number>(dx: usize, dy: usize, lengths: usize, T: i32, N: i32, H: i32): void {
  const row = bytes<S>(H);
  memory.fill(dx, 0, usize(T) * N * row);
  for (let n = 0; n < N; ++n) memory.copy(dx + (usize(stepsOf(lengths, n, T) - 1) * N + n) * row, dy + n * row, row);
}

/** (2) Pair: meanPoolBackward. Arguments as lastStepForward. */
export function meanPoolForward<S extends number>(y: usize, x: usize, lengths: usize, T: i32, N: i32, H: i32): void {
  const row = bytes<S>(H);
  for (let n = 0; n < N; ++n) {
    const steps = stepsOf(lengths, n, T);
    const to = y + n * row;
    memory.copy(to, x + n * row, row);
    for (let t = 1; t < steps; ++t) addTo<S>(to, x + (usize(t) * N + n) * row, H);
    scaled<S>(to, to, H, <S>(1 / <f64>steps));
  }
}

/** @param dx out [T,N,H] @param dy in [N,H] */
export function meanPoolBackward<S extends number>(dx: usize, dy: usize, lengths: usize, T: i32, N: i32, H: i32): void {
  const row = bytes<S>(H);
  for (let n = 0; n < N; ++n) {
    const steps = stepsOf(lengths, n, T);
    for (let t = 0; t < T; ++t) {
      const to = dx + (usize(t) * N + n) * row;
      if (t < steps) scaled<S>(to, dy + n * row, H, <S>(1 / <f64>steps));
      else memory.fill(to, 0, row);
    }
  }
}

/**
 * (3) NaN wins over every number, as in PyTorch. Pair: maxPoolBackward.
 *
 * @param places  tape [N,H] i32  the step of each maximum
 */
export function maxPoolForward<S extends number>(y: usize, places: usize, x: usize, lengths: usize, T: i32, N: i32, H: i32): void {
  const row = bytes<S>(H);
  for (let n = 0; n < N; ++n) {
    const steps = stepsOf(lengths, n, T);
    for (let h = 0; h < H; ++h) {
      const at = usize(n) * row + bytes<S>(h);
      let best = load<S>(x + at);
      let place = 0;
      for (let t = 1; t < steps; ++t) {
        const value = load<S>(x + usize(t) * N * row + at);
        if (value > best || (value != value && best == best)) {
          best = value;
          place = t;
        }
      }
      store<S>(y + at, best);
      store<i32>(places + ((usize(n) * H + h) << 2), place);
    }
  }
}

/** @param dx out [T,N,H] @param dy in [N,H] */
export function maxPoolBackward<S extends number>(dx: usize, dy: usize, places: usize, T: i32, N: i32, H: i32): void {
  const plane = bytes<S>(N) * H;
  memory.fill(dx, 0, usize(T) * plane);
  for (let i: usize = 0; i < usize(N) * H; ++i) {
    store<S>(dx + usize(load<i32>(places + (i << 2))) * plane + bytes<S>(i), load<S>(dy + bytes<S>(i)));
  }
}
