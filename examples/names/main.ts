/** Which words of a text are names? A bidirectional LSTM and a CRF over the Brown corpus. README.md says more. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import pc from "picocolors";
import { AdamW, CrossEntropyLoss, createRuntime, fit, OneCycleLR, type Runtime } from "wasm-rnn";
import { CRFLoss, loadOperators, spanF1 } from "wasm-rnn/sequence";
import { terminalReporter } from "wasm-rnn/terminal";
import { abortOnCtrlC, INTERRUPTED, run, UserError } from "../shared/program.js";
import { record, show } from "../shared/results.js";
import { grouped, shellWord } from "../shared/text.js";
import { brownCorpus, LABELS, parted, type Sentence, thinned } from "./data.js";
import { Tagger } from "./model.js";
import { type Options, parseOptions } from "./options.js";
import { errorLines, resultOf } from "./report.js";
import { findNames, loadTagger, marked, textOf } from "./use.js";
import { knownOf, Vocabulary } from "./vocabulary.js";

const EPOCHS = 4;
const BATCH = { full: 32, quick: 8 } as const;
const RATE = 0.005;
/** Of a quick run: every so many sentences. */
const THIN = 60;
const STEPS_BETWEEN_CHECKPOINTS = 500;
const TEXT = "Later that week Mr. Huxley flew from Baltimore to Paris. Huxley's wife, Laura, stayed in the United States.";

async function learn(rt: Runtime, { seed, save, quick, record: isRecorded, resume }: Options): Promise<number> {
  const checkpoint = `${save}.checkpoint`;
  if (resume && !existsSync(checkpoint)) throw new UserError(`--resume: there is no checkpoint ${checkpoint}`);
  const sides = thinned(parted(brownCorpus()), quick ? THIN : 1);
  const { learned, watched, tested } = sides;
  const known = knownOf(learned);
  const model = new Tagger(rt, known);
  const { crf } = model.layers;
  const vocabulary = new Vocabulary(known);
  const samples = (side: readonly Sentence[]) => side.map((sentence) => vocabulary.sample(sentence));
  introduce(model, learned, watched, tested);

  const epochs = quick ? 1 : EPOCHS;
  const optimizer = new AdamW(model.parameters(), { lr: RATE, weightDecay: 0.01 });
  const batch = quick ? BATCH.quick : BATCH.full;
  const totalSteps = epochs * Math.ceil(learned.length / batch);
  mkdirSync(dirname(save), { recursive: true });
  const loss = { names: new CRFLoss(crf), tags: new CrossEntropyLoss(rt) };
  const stop = new AbortController();
  const giveBack = abortOnCtrlC(stop);
  const begin = performance.now();
  try {
    await fit(model, {
      ...{ data: samples(learned), validation: samples(watched), loss, optimizer, epochs, batchSize: batch, seed },
      ...{ schedule: new OneCycleLR(optimizer, { maxLr: RATE, totalSteps, pctStart: 0.2 }), scheduleEvery: "step" },
      ...{ bucketByLength: true, clipNorm: 5, signal: stop.signal, resume },
      metrics: { names: [{ spans: spanF1({ labels: LABELS, decode: (emissions) => crf.decode(emissions)[0].tags }) }], tags: ["accuracy"] },
      earlyStopping: { patience: epochs, monitor: "names.spans", mode: "max" }, // none stops early: the best epoch's weights are taken
      checkpoint: { file: checkpoint, every: STEPS_BETWEEN_CHECKPOINTS },
      callbacks: terminalReporter({ unit: "sentences" }),
    });
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    console.log(`\n  interrupted: --resume --save ${shellWord(save)} goes on`);
    return INTERRUPTED;
  } finally {
    giveBack();
  }
  const seconds = (performance.now() - begin) / 1000;
  rmSync(checkpoint, { force: true });

  const labels = await model.label(samples(tested));
  const result = resultOf(sides, labels, { seed, seconds });
  show(result, "BiLSTM-CRF, words and characters");
  console.log(`\n  ${pc.bold("some of its errors")}\n${errorLines(tested, labels).join("\n")}`);
  writeFileSync(save, model.save());
  console.log(`\n  learned in ${seconds.toFixed(0)} s, kept as ${save}`);
  if (isRecorded) record(result);
  if (quick) console.log(`\n  ${marked(TEXT, await findNames(loadTagger(rt, save), TEXT))}`);
  return 0;
}

function introduce(model: Tagger, ...[learned = [], watched = [], tested = []]: (readonly Sentence[])[]): void {
  const tokens = (side: readonly Sentence[]) => grouped(side.reduce((sum, { words }) => sum + words.length, 0));
  const counts = [learned, watched, tested].map((side) => grouped(side.length));
  console.log(`  ${counts[0]} sentences to learn from, ${counts[1]} to watch, ${counts[2]} to test`);
  const parameters = model.parameters().reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  console.log(`  ${tokens(learned)} words, ${grouped(model.known.words.length)} of them known; ${grouped(parameters)} parameters\n`);
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
