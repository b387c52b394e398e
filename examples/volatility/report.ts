/** All systems beside each other: how surprised they were, whether they knew the direction, and what was worse than their value at risk. */
import pc from "picocolors";
import { pairedInterval, sumOver } from "../shared/interval.js";
import type { Measure, Result } from "../shared/results.js";
import type { Forecast } from "./baselines.js";
import type { Market } from "./data.js";
import { directions, exceedances, surprises } from "./scores.js";
import { SYSTEMS, type System, type Walked } from "./walk.js";

/** Days that are drawn together: wild times last, so that neighbours are no independent witnesses. So are all markets of a day. */
const BLOCK = 20;

interface Run {
  readonly task: string;
  readonly split: string;
  readonly seed: number;
  readonly seconds: number;
}

type Score = (forecast: Forecast, returns: Float64Array) => Float64Array;

export function resultOf(walked: Walked, { task, split, seed, seconds }: Run): Result {
  const { panel } = walked;
  const surprise = compared(walked, surprises, "lower", seed);
  const garch = surprise.baselines.find(({ name }) => name === "GARCH(1,1)");
  const measures: Measure[] = [
    { name: "negative log-likelihood a day", unit: "", digits: 4, better: "lower", ...surprise, goal: garch?.value },
    { name: "days whose direction was right", unit: "%", digits: 1, better: "higher", ...directionOf(walked, seed) },
  ];
  return { example: "volatility", task, data: panel.name, split, seed, seconds, measures };
}

/** Ours beside the others', each with the interval of how much better ours is. */
function compared(walked: Walked, score: Score, better: Measure["better"], seed: number): Pick<Measure, "value" | "baselines"> {
  const [own, ...others] = SYSTEMS;
  const ours = meanOverMarkets(walked, own, score);
  const baselines = others.map((name) => {
    const theirs = meanOverMarkets(walked, name, score);
    const gains = ours.map((value, t) => (better === "higher" ? value - (theirs[t] as number) : (theirs[t] as number) - value));
    return { name, value: meanOf(theirs), interval: intervalOf(gains, seed) };
  });
  return { value: meanOf(ours), baselines };
}

/** Of days that had one; beside whom says that it always goes up. */
function directionOf(walked: Walked, seed: number): Pick<Measure, "value" | "baselines"> {
  const moved = meanOverMarkets(walked, "LSTM", (_, returns) => returns.map((r) => Number(r !== 0)));
  const ours = meanOverMarkets(walked, "LSTM", directions);
  const up = meanOverMarkets(walked, "LSTM", (_, returns) => returns.map((r) => Number(r > 0)));
  const share = (right: Float64Array) => (100 * meanOf(right)) / meanOf(moved);
  const gains = ours.map((value, t) => (100 * (value - (up[t] as number))) / meanOf(moved));
  return { value: share(ours), baselines: [{ name: "always up", value: share(up), interval: intervalOf(gains, seed) }] };
}

export function meanOverMarkets({ panel: { markets }, days, forecasts }: Walked, system: System, score: Score): Float64Array {
  const each = markets.map(({ returns }, m) => score(forecasts[system][m] as Forecast, returns.slice(days.from, days.to)));
  return (each[0] as Float64Array).map((_, t) => each.reduce((sum, values) => sum + (values[t] as number), 0) / each.length);
}

/** Of the mean a day, over blocks of days drawn anew. */
export function intervalOf(gains: Float64Array, seed: number): [number, number] {
  const count = Math.ceil(gains.length / BLOCK);
  const blocks = Array.from({ length: count }, (_, b) => gains.subarray(b * BLOCK, (b + 1) * BLOCK));
  const [sums, days] = [blocks.map((block) => block.reduce((a, b) => a + b, 0)), blocks.map(({ length }) => length)];
  return pairedInterval(count, (drawn) => sumOver(drawn, sums) / sumOver(drawn, days), seed);
}

function meanOf(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** How often a day was worse than it should have been in 5 and 1 of 100; and where there are several markets, each one's surprise. */
export function detailLines(walked: Walked): string[] {
  const worse = SYSTEMS.map((system) => {
    const [often, seldom] = ([95, 99] as const).map((level) =>
      (100 * meanOf(meanOverMarkets(walked, system, (forecast, returns) => exceedances(forecast, returns, level)))).toFixed(1),
    );
    return `  ${system.padEnd(18)}${`${often} %`.padStart(9)}${`${seldom} %`.padStart(9)}`;
  });
  const head = `  ${"worse than the value at risk".padEnd(18)}`;
  return [`${pc.bold(head)}${pc.dim(", of 95 and of 99 %: should be 5 and 1")}`, ...worse, ...marketLines(walked)];
}

function marketLines({ panel: { markets }, days, forecasts }: Walked): string[] {
  if (markets.length === 1) return [];
  const line = (cells: readonly string[]) => cells.map((cell, i) => (i === 0 ? `  ${cell.padEnd(8)}` : cell.padStart(18))).join("");
  const shown: readonly System[] = ["LSTM", "GARCH(1,1)", "GJR-GARCH(1,1)"];
  const value = ({ returns }: Market, m: number, system: System) =>
    meanOf(surprises(forecasts[system][m] as Forecast, returns.slice(days.from, days.to))).toFixed(4);
  return [
    "",
    pc.bold(line(["each", ...shown])),
    ...markets.map((market, m) => line([market.name, ...shown.map((system) => value(market, m, system))])),
  ];
}
