/*
 * The naive losses, f64, one element or row at a time, by PyTorch's formulas as its documentation states them.
 *
 *   (1) cross-entropy   l = (1 − ε)·w[y]·(−log p[y]) + ε/C·Σc w[c]·(−log p[c])   p = softmax(z), by rows
 *                       dz[j] = (1 − ε)·w[y]·(p[j] − [j = y]) + ε/C·Σc w[c]·(p[j] − [j = c])
 *   (2) binary          l = p·y·log(1 + e^−x) + (1 − y)·log(1 + e^x)             dx = (1 − y)·σ(x) − p·y·σ(−x)
 *   (3) squared         l = (x − y)²                                             dx = 2·(x − y)
 *   (4) absolute        l = |x − y|                                              dx = sign(x − y)
 *   (5) Huber           l = (x − y)²/2 within δ, else δ·(|x − y| − δ/2)          dx = x − y within δ, else δ·sign(x − y)
 */

/** One row or element: its loss and its gradient. */
export interface Piece {
  readonly loss: number;
  readonly gradient: number[];
}

/** (1) */
export function crossEntropyRow(z: readonly number[], target: number, weight: readonly number[], smoothing: number): Piece {
  const C = z.length;
  const max = Math.max(...z);
  const sum = z.reduce((s, v) => s + Math.exp(v - max), 0);
  const minusLog = z.map((v) => Math.log(sum) - (v - max));
  const p = minusLog.map((v) => Math.exp(-v));
  let loss = (1 - smoothing) * weight[target] * minusLog[target];
  const gradient = p.map((v, j) => (1 - smoothing) * weight[target] * (v - (j === target ? 1 : 0)));
  for (let c = 0; c < C; c++) {
    loss += (smoothing / C) * weight[c] * minusLog[c];
    for (let j = 0; j < C; j++) gradient[j] += (smoothing / C) * weight[c] * (p[j] - (j === c ? 1 : 0));
  }
  return { loss, gradient };
}

/** log(1 + e^x) */
function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}

/** (2) */
export function binary(x: number, y: number, weight: number): Piece {
  const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
  const loss = (y === 0 ? 0 : weight * y * softplus(-x)) + (y === 1 ? 0 : (1 - y) * softplus(x));
  return { loss, gradient: [(1 - y) * sigmoid(x) - weight * y * sigmoid(-x)] };
}

/** (3) */
export function squared(x: number, y: number): Piece {
  return { loss: (x - y) ** 2, gradient: [2 * (x - y)] };
}

/** (4) */
export function absolute(x: number, y: number): Piece {
  return { loss: Math.abs(x - y), gradient: [Math.sign(x - y)] };
}

/** (5) */
export function huber(x: number, y: number, delta: number): Piece {
  const d = x - y;
  if (Math.abs(d) <= delta) return { loss: (d * d) / 2, gradient: [d] };
  return { loss: delta * (Math.abs(d) - delta / 2), gradient: [delta * Math.sign(d)] };
}
