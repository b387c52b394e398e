/** How far forecasts are from the truth, and who wins. */
import { Generator } from "wasm-rnn";
import type { Forecast } from "./baselines";

export interface Scored extends Forecast {
  /** Mean of the absolute errors, and root of the mean of the squared ones, in the units of the data. */
  readonly mae: number;
  readonly rmse: number;
}

/** @param truth NaN where it was not measured: that is left out */
export function scored(forecast: Forecast, truth: readonly number[]): Scored {
  const errors = forecast.values.map((value, i) => value - (truth[i] as number)).filter((error) => !Number.isNaN(error));
  const mean = (of: (error: number) => number) => errors.reduce((sum, error) => sum + of(error), 0) / errors.length;
  return { ...forecast, mae: mean(Math.abs), rmse: Math.sqrt(mean((error) => error * error)) };
}

const DRAWS = 400;

/**
 * The middle 95 % of how much greater the naive RMSE is, over parts drawn anew in blocks: neighbours are no independent witnesses.
 * Source: Künsch, Annals of Statistics 17 (1989).
 */
function interval(network: Forecast, naive: Forecast, truth: readonly number[], block: number): [number, number] {
  const known = truth.flatMap((value, i) => (Number.isNaN(value) ? [] : [i]));
  const squares = ({ values }: Forecast) => known.map((i) => ((values[i] as number) - (truth[i] as number)) ** 2);
  const [a, b] = [squares(network), squares(naive)];
  const length = Math.max(1, Math.min(block, Math.floor(known.length / 3)));
  const random = new Generator(1);
  const differences = Array.from({ length: DRAWS }, () => {
    let [sumA, sumB, count] = [0, 0, 0];
    while (count < known.length) {
      const begin = random.integer(known.length - length + 1);
      for (let i = begin; i < begin + length; i++, count++) {
        sumA += a[i] as number;
        sumB += b[i] as number;
      }
    }
    return Math.sqrt(sumB / count) - Math.sqrt(sumA / count);
  }).sort((x, y) => x - y);
  return [differences[Math.floor(0.025 * DRAWS)] as number, differences[Math.floor(0.975 * DRAWS)] as number];
}

/** One sentence or two: who wins, and by how much. @param block rows that are drawn together */
export function verdict(network: Scored, naive: readonly Scored[], truth: readonly number[], block: number): string {
  const best = naive.reduce((a, b) => (b.rmse < a.rmse ? b : a));
  if (best.rmse === 0) return `The naive forecast “${best.name}” is exact here: there is nothing for a network to win.`;
  const percent = (100 * Math.abs(best.rmse - network.rmse)) / best.rmse;
  const by = `${percent.toFixed(percent < 10 ? 1 : 0)} %`;
  const [low, high] = interval(network, best, truth, block);
  const than = `${network.rmse <= best.rmse ? "lower" : "higher"} than that of the best naive forecast, “${best.name}”`;
  const wins = network.rmse < best.rmse;
  const other = network.mae < best.mae !== wins ? " By the MAE it is the other way round." : "";
  if (low <= 0 && high >= 0)
    return `Too close to call: the network’s RMSE is ${by} ${than}, and so much can be chance in a part this long.${other}`;
  return `${wins ? "The network wins" : "The naive forecast wins"}: the network’s RMSE is ${by} ${than}.${other}`;
}
