/** Numbers in memory, for the specs. One stretch of memory is taken up piece by piece, and given back by `clear`. */
import { bytes } from "../../assembly/vec";

const SIZE: usize = 1 << 20;
let start: usize = 0, top: usize = 0;

/** Gives all pieces back. */
export function clear(): void {
  if (start == 0) start = heap.alloc(SIZE + 64);
  top = (start + 63) & ~63;
}

/** n elements, all of them x. */
export function constant<T extends number>(n: i32, x: f64): usize {
  const p = top;
  top += (bytes<T>(n) + 63) & ~63;
  assert(top <= start + SIZE);
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

export function at<T extends number>(p: usize, i: i32): f64 {
  return <f64>load<T>(p + bytes<T>(i));
}

export function put<T extends number>(p: usize, i: i32, x: f64): void {
  store<T>(p + bytes<T>(i), <T>x);
}

/** 1 where a number is not the one wanted within some units of T, relative above 1; NaN never is. */
export function wrong<T extends number>(got: f64, want: f64, units: f64 = 8): i32 {
  const unit: f64 = sizeof<T>() == 4 ? 1.1920928955078125e-7 : 2.220446049250313e-16;
  return Math.abs(got - want) <= units * unit * (1 + Math.abs(want)) ? 0 : 1;
}

/** 1 where n elements are not the same bits. */
export function differ<T extends number>(a: usize, b: usize, n: i32): i32 {
  return memory.compare(a, b, bytes<T>(n)) == 0 ? 0 : 1;
}

export function sigmoid(x: f64): f64 {
  return 1 / (1 + Math.exp(-x));
}
