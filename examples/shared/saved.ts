/** What an example kept in a file, read with distrust: it may be another program's. */
import { readFileSync } from "node:fs";
import { MemoryError, type Model } from "wasm-rnn";
import { UserError } from "./program.js";
import { modelBytes } from "./saving.js";

/**
 * A model, and what came with it.
 *
 * @param example its name, and which of its models, after a comma
 * @param read what is in the file: undefined, or an error of any kind, where that is none of the example
 * @throws {UserError} when the file cannot be read, is not of the example, or has weights that are not finite
 */
export function readSaved<Found extends { readonly model: Model }>(
  file: string,
  example: string,
  read: (bytes: Uint8Array) => Found | undefined,
): Found {
  const bytes = modelBytes(file, example.replace(/,.*/, "")); // "speech, of its prompts" is learned by the example speech
  const found = orUndefined(() => read(bytes));
  if (found === undefined) throw new UserError(`${file}: expected a model of the example ${example}`);
  const areFinite = found.model.parameters().every((parameter) => parameter.toArray().every(Number.isFinite));
  if (!areFinite) throw new UserError(`${file}: weights that are no numbers`);
  return found;
}

function orUndefined<Value>(make: () => Value): Value | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof MemoryError) throw error; // says nothing of the file
    return undefined;
  }
}

/** @throws {UserError} when it cannot be read, as of a directory */
export function readStdin(): string {
  try {
    return readFileSync(0, "utf8");
  } catch (error) {
    throw new UserError(`--use -: stdin cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
