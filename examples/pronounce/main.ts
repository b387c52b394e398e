/** How is it pronounced? Spelling to phones. README.md says more. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { createRuntime } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/sequence";
import { run } from "../shared/program.js";
import { record } from "../shared/results.js";
import { grouped } from "../shared/text.js";
import { type Parts, partsOf, readWords } from "./data.js";
import { learn } from "./learn.js";
import { type Options, parseOptions } from "./options.js";
import { report } from "./report.js";
import { readModel, use, wordsOf } from "./use.js";

/** Of a quick run: every so many words. */
const THINNED = 40;
const QUICK_WORDS = "wasm learns to pronounce";

function wordsToLearn({ quick }: Options): Parts {
  const words = readWords();
  return partsOf(quick ? words.filter((_, w) => w % THINNED === 0) : words);
}

await run(async () => {
  const options = parseOptions();
  if (options.use !== undefined) wordsOf(options.use); // refused before anything is made
  using rt = await createRuntime({ seed: options.seed });
  await loadOperators(rt);
  if (options.use !== undefined) {
    await use(readModel(rt, options.save), options.use);
    return 0;
  }
  const parts = wordsToLearn(options);
  const { learned, watched, tested } = parts;
  console.log(`  ${grouped(learned.length)} words to learn from, ${grouped(watched.length)} to watch, ${grouped(tested.length)} to test`);
  mkdirSync(dirname(options.save), { recursive: true });
  const { model, seconds } = await learn(rt, parts, options);
  writeFileSync(options.save, model.save());
  const result = await report(model, parts, { seed: options.seed, seconds });
  if (options.quick) await use(model, QUICK_WORDS);
  console.log(`\n  kept as ${options.save}; --use "your own words" says them`);
  if (options.record) record(result);
  return 0;
});
