/** Which words of a text are names? A bidirectional LSTM and a CRF over the Brown corpus. README.md says more. */
import { rmSync } from "node:fs";
import pc from "picocolors";
import { AdamW, CrossEntropyLoss, createRuntime, fit, OneCycleLR, type Runtime } from "wasm-rnn";
import { CRFLoss, loadOperators, spanF1 } from "wasm-rnn/sequence";
import { terminalReporter } from "wasm-rnn/terminal";
import { INTERRUPTED, run, untilCtrlC } from "../shared/program.js";
import { record, show } from "../shared/results.js";
import { type Checkpoint, checkpointOf, placeOf, sayInterrupted } from "../shared/saving.js";
import { grouped, parametersOf, printable } from "../shared/text.js";
import { brownCorpus, LABELS, parted, type Sentence, type Sides, thinned } from "./data.js";
import { Tagger } from "./model.js";
import { commandFor, type Options, parseOptions, QUICK_FILE, runOf } from "./options.js";
import { errorLines, resultOf } from "./report.js";
import { findNames, loadTagger, marked, textOf } from "./use.js";
import { type Known, knownOf, Vocabulary } from "./vocabulary.js";

const EPOCHS = 4;
const BATCH = 32;
const RATE = 0.005;
/** Of a quick run: every so many sentences. */
const THIN = 60;
const STEPS_BETWEEN_CHECKPOINTS = 500;
const TEXT = "Later that week Mr. Huxley flew from Baltimore to Paris. Huxley's wife, Laura, stayed in the United States.";
const TRY = "Ann Baker went to Rome.";

/** All of it: data, training, the test, the model in a file. @returns the exit code */
async function learn(rt: Runtime, options: Options): Promise<number> {
  const { seed, save, quick } = options;
  const checkpoint = checkpointOf(options, runOf(options));
  const place = placeOf(options, QUICK_FILE);
  if (place.notice) console.log(`  ${pc.yellow(place.notice)}`);
  const sides = thinned(parted(brownCorpus()), quick ? THIN : 1);
  const known = knownOf(sides.learned);
  const vocabulary = new Vocabulary(known);
  const samples = (side: readonly Sentence[]) => side.map((sentence) => vocabulary.sample(sentence));
  const model = new Tagger(rt, known);
  const parameters = parametersOf(model);
  introduce({ known, parameters }, sides);
  const begin = performance.now();
  if (!(await train(model, samples(sides.learned), samples(sides.watched), { ...options, checkpoint }))) {
    sayInterrupted(checkpoint, commandFor({ resume: true }, options));
    return INTERRUPTED;
  }
  const seconds = (performance.now() - begin) / 1000;
  place.write(model.save());
  rmSync(checkpoint.file, { force: true });

  const labels = await model.label(samples(sides.tested));
  const result = resultOf(sides, labels, { seed, seconds });
  show(result, "BiLSTM-CRF, words and characters", { quick });
  console.log(`\n  ${pc.bold("some of its errors")}\n${errorLines(sides.tested, labels).join("\n")}`);
  console.log(`\n  learned in ${seconds.toFixed(0)} s, kept as ${printable(save)}; try it:`);
  console.log(`  ${pc.cyan(commandFor({ use: TRY }, options))}`);
  if (options.record) record(result);
  if (quick) console.log(`\n  ${marked(TEXT, await findNames(loadTagger(rt, save), TEXT))}`);
  return 0;
}

type Samples = ReturnType<Vocabulary["sample"]>[];

/** @returns false when Ctrl-C has ended it */
async function train(model: Tagger, data: Samples, validation: Samples, options: Options & { checkpoint: Checkpoint }): Promise<boolean> {
  const { seed, quick, resume, checkpoint } = options;
  const { crf } = model.layers;
  const [epochs, batchSize] = quick ? [1, 8] : [EPOCHS, BATCH];
  const optimizer = new AdamW(model.parameters(), { lr: RATE, weightDecay: 0.01 });
  const totalSteps = epochs * Math.ceil(data.length / batchSize);
  const done = await untilCtrlC((signal) =>
    fit(model, {
      ...{ data, validation, optimizer, epochs, batchSize, seed, resume, bucketByLength: true, clipNorm: 5, signal },
      loss: { names: new CRFLoss(crf), tags: new CrossEntropyLoss(model.runtime) },
      metrics: { names: [{ spans: spanF1({ labels: LABELS, decode: (emissions) => crf.decode(emissions)[0].tags }) }], tags: ["accuracy"] },
      ...{ schedule: new OneCycleLR(optimizer, { maxLr: RATE, totalSteps, pctStart: 0.2 }), scheduleEvery: "step" },
      earlyStopping: { patience: epochs, monitor: "names.spans", mode: "max" }, // none stops early: the best epoch's weights are taken
      checkpoint: { ...checkpoint, every: STEPS_BETWEEN_CHECKPOINTS },
      callbacks: terminalReporter({ unit: "sentences" }),
    }),
  );
  return done !== undefined;
}

function introduce({ known, parameters }: { known: Known; parameters: number }, { learned, watched, tested }: Sides): void {
  const [l, w, t] = [learned, watched, tested].map((side) => grouped(side.length));
  console.log(`  ${l} sentences to learn from, ${w} to watch, ${t} to test`);
  const words = learned.reduce((sum, { words }) => sum + words.length, 0);
  console.log(`  ${grouped(words)} words, ${grouped(known.words.length)} of them known; ${grouped(parameters)} parameters\n`);
}

await run(async () => {
  const options = parseOptions();
  using rt = await createRuntime({ seed: options.seed });
  await loadOperators(rt);
  if (options.use === undefined) return await learn(rt, options);
  const text = textOf(options.use);
  console.log(marked(text.trimEnd(), await findNames(loadTagger(rt, options.save), text)));
  return 0;
});
