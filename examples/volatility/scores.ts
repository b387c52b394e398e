/** How good a forecast was, day by day. */
import type { Forecast } from "./baselines.js";

/** Returns are in per cent; the density is of the returns themselves. */
const PER_CENT = Math.log(100);

/** −ln of the Gaussian density of what came: ½ (ln 2πσ² + (r − μ)² / σ²). */
export function surprises({ mean, variance }: Forecast, returns: Float64Array): Float64Array {
  return returns.map((r, t) => {
    const v = variance[t] as number;
    return (Math.log(2 * Math.PI * v) + (r - (mean[t] as number)) ** 2 / v) / 2 - PER_CENT;
  });
}

/** 1 where the sign of the mean was that of the return; a day without a return is no witness. */
export function directions({ mean }: Forecast, returns: Float64Array): Float64Array {
  return returns.map((r, t) => Number(Math.sign(r) === Math.sign(mean[t] as number)));
}

/** Deviations of the normal distribution below which 5 % and 1 % lie. */
export const QUANTILES = { 95: 1.6448536269514722, 99: 2.3263478740408408 } as const;

/** What is lost at most in 95 or 99 of 100 days, in per cent of what was there: the value at risk. */
export function valueAtRisk(mean: number, variance: number, level: keyof typeof QUANTILES): number {
  return 100 * (1 - Math.exp((mean - QUANTILES[level] * Math.sqrt(variance)) / 100));
}

/** 1 on days that lost more. */
export function exceedances({ mean, variance }: Forecast, returns: Float64Array, level: keyof typeof QUANTILES): Float64Array {
  return returns.map((r, t) => Number(r < (mean[t] as number) - QUANTILES[level] * Math.sqrt(variance[t] as number)));
}
