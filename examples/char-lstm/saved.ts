/** What a model's file holds beside the library's checkpoint, and what becomes of a file that is in the way. */
import { existsSync, realpathSync, renameSync, statSync } from "node:fs";
import { type BuildName, FormatError, loadSafetensors, type NamedArray } from "wasm-rnn";
import { type Corpus, readBytes, UserError } from "./data.js";
import type { CharModel } from "./model.js";
import type { Settings } from "./options.js";

const KEY = "char-lstm";

/** All that a run goes by, for JSON: beside the checkpoint, everything that is needed to go on with the same numbers. */
export interface Run {
  readonly settings: Settings;
  /** Of the whole run: the learning rate depends on it. */
  readonly steps: number;
  /** Numbers differ in the last bits between builds. */
  readonly build: BuildName;
  readonly vocabulary: readonly string[];
  readonly text: Pick<Corpus, "title" | "file" | "digest">;
}

export interface Saved {
  readonly bytes: Uint8Array;
  readonly run: Run;
  /** Steps done. */
  readonly step: number;
  readonly tensors: Readonly<Record<string, NamedArray>>;
}

/** For the header of the file. */
export function metadataOf(run: Run): Record<string, string> {
  return { [KEY]: JSON.stringify(run) };
}

/** @throws {UserError} when it is missing or not a model of this program */
export function readSaved(file: string): Saved {
  const bytes = readBytes(file, "model");
  try {
    const { tensors, metadata } = loadSafetensors(bytes);
    if (metadata[KEY]) return { bytes, tensors, run: JSON.parse(metadata[KEY]), step: JSON.parse(metadata.details).position.step };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
  throw new UserError(`${file} is not a model saved by this program`);
}

export function restore(model: CharModel, { tensors }: Saved): void {
  for (const [name, parameter] of model.namedParameters()) parameter.set(tensors[`model.${name}`].data);
}

/**
 * What becomes of the file that a run will write, if anything but the model that it continues lies there: `keep` moves it aside.
 *
 * @throws {UserError} when no model can be saved there
 */
export function inTheWay(file: string, resume: string | undefined): { notice: string; keep(): void } | undefined {
  const backup = `${file}.bak`;
  for (const name of [file, backup]) {
    if (existsSync(name) && !statSync(name).isFile()) throw new UserError(`cannot save the model to ${file}: ${name} is not a file`);
  }
  if (!existsSync(file) || (resume !== undefined && realpathSync(file) === realpathSync(resume))) return undefined;
  let step = "";
  try {
    step = ` (step ${readSaved(file).step})`;
  } catch {
    // Not a model, or not readable: it is kept all the same.
  }
  return { notice: `${file} exists${step}: it will be kept as ${backup}`, keep: () => renameSync(file, backup) };
}
