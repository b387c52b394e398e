/** What needs no network: for each day a mean and a variance, of the days before it. */
import { average, fitGarch, variancesOf } from "./garch.js";

/** Of the days from the first one asked for. */
export interface Forecast {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** Learns of the returns before `from`, and forecasts the days from there up to `to`, each of all that was before it. */
export type Forecaster = (returns: Float64Array, from: number, to: number) => Forecast;

/** RiskMetrics' decay for days. Source: J.P. Morgan, RiskMetrics Technical Document (1996), section 5.3. */
const DECAY = 0.94;

export const constant: Forecaster = (returns, from, to) => {
  const known = returns.subarray(0, from);
  const mean = average(known);
  return forecastOf(mean, returns.slice(from, to).fill(average(known.map((r) => (r - mean) ** 2))));
};

/** v(t) = λ v(t−1) + (1 − λ) r(t−1)², the mean being 0. */
export const riskMetrics: Forecaster = (returns, from, to) => forecastOf(0, weighted(squares(returns), DECAY).slice(from, to));

export const garch: Forecaster = (returns, from, to) => byGarch(returns, from, to, false);

export const gjrGarch: Forecaster = (returns, from, to) => byGarch(returns, from, to, true);

function byGarch(returns: Float64Array, from: number, to: number, asymmetric: boolean): Forecast {
  const fitted = fitGarch(returns.subarray(0, from), { asymmetric });
  return forecastOf(fitted.mu, variancesOf(fitted, returns).slice(from, to));
}

function forecastOf(mean: number, variance: Float64Array): Forecast {
  return { mean: new Float64Array(variance.length).fill(mean), variance };
}

const BEGINNING = 20; // days

/** The exponentially weighted mean of what was before each day, and before the one after the last; it begins with the mean of the first days. */
export function weighted(values: Float64Array, decay: number): Float64Array {
  const all = new Float64Array(values.length + 1).fill(average(values.subarray(0, BEGINNING)));
  for (const [t, value] of values.entries()) all[t + 1] = decay * (all[t] as number) + (1 - decay) * value;
  return all;
}

export function squares(values: Float64Array): Float64Array {
  return values.map((value) => value * value);
}
