/**
 * Numbers in memory, for the specs. One stretch of memory is taken up piece by piece, guard bytes before and behind each, and given
 * back by `clear`.
 */
import { bytes } from "../../assembly/vec";

const SIZE: usize = 12 << 20;
const PIECES: i32 = 128;
/** What guard bytes hold. As a number of either type it is small and negative; the four bytes of an i32 are far out of range. */
const MARK: u8 = 0xa5;

let start: usize = 0, top: usize = 0, count = 0;
/** Where each guard begins and ends. */
const from = new StaticArray<usize>(PIECES), to = new StaticArray<usize>(PIECES);

/** Gives all pieces back. */
export function clear(): void {
  if (start == 0) start = heap.alloc(SIZE + 64);
  top = (start + 63) & ~63;
  count = 0;
  guard();
}

/** From `top` to a multiple of 64 at least 64 bytes on. */
function guard(): void {
  assert(count < PIECES && top + 128 <= start + SIZE);
  from[count] = top;
  to[count] = (top + 127) & ~63;
  memory.fill(top, MARK, to[count] - top);
  top = to[count];
  ++count;
}

/** Bytes around the pieces that are not as they were. */
export function overruns(): i32 {
  let changed = 0;
  for (let i = 0; i < count; ++i) for (let p = from[i]; p < to[i]; ++p) if (load<u8>(p) != MARK) ++changed;
  return changed;
}

function piece(size: usize): usize {
  const p = top;
  top += size;
  guard();
  return p;
}

/** n elements, all of them x. */
export function constant<T extends number>(n: i32, x: f64): usize {
  const p = piece(bytes<T>(n));
  for (let i = 0; i < n; ++i) put<T>(p, i, x);
  return p;
}

/** n elements from −size to size, different for each seed. */
export function random<T extends number>(n: i32, seed: u32, size: f64 = 1): usize {
  const p = constant<T>(n, 0);
  let state = seed * 2654435761 + 1;
  for (let i = 0; i < n; ++i) {
    state = state * 1664525 + 1013904223;
    put<T>(p, i, (size * <f64>(<i32>(state >> 8) - (1 << 23))) / <f64>(1 << 23));
  }
  return p;
}

/** The elements of an array. */
export function list<T extends number>(values: T[]): usize {
  const p = piece(bytes<T>(values.length));
  for (let i = 0; i < values.length; ++i) store<T>(p + bytes<T>(i), values[i]);
  return p;
}

/** n elements of another piece. */
export function copy<T extends number>(source: usize, n: i32): usize {
  const p = piece(bytes<T>(n));
  memory.copy(p, source, bytes<T>(n));
  return p;
}

export function at<T extends number>(p: usize, i: i32): f64 {
  return <f64>load<T>(p + bytes<T>(i));
}

export function put<T extends number>(p: usize, i: i32, x: f64): void {
  store<T>(p + bytes<T>(i), <T>x);
}

/** x as T holds it. */
export function rounded<T extends number>(x: f64): f64 {
  return <f64>(<T>x);
}

/** 1 where a number is not the one wanted within some units of T, relative above `size`; NaN never is. */
export function wrong<T extends number>(got: f64, want: f64, units: f64 = 8, size: f64 = 1): i32 {
  const unit: f64 = sizeof<T>() == 4 ? 1.1920928955078125e-7 : 2.220446049250313e-16;
  return Math.abs(got - want) <= units * unit * (size + Math.abs(want)) ? 0 : 1;
}

/** 1 where a number is not exactly the one wanted; NaN is NaN. */
export function not(got: f64, want: f64): i32 {
  return got == want || (isNaN(got) && isNaN(want)) ? 0 : 1;
}

/** 1 where n elements are not the same bits. */
export function differ<T extends number>(a: usize, b: usize, n: i32): i32 {
  return memory.compare(a, b, bytes<T>(n)) == 0 ? 0 : 1;
}

export function sigmoid(x: f64): f64 {
  return 1 / (1 + Math.exp(-x));
}
