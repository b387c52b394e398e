/** Operators of one array, element by element. */
import { vtanh } from "../math";
import { LANES, VEC_BYTES, mul, splat, sub, vload, vloadPart, vstore, vstorePart } from "../vec";

/** y = tanh x. */
export function tanhForward<T extends number>(y: usize, x: usize, n: i32): void {
  for (; n >= LANES<T>(); n -= LANES<T>(), x += VEC_BYTES, y += VEC_BYTES) vstore<T>(y, vtanh<T>(vload<T>(x)));
  if (n > 0) vstorePart<T>(y, vtanh<T>(vloadPart<T>(x, n)), n);
}

/** dx = dy·(1 − y²). */
export function tanhBackward<T extends number>(dx: usize, dy: usize, y: usize, n: i32): void {
  for (; n >= LANES<T>(); n -= LANES<T>(), dx += VEC_BYTES, dy += VEC_BYTES, y += VEC_BYTES) {
    const v = vload<T>(y);
    vstore<T>(dx, mul<T>(vload<T>(dy), sub<T>(splat<T>(<T>1), mul<T>(v, v))));
  }
  if (n > 0) {
    const v = vloadPart<T>(y, n);
    vstorePart<T>(dx, mul<T>(vloadPart<T>(dy, n), sub<T>(splat<T>(<T>1), mul<T>(v, v))), n);
  }
}
