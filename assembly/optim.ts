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
 * outside the bias correction). Moments that decay towards zero are flushed before they become subnormal.
 */
import { flush, flushedSquare } from "./flush";
import { add, andnot, div, eq, LANES, mul, splat, sqrt, sub, VEC_BYTES, vloadPart, vmax, vstorePart, zero } from "./vec";

/** The gradient, with weight decay. */
// @ts-ignore: decorator
@inline function decayed<T extends number>(g: usize, p: v128, n: i32, decay: f64): v128 {
  const d = vloadPart<T>(g, n);
  return decay == 0 ? d : add<T>(d, mul<T>(splat<T>(<T>decay), p));
}

/** s, or nothing where v was flushed: the formula has lost its denominator there, and s would be g/ε at most. */
// @ts-ignore: decorator
@inline function unlessLost<T extends number>(s: v128, v: v128): v128 {
  return andnot(s, eq<T>(v, zero()));
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
  const eta = splat<T>(<T>lr), mu = splat<T>(<T>momentum);
  for (; n > 0; n -= LANES<T>()) {
    const old = vloadPart<T>(p, n);
    let d = decayed<T>(g, old, n, decay);
    if (v) {
      const vt = flush<T>(add<T>(mul<T>(mu, vloadPart<T>(v, n)), d));
      vstorePart<T>(v, vt, n);
      v += VEC_BYTES;
      d = nesterov ? add<T>(d, mul<T>(mu, vt)) : vt;
    }
    vstorePart<T>(p, sub<T>(old, mul<T>(eta, d)), n);
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
  const b1 = splat<T>(<T>beta1), c1 = splat<T>(<T>(1 - beta1));
  const b2 = splat<T>(<T>beta2), c2 = splat<T>(<T>(1 - beta2));
  const eps = splat<T>(<T>epsilon), eta = splat<T>(<T>stepSize), r = splat<T>(<T>root), kappa = splat<T>(<T>keep);
  for (; n > 0; n -= LANES<T>()) {
    const old = vloadPart<T>(p, n);
    const d = decayed<T>(g, old, n, decay);
    const mt = flush<T>(add<T>(mul<T>(b1, vloadPart<T>(m, n)), mul<T>(c1, d)));
    const vt = flush<T>(add<T>(mul<T>(b2, vloadPart<T>(v, n)), mul<T>(c2, flushedSquare<T>(d))));
    const step = unlessLost<T>(div<T>(mul<T>(eta, mt), add<T>(div<T>(sqrt<T>(vt), r), eps)), vt);
    vstorePart<T>(m, mt, n);
    vstorePart<T>(v, vt, n);
    vstorePart<T>(p, sub<T>(mul<T>(kappa, old), step), n);
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
  const a = splat<T>(<T>alpha), rest = splat<T>(<T>(1 - alpha));
  const eps = splat<T>(<T>epsilon), eta = splat<T>(<T>lr), mu = splat<T>(<T>momentum);
  for (; n > 0; n -= LANES<T>()) {
    const old = vloadPart<T>(p, n);
    const d = decayed<T>(g, old, n, decay);
    const vt = flush<T>(add<T>(mul<T>(a, vloadPart<T>(v, n)), mul<T>(rest, flushedSquare<T>(d)))); // (4)
    vstorePart<T>(v, vt, n);
    let spread = vt;
    if (mean) {
      const centre = flush<T>(add<T>(mul<T>(a, vloadPart<T>(mean, n)), mul<T>(rest, d)));
      vstorePart<T>(mean, centre, n);
      mean += VEC_BYTES;
      spread = vmax<T>(zero(), sub<T>(vt, flushedSquare<T>(centre))); // rounding may leave less than nothing
    }
    let s = unlessLost<T>(div<T>(d, add<T>(sqrt<T>(spread), eps)), vt); // (5)
    if (b) {
      s = flush<T>(add<T>(mul<T>(mu, vloadPart<T>(b, n)), s));
      vstorePart<T>(b, s, n);
      b += VEC_BYTES;
    }
    vstorePart<T>(p, sub<T>(old, mul<T>(eta, s)), n); // (6)
    p += VEC_BYTES;
    v += VEC_BYTES;
    g += VEC_BYTES;
  }
}

/**
 * One step of Adagrad (7).
 *
 * @param p  inout [n]
 * @param v  inout [n]  sums of squares
 * @param g  in    [n]
 */
export function adagrad<T extends number>(p: usize, v: usize, g: usize, n: i32, lr: f64, epsilon: f64, decay: f64): void {
  const eps = splat<T>(<T>epsilon), eta = splat<T>(<T>lr);
  for (; n > 0; n -= LANES<T>()) {
    const old = vloadPart<T>(p, n);
    const d = decayed<T>(g, old, n, decay);
    const vt = add<T>(vloadPart<T>(v, n), flushedSquare<T>(d));
    vstorePart<T>(v, vt, n);
    const step = unlessLost<T>(div<T>(mul<T>(eta, d), add<T>(sqrt<T>(vt), eps)), vt);
    vstorePart<T>(p, sub<T>(old, step), n);
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
