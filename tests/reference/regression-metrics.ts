/** Errors of numbers, in two passes, in plain f64. Rows of D columns. */
export interface Errors {
  mae: number;
  rmse: number;
  r2: number;
  mape: number;
}

/** Source: sklearn.metrics, mean_absolute_error, mean_squared_error, r2_score (uniform average), mean_absolute_percentage_error. */
export function naiveErrors(predictions: readonly (readonly number[])[], targets: readonly (readonly number[])[]): Errors {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const pairs = predictions.flatMap((row, i) => row.map((p, d): [number, number] => [p, (targets[i] as number[])[d] as number]));
  const D = (targets[0] as readonly number[]).length;
  const scores = Array.from({ length: D }, (_, d) => {
    const y = targets.map((row) => row[d] as number);
    const center = mean(y);
    const left = predictions.reduce((sum, row, i) => sum + ((row[d] as number) - (y[i] as number)) ** 2, 0);
    const all = y.reduce((sum, value) => sum + (value - center) ** 2, 0);
    if (all === 0) return left === 0 ? 1 : 0;
    return 1 - left / all;
  });
  return {
    mae: mean(pairs.map(([p, y]) => Math.abs(p - y))),
    rmse: Math.sqrt(mean(pairs.map(([p, y]) => (p - y) ** 2))),
    r2: mean(scores),
    mape: mean(pairs.map(([p, y]) => Math.abs(p - y) / Math.max(Math.abs(y), 2 ** -52))),
  };
}
