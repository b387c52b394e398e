/** Faults in networks of temperature and humidity sensors, found reading by reading as they come in. README.md says more. */
import pc from "picocolors";
import { createRuntime, type Runtime } from "wasm-rnn";
import { terminalReporter } from "wasm-rnn/terminal";
import { quickFileOf, useOf } from "../shared/model-command.js";
import { INTERRUPTED, run, untilCtrlC } from "../shared/program.js";
import { record, show } from "../shared/results.js";
import { placeOf } from "../shared/saving.js";
import { keepPicture } from "../shared/svg.js";
import { grouped, parametersOf, printable } from "../shared/text.js";
import { loadPlaces, type Place } from "./data.js";
import { type Tested, testEach, thresholdOf } from "./folds.js";
import { learn, listen, type Settings } from "./learn.js";
import { type Options, parseOptions } from "./options.js";
import { picture } from "./picture.js";
import { placeLines, resultOf } from "./report.js";
import { detectorIn, saved } from "./saved.js";
import { raiseAlarms } from "./use.js";

const EPOCHS = 10;
const QUICK_READINGS = 500; // of the middle of each mote, where the steam is

async function learnAndTest(rt: Runtime, options: Options): Promise<number> {
  const { seed, quick, save, data } = options;
  const place = placeOf(options, quickFileOf("sensor-faults"));
  if (place.notice) console.log(`  ${pc.yellow(place.notice)}`);
  const places = loadPlaces(data).map(quick ? shortened : (whole) => whole);
  introduce(places);
  const settings: Settings = { seed, epochs: quick ? 1 : EPOCHS };
  const begin = performance.now();
  const tested = await untilCtrlC((signal) =>
    testEach(places, settings, (done, of) => console.log(pc.dim(`  tested in ${done} of ${of} places`)), signal),
  );
  if (!tested) return INTERRUPTED;
  const result = resultOf(tested, { seed, seconds: (performance.now() - begin) / 1000 });
  show(result, "GRU", { quick });
  console.log(`\n${placeLines(tested).join("\n")}\n`);

  const model = await learn(rt, "GRU", places, settings, terminalReporter({ title: "all four places", unit: "windows" }));
  const detector = { model, threshold: thresholdOf(tested) };
  place.write(saved(detector));
  const readings = places.flatMap(({ motes }) => motes.map(({ length }) => length)).reduce((a, b) => a + b);
  const heard = performance.now();
  for (const each of places) listen(model, each);
  const micros = (1000 * (performance.now() - heard)) / readings;
  console.log(`\n  ${parametersOf(model)} parameters, learned from all four places, ${micros.toFixed(1)} µs a reading`);
  console.log(`  kept as ${printable(save)}; try it:`);
  console.log(`  ${pc.cyan(useOf("sensor-faults", "mine.csv", options))}`);
  if (options.picture !== undefined) keepPicture(options.picture, picture(tested as [Tested, ...Tested[]]));
  if (options.record) record(result);
  return 0;
}

function introduce(places: readonly Place[]): void {
  for (const { name, motes } of places) {
    const readings = motes.flat();
    const faulty = readings.filter(({ label }) => label === 1).length;
    console.log(`  ${name.padEnd(16)} ${motes.length} motes, ${grouped(readings.length)} readings, ${faulty} of them faulty`);
  }
  console.log("  Each is tested by what learned in the three others and never met its fault.\n");
}

function shortened({ name, motes }: Place): Place {
  return { name, motes: motes.map((mote) => mote.slice(2100, 2100 + QUICK_READINGS)) };
}

await run(async () => {
  const options = parseOptions();
  using rt = await createRuntime({ seed: options.seed });
  if (options.use === undefined) return await learnAndTest(rt, options);
  await raiseAlarms(detectorIn(rt, options.save), options.use);
  return 0;
});
