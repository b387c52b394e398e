/** The functions of math.ts over arrays. */
import { vexp, vlog, vsigmoid, vtanh } from "./math";
import { LANES, VEC_BYTES, vload, vloadPart, vstore, vstorePart } from "./vec";

/** The function with a number known at compile time: the chain dissolves. */
// @ts-ignore: decorator
@inline function apply<T extends number>(f: i32, x: v128): v128 {
  if (f == 0) return vexp<T>(x);
  if (f == 1) return vsigmoid<T>(x);
  if (f == 2) return vtanh<T>(x);
  return vlog<T>(x);
}

// @ts-ignore: decorator
@inline function mapArray<T extends number>(f: i32, y: usize, x: usize, n: i32): void {
  for (; n >= 2 * LANES<T>(); n -= 2 * LANES<T>()) {
    const a = apply<T>(f, vload<T>(x));
    const b = apply<T>(f, vload<T>(x + 16));
    vstore<T>(y, a);
    vstore<T>(y + 16, b);
    x += 32;
    y += 32;
  }
  if (n >= LANES<T>()) {
    vstore<T>(y, apply<T>(f, vload<T>(x)));
    x += 16;
    y += 16;
    n -= LANES<T>();
  }
  if (n > 0) vstorePart<T>(y, apply<T>(f, vloadPart<T>(x, n)), n);
}

// Each of the four: y out [n], may be x; x in [n]. An element's bits do not depend on its place.

export function expArray<T extends number>(y: usize, x: usize, n: i32): void {
  mapArray<T>(0, y, x, n);
}

export function sigmoidArray<T extends number>(y: usize, x: usize, n: i32): void {
  mapArray<T>(1, y, x, n);
}

export function tanhArray<T extends number>(y: usize, x: usize, n: i32): void {
  mapArray<T>(2, y, x, n);
}

export function logArray<T extends number>(y: usize, x: usize, n: i32): void {
  mapArray<T>(3, y, x, n);
}
