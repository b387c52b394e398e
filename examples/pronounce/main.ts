/** How is it pronounced? Spelling to phones. README.md says more. */
import { rmSync } from "node:fs";
import pc from "picocolors";
import { createRuntime, type Runtime } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/sequence";
import { INTERRUPTED, run, untilCtrlC } from "../shared/program.js";
import { record } from "../shared/results.js";
import { checkpointsOf, placeOf, sayInterrupted } from "../shared/saving.js";
import { grouped, printable } from "../shared/text.js";
import { partsOf, wordsToLearn } from "./data.js";
import { learn } from "./learn.js";
import { commandFor, type Options, parseOptions, QUICK_FILE, runOf } from "./options.js";
import { report } from "./report.js";
import { readModel, use, wordsOf } from "./use.js";

const QUICK_WORDS = "wasm learns to pronounce";

/** All of it: data, training, the test, the model in a file. @returns the exit code */
async function learnAndTest(rt: Runtime, options: Options): Promise<number> {
  const { seed, save, quick } = options;
  const [first, second] = checkpointsOf(options, runOf(options));
  const place = placeOf(options, QUICK_FILE);
  if (place.notice) console.log(`  ${pc.yellow(place.notice)}`);
  const parts = partsOf(wordsToLearn(quick));
  const { learned, watched, tested } = parts;
  console.log(`  ${grouped(learned.length)} words to learn from, ${grouped(watched.length)} to watch, ${grouped(tested.length)} to test`);
  const result = await untilCtrlC((signal) => learn(rt, parts, options, { checkpoints: [first, second], signal }));
  if (!result) {
    sayInterrupted(first, commandFor({ resume: true }, options));
    return INTERRUPTED;
  }
  const { model, seconds } = result;
  place.write(model.save());
  for (const { file } of [first, second]) rmSync(file, { force: true });
  const held = quick ? { ...parts, tested: watched } : parts; // what is tested is for full runs alone
  const figures = await report(model, held, { seed, seconds, quick });
  if (quick) await use(model, QUICK_WORDS);
  console.log(`\n  learned in ${seconds.toFixed(0)} s, kept as ${printable(save)}; try it:`);
  console.log(`  ${pc.cyan(commandFor({ use: QUICK_WORDS }, options))}`);
  if (options.record) record(figures);
  return 0;
}

await run(async () => {
  const options = parseOptions();
  if (options.use !== undefined) wordsOf(options.use); // refused before anything is made
  using rt = await createRuntime({ seed: options.seed });
  await loadOperators(rt);
  if (options.use === undefined) return await learnAndTest(rt, options);
  await use(readModel(rt, options.save), options.use);
  return 0;
});
