/** Trains a character-level LSTM on a book, or writes text with one: README.md. */
import pc from "picocolors";
import { createRuntime, Generator, NonFiniteError, WasmRnnError } from "wasm-rnn";
import { batchesPerPass, loadBook, loadFile, UserError } from "./data.js";
import { shellWord } from "./format.js";
import { CharModel, write } from "./model.js";
import { lastStep, type Options, parseOptions, settingsOf } from "./options.js";
import { watch } from "./progress.js";
import { printHeader, printNext, printPage, printResult, type Session } from "./report.js";
import { inTheWay, metadataOf, readSaved, restore, type Saved } from "./saved.js";
import { train } from "./train.js";
import { Vocabulary } from "./vocabulary.js";

/** The exit code of a program that Ctrl-C ended: 128 + SIGINT. */
const INTERRUPTED = 130;
/** npm may pass on a Ctrl-C that the terminal has sent to both of us: a second signal so soon is the same key. */
const SAME_KEY_MS = 300;
/** Steps between two checkpoints: what a kill can cost, 6 s. */
const CHECKPOINT_EVERY = 500;
const SAMPLES_PER_RUN = 5;
const SAMPLE_LENGTH = 320;
const PAGE_LENGTH = 600;
const WRITTEN_LENGTH = 500;

/** A new run, or with --resume the one in the file. */
async function open(options: Options, saved: Saved | undefined): Promise<Session> {
  const settings = settingsOf(saved?.run.settings ?? options);
  const file = options.text ?? saved?.run.text.file;
  const corpus = file === undefined ? loadBook() : loadFile(file, settings);
  if (saved && saved.run.text.digest !== corpus.digest)
    throw new UserError(`${options.resume} was trained on another text (${saved.run.text.title}) than ${corpus.title} as it is now`);
  const vocabulary = saved ? new Vocabulary(saved.run.vocabulary) : Vocabulary.of(corpus.training);
  const tokens = vocabulary.encode(corpus.training);
  const steps = lastStep(options, batchesPerPass(tokens.length, settings), saved?.run.steps);
  const first = saved?.step ?? 0;
  if (steps <= first) throw new UserError(`${options.resume} has done ${first} steps already; go on with --steps N, N above ${first}`);
  const rt = await createRuntime({ build: options.build ?? saved?.run.build });
  const model = new CharModel(rt, { ...settings, vocabulary: vocabulary.size }, new Generator(settings.seed));
  const { title, digest } = corpus;
  const run = { settings, steps, build: rt.build, vocabulary: vocabulary.characters, text: { title, file: corpus.file, digest } };
  return { run, corpus, vocabulary, tokens, model, first };
}

/** Trains, saves, reports. @returns the exit code */
async function learn(options: Options): Promise<number> {
  const saved = options.resume === undefined ? undefined : readSaved(options.resume);
  const session = await open(options, saved);
  const { run, vocabulary, tokens, model, first } = session;
  const { settings, steps } = run;
  const file = options.save ?? options.resume ?? `models/${slugOf(run.text.title)}.safetensors`;
  const old = inTheWay(file, options.resume);
  printHeader(session, old?.notice);
  old?.keep();
  // Samples draw from a generator of their own, so that looking at a model does not change how it learns.
  const sample = (step: number, length = SAMPLE_LENGTH) =>
    vocabulary.decode(write(model, vocabulary.encode(options.prompt), length, options.temperature, settings.seed + step));
  let done = first;
  const stop = new AbortController();
  const release = stopOnCtrlC(stop);
  const every = options.sampleEvery ?? Math.ceil(steps / SAMPLES_PER_RUN);
  const seen = watch({ first, steps, charsPerStep: settings.batch * settings.length, batch: settings.batch, every, sample });
  await train(
    model,
    tokens,
    { ...settings, steps },
    {
      ...{ stop, checkpoint: { file, every: CHECKPOINT_EVERY, metadata: metadataOf(run) }, resume: saved?.bytes ?? false },
      callbacks: [
        {
          onProgress({ step }) {
            done = step;
          },
        },
        seen,
      ],
    },
  );
  release();
  const where = `saved ${pc.bold(file)}`;
  if (done < steps) {
    console.log(`\n  Stopped after step ${done} of ${steps}; ${where}`);
    console.log(`  ${pc.dim("go on with")} ${pc.cyan(`npm start -- --resume ${shellWord(file)}`)}`);
    return INTERRUPTED;
  }
  printPage(options.prompt + sample(steps, PAGE_LENGTH), "a page by the model");
  await printResult(session);
  console.log(`\n  Training is over; ${where}`);
  printNext(file, steps);
  return 0;
}

/** The first Ctrl-C finishes the step, another one leaves at once. @returns gives the key back */
function stopOnCtrlC(stop: AbortController): () => void {
  let pressed = Number.POSITIVE_INFINITY;
  const onSignal = () => {
    if (performance.now() - pressed > SAME_KEY_MS) process.exit(INTERRUPTED);
    pressed = Math.min(pressed, performance.now());
    stop.abort();
  };
  process.on("SIGINT", onSignal);
  return () => void process.off("SIGINT", onSignal);
}

/** A title as the name of a file. */
function slugOf(title: string): string {
  const words = title
    .replace(/\.[^.]*$/, "")
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu);
  return words?.join("-") ?? "text";
}

/** Writes text with a saved model. @returns the exit code */
async function writeText(file: string, { build, prompt, sample = WRITTEN_LENGTH, temperature, seed }: Options): Promise<number> {
  const saved = readSaved(file);
  const vocabulary = new Vocabulary(saved.run.vocabulary);
  const rt = await createRuntime({ build: build ?? saved.run.build });
  const model = new CharModel(rt, { ...saved.run.settings, vocabulary: vocabulary.size });
  restore(model, saved);
  const text = prompt + vocabulary.decode(write(model, vocabulary.encode(prompt), sample, temperature, seed));
  if (process.stdout.isTTY) printPage(text);
  else process.stdout.write(`${text.replace(/^\n+/, "")}\n`); // in a pipe the text alone
  return 0;
}

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0); // `npm start | head`
  throw error;
});
try {
  const options = parseOptions(process.argv);
  process.exitCode = await (options.model === undefined ? learn(options) : writeText(options.model, options));
} catch (error) {
  const { message, syscall } = error as NodeJS.ErrnoException;
  const expected = error instanceof UserError || error instanceof WasmRnnError || syscall !== undefined;
  const hint = error instanceof NonFiniteError ? "; try a smaller --lr" : "";
  console.error(expected ? `${pc.red("error:")} ${message}${hint}` : error);
  process.exitCode = 1;
}
