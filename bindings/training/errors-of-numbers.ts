/** How far predictions of numbers are off: sums by column over all data, so that batches of any size give the same. */

/** @internal Names of the metrics of regression. */
export const REGRESSION = ["mae", "rmse", "r2", "mape"] as const;

/** @internal Whether a metric is one of these. */
export function isOfNumbers(name: string): boolean {
  return (REGRESSION as readonly string[]).includes(name);
}

/** @internal By column of the prediction; each list as long as the others. */
export interface ErrorState {
  count: number[];
  /** Σ|ŷ − y|, Σ(ŷ − y)², Σ|ŷ − y|/max(|y|, ε). */
  absolute: number[];
  squared: number[];
  relative: number[];
  /** Of the target, and its Σ(y − ȳ)². */
  mean: number[];
  spread: number[];
}

/** @internal Nothing yet. */
export function noErrors(): ErrorState {
  return { count: [], absolute: [], squared: [], relative: [], mean: [], spread: [] };
}

/** @internal One number against another. Source: the variance in one pass, Welford, Technometrics 4 (1962), 419–420. */
export function addError(state: ErrorState, column: number, prediction: number, target: number): void {
  if (column >= state.count.length) grow(state, column + 1);
  const { count, absolute, squared, relative, mean, spread } = state as Record<keyof ErrorState, Record<number, number>>;
  const off = Math.abs(prediction - target);
  const n = (count[column] as number) + 1;
  count[column] = n;
  absolute[column] = (absolute[column] as number) + off;
  squared[column] = (squared[column] as number) + off * off;
  relative[column] = (relative[column] as number) + off / Math.max(Math.abs(target), Number.EPSILON);
  const before = target - (mean[column] as number);
  mean[column] = (mean[column] as number) + before / n;
  spread[column] = (spread[column] as number) + before * (target - (mean[column] as number));
}

function grow(state: ErrorState, columns: number): void {
  for (const list of Object.values(state) as number[][]) while (list.length < columns) list.push(0);
}

/** @internal NaN where nothing counted, or a number was NaN. */
export function errorsOf(state: ErrorState): Record<(typeof REGRESSION)[number], number> {
  const total = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
  const n = total(state.count);
  const scores = state.count.map((count, d) => scoreOf(count, state.squared[d] as number, state.spread[d] as number));
  return {
    mae: total(state.absolute) / n,
    rmse: Math.sqrt(total(state.squared) / n),
    r2: total(scores) / scores.length,
    mape: total(state.relative) / n,
  };
}

/** Of one column: undefined for one number; of a constant target 1 where it is hit, else 0. */
function scoreOf(count: number, squared: number, spread: number): number {
  if (count < 2) return Number.NaN;
  if (spread === 0) return squared === 0 ? 1 : squared > 0 ? 0 : Number.NaN;
  return 1 - squared / spread;
}
