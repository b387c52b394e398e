import { createRuntime, Generator } from "wasm-rnn";
import { readCheckpoint, restoreParameters } from "./checkpoint.js";
import { CharModel } from "./model.js";
import { printPassage } from "./report.js";
import { Writer } from "./sample.js";
import { Vocabulary } from "./vocabulary.js";

const DEFAULT_LENGTH = 500;

/**
 * Writes text with a saved model.
 *
 * @param {import("./options.js").Options} options
 * @returns {Promise<number>} the exit code
 */
export async function generate({ model: file, build, prompt, sample, temperature, seed }) {
  const checkpoint = readCheckpoint(/** @type {string} */ (file));
  const vocabulary = new Vocabulary(checkpoint.details.vocabulary);
  const rt = await createRuntime({ build: build ?? checkpoint.details.build });
  const { embed, hidden, layers } = checkpoint.details.options;
  const generator = new Generator(seed);
  const model = new CharModel(rt, { vocabulary: vocabulary.size, embed, hidden, layers }, generator);
  restoreParameters(model, checkpoint);
  const text = new Writer(model, vocabulary).write(prompt, sample ?? DEFAULT_LENGTH, temperature, generator);
  if (process.stdout.isTTY) printPassage(prompt, text);
  else process.stdout.write(`${(prompt + text).replace(/^\n+/, "")}\n`); // in a pipe the text alone
  rt.dispose();
  return 0;
}
