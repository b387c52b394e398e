/** Tomorrow's volatility of closes of one's own, by all systems. */
import pc from "picocolors";
import type { Runtime } from "wasm-rnn";
import { UserError } from "../shared/program.js";
import { grouped } from "../shared/text.js";
import { type Forecast, garch, gjrGarch, riskMetrics } from "./baselines.js";
import type { Closes } from "./closes.js";
import { foretell, see } from "./learn.js";
import type { Saved } from "./saved.js";
import { valueAtRisk } from "./scores.js";

/** GARCH is fitted to these closes; by how much it errs the networks know from the S&P 500. */
export function tomorrow(rt: Runtime, { model, scaler }: Saved, { returns }: Pick<Closes, "returns">): Readonly<Record<string, Forecast>> {
  const n = returns.length;
  const [ours] = foretell(rt, model, see([{ returns }], n, scaler), { from: n, to: n + 1 });
  return {
    LSTM: ours as Forecast,
    "GARCH(1,1)": garch(returns, n, n + 1),
    "GJR-GARCH(1,1)": gjrGarch(returns, n, n + 1),
    "EWMA 0.94": riskMetrics(returns, n, n + 1),
  };
}

export function say(forecasts: Readonly<Record<string, Forecast>>, { last, returns, daysAYear }: Closes): void {
  const rows = Object.entries(forecasts).map(([name, { mean, variance }]) => {
    const [m, v] = [mean[0] as number, variance[0] as number];
    const risks = ([95, 99] as const).map((level) => valueAtRisk(m, v, level));
    const figures = [Math.sqrt(v), Math.sqrt(v * daysAYear), ...risks];
    if (!figures.every(Number.isFinite)) throw new UserError(`${name}: its numbers are too large to say anything of these closes`);
    return { name, cells: figures.map((value) => `${value.toFixed(2)} %`) };
  });
  console.log(`  the trading day after ${last.date}, of ${grouped(returns.length)} daily returns before it\n`);
  const row = (name: string, cells: readonly string[]) => `  ${name.padEnd(16)}${cells.map((cell) => cell.padStart(12)).join("")}`;
  console.log(pc.bold(row("", ["volatility", "a year", "VaR 95 %", "VaR 99 %"])));
  for (const [i, { name, cells }] of rows.entries()) console.log(i === 0 ? pc.bold(pc.cyan(row(name, cells))) : row(name, cells));
  console.log(
    pc.dim(
      "\n  value at risk: of the money in it, lost at most on 95 or 99 of 100 such days,\n  if returns were normal; they are not, and the 99 % are too low. No investment advice.",
    ),
  );
}
