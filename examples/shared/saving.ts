/** The files of a run: its checkpoint, and the model, of which none is lost by writing another. */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import pc from "picocolors";
import { FormatError, loadSafetensors } from "wasm-rnn";
import { inTheWay, readBytes, UserError } from "./program.js";

export interface Checkpoint {
  readonly file: string;
  readonly metadata: { readonly command: string };
}

/**
 * Where the state of a run lies, and by which command it was begun.
 *
 * @param command with all that the run's numbers depend on
 * @throws {UserError} when there is none to go on with, or it is of another run
 */
export function checkpointOf({ save, resume }: { save: string; resume: boolean }, command: string): Checkpoint {
  const file = `${save}.checkpoint`;
  if (resume && !existsSync(file)) throw new UserError(`--resume: there is no checkpoint ${file}`);
  if (resume) {
    const begun = metadataOf(file).command ?? command; // one without it may be ours
    if (begun !== command) throw new UserError(`--resume: ${file} is of another run: ${begun}`);
  }
  return { file, metadata: { command } };
}

/** Of two networks that learn side by side. With --resume one of them is enough: the other may not have come so far. */
export function checkpointsOf({ save, resume }: { save: string; resume: boolean }, command: string): [Checkpoint, Checkpoint] {
  const second = `${save}.second`;
  const isThere = existsSync(`${second}.checkpoint`);
  return [
    checkpointOf({ save, resume: resume && !(isThere && !existsSync(`${save}.checkpoint`)) }, command),
    checkpointOf({ save: second, resume: resume && isThere }, command),
  ];
}

/** Says that a run was interrupted. @param command that goes on with it */
export function sayInterrupted({ file }: Checkpoint, command: string): void {
  console.log(existsSync(file) ? `\n  interrupted; it goes on with\n  ${pc.cyan(command)}` : "\n  interrupted before anything was kept");
}

function metadataOf(file: string): Readonly<Record<string, string>> {
  try {
    return loadSafetensors(readBytes(file, "checkpoint")).metadata;
  } catch (error) {
    if (error instanceof FormatError) throw new UserError(`--resume: ${file} is no checkpoint: ${error.message}`);
    throw error;
  }
}

/**
 * Prepares the place of a model. What lies there is kept aside, but for a model of a quick run in the file of quick runs.
 *
 * @throws {UserError} when no file can be written there, or the picture of the run would take its place
 */
export function placeOf(
  { save, quick, picture }: { save: string; quick: boolean; picture?: string },
  quickFile?: string,
): { notice?: string; write(bytes: Uint8Array): void } {
  if (picture !== undefined && resolve(picture) === resolve(save)) throw new UserError(`--picture: ${save} is where the model is kept`);
  mkdirSync(dirname(save), { recursive: true });
  writeWhole(`${save}.place`, new Uint8Array()); // before anything is learned
  rmSync(`${save}.place`);
  const old = inTheWay(save, quick && save === quickFile ? save : undefined, () => "");
  return {
    ...(old && { notice: old.notice }),
    write(bytes) {
      writeWhole(save, bytes, old?.keep);
    },
  };
}

/** Beside it first: a failure leaves what was there. @param before it takes its place */
export function writeWhole(file: string, bytes: Uint8Array, before?: () => void): void {
  const beside = `${file}.${process.pid}`; // two programs may write the same file at once
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(beside, bytes);
    before?.();
    renameSync(beside, file);
  } finally {
    rmSync(beside, { force: true });
  }
}

/** A saved model's bytes. @throws {UserError} when it cannot be read, with what to do when there is none */
export function modelBytes(file: string, example: string): Uint8Array {
  return readBytes(file, "model", `learn it first: npm run example ${example}`);
}
