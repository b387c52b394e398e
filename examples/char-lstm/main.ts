/** Trains a character-level LSTM on a book, or writes text with one: README.md. */
import pc from "picocolors";
import { abortOnCtrlC, INTERRUPTED, inTheWay, run as runProgram } from "../shared/program.js";
import { record, show } from "../shared/results.js";
import { stepReporter } from "../shared/steps.js";
import { grouped, printable, shellWord, slugOf, snippet, width } from "../shared/text.js";
import { write } from "./model.js";
import { type Options, parseOptions } from "./options.js";
import { printHeader, printNext, printPage, printResult, resultOf } from "./report.js";
import { metadataOf, open, readSaved, reopen, type Session } from "./session.js";
import { train } from "./train.js";

/** Steps between two checkpoints: what a kill can cost, 6 s. */
const CHECKPOINT_EVERY = 500;
const SAMPLES_PER_RUN = 5;
const SAMPLE_LENGTH = 320;
const PAGE_LENGTH = 600;
const WRITTEN_LENGTH = 500;

/** Trains, saves, reports. @returns the exit code */
async function learn(options: Options): Promise<number> {
  const saved = options.resume === undefined ? undefined : readSaved(options.resume);
  const session = await open(options, saved);
  const { settings, steps, text } = session.run;
  const file = options.save ?? options.resume ?? `models/${slugOf(text.title)}.safetensors`;
  const old = inTheWay(file, options.resume, stepsIn);
  printHeader(session, old?.notice);
  old?.keep();
  const sample = sampler(session, options);
  let done = session.first;
  const stop = new AbortController();
  const release = abortOnCtrlC(stop);
  const every = options.sampleEvery ?? Math.ceil(steps / SAMPLES_PER_RUN);
  const reporter = stepReporter({
    ...{ first: session.first, steps, batch: settings.batch },
    ...{ unit: "chars", perSample: settings.length, measure: "bits/char", nats: Math.LN2 },
    after(step, loss) {
      done = step;
      if (step % every !== 0 || step === steps) return undefined;
      const head = `\n  ${pc.bold(`after ${grouped(step)} steps`)} ${pc.dim(`· ${loss.toFixed(2)} bits/char`)}`;
      const lines = snippet(sample(step, SAMPLE_LENGTH), width() - 6).map((line) => `  ${pc.dim("│")} ${line}`);
      return [head, ...lines, ""].join("\n");
    },
  });
  const checkpoint = { file, every: CHECKPOINT_EVERY, metadata: metadataOf(session.run) };
  const keeping = { checkpoint, resume: saved?.bytes ?? false, callbacks: reporter };
  const begin = performance.now();
  await train(session.model, session.tokens, { ...settings, steps }, stop.signal, keeping);
  release();
  const seconds = (performance.now() - begin) / 1000;
  const where = `saved ${pc.bold(file)}`;
  if (done < steps) {
    console.log(`\n  Stopped after step ${done} of ${steps}; ${where}`);
    console.log(`  ${pc.dim("go on with")} ${pc.cyan(`npm start -- --resume ${shellWord(file)}`)}`);
    return INTERRUPTED;
  }
  printPage(options.prompt + sample(steps, PAGE_LENGTH), "a page by the model");
  await printResult(session);
  if (options.record) {
    const result = await resultOf(session, seconds);
    show(result, "LSTM");
    record(result);
  }
  console.log(`\n  Training is over; ${where}\n`);
  printNext(file, steps);
  return 0;
}

/** Samples draw from a generator of their own, so that looking at a model does not change how it learns. */
function sampler({ run, model, vocabulary }: Session, { prompt, temperature }: Options): (step: number, length: number) => string {
  const start = vocabulary.encode(prompt);
  return (step, length) => vocabulary.decode(write(model, start, length, temperature, run.settings.seed + step));
}

/** Of a file that is in the way. */
function stepsIn(file: string): string {
  try {
    return ` (step ${readSaved(file).step})`;
  } catch {
    return ""; // not a model, or not readable: it is kept all the same
  }
}

/** Writes text with a saved model. @returns the exit code */
async function writeText(file: string, { build, prompt, sample = WRITTEN_LENGTH, temperature, seed }: Options): Promise<number> {
  const { model, vocabulary } = await reopen(readSaved(file), build);
  const text = prompt + vocabulary.decode(write(model, vocabulary.encode(prompt), sample, temperature, seed));
  if (process.stdout.isTTY) printPage(text);
  else process.stdout.write(`${printable(text.replace(/^\n+/, ""))}\n`); // in a pipe the text alone
  return 0;
}

await runProgram(() => {
  const options = parseOptions(process.argv);
  return options.model === undefined ? learn(options) : writeText(options.model, options);
});
