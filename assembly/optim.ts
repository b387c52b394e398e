/**
 * Optimizers over one flat block of parameters. Bound by memory: 3 or 5 streams, one pass.
 *
 * Weight decay λ, where there is one: g ← g + λ·p first.
 *
 *   SGD    v ← μ·v + g;  p ← p − η·v;  Nesterov: p ← p − η·(g + μ·v)              (1)
 *   Adam   m ← β₁·m + (1 − β₁)·g;  v ← β₂·v + (1 − β₂)·g²                         (2)
 *          p ← κ·p − η/(1 − β₁ᵏ) · m / (√v/√(1 − β₂ᵏ) + ε);  AdamW: κ = 1 − η·λ   (3)
 *   AMSGrad  as Adam; u ← max(u, v), and √u in the place of √v                    (3a)
 *   RMSprop  v ← α·v + (1 − α)·g²;  ḡ ← α·ḡ + (1 − α)·g                           (4)
 *          s = g / (√v + ε), centered: g / (√(v − ḡ²) + ε)                        (5)
 *          p ← p − η·s, with momentum b ← μ·b + s;  p ← p − η·b                   (6)
 *   Adagrad  v ← v + g²;  p ← p − η·g / (√v + ε)                                  (7)
 *
 * As in PyTorch (torch.optim, SGD with dampening 0; Kingma & Ba, arXiv:1412.6980, algorithm 1 with ε
 * outside the bias correction; Reddi, Kale & Kumar, arXiv:1904.09237, algorithm 2, u of the v that is not corrected).
 * (1 − β)·g² is formed as ((1 − β)·g)·g, which overflows later.
 *
 * Overflow: in (2) to (7) a finite |g| above the greatest G with a finite (1 − β)·G² (Adagrad: G²) counts as G, and v stops at the greatest
 * finite number: one great gradient cannot make v infinite, which would hold the parameter for ever. A g that is not finite makes NaN.
 * Underflow: what would become subnormal is 0 before it does: m, ḡ and velocities below 2⁻¹¹⁰ (f64: 2⁻¹⁰⁰⁰), v and (1 − β)·g² below the
 * least normal numbers. Where that leaves no denominator at all (ε = 0), there is no step. docs/numerics.md says what it costs.
 */
import { cut } from "./flush";
import { addSquare, bound, decayed, greatest, LEAST_M, leastSquared, MOST, ratio, within } from "./moments";
import { add, andnot, div, eq, LANES, mul, pmax, pmin, splat, sqrt, sub, VEC_BYTES, vloadPart, vmax, vstorePart, zero } from "./vec";

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
    let d = vloadPart<T>(g, n);
    if (decay != 0) d = add<T>(d, mul<T>(splat<T>(<T>decay), old)); // held in a register, plain steps are 0.85 times as fast on Node 20
    if (v) {
      const vt = cut<T>(add<T>(mul<T>(mu, vloadPart<T>(v, n)), d), bound<T>(LEAST_M));
      vstorePart<T>(v, vt, n);
      v += VEC_BYTES;
      d = nesterov ? add<T>(d, mul<T>(mu, vt)) : vt;
    }
    vstorePart<T>(p, sub<T>(old, mul<T>(eta, d)), n);
    p += VEC_BYTES;
    g += VEC_BYTES;
  }
}

/** At most LANES elements of Adam; where `top` is null, which it is at compile time, without (3a). */
// @ts-ignore: decorator
@inline function adamOf<T extends number>(
  p: usize, m: usize, v: usize, top: usize, g: usize, n: i32,
  b1: v128, c1: v128, b2: v128, c2: v128, eps: v128, eta: v128, r: v128, kappa: v128, G: v128, minusG: v128, least: v128, decays: bool, lambda: v128,
): void {
  const old = vloadPart<T>(p, n);
  const d = within<T>(decayed<T>(g, old, n, decays, lambda), G, minusG);
  const mt = cut<T>(add<T>(mul<T>(b1, vloadPart<T>(m, n)), mul<T>(c1, d)), bound<T>(LEAST_M));
  const vt = addSquare<T>(mul<T>(b2, vloadPart<T>(v, n)), c2, d, least); // (2)
  let below = vt;
  if (top) {
    below = vmax<T>(vloadPart<T>(top, n), vt); // (3a)
    vstorePart<T>(top, below, n);
  }
  const s = ratio<T>(mt, add<T>(div<T>(sqrt<T>(below), r), eps));
  vstorePart<T>(m, mt, n);
  vstorePart<T>(v, vt, n);
  vstorePart<T>(p, sub<T>(mul<T>(kappa, old), mul<T>(eta, s)), n); // (3)
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
  const decays = decay != 0, lambda = splat<T>(<T>decay);
  const eps = splat<T>(<T>epsilon), eta = splat<T>(<T>stepSize), r = splat<T>(<T>root), kappa = splat<T>(<T>keep);
  const most = greatest<T>(1 - beta2), G = splat<T>(<T>most), minusG = splat<T>(<T>-most), least = splat<T>(<T>leastSquared<T>(1 - beta2));
  for (; n >= LANES<T>(); n -= LANES<T>(), p += VEC_BYTES, m += VEC_BYTES, v += VEC_BYTES, g += VEC_BYTES) {
    adamOf<T>(p, m, v, 0, g, LANES<T>(), b1, c1, b2, c2, eps, eta, r, kappa, G, minusG, least, decays, lambda);
  }
  if (n > 0) adamOf<T>(p, m, v, 0, g, n, b1, c1, b2, c2, eps, eta, r, kappa, G, minusG, least, decays, lambda);
}

/**
 * One step of AMSGrad (2) (3a) (3). A kernel of its own: plain Adam's loop carries nothing of it.
 *
 * @param top  inout [n]  the greatest v so far, zero before the first step; the rest as of adam
 */
export function amsgrad<T extends number>(
  p: usize, m: usize, v: usize, top: usize, g: usize, n: i32,
  beta1: f64, beta2: f64, epsilon: f64, stepSize: f64, root: f64, decay: f64, keep: f64,
): void {
  const b1 = splat<T>(<T>beta1), c1 = splat<T>(<T>(1 - beta1)), b2 = splat<T>(<T>beta2), c2 = splat<T>(<T>(1 - beta2));
  const decays = decay != 0, lambda = splat<T>(<T>decay);
  const eps = splat<T>(<T>epsilon), eta = splat<T>(<T>stepSize), r = splat<T>(<T>root), kappa = splat<T>(<T>keep);
  const most = greatest<T>(1 - beta2), G = splat<T>(<T>most), minusG = splat<T>(<T>-most), least = splat<T>(<T>leastSquared<T>(1 - beta2));
  for (; n >= LANES<T>(); n -= LANES<T>(), p += VEC_BYTES, m += VEC_BYTES, v += VEC_BYTES, top += VEC_BYTES, g += VEC_BYTES) {
    adamOf<T>(p, m, v, top, g, LANES<T>(), b1, c1, b2, c2, eps, eta, r, kappa, G, minusG, least, decays, lambda);
  }
  if (n > 0) adamOf<T>(p, m, v, top, g, n, b1, c1, b2, c2, eps, eta, r, kappa, G, minusG, least, decays, lambda);
}

/** At most LANES elements of RMSprop. */
// @ts-ignore: decorator
@inline function rmspropOf<T extends number>(
  p: usize, v: usize, mean: usize, b: usize, g: usize, n: i32,
  a: v128, rest: v128, eps: v128, eta: v128, mu: v128, G: v128, minusG: v128, least: v128, mostMean: v128, leastMean: v128, decays: bool, lambda: v128,
): void {
  const old = vloadPart<T>(p, n);
  const d = within<T>(decayed<T>(g, old, n, decays, lambda), G, minusG);
  const vt = addSquare<T>(mul<T>(a, vloadPart<T>(v, n)), rest, d, least); // (4)
  vstorePart<T>(v, vt, n);
  let spread = vt;
  if (mean) {
    const centre = averaged<T>(add<T>(mul<T>(a, vloadPart<T>(mean, n)), mul<T>(rest, d)), mostMean);
    vstorePart<T>(mean, centre, n);
    spread = spreadOf<T>(vt, cut<T>(centre, leastMean));
  }
  let s = ratio<T>(d, add<T>(sqrt<T>(spread), eps)); // (5)
  if (b) {
    s = cut<T>(add<T>(mul<T>(mu, vloadPart<T>(b, n)), s), bound<T>(LEAST_M));
    vstorePart<T>(b, s, n);
  }
  vstorePart<T>(p, sub<T>(old, mul<T>(eta, s)), n); // (6)
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
  const decays = decay != 0, lambda = splat<T>(<T>decay);
  const most = greatest<T>(1 - alpha), G = splat<T>(<T>most), minusG = splat<T>(<T>-most), least = splat<T>(<T>leastSquared<T>(1 - alpha));
  const mostMean = splat<T>(<T>greatest<T>(1)), leastMean = splat<T>(<T>leastSquared<T>(1));
  for (; n >= LANES<T>(); n -= LANES<T>()) {
    rmspropOf<T>(p, v, mean, b, g, LANES<T>(), a, rest, eps, eta, mu, G, minusG, least, mostMean, leastMean, decays, lambda);
    p += VEC_BYTES;
    v += VEC_BYTES;
    if (mean) mean += VEC_BYTES;
    if (b) b += VEC_BYTES;
    g += VEC_BYTES;
  }
  if (n > 0) rmspropOf<T>(p, v, mean, b, g, n, a, rest, eps, eta, mu, G, minusG, least, mostMean, leastMean, decays, lambda);
}

/** ḡ of (4), flushed, and within ±√most, as √v is. */
// @ts-ignore: decorator
@inline function averaged<T extends number>(mean: v128, most: v128): v128 {
  return cut<T>(pmax<T>(pmin<T>(mean, most), sub<T>(zero(), most)), bound<T>(LEAST_M));
}

/** v − ḡ²; v where it is at its end, and says no more than that g has been great. Rounding may leave less than nothing. */
// @ts-ignore: decorator
@inline function spreadOf<T extends number>(v: v128, mean: v128): v128 {
  const r = andnot(mean, eq<T>(v, bound<T>(MOST)));
  return vmax<T>(zero(), sub<T>(v, mul<T>(r, r)));
}

/** At most LANES elements of Adagrad. */
// @ts-ignore: decorator
@inline function adagradOf<T extends number>(
  p: usize, v: usize, g: usize, n: i32, eps: v128, eta: v128, one: v128, G: v128, minusG: v128, least: v128, decays: bool, lambda: v128,
): void {
  const old = vloadPart<T>(p, n);
  const d = within<T>(decayed<T>(g, old, n, decays, lambda), G, minusG);
  const vt = addSquare<T>(vloadPart<T>(v, n), one, d, least);
  vstorePart<T>(v, vt, n);
  const s = ratio<T>(d, add<T>(sqrt<T>(vt), eps));
  vstorePart<T>(p, sub<T>(old, mul<T>(eta, s)), n);
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
  const decays = decay != 0, lambda = splat<T>(<T>decay);
  const most = greatest<T>(1), G = splat<T>(<T>most), minusG = splat<T>(<T>-most), least = splat<T>(<T>leastSquared<T>(1));
  for (; n >= LANES<T>(); n -= LANES<T>(), p += VEC_BYTES, v += VEC_BYTES, g += VEC_BYTES) {
    adagradOf<T>(p, v, g, LANES<T>(), eps, eta, one, G, minusG, least, decays, lambda);
  }
  if (n > 0) adagradOf<T>(p, v, g, n, eps, eta, one, G, minusG, least, decays, lambda);
}

/** Cuts x to −bound … bound; NaN stays NaN. @param x inout [n] */
export function clamp<T extends number>(x: usize, n: i32, bound: f64): void {
  for (; n > 0; --n, x += sizeof<T>()) {
    const value = load<T>(x);
    if (value > <T>bound) store<T>(x, <T>bound);
    else if (value < <T>-bound) store<T>(x, <T>-bound);
  }
}
