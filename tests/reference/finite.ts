/*
 * Gradients by central differences, with what they cannot see.
 *
 *   (1) d(h)  = (f(x + h·e) − f(x − h·e)) / 2h     error: h²·f‴/6 by truncation, about ε·|f|/h by rounding
 *   (2) h     = ∛ε · max(1, |x|)                   balances the two for f, f‴ near 1
 *   (3) noise = |d(2h) − d(h)|/3 + 8·ε·|f|/h       d(2h) is off by 4 truncation errors, d(h) by one: a third of their distance is one
 *
 * The factor 8 allows for a loss that is itself a sum with some rounding of its own. A comparison is fair at a few times `noise`,
 * and says something only while `noise` is small beside the gradient: check both.
 */

export interface FiniteDifference {
  readonly gradient: Float64Array;
  /** Estimated absolute error of each entry. */
  readonly noise: Float64Array;
}

/**
 * @param f a scalar loss; it must not keep or change its argument
 * @param x where to differentiate; left as it was
 * @param h the step, for all coordinates alike; by default (2)
 */
export function centralDifference(f: (x: Float64Array) => number, x: ArrayLike<number>, h?: number): FiniteDifference {
  const point = Float64Array.from(x);
  const gradient = new Float64Array(point.length);
  const noise = new Float64Array(point.length);
  const slope = (i: number, step: number) => {
    const centre = point[i];
    const right = centre + step;
    const left = centre - step;
    point[i] = right;
    const above = f(point);
    point[i] = left;
    const below = f(point);
    point[i] = centre;
    return { value: (above - below) / (right - left), size: Math.max(Math.abs(above), Math.abs(below)) }; // (1), by the step as rounded
  };
  for (let i = 0; i < point.length; i++) {
    const step = h ?? Math.cbrt(Number.EPSILON) * Math.max(1, Math.abs(point[i])); // (2)
    const near = slope(i, step);
    const far = slope(i, 2 * step);
    gradient[i] = near.value;
    noise[i] = Math.abs(far.value - near.value) / 3 + (8 * Number.EPSILON * near.size) / step; // (3)
  }
  return { gradient, noise };
}
