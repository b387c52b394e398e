/** Pooling of pictures, by its formulas: loops over all. Imports nothing. */

export interface Windows {
  readonly planes: number;
  readonly H: number;
  readonly W: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
}

/** The places in x of each window, row by row; windows in the order of y. */
export function windowsOf({ planes, H, W, kernel, stride, padding }: Windows): number[][] {
  const along = (size: number, d: 0 | 1) => {
    const count = Math.floor((size + 2 * padding[d] - kernel[d]) / stride[d]) + 1;
    return Array.from({ length: count }, (_, p) =>
      Array.from({ length: kernel[d] }, (_, i) => p * stride[d] - padding[d] + i).filter((at) => at >= 0 && at < size),
    );
  };
  const [rows, columns] = [along(H, 0), along(W, 1)];
  return Array.from({ length: planes }, (_, plane) =>
    rows.flatMap((h) => columns.map((w) => h.flatMap((i) => w.map((j) => (plane * H + i) * W + j)))),
  ).flat();
}

/** What y is, and where its gradient goes: the first of the greatest, or of the NaNs. */
export function maxPool2d(windows: readonly (readonly number[])[], x: ArrayLike<number>): { y: number[]; places: number[] } {
  const places = windows.map((window) => {
    const nan = window.find((at) => Number.isNaN(x[at]));
    return nan ?? window.reduce((best, at) => ((x[at] as number) > (x[best] as number) ? at : best));
  });
  return { y: places.map((at) => x[at] as number), places };
}

export function avgPool2d({ kernel }: Windows, windows: readonly (readonly number[])[], x: ArrayLike<number>): number[] {
  return windows.map((window) => window.reduce((sum, at) => sum + (x[at] as number), 0) / (kernel[0] * kernel[1]));
}
