/** Faults in a network of temperature and humidity sensors, found reading by reading as they come in. README.md says more. */
import { Command, Option } from "commander";
import pc from "picocolors";
import { Adam, BCEWithLogitsLoss, createRuntime, fit } from "wasm-rnn";
import { terminalReporter } from "wasm-rnn/terminal";
import { count, run, seed } from "../shared/program.js";
import { bestThreshold, beyond, type Scores, scoresOf } from "./alarms.js";
import { FEATURES, loadPlaces, type Place, WINDOW, windows } from "./data.js";
import { build } from "./model.js";

interface Options {
  readonly epochs: number;
  readonly hidden: number;
  readonly seed: number;
}

function parseOptions(): Options {
  return new Command()
    .name("npm run example sensor-faults --")
    .option("--epochs <n>", "passes over the windows", count, 10)
    .option("--hidden <n>", "units", count, 12)
    .option("--seed <n>", "of everything random", seed, 1)
    .addOption(new Option("--quick", "2 passes").implies({ epochs: 2 }))
    .parse()
    .opts();
}

/** Learns in one place, then listens in the other. */
async function measure(options: Options, learned: Place, tested: Place): Promise<void> {
  using rt = await createRuntime({ seed: options.seed });
  const model = build(rt, options.hidden);
  const data = windows(learned);
  console.log(`  ${pc.bold(`tested ${tested.name}`)}: ${data.length} windows of ${WINDOW} readings to learn from`);
  const { onProgress, onEnd, onEpoch } = terminalReporter({ unit: "windows" });
  await fit(model, {
    data,
    loss: new BCEWithLogitsLoss(rt, { posWeight: [5] }),
    optimizer: new Adam(model.parameters(), { lr: 0.01 }),
    epochs: options.epochs,
    batchSize: 16,
    features: FEATURES,
    clipNorm: 1,
    seed: options.seed,
    callbacks: { onProgress, onEnd, onEpoch },
  });

  const stream = model.stream();
  const begin = performance.now();
  const found = scoresOf(tested, ({ x }, first) => {
    if (first) stream.reset();
    stream.input.set(x);
    stream.step();
    return (stream.output[0] as number) > 0;
  });
  const micros = ((1000 * (performance.now() - begin)) / found.readings).toFixed(1);
  const byRule = scoresOf(tested, beyond(bestThreshold(learned)));
  const sizes = `${found.faults} faulty readings of ${found.readings}; streamed at ${micros} µs a reading`;
  console.log(`\n  ${pc.bold(`faults found ${tested.name}`)} ${pc.dim(sizes)}`);
  console.log(`  GRU                           ${shown(found)}`);
  console.log(`  a threshold on the deviation  ${shown(byRule)}  ${pc.dim("the best one in the place that was learned")}`);
  console.log(`  never an alarm                F1 0.000  ${pc.dim(`accuracy ${(1 - found.faults / found.readings).toFixed(3)}`)}\n`);
}

function shown({ f1, precision, recall }: Scores): string {
  return `F1 ${f1.toFixed(3)}  ${pc.dim(`precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}`)}`;
}

async function main(): Promise<number> {
  const options = parseOptions();
  console.log(`  Two motes indoors, two outdoors; in each place one of the two met one fault (a kettle's steam), labelled reading by reading.
  What is learned in one place is tested in the other: the fault to be found is one that was never seen.\n`);
  const [indoors, outdoors] = loadPlaces() as [Place, Place];
  await measure(options, indoors, outdoors);
  await measure(options, outdoors, indoors);
  return 0;
}

await run(main);
