/** Is a sentence glad or cross? Bidirectional LSTMs and a regression over 3000 labelled sentences of reviews. README.md says more. */
import pc from "picocolors";
import { createRuntime, type Runtime } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/ops";
import { terminalReporter } from "wasm-rnn/terminal";
import { quickFileOf, useOf } from "../shared/model-command.js";
import { INTERRUPTED, run, untilCtrlC } from "../shared/program.js";
import { record, show } from "../shared/results.js";
import { placeOf } from "../shared/saving.js";
import { grouped, parametersOf, printable } from "../shared/text.js";
import { FOLDS, loadSentences } from "./data.js";
import { SYSTEMS, testEach } from "./folds.js";
import { learn } from "./learn.js";
import { type Options, parseOptions } from "./options.js";
import { resultOf, sourceLine } from "./report.js";
import { loadReaders, say, sentencesOf } from "./use.js";

const EPOCHS = 5;
/** In a quick run, one sentence in so many. */
const QUICK_SHARE = 10;
const TEXT = "What a lovely place: we will be back!";

async function learnAndTest(rt: Runtime, options: Options): Promise<number> {
  const { seed, quick, save } = options;
  const place = placeOf(options, quickFileOf("sentiment"));
  if (place.notice) console.log(`  ${pc.yellow(place.notice)}`);
  const sentences = loadSentences().filter((_, i) => !quick || i % QUICK_SHARE === 0);
  const groups = new Set(sentences.map(({ group }) => group)).size;
  console.log(`  ${grouped(sentences.length)} sentences, ${grouped(groups)} that are not nearly the same, in ${FOLDS} folds`);
  const epochs = quick ? 1 : EPOCHS;
  const begin = performance.now();
  const learned = await untilCtrlC(async (signal) => {
    const judged = await testEach(sentences, { seed, epochs, signal }, (done) =>
      console.log(pc.dim(`  tested ${String(done).padStart(2)} of ${FOLDS} folds`)),
    );
    const { onProgress, onEnd } = terminalReporter({ title: "all of them", unit: "sentences" });
    return { judged, model: await learn(rt, sentences, { epochs, signal, callbacks: { onProgress, onEnd } }) };
  });
  if (!learned) return INTERRUPTED;
  const { judged, model } = learned;
  const result = resultOf(sentences, judged, { seed, seconds: (performance.now() - begin) / 1000 });
  show(result, SYSTEMS[0], { quick });
  console.log(`\n${sourceLine(sentences, judged)}`);
  place.write(model.save());
  console.log(`\n  ${grouped(parametersOf(model))} parameters, learned from all sentences`);
  console.log(`  kept as ${printable(save)}; try it:`);
  console.log(`  ${pc.cyan(useOf("sentiment", TEXT, options))}\n`);
  await say(loadReaders(rt, save), TEXT);
  if (options.record) record(result);
  return 0;
}

await run(async () => {
  const options = parseOptions();
  using rt = await createRuntime({ seed: options.seed });
  await loadOperators(rt);
  if (options.use === undefined) return await learnAndTest(rt, options);
  const sentences = sentencesOf(options.use);
  const model = loadReaders(rt, options.save);
  for (const sentence of sentences) await say(model, sentence);
  return 0;
});
