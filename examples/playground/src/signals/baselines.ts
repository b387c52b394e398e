/** Forecasts that need no network. */

import { CYCLES } from "./choice";
import { periodOf } from "./period";
import type { Series } from "./series";
import { counted } from "./table";

export interface Forecast {
  readonly name: string;
  /** Of the rows that are tested. */
  readonly values: readonly number[];
}

/** As the last value known; and as one season ago, where the learned part has a season. */
export function baselinesOf(series: Series): Forecast[] {
  const { filled, tested, unit, choice } = series;
  const { ahead } = choice;
  const back = (rows: number) => Array.from(filled.subarray(tested), (_, i) => filled[tested + i - rows] as number);
  const season = seasonOf(series);
  const last = { name: ahead === 1 ? "as the last value" : `as ${counted(ahead, unit)} before`, values: back(ahead) };
  if (season === undefined) return [last];
  return [last, { name: `as one season (${counted(season, unit)}) before`, values: back(season * Math.ceil(ahead / season)) }];
}

/** In rows, as the values show it; where that is nearly a day, a week or a year, it is that. */
function seasonOf({ filled, watched, dated, step }: Series): number | undefined {
  const period = periodOf(filled.subarray(0, watched));
  if (period === undefined || !dated) return period;
  const cycle = CYCLES.find(({ seconds }) => Math.abs(period * step - seconds) < 0.03 * seconds);
  return cycle ? Math.round(cycle.seconds / step) : period;
}

/** The mean squared error of the first of them on the part that is watched, in squared deviations of the part that is learned, as the loss is. */
export function naiveLoss({ filled, truth, watched, tested, choice: { ahead } }: Series): number {
  const learned = filled.subarray(0, watched);
  const mean = learned.reduce((a, b) => a + b) / watched;
  const variance = learned.reduce((sum, value) => sum + (value - mean) ** 2, 0) / watched;
  let [sum, count] = [0, 0];
  for (let row = watched; row < tested; row++) {
    if (Number.isNaN(truth[row])) continue;
    sum += ((filled[row] as number) - (filled[row - ahead] as number)) ** 2;
    count++;
  }
  return sum / count / variance;
}
