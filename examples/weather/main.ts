/** Tomorrow's highest temperature from the weather of fourteen days. README.md says more. */
import { AdamW, createRuntime, fit, MSELoss, predict, type Runtime, Standardizer, windows } from "wasm-rnn";
import { terminalReporter } from "wasm-rnn/terminal";
import { run } from "../shared/program.js";
import { type Day, inTime, LENGTH, numbersOf, readDays, seattle } from "./data.js";
import { build } from "./model.js";
import { type Options, parseOptions } from "./options.js";
import { report } from "./report.js";
import { keep, tomorrow } from "./saved.js";

async function learn(rt: Runtime, days: readonly Day[], { epochs, seed, save, data }: Options): Promise<void> {
  const parts = inTime(days);
  const model = build(rt);
  const scaler = new Standardizer().fit(numbersOf(parts.learned)); // of what is learned alone
  const targetScaler = scaler.columns([0]);
  const samples = (part: readonly Day[]) => windows(scaler.transform(numbersOf(part)), { length: LENGTH, targets: [0] });
  await fit(model, {
    ...{ data: samples(parts.learned), validation: samples(parts.watched), loss: new MSELoss(rt) },
    ...{ optimizer: new AdamW(model.parameters(), { lr: 0.003, weightDecay: 0.1 }), epochs, batchSize: 16, clipNorm: 1, seed },
    ...{ metrics: ["rmse", "r2"], targetScaler, earlyStopping: { patience: 10, monitor: "rmse" } },
    callbacks: terminalReporter({ unit: "days" }),
  });
  const forecast = await predict(model, samples(parts.tested), { targetScaler });
  report(
    parts,
    forecast.map(({ data }) => data[0] as number),
    seed,
  );
  keep(save, model.save({ scaler }), data);
}

await run(async () => {
  const options = parseOptions();
  using rt = await createRuntime({ seed: options.seed });
  const days = options.data === undefined ? seattle() : readDays(options.data);
  if (options.use === undefined) await learn(rt, days, options);
  else await tomorrow(rt, days, options.use);
  return 0;
});
