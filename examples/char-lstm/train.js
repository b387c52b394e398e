import { setImmediate } from "node:timers/promises";
import pc from "picocolors";
import { Generator } from "wasm-rnn";
import { describeKept, mustKeep, saveCheckpoint } from "./checkpoint.js";
import { shellWord, size } from "./format.js";
import { Progress } from "./progress.js";
import { printHeader, printNext, printPassage, printResult } from "./report.js";
import { Writer } from "./sample.js";
import { Session } from "./session.js";

/** The exit code of a program that Ctrl-C ended: 128 + SIGINT. */
const INTERRUPTED = 130;
/** npm may pass on a Ctrl-C that the terminal has sent to both of us: a second signal so soon is the same key. */
const SAME_KEY_MS = 300;
const SAMPLES_PER_RUN = 5;
const SAMPLE_LENGTH = 320;
const LAST_SAMPLE_LENGTH = 600;

/**
 * Trains, saves, reports.
 *
 * @param {import("./options.js").Options} options
 * @returns {Promise<number>} the exit code
 */
export async function train(options) {
  const session = await Session.open(options);
  const file = options.save ?? options.resume ?? `models/${session.corpus.slug}.safetensors`;
  const keep = mustKeep(file, options.resume);
  printHeader(session, keep ? describeKept(file) : undefined);
  const writer = new Writer(session.model, session.vocabulary);
  const finished = await run(session, writer, options);
  const bytes = saveCheckpoint(file, session, keep);
  const saved = `${pc.bold(file)} (${size(bytes)}, the optimizer's state included)`;
  if (!finished) {
    console.log(`\n  Stopped after step ${session.step} of ${session.steps}; saved ${saved}`);
    console.log(`  ${pc.dim("go on with")} ${pc.cyan(`npm start -- --resume ${shellWord(file)}`)}`);
    return INTERRUPTED;
  }
  printPassage(options.prompt, sample(session, writer, options, LAST_SAMPLE_LENGTH), "a page by the model");
  printResult(session);
  console.log(`\n  Saved ${saved}`);
  printNext(file, session.step);
  session.rt.dispose();
  return 0;
}

/**
 * The loop over the steps, until the last one or Ctrl-C.
 *
 * @param {Session} session
 * @param {Writer} writer
 * @param {import("./options.js").Options} options
 * @returns {Promise<boolean>} whether it came to the last step
 */
async function run(session, writer, options) {
  const every = options.sampleEvery ?? Math.ceil(session.steps / SAMPLES_PER_RUN);
  let stopped = 0;
  const stop = () => {
    if (stopped > 0 && performance.now() - stopped > SAME_KEY_MS) {
      progress.abandon();
      process.exit(INTERRUPTED);
    }
    stopped ||= performance.now();
  };
  process.on("SIGINT", stop);
  const progress = new Progress(session);
  do {
    progress.update(session.advance());
    if (session.step % every === 0 && session.step < session.steps) progress.sample(sample(session, writer, options, SAMPLE_LENGTH));
    await setImmediate(); // timers redraw the bar here, and signals arrive
  } while (session.step < session.steps && stopped === 0);
  progress.close();
  process.off("SIGINT", stop);
  return session.step === session.steps;
}

/**
 * Samples draw from a generator of their own, so that looking at a model does not change how it learns.
 *
 * @param {Session} session
 * @param {Writer} writer
 * @param {import("./options.js").Options} options
 * @param {number} length
 */
function sample({ settings, step }, writer, { prompt, temperature }, length) {
  return writer.write(prompt, length, temperature, new Generator(settings.seed + step));
}
