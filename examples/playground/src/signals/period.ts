/** How many rows a season has, as the values themselves show it. */

const LONGEST = 750;
/** Below this correlation nothing comes again worth the name. */
const LEAST = 0.2;

/**
 * The first lag of nearly the highest correlation, beyond the one at which the values have nothing in common with themselves any more.
 *
 * @param values of the part that is learned
 * @returns undefined where nothing comes again
 */
export function periodOf(values: Float64Array): number | undefined {
  const most = Math.min(LONGEST, Math.floor(values.length / 2));
  const correlations = correlationsOf(values, most);
  const from = correlations.findIndex((r) => r <= 0);
  if (from < 0) return undefined;
  const beyond = correlations.slice(from);
  const highest = beyond.reduce((a, b) => Math.max(a, b));
  if (!(highest >= LEAST)) return undefined;
  const first = from + beyond.findIndex((r) => r >= 0.9 * highest);
  let period = first;
  for (let lag = first; lag <= Math.min(most, 1.3 * first); lag++) {
    if ((correlations[lag] as number) > (correlations[period] as number)) period = lag;
  }
  return period;
}

/** At the lags from 0 to `most`; at each the mean product of the pairs that there are. */
function correlationsOf(values: Float64Array, most: number): number[] {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const centred = values.map((value) => value - mean);
  const spread = centred.reduce((sum, value) => sum + value * value, 0) / values.length;
  return Array.from({ length: most + 1 }, (_, lag) => {
    let sum = 0;
    for (let t = lag; t < centred.length; t++) sum += (centred[t] as number) * (centred[t - lag] as number);
    return sum / (centred.length - lag) / spread;
  });
}
