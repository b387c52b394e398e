/** Tomorrow's highest temperature from the weather of fourteen days. README.md says more. */
import { AdamW, createRuntime, fit, MSELoss, predict, type Runtime, Standardizer, windows } from "wasm-rnn";
import { terminalReporter } from "wasm-rnn/terminal";
import { INTERRUPTED, run, untilCtrlC } from "../shared/program.js";
import { record, show } from "../shared/results.js";
import { type Day, inTime, LENGTH, numbersOf, readDays, seattle } from "./data.js";
import { build } from "./model.js";
import { nameOf, type Options, parseOptions } from "./options.js";
import { draw } from "./picture.js";
import { resultOf } from "./report.js";
import { keep, tomorrow } from "./saved.js";

async function learn(rt: Runtime, days: readonly Day[], options: Options): Promise<number> {
  const { epochs, seed, quick } = options;
  const parts = inTime(days);
  const model = build(rt);
  const scaler = new Standardizer().fit(numbersOf(parts.learned)); // of what is learned alone
  const targetScaler = scaler.columns([0]);
  const samples = (part: readonly Day[]) => windows(scaler.transform(numbersOf(part)), { length: LENGTH, targets: [0] });
  const begin = performance.now();
  const done = await untilCtrlC((signal) =>
    fit(model, {
      ...{ data: samples(parts.learned), validation: samples(parts.watched), loss: new MSELoss(rt), signal },
      ...{ optimizer: new AdamW(model.parameters(), { lr: 0.003, weightDecay: 0.1 }), epochs, batchSize: 16, clipNorm: 1, seed },
      ...{ metrics: ["rmse", "r2"], targetScaler, earlyStopping: { patience: 10, monitor: "rmse" } },
      callbacks: terminalReporter({ unit: "days" }),
    }),
  );
  if (!done) return INTERRUPTED;
  const seconds = (performance.now() - begin) / 1000;
  const held = quick ? { ...parts, tested: parts.watched } : parts; // what is tested is for full runs alone
  const forecast = await predict(model, samples(held.tested), { targetScaler });
  const values = forecast.map(({ data }) => data[0] as number);
  const result = resultOf(held, values, { data: nameOf(options), seed, seconds });
  show(result, `GRU over ${LENGTH} days`, { quick });
  keep(model.save({ scaler }), options);
  if (options.record) record(result);
  if (options.picture !== undefined) draw(options.picture, held, values);
  return 0;
}

await run(async () => {
  const options = parseOptions();
  using rt = await createRuntime({ seed: options.seed });
  const days = options.data === undefined ? seattle() : readDays(options.data);
  if (options.use === undefined) return await learn(rt, days, options);
  await tomorrow(rt, days, options.use);
  return 0;
});
