/** Convolution and pooling of pictures, by their formulas: loops over all, in f64. Imports nothing. */

export interface Geometry {
  readonly N: number;
  readonly C: number;
  readonly H: number;
  readonly W: number;
  readonly O: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

/** Rows and columns of y. */
export function placesOf({ H, W, kernel, stride, padding, dilation }: Geometry): [number, number] {
  const along = (d: 0 | 1) => Math.floor(((d === 0 ? H : W) + 2 * padding[d] - dilation[d] * (kernel[d] - 1) - 1) / stride[d]) + 1;
  return [along(0), along(1)];
}

/** Each product of a weight with an element of x: places in x, in the weights and in y. */
export function eachTap(g: Geometry, visit: (x: number, w: number, y: number) => void): void {
  const [OH, OW] = placesOf(g);
  const [KH, KW] = g.kernel;
  const [C, O] = [g.C / g.groups, g.O / g.groups];
  for (let n = 0; n < g.N; n++)
    for (let o = 0; o < g.O; o++)
      for (let p = 0; p < OH; p++)
        for (let q = 0; q < OW; q++)
          for (let c = 0; c < C; c++)
            for (let i = 0; i < KH; i++)
              for (let j = 0; j < KW; j++) {
                const h = p * g.stride[0] - g.padding[0] + i * g.dilation[0];
                const w = q * g.stride[1] - g.padding[1] + j * g.dilation[1];
                if (h < 0 || h >= g.H || w < 0 || w >= g.W) continue;
                const channel = Math.floor(o / O) * C + c;
                visit(((n * g.C + channel) * g.H + h) * g.W + w, ((o * C + c) * KH + i) * KW + j, ((n * g.O + o) * OH + p) * OW + q);
              }
}

export function conv2d(g: Geometry, x: ArrayLike<number>, w: ArrayLike<number>, bias: ArrayLike<number>): number[] {
  const [OH, OW] = placesOf(g);
  const y = Array.from({ length: g.N * g.O * OH * OW }, (_, at) => bias[Math.floor(at / (OH * OW)) % g.O] as number);
  eachTap(g, (from, tap, to) => {
    y[to] = (y[to] as number) + (w[tap] as number) * (x[from] as number);
  });
  return y;
}

export function conv2dBackward(
  g: Geometry,
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  dy: ArrayLike<number>,
): { dx: number[]; dw: number[]; dbias: number[] } {
  const [OH, OW] = placesOf(g);
  const [dx, dw, dbias] = [x.length, w.length, g.O].map((length) => new Array<number>(length).fill(0)) as [number[], number[], number[]];
  eachTap(g, (from, tap, to) => {
    dx[from] = (dx[from] as number) + (w[tap] as number) * (dy[to] as number);
    dw[tap] = (dw[tap] as number) + (x[from] as number) * (dy[to] as number);
  });
  for (let at = 0; at < dy.length; at++)
    dbias[Math.floor(at / (OH * OW)) % g.O] = (dbias[Math.floor(at / (OH * OW)) % g.O] as number) + (dy[at] as number);
  return { dx, dw, dbias };
}
