/**
 * Operators of one array, element by element, and their gradients.
 *
 *   relu x     = max(x, 0)                                       clip x = min(max(x, low), high)
 *   silu x     = x / (1 + e^−x)                                                                     (1)
 *   softplus x = log(1 + e^x), x where x > 20                                                       (2)
 *   gelu x     = x·Φ(x), Φ the normal distribution (erf.ts)                                          (3)
 *   gelu by tanh = x·(1 + tanh u)/2 = x·sigmoid(2u), 2u = x·(A + B·x²)                              (4)
 *
 * The gradients, from x or, where that spares the function, from y:
 *   −dy | dy·y | dy/x | dy/2y | 2x·dy | dy·sign x | dy·(1 − y)·y | dy·(1 − y²) | dy where not y ≤ 0 |
 *   dy·(Φ(x) + x·E(x)/√2π) | dy·(s + x·s(1 − s)·(A + 3B·x²)) | dy·s(1 + x(1 − s)) | dy·s, s the sigmoid     (5)
 *
 * ∞, NaN and −0 are PyTorch's: relu and clip keep NaN, |x| has the gradient 0 at 0, clip 1 at its bounds; gelu and silu have NaN at −∞,
 * and as gradient at ±∞. Subnormal results of exp and sigmoid: math.ts. Errors: docs/numerics.md.
 */
import { both, ONE } from "../constants";
import { vlog1p } from "../log1p";
import { vexp, vlog, vsigmoid, vtanh } from "../math";
import {
  abs, add, and, andnot, div, LANES, loadSplat, lt, madd, mul, pmax, pmin, select, splat, sqrt, sub, vload, vloadPart, vstore, vstorePart, zero,
} from "../vec";
import { le, neg } from "../vec_mask";
import { densityAtZero, vbell, vtail, within } from "./erf";

// @ts-ignore: decorator
@inline const NEG: i32 = 0;
// @ts-ignore: decorator
@inline const EXP: i32 = 1;
// @ts-ignore: decorator
@inline const LOG: i32 = 2;
// @ts-ignore: decorator
@inline const SQRT: i32 = 3;
// @ts-ignore: decorator
@inline const SQUARE: i32 = 4;
// @ts-ignore: decorator
@inline const ABS: i32 = 5;
// @ts-ignore: decorator
@inline const SIGMOID: i32 = 6;
// @ts-ignore: decorator
@inline const TANH: i32 = 7;
// @ts-ignore: decorator
@inline const RELU: i32 = 8;
// @ts-ignore: decorator
@inline const GELU: i32 = 9;
// @ts-ignore: decorator
@inline const GELU_TANH: i32 = 10;
// @ts-ignore: decorator
@inline const SILU: i32 = 11;
// @ts-ignore: decorator
@inline const SOFTPLUS: i32 = 12;
// @ts-ignore: decorator
@inline const CLIP: i32 = 13;

// In memory for the reason that constants.ts gives: A = 2·√(2/π) and B = 0.044715·A of (4) (Hendrycks & Gimpel, arXiv 1606.08415), 3B,
// PyTorch's threshold of softplus.
const SINGLE = memory.data<f32>([1.5957691216057308, 0.07135481627260025, 0.21406444881780075, 20]);
const DOUBLE = memory.data<f64>([1.5957691216057308, 0.07135481627260025, 0.21406444881780075, 20]);

// @ts-ignore: decorator
@inline function constant<T extends number>(index: i32): v128 {
  return loadSplat<T>(sizeof<T>() == 4 ? SINGLE : DOUBLE, index);
}

/** Φ(x), and its E for the gradient. */
// @ts-ignore: decorator
@inline function normal<T extends number>(x: v128, w: v128, bell: v128): v128 {
  const tail = vtail<T>(w, bell);
  return select(tail, sub<T>(both<T>(ONE), tail), lt<T>(x, zero()));
}

/** 2u of (4), its factor of x³ given: A + B·x² or, for its derivative, A + 3B·x². */
// @ts-ignore: decorator
@inline function slope<T extends number>(x: v128, cubic: i32): v128 {
  return madd<T>(constant<T>(cubic), mul<T>(x, x), constant<T>(0));
}

/** The operator of a number known at compile time: the chain dissolves. The cheap ones: an instruction or two. */
// @ts-ignore: decorator
@inline function applyCheap<T extends number>(op: i32, x: v128, low: v128, high: v128): v128 {
  if (op == NEG) return neg<T>(x);
  if (op == SQRT) return sqrt<T>(x);
  if (op == SQUARE) return mul<T>(x, x);
  if (op == ABS) return abs<T>(x);
  if (op == RELU) return pmax<T>(x, zero()); // x where it is NaN, and where it is −0
  return pmin<T>(pmax<T>(x, low), high);
}

/** The others. */
// @ts-ignore: decorator
@inline function apply<T extends number>(op: i32, x: v128): v128 {
  if (op == EXP) return vexp<T>(x);
  if (op == LOG) return vlog<T>(x);
  if (op == SIGMOID) return vsigmoid<T>(x);
  if (op == TANH) return vtanh<T>(x);
  if (op == GELU) {
    const w = within<T>(abs<T>(x));
    return mul<T>(x, normal<T>(x, w, vbell<T>(w))); // (3)
  }
  if (op == GELU_TANH) return mul<T>(x, vsigmoid<T>(mul<T>(x, slope<T>(x, 1)))); // (4)
  if (op == SILU) return div<T>(x, add<T>(both<T>(ONE), vexp<T>(neg<T>(x)))); // (1)
  return select(x, vlog1p<T>(vexp<T>(x)), lt<T>(constant<T>(3), x)); // (2)
}

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
  if (op == GELU_TANH) return mul<T>(dy, madd<T>(mul<T>(v, slope<T>(v, 2)), mul<T>(s, rest), s));
  if (op == SILU) return mul<T>(dy, mul<T>(s, madd<T>(v, rest, one)));
  return select(dy, mul<T>(dy, s), lt<T>(constant<T>(3), v)); // softplus
}

// @ts-ignore: decorator
@inline function mapArray<T extends number>(op: i32, y: usize, x: usize, n: i32): void {
  for (; n >= 2 * LANES<T>(); n -= 2 * LANES<T>(), x += 32, y += 32) {
    const a = apply<T>(op, vload<T>(x)), b = apply<T>(op, vload<T>(x + 16));
    vstore<T>(y, a);
    vstore<T>(y + 16, b);
  }
  // One vector a turn, the last of them a part.
  for (; n > 0; n -= LANES<T>(), x += 16, y += 16) vstorePart<T>(y, apply<T>(op, vloadPart<T>(x, n)), n);
}

/** The same of an operator that is an instruction or two: what bounds it is memory, and twice as many vectors a turn hide the loop. */
// @ts-ignore: decorator
@inline function mapCheap<T extends number>(op: i32, y: usize, x: usize, n: i32, low: v128, high: v128): void {
  for (; n >= 4 * LANES<T>(); n -= 4 * LANES<T>(), x += 64, y += 64) {
    const a = applyCheap<T>(op, vload<T>(x), low, high), b = applyCheap<T>(op, vload<T>(x + 16), low, high);
    const c = applyCheap<T>(op, vload<T>(x + 32), low, high), d = applyCheap<T>(op, vload<T>(x + 48), low, high);
    vstore<T>(y, a);
    vstore<T>(y + 16, b);
    vstore<T>(y + 32, c);
    vstore<T>(y + 48, d);
  }
  for (; n > 0; n -= LANES<T>(), x += 16, y += 16) vstorePart<T>(y, applyCheap<T>(op, vloadPart<T>(x, n), low, high), n);
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

// A function each, that the ABI exports: all in one, chosen by number, are more than an optimiser comes to an end with.
// Forward: y out [n], may be x; x in [n]. An element's bits do not depend on its place.

export function negForward<T extends number>(y: usize, x: usize, n: i32): void {
  mapCheap<T>(NEG, y, x, n, zero(), zero());
}

export function expForward<T extends number>(y: usize, x: usize, n: i32): void {
  mapArray<T>(EXP, y, x, n);
}

export function logForward<T extends number>(y: usize, x: usize, n: i32): void {
  mapArray<T>(LOG, y, x, n);
}

export function sqrtForward<T extends number>(y: usize, x: usize, n: i32): void {
  mapCheap<T>(SQRT, y, x, n, zero(), zero());
}

export function squareForward<T extends number>(y: usize, x: usize, n: i32): void {
  mapCheap<T>(SQUARE, y, x, n, zero(), zero());
}

export function absForward<T extends number>(y: usize, x: usize, n: i32): void {
  mapCheap<T>(ABS, y, x, n, zero(), zero());
}

export function sigmoidForward<T extends number>(y: usize, x: usize, n: i32): void {
  mapArray<T>(SIGMOID, y, x, n);
}

export function tanhForward<T extends number>(y: usize, x: usize, n: i32): void {
  mapArray<T>(TANH, y, x, n);
}

export function reluForward<T extends number>(y: usize, x: usize, n: i32): void {
  mapCheap<T>(RELU, y, x, n, zero(), zero());
}

export function geluForward<T extends number>(y: usize, x: usize, n: i32): void {
  mapArray<T>(GELU, y, x, n);
}

export function geluTanhForward<T extends number>(y: usize, x: usize, n: i32): void {
  mapArray<T>(GELU_TANH, y, x, n);
}

export function siluForward<T extends number>(y: usize, x: usize, n: i32): void {
  mapArray<T>(SILU, y, x, n);
}

export function softplusForward<T extends number>(y: usize, x: usize, n: i32): void {
  mapArray<T>(SOFTPLUS, y, x, n);
}

/** @param low, high the bounds */
export function clipForward<T extends number>(y: usize, x: usize, n: i32, low: f64, high: f64): void {
  mapCheap<T>(CLIP, y, x, n, splat<T>(<T>low), splat<T>(<T>high));
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
