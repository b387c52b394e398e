/** English to German, learned from the help and the interface of LibreOffice. README.md says more. */
import { rmSync } from "node:fs";
import pc from "picocolors";
import { AdamW, createRuntime, fit, OneCycleLR, type Runtime } from "wasm-rnn";
import { loadOperators, type Seq2Seq } from "wasm-rnn/sequence";
import { terminalReporter } from "wasm-rnn/terminal";
import { INTERRUPTED, run, untilCtrlC } from "../shared/program.js";
import { record, show as showResult } from "../shared/results.js";
import { checkpointOf, placeOf, sayInterrupted } from "../shared/saving.js";
import { grouped, parametersOf, printable } from "../shared/text.js";
import { loadParts, type Parts } from "./data.js";
import { dictionary } from "./lexicon.js";
import { build, type Languages, lossOf, samplesOf } from "./model.js";
import { Names } from "./names.js";
import { commandFor, type Options, parseOptions, QUICK_FILE, runOf } from "./options.js";
import { resultOf, samplesToRead } from "./report.js";
import { Subwords } from "./subwords.js";
import type { Pair } from "./tidy.js";
import { checkPlace, loadTranslator, saved, show, type Translator, textOf, translateAll } from "./use.js";

const FULL = { subwords: 2000, hidden: 192, embedding: 128, epochs: 15, batch: 32, rate: 0.003 };
const QUICK = { subwords: 500, hidden: 32, embedding: 16, epochs: 1, batch: 16, rate: 0.02 };
const STEPS_BETWEEN_CHECKPOINTS = 500;
const TEXT = "Save the document before closing.";

async function learn(rt: Runtime, options: Options): Promise<number> {
  const { seed, save, svg, quick, record: isRecorded, resume } = options;
  const checkpoint = checkpointOf(options, runOf(options));
  const place = placeOf(options, QUICK_FILE);
  if (place.notice) console.log(`  ${pc.yellow(place.notice)}`);
  const { subwords, epochs, batch, rate, ...sizes } = quick ? QUICK : FULL;
  const parts = loadParts(options);
  const languages = languagesOf(parts.learned, subwords);
  const model = build(rt, languages, sizes);
  introduce(parts, languages, model);

  const optimizer = new AdamW(model.parameters(), { lr: rate, weightDecay: 0.01 });
  const totalSteps = epochs * Math.ceil(parts.learned.length / batch);
  const begin = performance.now();
  const done = await untilCtrlC((signal) =>
    fit(model, {
      ...{ data: samplesOf(model, languages, parts.learned), validation: samplesOf(model, languages, parts.watched), loss: lossOf(rt) },
      ...{ optimizer, schedule: new OneCycleLR(optimizer, { maxLr: rate, totalSteps, pctStart: 0.15 }), scheduleEvery: "step" },
      ...{ epochs, batchSize: batch, bucketByLength: true, clipNorm: 1, seed, signal, resume },
      earlyStopping: { patience: 3 },
      checkpoint: { ...checkpoint, every: STEPS_BETWEEN_CHECKPOINTS },
      callbacks: terminalReporter({ unit: "pairs" }),
    }),
  );
  if (!done) {
    sayInterrupted(checkpoint, commandFor({ resume: true }, options));
    return INTERRUPTED;
  }
  const seconds = (performance.now() - begin) / 1000;
  const translator = { model, languages };
  place.write(saved(translator));
  rmSync(checkpoint.file, { force: true });
  console.log(`\n  learned in ${seconds.toFixed(0)} s, kept as ${printable(save)}; try it:`);
  console.log(`  ${pc.cyan(commandFor({ use: TEXT }, options))}`);
  const held = quick ? { ...parts, tested: parts.watched } : parts; // what is tested is for full runs alone
  test(translator, held, { seed, seconds, quick, isRecorded });
  if (quick) {
    console.log();
    show(loadTranslator(rt, save), TEXT, svg);
  }
  return 0;
}

function languagesOf(learned: readonly Pair[], size: number): Languages {
  const names = Names.learn(learned);
  const marked = learned.map((pair) => names.marked(pair));
  const subwords = (language: "en" | "de") =>
    Subwords.learn(
      marked.map((pair) => pair[language]),
      size,
    );
  return { en: subwords("en"), de: subwords("de"), names, words: dictionary(learned) };
}

interface Run {
  readonly seed: number;
  readonly seconds: number;
  readonly quick: boolean;
  readonly isRecorded: boolean;
}

function test(translator: Translator, parts: Parts, { seed, seconds, quick, isRecorded }: Run): void {
  const said = translateAll(
    translator,
    parts.tested.map(({ en }) => en),
  );
  const result = resultOf(parts, said, { words: translator.languages.words, seed, seconds });
  showResult(result, "encoder and decoder with attention", { quick });
  console.log(`\n  ${pc.bold("some of the translations")} ${pc.dim("drawn, not chosen")}`);
  for (const line of samplesToRead(parts.tested, said, seed)) console.log(line);
  if (isRecorded) record(result);
}

function introduce({ learned, watched, tested, counts }: Parts, { en, de }: Languages, model: Seq2Seq): void {
  const parameters = parametersOf(model);
  const { pages, help, strings, left } = counts;
  console.log(`  ${grouped(pages)} pages with ${grouped(help)} pairs, and ${grouped(strings)} of the interface`);
  console.log(`  ${grouped(learned.length)} to learn from, ${grouped(watched.length)} to watch, ${grouped(tested.length)} to test`);
  console.log(pc.dim(`  (${grouped(left)} left out: nearly the same as what is watched or tested)`));
  console.log(
    `  ${grouped(en.tokens.length)} English and ${grouped(de.tokens.length)} German subwords; ${grouped(parameters)} parameters\n`,
  );
}

await run(async () => {
  const options = parseOptions();
  if (options.use !== undefined || options.quick) checkPlace(options.svg, options.save); // before anything is made
  using rt = await createRuntime({ seed: options.seed });
  await loadOperators(rt);
  if (options.use === undefined) return await learn(rt, options); // the runtime lives as long
  const text = textOf(options.use);
  show(loadTranslator(rt, options.save), text, options.svg);
  return 0;
});
