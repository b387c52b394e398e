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
  const surprise = surpriseOf(walked, seed);
  const garch = surprise.baselines.find(({ name }) => name === "GARCH(1,1)");
  const measures: Measure[] = [
    { name: "negative log-likelihood a day", unit: "", digits: 4, better: "lower", ...surprise, goal: garch?.value },
    { name: "days whose direction was right", unit: "%", digits: 1, better: "higher", ...directionOf(walked, seed) },
  ];
  return { example: "volatility", task, data: panel.name, split, seed, seconds, measures };
}

/** Ours beside the others', each with the interval of how much better ours is. */
function surpriseOf(walked: Walked, seed: number): Pick<Measure, "value" | "baselines"> {
  const [own, ...others] = SYSTEMS;
  const ours = meanOverMarkets(walked, own, surprises);
  const baselines = others.map((name) => {
    const theirs = meanOverMarkets(walked, name, surprises);
    const gains = theirs.map((value, t) => value - (ours[t] as number));
    return { name, value: meanOf(theirs), interval: intervalOf(gains, seed) };
  });
  return { value: meanOf(ours), baselines };
}

/** Of days that had one; beside whom says that it always goes up. */
function directionOf(walked: Walked, seed: number): Pick<Measure, "value" | "baselines"> {
  const { right, up, moved } = directionsOf(walked);
  const share = (days: Float64Array) => (100 * meanOf(days)) / meanOf(moved);
  const gains = right.map((value, t) => (100 * (value - (up[t] as number))) / meanOf(moved));
  return { value: share(right), baselines: [{ name: "always up", value: share(up), interval: intervalOf(gains, seed) }] };
}

/** Of each day, in how many of the markets. */
function directionsOf(walked: Walked): Readonly<Record<"right" | "up" | "moved", Float64Array>> {
  const marketsWhere = (score: Score) => meanOverMarkets(walked, "LSTM", score);
  return {
    right: marketsWhere(directions),
    up: marketsWhere((_, returns) => returns.map((r) => Number(r > 0))),
    moved: marketsWhere((_, returns) => returns.map((r) => Number(r !== 0))),
  };
}

function meanOverMarkets({ panel: { markets }, days, forecasts }: Walked, system: System, score: Score): Float64Array {
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

/** How sure the direction is; how often a day was worse than it should be on 5 and 1 of 100; where there are several markets, each one's surprise. */
export function detailLines(walked: Walked, seed: number): string[] {
  const worse = SYSTEMS.map((system) => {
    const [often, seldom] = ([95, 99] as const).map((level) =>
      (100 * meanOf(meanOverMarkets(walked, system, (forecast, returns) => exceedances(forecast, returns, level)))).toFixed(1),
    );
    return `  ${system.padEnd(18)}${`${often} %`.padStart(9)}${`${seldom} %`.padStart(9)}`;
  });
  const head = `${pc.bold("  worse than the value at risk")}${pc.dim(" of 95 and of 99 %: should be 5 and 1")}`;
  return [`  ${directionLine(walked, seed)}`, "", head, ...worse, ...marketLines(walked)];
}

function directionLine(walked: Walked, seed: number): string {
  const { right, moved } = directionsOf(walked);
  const [low, high] = intervalOf(
    right.map((each) => (100 * each) / meanOf(moved)),
    seed,
  ).map((end) => end.toFixed(1));
  const share = ((100 * meanOf(right)) / meanOf(moved)).toFixed(1);
  return `The sign of tomorrow's return was right on ${share} % of days (${low} to ${high}).`;
}

function marketLines({ panel: { markets }, days, forecasts }: Walked): string[] {
  if (markets.length === 1) return [];
  const line = (cells: readonly string[]) => cells.map((cell, i) => (i === 0 ? `  ${cell.padEnd(8)}` : cell.padStart(18))).join("");
  const shown: readonly System[] = ["LSTM", "GARCH(1,1)", "GJR-GARCH(1,1)"];
  const value = ({ returns }: Market, m: number, system: System) =>
    meanOf(surprises(forecasts[system][m] as Forecast, returns.slice(days.from, days.to))).toFixed(4);
  return [
    "",
    pc.bold(line(["in each", ...shown])),
    ...markets.map((market, m) => line([market.name, ...shown.map((system) => value(market, m, system))])),
  ];
}
