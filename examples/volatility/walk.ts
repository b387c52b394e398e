/** All systems walk through the same days: before each block of them they learn anew, of all days before it. */
import type { Runtime } from "wasm-rnn";
import { constant, type Forecast, type Forecaster, garch, gjrGarch, riskMetrics } from "./baselines.js";
import type { Block, Panel } from "./data.js";
import { foretell, learn, type Settings, see } from "./learn.js";

const BASELINES = { "GARCH(1,1)": garch, "GJR-GARCH(1,1)": gjrGarch, "EWMA 0.94": riskMetrics, "constant variance": constant } as const;
export const SYSTEMS = ["LSTM", ...(Object.keys(BASELINES) as (keyof typeof BASELINES)[])] as const;
export type System = (typeof SYSTEMS)[number];

export interface Walked {
  readonly panel: Panel;
  readonly days: Block;
  /** Of each market, over all the days. */
  readonly forecasts: Readonly<Record<System, readonly Forecast[]>>;
}

/** @param blocks one after the other, without a gap */
export async function walk(
  rt: Runtime,
  panel: Panel,
  blocks: readonly Block[],
  settings: Settings,
  onBlock: (done: number) => void,
): Promise<Walked> {
  const parts = {} as Record<System, Forecast[][]>;
  for (const system of SYSTEMS) parts[system] = [];
  for (const [i, block] of blocks.entries()) {
    for (const [system, forecaster] of Object.entries(BASELINES) as [System, Forecaster][])
      parts[system].push(panel.markets.map(({ returns }) => forecaster(returns, block.from, block.to)));
    const seen = see(panel.markets, block.from);
    const model = learn(rt, panel.markets, seen, block.from, settings);
    parts.LSTM.push(foretell(rt, model, seen, block));
    model.dispose();
    onBlock(i + 1);
    await new Promise(setImmediate); // lets a Ctrl-C through
  }
  const joined = SYSTEMS.map((system) => [system, panel.markets.map((_, m) => join(parts[system].map((part) => part[m] as Forecast)))]);
  const days = { from: (blocks[0] as Block).from, to: (blocks.at(-1) as Block).to };
  return { panel, days, forecasts: Object.fromEntries(joined) };
}

function join(parts: readonly Forecast[]): Forecast {
  const all = (of: keyof Forecast) => Float64Array.from(parts.flatMap((part) => [...part[of]]));
  return { mean: all("mean"), variance: all("variance") };
}
