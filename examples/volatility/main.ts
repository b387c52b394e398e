/** How far will a stock index move tomorrow? Small LSTMs correct GARCH, walked forward in time. README.md says more. */
import pc from "picocolors";
import { createRuntime, type Runtime } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/ops";
import { quickFileOf, useOf } from "../shared/model-command.js";
import { run } from "../shared/program.js";
import { record, show } from "../shared/results.js";
import { placeOf } from "../shared/saving.js";
import { keepPicture } from "../shared/svg.js";
import { grouped, parametersOf, printable } from "../shared/text.js";
import { readCloses } from "./closes.js";
import { euStocks, type Panel, SP500_FILE, sp500 } from "./data.js";
import { learn, type Settings, see } from "./learn.js";
import { type Options, parseOptions } from "./options.js";
import { picture } from "./picture.js";
import { detailLines, resultOf } from "./report.js";
import { saved, volatilityIn } from "./saved.js";
import { say, tomorrow } from "./use.js";
import { type Walked, walk } from "./walk.js";

const TASKS = { sp500: "each year learned anew, on all days before it", europe: "each half year learned anew, on all days before it" };

async function learnAndTest(rt: Runtime, options: Options): Promise<void> {
  const { seed, quick, data, save } = options;
  const place = placeOf(options, quickFileOf("volatility"));
  if (place.notice) console.log(`  ${pc.yellow(place.notice)}`);
  const settings: Settings = quick ? { seed, steps: 5, members: 1 } : { seed, steps: 100, members: 8 };
  const panels = { sp500: sp500(), europe: await euStocks(data) };
  const us = await walkThrough(rt, panels.sp500, "sp500", options, settings);
  await walkThrough(rt, panels.europe, "europe", options, settings);

  const { markets } = panels.sp500;
  const days = markets[0]?.returns.length as number;
  const seen = see(markets, days);
  const model = learn(rt, markets, seen, days, settings);
  place.write(saved({ model, scaler: seen.scaler }));
  if (options.picture !== undefined) keepPicture(options.picture, picture(us));
  console.log(`\n  ${grouped(parametersOf(model))} parameters, learned from all days of the S&P 500, kept as`);
  console.log(`  ${printable(save)}; try it:`);
  console.log(`  ${pc.cyan(useOf("volatility", "mine.csv", options))}`);
  if (quick) sayOf(rt, save, SP500_FILE);
}

async function walkThrough(rt: Runtime, panel: Panel, task: keyof typeof TASKS, options: Options, settings: Settings): Promise<Walked> {
  const { quick, watched } = options;
  const blocks = quick ? panel.watched.slice(-1) : watched ? panel.watched : panel.tested; // what is tested is for full runs alone
  const begin = performance.now();
  const walked = await walk(rt, panel, blocks, settings, (done) =>
    console.log(pc.dim(`  ${panel.name}: learned and forecast ${done} of ${blocks.length} times`)),
  );
  const seconds = (performance.now() - begin) / 1000;
  const result = resultOf(walked, { task, split: TASKS[task], seed: options.seed, seconds });
  show(result, "LSTMs on top of GJR-GARCH", options);
  console.log(`\n${detailLines(walked, options.seed).join("\n")}\n`);
  if (options.record) record(result);
  return walked;
}

function sayOf(rt: Runtime, save: string, file: string): void {
  const closes = readCloses(file);
  say(tomorrow(rt, volatilityIn(rt, save), closes), closes);
}

await run(async () => {
  const options = parseOptions();
  using rt = await createRuntime({ seed: options.seed });
  await loadOperators(rt);
  if (options.use === undefined) await learnAndTest(rt, options);
  else sayOf(rt, options.save, options.use);
  return 0;
});
