/** An LSTM and a product, slow and plain: what is timed has to give the same numbers. */

/** By PyTorch's names and shapes. */
export interface Weights {
  readonly wih: ArrayLike<number>;
  readonly whh: ArrayLike<number>;
  readonly bih: ArrayLike<number>;
  readonly bhh: ArrayLike<number>;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** One sequence from zeros. @param x [T, H] @returns [T, H] */
export function naiveLstm(x: ArrayLike<number>, T: number, H: number, { wih, whh, bih, bhh }: Weights): Float64Array {
  const output = new Float64Array(T * H);
  const c = new Float64Array(H);
  const z = new Float64Array(4 * H);
  for (let t = 0; t < T; t++) {
    for (let row = 0; row < 4 * H; row++) {
      let sum = at(bih, row) + at(bhh, row);
      for (let k = 0; k < H; k++) sum += at(wih, row * H + k) * at(x, t * H + k);
      if (t > 0) for (let k = 0; k < H; k++) sum += at(whh, row * H + k) * at(output, (t - 1) * H + k);
      z[row] = sum;
    }
    for (let h = 0; h < H; h++) {
      const [i, f, g, o] = [sigmoid(at(z, h)), sigmoid(at(z, H + h)), Math.tanh(at(z, 2 * H + h)), sigmoid(at(z, 3 * H + h))];
      c[h] = f * at(c, h) + i * g;
      output[t * H + h] = o * Math.tanh(at(c, h));
    }
  }
  return output;
}

/** Element [m, n] of [M, K] times [K, N]. */
export function naiveElement(a: ArrayLike<number>, b: ArrayLike<number>, [m, n]: readonly [number, number], K: number, N: number): number {
  let sum = 0;
  for (let k = 0; k < K; k++) sum += at(a, m * K + k) * at(b, k * N + n);
  return sum;
}

/** Whether it is as far from what is wanted as rounding takes it: 10⁻⁴ of its norm at most. */
export function isClose(got: ArrayLike<number>, wanted: ArrayLike<number>): boolean {
  let [error, norm] = [0, 0];
  for (let i = 0; i < wanted.length; i++) {
    error += (at(got, i) - at(wanted, i)) ** 2;
    norm += at(wanted, i) ** 2;
  }
  return Math.sqrt(error) <= 1e-4 * Math.sqrt(norm);
}

function at(values: ArrayLike<number>, i: number): number {
  return values[i] as number;
}
