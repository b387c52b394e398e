/** The forecast beside two that need no network, and how sure the difference is. */
import { Generator } from "wasm-rnn";
import type { Measure, Result } from "../shared/results.js";
import { type Day, dayOfYear, LENGTH, type Parts } from "./data.js";

/** Days that are drawn together: weather lasts, so that neighbours are no independent witnesses. */
const BLOCK = 14;
const DRAWS = 2000;

interface Forecast {
  readonly name: string;
  readonly values: readonly number[];
}

export interface Scores {
  readonly rmse: number;
  readonly r2: number;
}

export function scoresOf(forecast: readonly number[], truth: readonly number[]): Scores {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const center = mean(truth);
  const error = mean(squares(forecast, truth));
  return { rmse: Math.sqrt(error), r2: 1 - error / mean(truth.map((value) => (value - center) ** 2)) };
}

/** Tomorrow as today. */
export function persistence(days: readonly Day[]): number[] {
  return days.slice(LENGTH - 1, -1).map(({ max }) => max);
}

/** The mean of the same day in the years learned; where there was none (29 February), that of the day before. */
export function seasonalMean(learned: readonly Day[], days: readonly Day[]): number[] {
  const years = new Map<number, number[]>();
  for (const { date, max } of learned) years.set(dayOfYear(date), [...(years.get(dayOfYear(date)) ?? []), max]);
  return days.slice(LENGTH).map(({ date }) => {
    const maxima = years.get(dayOfYear(date)) ?? years.get(dayOfYear(date) - 1) ?? [Number.NaN];
    return maxima.reduce((a, b) => a + b) / maxima.length;
  });
}

/** @param values the forecast of the last year */
export function resultOf(
  { learned, tested }: Parts,
  values: readonly number[],
  { data, seed, seconds }: { data: string; seed: number; seconds: number },
): Result {
  const truth = tested.slice(LENGTH).map(({ max }) => max);
  const others: Forecast[] = [
    { name: "persistence: as today", values: persistence(tested) },
    { name: "seasonal mean of the years learned", values: seasonalMean(learned, tested) },
  ];
  const ours = scoresOf(values, truth);
  const by = (score: keyof Scores) => others.map((other) => ({ name: other.name, value: scoresOf(other.values, truth)[score] }));
  const intervals = others.map((other) => ({ interval: interval(values, other.values, truth, new Generator(seed)) }));
  const rmse: Measure = {
    ...{ name: "RMSE in °C", unit: "", digits: 2, better: "lower", value: ours.rmse },
    baselines: by("rmse").map((baseline, i) => ({ ...baseline, ...intervals[i] })),
  };
  const r2: Measure = { name: "R²", unit: "", digits: 3, better: "higher", value: ours.r2, baselines: by("r2") };
  return {
    ...{ example: "weather", data: `tomorrow's highest temperature, ${data}`, split: "in time: the last year, never seen" },
    ...{ seed, seconds, measures: [rmse, r2] },
  };
}

/** How much greater the RMSE of `other` is: the middle 95 % over years drawn anew, in blocks. Source: Künsch, Annals of Statistics 17 (1989). */
function interval(ours: readonly number[], other: readonly number[], truth: readonly number[], random: Generator): [number, number] {
  const [a, b] = [squares(ours, truth), squares(other, truth)];
  const block = Math.min(BLOCK, truth.length);
  const differences = Array.from({ length: DRAWS }, () => {
    let [sumA, sumB, count] = [0, 0, 0];
    while (count < truth.length) {
      const begin = random.integer(truth.length - block + 1);
      for (let i = begin; i < begin + block; i++, count++) {
        sumA += a[i] as number;
        sumB += b[i] as number;
      }
    }
    return Math.sqrt(sumB / count) - Math.sqrt(sumA / count);
  }).sort((x, y) => x - y);
  return [differences[Math.floor(0.025 * DRAWS)] as number, differences[Math.floor(0.975 * DRAWS)] as number];
}

function squares(forecast: readonly number[], truth: readonly number[]): number[] {
  return forecast.map((value, i) => (value - (truth[i] as number)) ** 2);
}
