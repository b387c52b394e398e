/** Which words of a text are names? A bidirectional LSTM and a CRF over the Brown corpus. README.md says more. */
import { rmSync } from "node:fs";
import pc from "picocolors";
import { createRuntime, type Runtime } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/sequence";
import { INTERRUPTED, run, untilCtrlC } from "../shared/program.js";
import { record, show } from "../shared/results.js";
import { checkpointsOf, placeOf, sayInterrupted } from "../shared/saving.js";
import { grouped, printable } from "../shared/text.js";
import { type Sides, sidesOf } from "./data.js";
import { learn } from "./learn.js";
import { commandFor, type Options, parseOptions, QUICK_FILE, runOf } from "./options.js";
import { errorLines, resultOf } from "./report.js";
import { findNames, loadTaggers, marked, textOf } from "./use.js";
import { type Known, knownOf, Vocabulary } from "./vocabulary.js";

const TEXT = "Later that week Mr. Huxley flew from Baltimore to Paris. Huxley's wife, Laura, stayed in the United States.";
const TRY = "Ann Baker went to Rome.";

/** All of it: data, training, the test, the model in a file. @returns the exit code */
async function learnAndTest(rt: Runtime, options: Options): Promise<number> {
  const { seed, save, quick } = options;
  const checkpoints = checkpointsOf(options, runOf(options));
  const place = placeOf(options, QUICK_FILE);
  if (place.notice) console.log(`  ${pc.yellow(place.notice)}`);
  const sides = sidesOf(quick);
  const known = knownOf(sides.learned);
  introduce(known, sides);
  const begin = performance.now();
  const model = await untilCtrlC((signal) => learn(rt, options, { known, checkpoints, signal }));
  if (!model) {
    sayInterrupted(checkpoints[0], commandFor({ resume: true }, options));
    return INTERRUPTED;
  }
  const seconds = (performance.now() - begin) / 1000;
  place.write(model.save());
  for (const { file } of checkpoints) rmSync(file, { force: true });

  const vocabulary = new Vocabulary(known);
  const held = quick ? { ...sides, tested: sides.watched } : sides; // what is tested is for full runs alone
  const labels = await model.label(held.tested.map((sentence) => vocabulary.sample(sentence)));
  const result = resultOf(held, labels, { seed, seconds });
  show(result, "two BiLSTM-CRFs, words and characters", { quick });
  console.log(`\n  ${pc.bold("some of its errors")}\n${errorLines(held.tested, labels).join("\n")}`);
  console.log(`\n  learned in ${seconds.toFixed(0)} s, kept as ${printable(save)}; try it:`);
  console.log(`  ${pc.cyan(commandFor({ use: TRY }, options))}`);
  if (options.record) record(result);
  if (quick) console.log(`\n  ${marked(TEXT, await findNames(loadTaggers(rt, save), TEXT))}`);
  return 0;
}

function introduce(known: Known, { learned, watched, tested }: Sides): void {
  const [l, w, t] = [learned, watched, tested].map((side) => grouped(side.length));
  console.log(`  ${l} sentences to learn from, ${w} to watch, ${t} to test`);
  const words = learned.reduce((sum, { words }) => sum + words.length, 0);
  console.log(`  ${grouped(words)} words, ${grouped(known.words.length)} of them known\n`);
}

await run(async () => {
  const options = parseOptions();
  using rt = await createRuntime({ seed: options.seed });
  await loadOperators(rt);
  if (options.use === undefined) return await learnAndTest(rt, options);
  const text = textOf(options.use);
  console.log(marked(text.trimEnd(), await findNames(loadTaggers(rt, options.save), text)));
  return 0;
});
