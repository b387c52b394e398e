/*
 * Naive cells that are trained with noise, f64, one scalar at a time, forward alone. z = Wih·x + bih, m = Whh·(h·dh) + bhh; masks are given.
 *
 *   (1) LSTM: g' = tanh(zg + mg)·dg      c' = σ(zf + mf)·c + σ(zi + mi)·g'      h' = σ(zo + mo)·tanh(c')
 *   (2) GRU:  n' = tanh(zn + σ(zr + mr)·mn)·dg      h' = (1 − u)·n' + u·h,  u = σ(zz + mz)
 *   (3) zoneout: h⟨t⟩ = h⟨t−1⟩ where kh, else h'    c⟨t⟩ = c⟨t−1⟩ where kc, else c'
 */

/** Of one step, [N,H] each; absent: 1, and nothing is kept. */
export interface StepNoise {
  /** What the h that is multiplied, and the candidate, are multiplied by. */
  readonly dh?: ArrayLike<number>;
  readonly dg?: ArrayLike<number>;
  /** Whether an element stays. */
  readonly kh?: ArrayLike<boolean>;
  readonly kc?: ArrayLike<boolean>;
}

export interface NoisyWeights {
  readonly weight_ih: ArrayLike<number>;
  readonly weight_hh: ArrayLike<number>;
  readonly bias_ih: ArrayLike<number>;
  readonly bias_hh: ArrayLike<number>;
}

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

/** @param noise of each step @returns the outputs [T,N,H] */
export function noisyCell(
  kind: "LSTM" | "GRU",
  { T, N, I, H }: { T: number; N: number; I: number; H: number },
  weights: NoisyWeights,
  x: ArrayLike<number>,
  noise: readonly StepNoise[],
): Float64Array {
  const { weight_ih, weight_hh, bias_ih, bias_hh } = weights;
  const output = new Float64Array(T * N * H);
  let [h, c] = [new Float64Array(N * H), new Float64Array(N * H)];
  for (let t = 0; t < T; t++) {
    const { dh, dg, kh, kc } = noise[t] as StepNoise;
    const [nextH, nextC] = [h.slice(), c.slice()];
    for (let k = 0; k < N * H; k++) {
      const [n, j] = [Math.floor(k / H), k % H];
      const z = (gate: number) => {
        let sum = bias_ih[gate * H + j] as number;
        for (let i = 0; i < I; i++) sum += (weight_ih[(gate * H + j) * I + i] as number) * (x[(t * N + n) * I + i] as number);
        return sum;
      };
      const m = (gate: number) => {
        let sum = bias_hh[gate * H + j] as number;
        for (let i = 0; i < H; i++)
          sum += (weight_hh[(gate * H + j) * H + i] as number) * (h[n * H + i] as number) * (dh?.[n * H + i] ?? 1);
        return sum;
      };
      let newH: number;
      let newC = 0;
      if (kind === "LSTM") {
        newC = sigmoid(z(1) + m(1)) * (c[k] as number) + sigmoid(z(0) + m(0)) * Math.tanh(z(2) + m(2)) * (dg?.[k] ?? 1); // (1)
        newH = sigmoid(z(3) + m(3)) * Math.tanh(newC);
      } else {
        const u = sigmoid(z(1) + m(1));
        newH = (1 - u) * Math.tanh(z(2) + sigmoid(z(0) + m(0)) * m(2)) * (dg?.[k] ?? 1) + u * (h[k] as number); // (2)
      }
      nextH[k] = kh?.[k] ? (h[k] as number) : newH; // (3)
      nextC[k] = kc?.[k] ? (c[k] as number) : newC;
    }
    [h, c] = [nextH, nextC];
    output.set(h, t * N * H);
  }
  return output;
}
