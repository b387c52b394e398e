/**
 * Operators of one array, element by element, backward. Forward: unary.ts, which defines s, Φ, A and B.
 *
 * The gradients, from x or, where that spares the function, from y:
 *   −dy | dy·y | dy/x | dy/2y | 2x·dy | dy·sign x | dy·(1 − y)·y | dy·(1 − y²) | dy where not y ≤ 0 |
 *   dy·(Φ(x) + x·E(x)/√2π) | dy·(s + x·s(1 − s)·(A + 3B·x²)) | dy·s(1 + x(1 − s)) | dy·s, s the sigmoid     (5)
 *
 * NaN and ∞ are PyTorch's: |x| has the gradient 0 at 0, clip 1 at its bounds; those of gelu and silu are NaN at ±∞.
 */
import { both, ONE } from "../constants";
import { vsigmoid } from "../math";
import { abs, add, and, andnot, div, LANES, lt, madd, mul, select, splat, sub, vload, vloadPart, vstore, vstorePart, zero } from "../vec";
import { le, neg } from "../vec_mask";
import { densityAtZero, vbell, within } from "./erf";
import {
  ABS, CLIP, constant, EXP, GELU, GELU_TANH, LOG, normal, RELU, SIGMOID, SILU, slope, SOFTPLUS, SQRT, SQUARE, TANH,
} from "./unary";

/** The gradient (5); v is y for exp, sqrt, sigmoid, tanh and relu, else x. */
// @ts-ignore: decorator
@inline function applyBackward<T extends number>(op: i32, dy: v128, v: v128, low: v128, high: v128): v128 {
  const one = both<T>(ONE);
  if (op == EXP) return mul<T>(dy, v);
  if (op == LOG) return div<T>(dy, v);
  if (op == SQRT) return div<T>(dy, add<T>(v, v));
  if (op == SQUARE) return mul<T>(dy, add<T>(v, v));
  if (op == ABS) return and(select(neg<T>(dy), dy, lt<T>(v, zero())), lt<T>(zero(), abs<T>(v)));
  if (op == SIGMOID) return mul<T>(mul<T>(dy, sub<T>(one, v)), v);
  if (op == TANH) return mul<T>(dy, sub<T>(one, mul<T>(v, v)));
  if (op == RELU) return andnot(dy, le<T>(v, zero()));
  if (op == GELU) {
    const w = within<T>(abs<T>(v));
    const bell = vbell<T>(w);
    return mul<T>(dy, madd<T>(v, mul<T>(bell, densityAtZero<T>()), normal<T>(v, w, bell)));
  }
  if (op == CLIP) return and(dy, and(le<T>(low, v), le<T>(v, high)));
  const s = vsigmoid<T>(op == GELU_TANH ? mul<T>(v, slope<T>(v, 1)) : v);
  const rest = sub<T>(one, s);
  // s(1 − s) goes to 0 long before x² overflows, and comes first: 0·∞ would be NaN.
  if (op == GELU_TANH) return mul<T>(dy, madd<T>(mul<T>(v, mul<T>(s, rest)), slope<T>(v, 2), s));
  if (op == SILU) return mul<T>(dy, mul<T>(s, madd<T>(v, rest, one)));
  return select(dy, mul<T>(dy, s), lt<T>(constant<T>(3), v)); // softplus
}

// @ts-ignore: decorator
@inline function mapBackward<T extends number>(op: i32, dx: usize, dy: usize, v: usize, n: i32, low: v128, high: v128): void {
  for (; n >= 2 * LANES<T>(); n -= 2 * LANES<T>(), dx += 32, dy += 32, v += 32) {
    const a = applyBackward<T>(op, vload<T>(dy), vload<T>(v), low, high);
    const b = applyBackward<T>(op, vload<T>(dy + 16), vload<T>(v + 16), low, high);
    vstore<T>(dx, a);
    vstore<T>(dx + 16, b);
  }
  for (; n > 0; n -= LANES<T>(), dx += 16, dy += 16, v += 16) {
    vstorePart<T>(dx, applyBackward<T>(op, vloadPart<T>(dy, n), vloadPart<T>(v, n), low, high), n);
  }
}

// Backward (5): dx out [n], may be dy or v; dy in [n]; v in [n], y of exp, sqrt, sigmoid, tanh and relu, x of the others. That of neg is neg.

export function expBackward<T extends number>(dx: usize, dy: usize, v: usize, n: i32): void {
  mapBackward<T>(EXP, dx, dy, v, n, zero(), zero());
}

export function logBackward<T extends number>(dx: usize, dy: usize, v: usize, n: i32): void {
  mapBackward<T>(LOG, dx, dy, v, n, zero(), zero());
}

export function sqrtBackward<T extends number>(dx: usize, dy: usize, v: usize, n: i32): void {
  mapBackward<T>(SQRT, dx, dy, v, n, zero(), zero());
}

export function squareBackward<T extends number>(dx: usize, dy: usize, v: usize, n: i32): void {
  mapBackward<T>(SQUARE, dx, dy, v, n, zero(), zero());
}

export function absBackward<T extends number>(dx: usize, dy: usize, v: usize, n: i32): void {
  mapBackward<T>(ABS, dx, dy, v, n, zero(), zero());
}

export function sigmoidBackward<T extends number>(dx: usize, dy: usize, v: usize, n: i32): void {
  mapBackward<T>(SIGMOID, dx, dy, v, n, zero(), zero());
}

export function tanhBackward<T extends number>(dx: usize, dy: usize, v: usize, n: i32): void {
  mapBackward<T>(TANH, dx, dy, v, n, zero(), zero());
}

export function reluBackward<T extends number>(dx: usize, dy: usize, v: usize, n: i32): void {
  mapBackward<T>(RELU, dx, dy, v, n, zero(), zero());
}

export function geluBackward<T extends number>(dx: usize, dy: usize, v: usize, n: i32): void {
  mapBackward<T>(GELU, dx, dy, v, n, zero(), zero());
}

export function geluTanhBackward<T extends number>(dx: usize, dy: usize, v: usize, n: i32): void {
  mapBackward<T>(GELU_TANH, dx, dy, v, n, zero(), zero());
}

export function siluBackward<T extends number>(dx: usize, dy: usize, v: usize, n: i32): void {
  mapBackward<T>(SILU, dx, dy, v, n, zero(), zero());
}

export function softplusBackward<T extends number>(dx: usize, dy: usize, v: usize, n: i32): void {
  mapBackward<T>(SOFTPLUS, dx, dy, v, n, zero(), zero());
}

export function clipBackward<T extends number>(dx: usize, dy: usize, v: usize, n: i32, low: f64, high: f64): void {
  mapBackward<T>(CLIP, dx, dy, v, n, splat<T>(<T>low), splat<T>(<T>high));
}
