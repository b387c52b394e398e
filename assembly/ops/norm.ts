/**
 * Layer normalisation of rows of D features.
 *
 *   μ = Σ x / D;  v = Σ (x − μ)² / D;  r = 1/√(v + ε)           (1)
 *   x̂ = (x − μ)·r;  y = x̂·w + b                               (2)
 *   g = dy·w;  dx = r·(g − mean(g) − x̂·mean(g·x̂))             (3)
 *   dw += Σ_rows dy·x̂;  db += Σ_rows dy                        (4)
 *
 * Two passes for the variance, which therefore is never negative. Source: Ba, Kiros & Hinton, arXiv:1607.06450; torch.nn.LayerNorm.
 */
import { flush } from "../flush";
import { add, and, bytes, firstLanes, LANES, mul, splat, sub, VEC_BYTES, vloadPart, vstorePart, zero } from "../vec";
import { hsum } from "../vec_wide";

/** w or 1. */
// @ts-ignore: decorator
@inline function weightAt<T extends number>(w: usize, at: usize, n: i32): v128 {
  return w ? vloadPart<T>(w + at, n) : splat<T>(<T>1);
}

/**
 * (1) (2) Pair: layerNormBackward.
 *
 * @param y      out  [M,D]   may be x
 * @param stats  tape [M,2]   μ and r
 * @param x      in   [M,D]
 * @param w, b   in   [D]     may be null: 1 and 0
 */
export function layerNormForward<T extends number>(y: usize, stats: usize, x: usize, w: usize, b: usize, M: i32, D: i32, epsilon: f64): void {
  const row = bytes<T>(D);
  for (let m = 0; m < M; ++m, x += row, y += row, stats += 2 * sizeof<T>()) {
    let sum = zero();
    for (let n = D, at: usize = 0; n > 0; n -= LANES<T>(), at += VEC_BYTES) sum = add<T>(sum, vloadPart<T>(x + at, n));
    const mean = <T>(hsum<T>(sum) / <T>D);
    const centre = splat<T>(mean);
    let squares = zero();
    for (let n = D, at: usize = 0; n > 0; n -= LANES<T>(), at += VEC_BYTES) {
      const d = and(sub<T>(vloadPart<T>(x + at, n), centre), firstLanes<T>(n));
      squares = add<T>(squares, mul<T>(d, d));
    }
    const scale = <T>(1 / Math.sqrt(<f64>hsum<T>(squares) / <f64>D + epsilon));
    store<T>(stats, mean);
    store<T>(stats, scale, sizeof<T>());
    const r = splat<T>(scale);
    for (let n = D, at: usize = 0; n > 0; n -= LANES<T>(), at += VEC_BYTES) {
      const scaled = mul<T>(mul<T>(sub<T>(vloadPart<T>(x + at, n), centre), r), weightAt<T>(w, at, n));
      vstorePart<T>(y + at, b ? add<T>(scaled, vloadPart<T>(b + at, n)) : scaled, n);
    }
  }
}

/**
 * (3) (4) Pair: layerNormForward.
 *
 * @param dx      out  [M,D]  may be dy
 * @param dw, db  +=   [D]    may be null
 */
export function layerNormBackward<T extends number>(
  dx: usize, dw: usize, db: usize, dy: usize, x: usize, stats: usize, w: usize, M: i32, D: i32,
): void {
  const row = bytes<T>(D);
  for (let m = 0; m < M; ++m, x += row, dy += row, dx += row, stats += 2 * sizeof<T>()) {
    const centre = splat<T>(load<T>(stats)), r = splat<T>(load<T>(stats, sizeof<T>()));
    let sum = zero(), product = zero();
    for (let n = D, at: usize = 0; n > 0; n -= LANES<T>(), at += VEC_BYTES) {
      const d = vloadPart<T>(dy + at, n);
      const normal = mul<T>(sub<T>(vloadPart<T>(x + at, n), centre), r);
      const g = and(mul<T>(d, weightAt<T>(w, at, n)), firstLanes<T>(n));
      sum = add<T>(sum, g);
      product = add<T>(product, and(mul<T>(g, normal), firstLanes<T>(n)));
      if (dw) vstorePart<T>(dw + at, add<T>(vloadPart<T>(dw + at, n), mul<T>(d, normal)), n);
      if (db) vstorePart<T>(db + at, add<T>(vloadPart<T>(db + at, n), d), n);
    }
    const meanG = splat<T>(<T>(hsum<T>(sum) / <T>D)), meanP = splat<T>(<T>(hsum<T>(product) / <T>D));
    for (let n = D, at: usize = 0; n > 0; n -= LANES<T>(), at += VEC_BYTES) {
      const normal = mul<T>(sub<T>(vloadPart<T>(x + at, n), centre), r);
      const g = mul<T>(vloadPart<T>(dy + at, n), weightAt<T>(w, at, n));
      vstorePart<T>(dx + at, flush<T>(mul<T>(r, sub<T>(sub<T>(g, meanG), mul<T>(normal, meanP)))), n);
    }
  }
}
