/** Letters, the words that spell them and digits, learned from made voices and recognised as they are said. README.md says more. */
import { rmSync } from "node:fs";
import pc from "picocolors";
import { createRuntime, Generator, type Runtime } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/sequence";
import { INTERRUPTED, run, untilCtrlC } from "../shared/program.js";
import { record, show } from "../shared/results.js";
import { placeOf } from "../shared/saving.js";
import { printable } from "../shared/text.js";
import { connectedOf, majorityOf, nearestOf, templatesOf } from "./baselines.js";
import { asterisk, klettres, strings } from "./data.js";
import { type Learned, learn } from "./learn.js";
import { listen } from "./listen.js";
import { commandFor, fileOf, type Options, parseOptions } from "./options.js";
import { prompts } from "./prompts.js";
import { confusions, greedily, measuresOf, nameOf, resultOf, singly } from "./report.js";
import { recogniserIn, saved } from "./saved.js";
import { transcribe, transcribeLive } from "./use.js";

/** Strings of the test, the same for every seed: the joined recordings of one person are few, however many strings are made of them. */
const TESTED = 200;
const TEST_SEED = 1;
/** Made voices that the nearest neighbour compares with. (Of KLettres' letters.) */
const TEMPLATES = ["flite rms 1 own", "flite slt 1 own", "flite awb 1 own"];

async function learnAndTest(rt: Runtime, options: Options): Promise<number> {
  const place = placeOf(options, fileOf(options));
  if (place.notice) console.log(`  ${pc.yellow(place.notice)}`);
  const learned = await untilCtrlC((signal) => learn(rt, options, signal));
  if (!learned) {
    if (!options.quick) console.log(`\n  interrupted; what goes on from the last pass:\n  ${commandFor({ resume: true }, options)}`);
    return INTERRUPTED;
  }
  place.write(saved(learned));
  for (const { file } of learned.checkpoints) rmSync(file, { force: true });
  if (options.quick) await glimpse(rt, options);
  else await test(learned, options);
  console.log(`\n  learned in ${learned.seconds.toFixed(0)} s, kept as ${printable(options.save)}; it transcribes:`);
  console.log(`  ${pc.cyan(commandFor({ use: "mine.wav" }, options))}`);
  return 0;
}

/** Of the person who is tested: once, when all else is done. */
async function test(learned: Learned, { seed, data, record: isRecorded }: Options): Promise<void> {
  const person = asterisk(data);
  const joinedSounds = strings(person, TESTED, new Generator(TEST_SEED));
  const templates = templatesOf(learned.speakers.filter(({ name }) => TEMPLATES.includes(name)));
  const ours = `network, ${learned.speakers.length} made voices`;
  const [warping, majority] = ["dynamic time warping", "always the same"];
  const alone = {
    sounds: person.alone,
    systems: [
      { name: ours, said: await singly(learned, person.alone) },
      { name: warping, said: nearestOf(person.alone, templates) },
      { name: majority, said: majorityOf(person.alone, templates) },
    ],
  };
  const inStrings = {
    sounds: joinedSounds,
    systems: [
      { name: ours, said: await greedily(learned, joinedSounds) },
      { name: warping, said: connectedOf(joinedSounds, templates) },
      { name: majority, said: majorityOf(joinedSounds, templates) },
    ],
  };
  const measures = [...measuresOf("alone", alone, seed), ...measuresOf("in strings", inStrings, seed, true)];
  const result = resultOf(measures, learned.speakers.length, TESTED, { seed, seconds: learned.seconds });
  show(result, ours);
  console.log(`\n  ${pc.bold("taken for another, alone")}\n${confusions(alone, learned.symbols).join("\n")}`);
  if (isRecorded) record(result);
}

/** What a quick run can show without the test: some letters of the people who are watched, by what was saved. */
async function glimpse(rt: Runtime, { save, data }: Options): Promise<void> {
  const recogniser = recogniserIn(rt, save);
  const [person] = await klettres(data, 1);
  for (const { labels, samples } of person?.alone.slice(0, 3) ?? []) {
    const heard = listen(recogniser, samples).map(({ symbol }) => symbol);
    console.log(`  ${nameOf(recogniser.symbols, labels)}: heard ${heard.join(" ") || "nothing"}`);
  }
}

await run(async () => {
  const options = parseOptions();
  if (options.prompts) return await prompts(options);
  using rt = await createRuntime({ seed: options.seed });
  await loadOperators(rt);
  if (options.live) await transcribeLive(recogniserIn(rt, options.save), process.stdin, options.rate);
  else if (options.use !== undefined) transcribe(recogniserIn(rt, options.save), options.use);
  else return await learnAndTest(rt, options);
  return 0;
});
