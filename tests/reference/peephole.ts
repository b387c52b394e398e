/** An LSTM with peepholes, in plain loops over plain numbers. Gates i f g o, each of H rows; peepholes of i, f, o. */
interface Weights {
  /** [4H, I], [4H], [4H, H], [3, H]; begin [2, H]: h and c before the first step, for every sequence. */
  readonly [name: string]: readonly number[];
}

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

/** x [T, N, I] to h [T, N, H]. */
export function peephole(x: readonly number[], [T, N, I]: readonly [number, number, number], H: number, w: Weights): number[] {
  const of = (name: string, i: number) => w[name]?.[i] as number;
  const outputs: number[] = [];
  let h = Array.from({ length: N * H }, (_, k) => of("begin", k % H));
  let c = Array.from({ length: N * H }, (_, k) => of("begin", H + (k % H)));
  for (let t = 0; t < T; t++) {
    const [nextH, nextC]: [number[], number[]] = [[], []];
    for (let n = 0; n < N; n++) {
      for (let j = 0; j < H; j++) {
        const gate = (g: number) => {
          const row = g * H + j;
          let z = of("input.bias", row);
          for (let i = 0; i < I; i++) z += of("input.weight", row * I + i) * (x[(t * N + n) * I + i] as number);
          for (let k = 0; k < H; k++) z += of("recurrent.weight", row * H + k) * (h[n * H + k] as number);
          return z;
        };
        const before = c[n * H + j] as number;
        const peep = (g: number) => of("peep", g * H + j);
        const cell = sigmoid(gate(1) + peep(1) * before) * before + sigmoid(gate(0) + peep(0) * before) * Math.tanh(gate(2));
        nextC.push(cell);
        nextH.push(sigmoid(gate(3) + peep(2) * cell) * Math.tanh(cell));
      }
    }
    [h, c] = [nextH, nextC];
    outputs.push(...h);
  }
  return outputs;
}
