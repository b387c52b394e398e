import { existsSync, mkdirSync, realpathSync, renameSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { FormatError, loadSafetensors, saveSafetensors } from "wasm-rnn";
import { UserError } from "./errors.js";
import { readBytes } from "./text.js";

const FORMAT = "wasm-rnn char-lstm 1";

/**
 * What a file holds beside the tensors. All of it is needed to continue with the same numbers as if nothing had been interrupted.
 *
 * @typedef {object} Details
 * @property {string[]} vocabulary
 * @property {import("./options.js").Settings} options
 * @property {import("wasm-rnn").BuildName} build numbers differ in the last bits between builds
 * @property {number} step steps done
 * @property {number} steps of the whole run: the learning rate depends on it
 * @property {{ epoch: number, window: number, offset: number }} position in the training text
 * @property {number[]} generator its state
 * @property {number} optimizerStep
 * @property {{ title: string, slug: string, file?: string, digest: string }} text
 */

/**
 * Parameters, Adam's moments, the carried state and the losses so far, under a temporary name first so that no half file can be left.
 *
 * @param {string} file
 * @param {import("./session.js").Session} session
 * @param {boolean} keep a file that is there already becomes backupOf(file), instead of being replaced
 * @returns {number} bytes written
 */
export function saveCheckpoint(file, session, keep) {
  const { model, trainer, state, history } = session;
  /** @type {Record<string, import("wasm-rnn").NamedArray>} */
  const tensors = {};
  for (const [name, parameter] of model.namedParameters()) tensors[name] = { shape: parameter.shape, data: parameter.toArray() };
  const optimizer = trainer.optimizer.state();
  for (const [name, data] of Object.entries(optimizer.tensors)) tensors[`optimizer.${name}`] = { shape: [data.length], data };
  for (const [name, part] of Object.entries(state)) tensors[`state.${name}`] = { shape: part.shape, data: part.toArray() };
  tensors["history.loss"] = { shape: [history.length], data: Float32Array.from(history) };
  const metadata = { format: FORMAT, details: JSON.stringify({ ...session.details(), optimizerStep: optimizer.step }) };
  const bytes = saveSafetensors(tensors, metadata);
  try {
    mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
    writeFileSync(`${file}.part`, bytes);
    if (keep && existsSync(file)) renameSync(file, backupOf(file));
    renameSync(`${file}.part`, file);
  } catch (error) {
    throw new UserError(`cannot save the model to ${file}: ${/** @type {Error} */ (error).message}`);
  }
  return bytes.length;
}

/** @param {string} file */
function backupOf(file) {
  return `${file}.bak`;
}

/**
 * Whether a run that saves to `file` must keep what it finds there: anything but the model that it continues.
 *
 * @param {string} file
 * @param {string} [resume]
 * @returns {boolean}
 */
export function mustKeep(file, resume) {
  return resume === undefined || !existsSync(file) || realpathSync(file) !== realpathSync(resume);
}

/**
 * What becomes of a file that is in the way, in words; looked up before the training, not after it.
 *
 * @param {string} file that mustKeep() tells to keep
 * @returns {string | undefined} undefined when there is none
 * @throws {UserError} when no model can be saved there
 */
export function describeKept(file) {
  for (const name of [file, backupOf(file)]) {
    if (existsSync(name) && !statSync(name).isFile()) throw new UserError(`cannot save the model to ${file}: ${name} is not a file`);
  }
  if (!existsSync(file)) return undefined;
  let step = "";
  try {
    step = ` (step ${readCheckpoint(file).details.step})`;
  } catch {
    // Not a model, or not readable: it is kept all the same.
  }
  return `${file} exists${step}: it will be kept as ${backupOf(file)}`;
}

/**
 * @param {string} file
 * @returns {{ tensors: ReturnType<typeof loadSafetensors>["tensors"], details: Details }}
 * @throws {UserError} when it is missing or not a model of this program
 */
export function readCheckpoint(file) {
  const bytes = readBytes(file, "model");
  try {
    const { tensors, metadata } = loadSafetensors(bytes);
    if (metadata.format === FORMAT) return { tensors, details: JSON.parse(metadata.details) };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
  throw new UserError(`${file} is not a model saved by this program`);
}

/**
 * @param {import("./model.js").CharModel} model
 * @param {ReturnType<typeof readCheckpoint>} checkpoint
 */
export function restoreParameters(model, { tensors }) {
  for (const [name, parameter] of model.namedParameters()) parameter.set(tensors[name].data);
}

/**
 * @param {import("./session.js").Session} session
 * @param {ReturnType<typeof readCheckpoint>} checkpoint
 */
export function restoreTraining(session, { tensors, details }) {
  /** @type {Record<string, ArrayLike<number>>} */
  const moments = {};
  for (const [name, { data }] of Object.entries(tensors)) if (name.startsWith("optimizer.")) moments[name.slice(10)] = data;
  const { optimizer } = session.trainer;
  optimizer.load({ ...optimizer.state(), step: details.optimizerStep, tensors: moments });
  for (const [name, part] of Object.entries(session.state)) part.set(tensors[`state.${name}`].data);
  for (const loss of tensors["history.loss"].data) session.history.push(loss);
  session.generator.state = details.generator;
  session.batches.position = details.position;
  session.step = details.step;
}
