/** The model of all workers: a detector of faulty readings, learned in seconds where there is none yet. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRuntime, FormatError, loadModel, type Model, predict, type Runtime, Sequential, WasmRnnError } from "wasm-rnn";
import { placesOfMay } from "../sensor-faults/data.js";
import { FEATURES } from "../sensor-faults/features.js";
import { learn } from "../sensor-faults/learn.js";
import { UserError } from "../shared/program.js";

const EPOCHS = 3;

/** The plain build has the same bits on every host; relaxed SIMD may not, and a fleet is of many hosts. */
export const runtime = (): Promise<Runtime> => createRuntime({ build: "baseline", seed: 1 });

export const sha256 = (...parts: (string | Uint8Array)[]): string =>
  parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest("hex");

/** @returns the hash of the model in the file, learned first if there is no such file @throws {UserError} on one that does not fit */
export async function ensureModel(file: string): Promise<string> {
  if (!existsSync(file)) {
    using rt = await runtime();
    const model = await learn(rt, "GRU", placesOfMay(), { epochs: EPOCHS, seed: 1 });
    writeFileSync(`${file}.tmp`, model.save());
    renameSync(`${file}.tmp`, file);
  }
  const hash = sha256(readFileSync(file));
  await checkModel(file, hash);
  return hash;
}

/** A model of somebody's own that does not fit is said once, before there are jobs. @throws {UserError} */
async function checkModel(file: string, hash: string): Promise<void> {
  using rt = await runtime();
  const expected = `${file}: expected a Sequential of ${FEATURES} features in and one logit out for each reading`;
  try {
    const [logits] = await predict(openModel(rt, file, hash), [new Float32Array(2 * FEATURES)], { features: FEATURES });
    if (logits?.data.length === 2) return;
    throw new UserError(`${expected}, got ${logits?.data.length} numbers for two readings`);
  } catch (error) {
    throw error instanceof WasmRnnError ? new UserError(`${expected}; ${error.message}`) : error;
  }
}

/** @throws {UserError} when the file holds another model than was asked for, or none */
export function openModel(rt: Runtime, file: string, hash: string): Sequential {
  const bytes = readFileSync(file);
  if (sha256(bytes) !== hash) throw new UserError(`${file} holds another model than the one that the job is for`);
  const model = modelOf(rt, file, bytes);
  if (!(model instanceof Sequential)) throw new UserError(`${file}: expected a Sequential`);
  return model;
}

function modelOf(rt: Runtime, file: string, bytes: Uint8Array): Model {
  try {
    return loadModel(rt, bytes);
  } catch (error) {
    if (error instanceof FormatError) throw new UserError(`${file}: ${error.message}`); // no retry will mend it
    throw error;
  }
}
