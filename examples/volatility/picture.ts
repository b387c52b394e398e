/** The last days of a market, and twice the deviation that was expected of each of them the day before. */
import { framed, HEIGHT, PALETTE, path, text, WIDTH } from "../shared/svg.js";
import type { Forecast } from "./baselines.js";
import type { Walked } from "./walk.js";

const [LEFT, RIGHT, TOP, BOTTOM] = [52, WIDTH - 24, 104, HEIGHT - 40];
const SHOWN = 320; // days, so that some quiet ones are among them
const TICKS = 60; // days from one date to the next

/** Of the first market. */
export function picture({ panel, days, forecasts }: Walked): string {
  const market = panel.markets[0];
  const all = days.to - days.from;
  const from = Math.max(0, all - SHOWN);
  const count = all - from;
  const returns = (market?.returns ?? new Float64Array()).slice(days.from + from, days.to);
  const band = (side: number, { mean, variance }: Forecast) =>
    Array.from(returns, (_, i) => (mean[from + i] as number) + 2 * side * Math.sqrt(variance[from + i] as number));
  const bands = ([forecasts.LSTM, forecasts["GARCH(1,1)"]] as const).map((of) => [1, -1].map((side) => band(side, of[0] as Forecast)));
  const [ours, theirs] = bands as [[number[], number[]], [number[], number[]]];
  const most = Math.max(...[...returns, ...bands.flat(2)].map(Math.abs));
  const x = (i: number) => LEFT + ((RIGHT - LEFT) * i) / (count - 1);
  const y = (value: number) => (TOP + BOTTOM) / 2 - ((BOTTOM - TOP) * value) / (2 * most);
  const line = (values: readonly number[]) => values.map((value, i) => [x(i), y(value)] as const);
  const area = [...line(ours[0]), ...line(ours[1]).toReversed()].map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  const sticks = Array.from(returns, (r, i) => `M${x(i).toFixed(1)},${y(0).toFixed(1)}V${y(r).toFixed(1)}`).join("");
  const ticks = Array.from({ length: Math.ceil(count / TICKS) }, (_, i) => i * TICKS);
  return framed("How wild will tomorrow be?", `${panel.name}, daily returns, and ±2 deviations expected the day before`, [
    `<polygon points="${area}" fill="${PALETTE.first}" opacity="0.18"/>`,
    `<path d="${sticks}" stroke="${PALETTE.text}" stroke-width="1.2"/>`,
    ...ours.map((values) => path(line(values), PALETTE.first, { width: 1.4 })),
    ...theirs.map((values) => path(line(values), PALETTE.second, { width: 1.4 })),
    ...[-10, -5, 0, 5, 10]
      .filter((value) => Math.abs(value) <= most)
      .map((value) =>
        text(LEFT - 8, y(value) + 4, `${value < 0 ? "−" : ""}${Math.abs(value)} %`, { size: 11, fill: PALETTE.dim, anchor: "end" }),
      ),
    ...ticks.map((i) => text(x(i), HEIGHT - 16, market?.dates?.[days.from + from + i]?.slice(0, 7) ?? "", { size: 11, fill: PALETTE.dim })),
    text(LEFT, 84, "LSTM", { size: 13, fill: PALETTE.first, bold: true }),
    text(LEFT + 52, 84, "GARCH(1,1)", { size: 13, fill: PALETTE.second, bold: true }),
  ]);
}
