/**
 * Optimizers over one flat block of parameters. Bound by memory: 3 or 5 streams, one pass.
 *
 * Weight decay λ, where there is one: g ← g + λ·p first.
 *
 *   SGD    v ← μ·v + g;  p ← p − η·v;  Nesterov: p ← p − η·(g + μ·v)              (1)
 *   Adam   m ← β₁·m + (1 − β₁)·g;  v ← β₂·v + (1 − β₂)·g²                         (2)
 *          p ← κ·p − η/(1 − β₁ᵏ) · m / (√v/√(1 − β₂ᵏ) + ε);  AdamW: κ = 1 − η·λ   (3)
 *   RMSprop  v ← α·v + (1 − α)·g²;  ḡ ← α·ḡ + (1 − α)·g                           (4)
 *          s = g / (√v + ε), centered: g / (√(v − ḡ²) + ε)                        (5)
 *          p ← p − η·s, with momentum b ← μ·b + s;  p ← p − η·b                   (6)
 *   Adagrad  v ← v + g²;  p ← p − η·g / (√v + ε)                                  (7)
 *
 * As in PyTorch (torch.optim, SGD with dampening 0; Kingma & Ba, arXiv:1412.6980, algorithm 1 with ε
 * outside the bias correction). (1 − β)·g² is formed as ((1 − β)·g)·g, which overflows later.
 *
 * Overflow: in (2) to (7) a finite |g| above the greatest G with a finite (1 − β)·G² (Adagrad: G²) counts as G, and v stops at the greatest
 * finite number: one great gradient cannot make v infinite, which would hold the parameter for ever. A g that is not finite makes NaN.
 * Underflow: what would be subnormal is 0, before it is computed: a moment below twice the least normal number, (1 − β)·g² below it,
 * a step below it. Where that leaves no denominator at all (ε = 0), there is no step. docs/numerics.md says what it costs.
 */
import { cut } from "./flush";
import { add, andnot, div, eq, LANES, mul, pmax, pmin, splat, sqrt, sub, VEC_BYTES, vloadPart, vmax, vstorePart, zero } from "./vec";

/** The least normal number. */
// @ts-ignore: decorator
@inline function tiny<T extends number>(): f64 {
  return sizeof<T>() == 4 ? <f64>f32.MIN_NORMAL_VALUE : f64.MIN_NORMAL_VALUE;
}

/** The greatest finite number. */
// @ts-ignore: decorator
@inline function most<T extends number>(): f64 {
  return sizeof<T>() == 4 ? <f64>f32.MAX_VALUE : f64.MAX_VALUE;
}

/** The greatest g with a finite c·g², a few roundings less. */
// @ts-ignore: decorator
@inline function greatest<T extends number>(c: f64): v128 {
  return splat<T>(<T>min<f64>(Math.sqrt(most<T>()) * (1 - 1e-6) / Math.sqrt(c), most<T>()));
}

/** The least g with a normal c·g², and with a normal c·g. */
// @ts-ignore: decorator
@inline function leastSquared<T extends number>(c: f64): v128 {
  return splat<T>(<T>max<f64>((Math.sqrt(tiny<T>()) / Math.sqrt(c)) * (1 + 1e-6), (tiny<T>() / c) * (1 + 1e-6)));
}

/** The least s with a normal η·s; s is normal too. */
// @ts-ignore: decorator
@inline function leastStep<T extends number>(lr: f64): v128 {
  return splat<T>(<T>min<f64>(tiny<T>() * max<f64>(1, (1 / lr) * (1 + 1e-6)), most<T>()));
}

/** The least of a moment. */
// @ts-ignore: decorator
@inline function leastMoment<T extends number>(): v128 {
  return splat<T>(<T>(2 * tiny<T>()));
}

/** The gradient, with weight decay. */
// @ts-ignore: decorator
@inline function decayed<T extends number>(g: usize, p: v128, n: i32, decay: f64): v128 {
  const d = vloadPart<T>(g, n);
  return decay == 0 ? d : add<T>(d, mul<T>(splat<T>(<T>decay), p));
}

/** d, within ±G; NaN where d is not finite. */
// @ts-ignore: decorator
@inline function within<T extends number>(d: v128, G: v128): v128 {
  return add<T>(pmax<T>(pmin<T>(d, G), sub<T>(zero(), G)), sub<T>(d, d));
}

/** v + (c·d)·d, with d = 0 below `least`, at most the greatest finite number. */
// @ts-ignore: decorator
@inline function addSquare<T extends number>(v: v128, c: v128, d: v128, least: v128): v128 {
  const r = cut<T>(d, least);
  return pmin<T>(add<T>(v, mul<T>(mul<T>(c, r), r)), splat<T>(<T>most<T>()));
}

/** a/b; 0 where b is. */
// @ts-ignore: decorator
@inline function ratio<T extends number>(a: v128, b: v128): v128 {
  return andnot(div<T>(a, b), eq<T>(b, zero()));
}

/**
 * One step of SGD (1).
 *
 * @param p  inout [n]
 * @param v  inout [n]  velocity, zero before the first step; null: no momentum
 * @param g  in    [n]
 */
export function sgd<T extends number>(
  p: usize, v: usize, g: usize, n: i32, lr: f64, momentum: f64, nesterov: i32, decay: f64,
): void {
  const eta = splat<T>(<T>lr), mu = splat<T>(<T>momentum), small = leastMoment<T>(), least = leastStep<T>(lr);
  for (; n > 0; n -= LANES<T>()) {
    const old = vloadPart<T>(p, n);
    let d = decayed<T>(g, old, n, decay);
    if (v) {
      const vt = cut<T>(add<T>(mul<T>(mu, vloadPart<T>(v, n)), d), small);
      vstorePart<T>(v, vt, n);
      v += VEC_BYTES;
      d = nesterov ? add<T>(d, mul<T>(mu, vt)) : vt;
    }
    vstorePart<T>(p, sub<T>(old, mul<T>(eta, cut<T>(d, least))), n);
    p += VEC_BYTES;
    g += VEC_BYTES;
  }
}

/**
 * One step of Adam (2) (3).
 *
 * @param p        inout [n]
 * @param m, v     inout [n]  zero before the first step
 * @param g        in    [n]
 * @param stepSize η/(1 − β₁ᵏ)
 * @param root     √(1 − β₂ᵏ)
 * @param keep     κ
 */
export function adam<T extends number>(
  p: usize, m: usize, v: usize, g: usize, n: i32,
  beta1: f64, beta2: f64, epsilon: f64, stepSize: f64, root: f64, decay: f64, keep: f64,
): void {
  const b1 = splat<T>(<T>beta1), c1 = splat<T>(<T>(1 - beta1)), b2 = splat<T>(<T>beta2), c2 = splat<T>(<T>(1 - beta2));
  const eps = splat<T>(<T>epsilon), eta = splat<T>(<T>stepSize), r = splat<T>(<T>root), kappa = splat<T>(<T>keep);
  const G = greatest<T>(1 - beta2), leastSquare = leastSquared<T>(1 - beta2);
  const leastG = splat<T>(<T>((tiny<T>() / (1 - beta1)) * (1 + 1e-6)));
  const small = leastMoment<T>(), least = leastStep<T>(stepSize);
  for (; n > 0; n -= LANES<T>()) {
    const old = vloadPart<T>(p, n);
    const d = cut<T>(within<T>(decayed<T>(g, old, n, decay), G), leastG);
    const mt = cut<T>(add<T>(mul<T>(b1, vloadPart<T>(m, n)), mul<T>(c1, d)), small);
    const vt = cut<T>(addSquare<T>(mul<T>(b2, vloadPart<T>(v, n)), c2, d, leastSquare), small); // (2)
    const s = ratio<T>(mt, add<T>(div<T>(sqrt<T>(vt), r), eps));
    vstorePart<T>(m, mt, n);
    vstorePart<T>(v, vt, n);
    vstorePart<T>(p, sub<T>(mul<T>(kappa, old), mul<T>(eta, cut<T>(s, least))), n); // (3)
    p += VEC_BYTES;
    m += VEC_BYTES;
    v += VEC_BYTES;
    g += VEC_BYTES;
  }
}

/**
 * One step of RMSprop (4) (5) (6).
 *
 * @param p     inout [n]
 * @param v     inout [n]  zero before the first step
 * @param mean  inout [n]  ḡ, zero before the first step; null: not centered
 * @param b     inout [n]  zero before the first step; null: no momentum
 * @param g     in    [n]
 */
export function rmsprop<T extends number>(
  p: usize, v: usize, mean: usize, b: usize, g: usize, n: i32, lr: f64, alpha: f64, epsilon: f64, momentum: f64, decay: f64,
): void {
  const a = splat<T>(<T>alpha), rest = splat<T>(<T>(1 - alpha)), eps = splat<T>(<T>epsilon), eta = splat<T>(<T>lr), mu = splat<T>(<T>momentum);
  const G = greatest<T>(1 - alpha), leastSquare = leastSquared<T>(1 - alpha), small = leastMoment<T>(), least = leastStep<T>(lr);
  for (; n > 0; n -= LANES<T>()) {
    const old = vloadPart<T>(p, n);
    const d = within<T>(decayed<T>(g, old, n, decay), G);
    const vt = cut<T>(addSquare<T>(mul<T>(a, vloadPart<T>(v, n)), rest, d, leastSquare), small); // (4)
    vstorePart<T>(v, vt, n);
    let spread = vt;
    if (mean) {
      const centre = averaged<T>(mean, n, a, rest, cut<T>(d, leastSquare), small);
      mean += VEC_BYTES;
      spread = spreadOf<T>(vt, centre);
    }
    let s = ratio<T>(d, add<T>(sqrt<T>(spread), eps)); // (5)
    if (b) {
      s = cut<T>(add<T>(mul<T>(mu, vloadPart<T>(b, n)), s), small);
      vstorePart<T>(b, s, n);
      b += VEC_BYTES;
    }
    vstorePart<T>(p, sub<T>(old, mul<T>(eta, cut<T>(s, least))), n); // (6)
    p += VEC_BYTES;
    v += VEC_BYTES;
    g += VEC_BYTES;
  }
}

/** ḡ of (4), within ±√most as √v is. */
// @ts-ignore: decorator
@inline function averaged<T extends number>(mean: usize, n: i32, a: v128, rest: v128, d: v128, small: v128): v128 {
  const centre = cut<T>(add<T>(mul<T>(a, vloadPart<T>(mean, n)), mul<T>(rest, d)), small);
  const bounded = within<T>(centre, greatest<T>(1));
  vstorePart<T>(mean, bounded, n);
  return bounded;
}

/** v − ḡ²; v where it is at its end, and says no more than that g has been great. Rounding may leave less than nothing. */
// @ts-ignore: decorator
@inline function spreadOf<T extends number>(v: v128, mean: v128): v128 {
  const r = andnot(cut<T>(mean, leastSquared<T>(1)), eq<T>(v, splat<T>(<T>most<T>())));
  return vmax<T>(zero(), sub<T>(v, mul<T>(r, r)));
}

/**
 * One step of Adagrad (7).
 *
 * @param p  inout [n]
 * @param v  inout [n]  sums of squares
 * @param g  in    [n]
 */
export function adagrad<T extends number>(p: usize, v: usize, g: usize, n: i32, lr: f64, epsilon: f64, decay: f64): void {
  const eps = splat<T>(<T>epsilon), eta = splat<T>(<T>lr), one = splat<T>(<T>1);
  const G = greatest<T>(1), leastSquare = leastSquared<T>(1), least = leastStep<T>(lr);
  for (; n > 0; n -= LANES<T>()) {
    const old = vloadPart<T>(p, n);
    const d = within<T>(decayed<T>(g, old, n, decay), G);
    const vt = addSquare<T>(vloadPart<T>(v, n), one, d, leastSquare);
    vstorePart<T>(v, vt, n);
    const s = ratio<T>(d, add<T>(sqrt<T>(vt), eps));
    vstorePart<T>(p, sub<T>(old, mul<T>(eta, cut<T>(s, least))), n);
    p += VEC_BYTES;
    v += VEC_BYTES;
    g += VEC_BYTES;
  }
}

/** Cuts x to −bound … bound; NaN stays NaN. @param x inout [n] */
export function clamp<T extends number>(x: usize, n: i32, bound: f64): void {
  for (; n > 0; --n, x += sizeof<T>()) {
    const value = load<T>(x);
    if (value > <T>bound) store<T>(x, <T>bound);
    else if (value < <T>-bound) store<T>(x, <T>-bound);
  }
}
