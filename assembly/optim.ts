/**
 * Optimizers over one flat block of parameters. Bound by memory: 3 or 5 streams, one pass.
 *
 *   SGD    v ← μ·v + g;  p ← p − η·v                                              (1)
 *   Adam   m ← β₁·m + (1 − β₁)·g;  v ← β₂·v + (1 − β₂)·g²                         (2)
 *          p ← p − η/(1 − β₁ᵏ) · m / (√v/√(1 − β₂ᵏ) + ε)                          (3)
 *
 * As in PyTorch (torch.optim.SGD with dampening 0, torch.optim.Adam; Kingma & Ba, arXiv:1412.6980, algorithm 1 with ε
 * outside the bias correction). Moments that decay towards zero are flushed before they become subnormal.
 */
import { flush, flushedSquare } from "./flush";
import { add, andnot, div, eq, LANES, mul, splat, sqrt, sub, VEC_BYTES, vloadPart, vstorePart, zero } from "./vec";

/**
 * One step of SGD (1).
 *
 * @param p  inout [n]
 * @param v  inout [n]  velocity, zero before the first step; null: no momentum
 * @param g  in    [n]
 */
export function sgd<T extends number>(p: usize, v: usize, g: usize, n: i32, lr: f64, momentum: f64): void {
  const eta = splat<T>(<T>lr), mu = splat<T>(<T>momentum);
  for (; n > 0; n -= LANES<T>()) {
    let d = vloadPart<T>(g, n);
    if (v) {
      d = flush<T>(add<T>(mul<T>(mu, vloadPart<T>(v, n)), d));
      vstorePart<T>(v, d, n);
      v += VEC_BYTES;
    }
    vstorePart<T>(p, sub<T>(vloadPart<T>(p, n), mul<T>(eta, d)), n);
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
 */
export function adam<T extends number>(
  p: usize, m: usize, v: usize, g: usize, n: i32, beta1: f64, beta2: f64, epsilon: f64, stepSize: f64, root: f64,
): void {
  const b1 = splat<T>(<T>beta1), c1 = splat<T>(<T>(1 - beta1));
  const b2 = splat<T>(<T>beta2), c2 = splat<T>(<T>(1 - beta2));
  const eps = splat<T>(<T>epsilon), eta = splat<T>(<T>stepSize), r = splat<T>(<T>root);
  for (; n > 0; n -= LANES<T>()) {
    const d = vloadPart<T>(g, n);
    const mt = flush<T>(add<T>(mul<T>(b1, vloadPart<T>(m, n)), mul<T>(c1, d)));
    const vt = flush<T>(add<T>(mul<T>(b2, vloadPart<T>(v, n)), mul<T>(c2, flushedSquare<T>(d))));
    // Where v was flushed the formula has lost its denominator: no step, where it would be lr·g/ε at most.
    const step = andnot(div<T>(mul<T>(eta, mt), add<T>(div<T>(sqrt<T>(vt), r), eps)), eq<T>(vt, zero()));
    vstorePart<T>(m, mt, n);
    vstorePart<T>(v, vt, n);
    vstorePart<T>(p, sub<T>(vloadPart<T>(p, n), step), n);
    p += VEC_BYTES;
    m += VEC_BYTES;
    v += VEC_BYTES;
    g += VEC_BYTES;
  }
}
