/** What is known of a market at the close of a day, as numbers that say little of how wild the times are: measured by GARCH's own variance. */
import { squares, weighted } from "./baselines.js";
import type { Market } from "./data.js";
import { type Garch, variancesOf } from "./garch.js";

/** Of half-lives of 2, 7 and 23 days. */
const DECAYS = [0.7, 0.9, 0.97] as const;
const LEAST = 1e-3; // of a variance, as a share of GARCH's: a day on which nothing moved has a logarithm, too

/** What GARCH says of every day, and of the one after the last. */
export interface Scale {
  readonly mean: number;
  readonly variance: Float64Array;
}

export type Series = Pick<Market, "returns">;

export function scaleOf(garch: Garch, { returns }: Series): Scale {
  return { mean: garch.mu, variance: variancesOf(garch, returns) };
}

/** A row for each day; of markets that are given together each has beside its own what is the mean of the others'. */
export function featuresOf(markets: readonly Series[], scales: readonly Scale[]): number[][][] {
  const own = markets.map((market, m) => ownOf(market, scales[m] as Scale));
  if (markets.length === 1) return own;
  return own.map((rows, m) => {
    const others = own.filter((_, o) => o !== m);
    return rows.map((row, t) => [...row, ...meanOf(others.map((each) => (each[t] as number[]).slice(0, SHARED)))]);
  });
}

/** Of a day, where a market is alone; and as many of them are the others', too. */
export const [FEATURES, SHARED] = [7, 4];

function ownOf({ returns }: Series, { mean, variance }: Scale): number[][] {
  const traces = DECAYS.map((decay) => weighted(squares(returns), decay));
  const losses = weighted(
    returns.map((r) => Math.min(r, 0) ** 2),
    DECAYS[1],
  );
  return Array.from(returns, (r, t) => {
    const tomorrow = variance[t + 1] as number;
    const z = (r - mean) / Math.sqrt(variance[t] as number);
    const [fast, ...slower] = traces.map((trace) => Math.log(Math.max(LEAST, (trace[t + 1] as number) / tomorrow)));
    const share = (losses[t + 1] as number) / ((traces[1]?.[t + 1] as number) || 1);
    return [z, Math.abs(z), Math.min(z, 0), fast as number, ...slower, share];
  });
}

function meanOf(rows: readonly number[][]): number[] {
  return (rows[0] as number[]).map((_, f) => rows.reduce((sum, row) => sum + (row[f] as number), 0) / rows.length);
}
