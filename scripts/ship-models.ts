/**
 * `npm run examples:models [-- FILE …]`: models as they are shipped with a page: the weights as F16, half the bytes. They load as they are.
 * Without files, all that full runs have saved in models/ and that may be shipped; written to models/f16/. What is no model, such as a checkpoint, is refused, the
 * others go through.
 */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import pc from "picocolors";
import { FormatError, loadSafetensors } from "wasm-rnn";
import { readBytes, run, UserError } from "../examples/shared/program.js";
import { writeWhole } from "../examples/shared/saving.js";
import { printable } from "../examples/shared/text.js";
import { halved } from "./halved.js";

const FOLDER = "models";
/** In the header of every model that loads by itself. */
const MODEL = "wasm-rnn.model";

/** Learned from what has uncertain terms, or a licence of its own that what is made of it keeps (their READMEs): packed when named, not otherwise. */
const UNASKED = ["names", "music", "video"].map((name) => `${name}.safetensors`);

/** @throws {UserError} when there are none */
function saved(): string[] {
  const names = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
  const models = names.filter((name) => name.endsWith(".safetensors") && !name.includes("-quick") && !UNASKED.includes(name));
  if (models.length === 0) throw new UserError(`there is no model of a full run in ${FOLDER}/: learn one first, npm run example NAME`);
  return models.map((name) => join(FOLDER, name));
}

/** @throws {UserError} when it is none */
function modelIn(file: string): Uint8Array {
  const bytes = readBytes(file, "model");
  try {
    if (MODEL in loadSafetensors(bytes).metadata) return bytes;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
  throw new UserError(`${file}: expected a model that an example saved`);
}

function ship(file: string, out: string): void {
  const bytes = modelIn(file);
  const half = halved(bytes);
  writeWhole(join(out, basename(file)), half);
  const [before, after, gzipped] = [bytes, half, gzipSync(half)].map(({ length }) => `${(length / 1000).toFixed(0)} KB`);
  console.log(`${printable(basename(file))}  ${pc.dim(`${before} →`)} ${pc.bold(after)} ${pc.dim(`(${gzipped} gzipped)`)}`);
}

await run(async () => {
  const files = process.argv.length > 2 ? process.argv.slice(2) : saved();
  const out = join(FOLDER, "f16");
  mkdirSync(out, { recursive: true });
  let code = 0;
  for (const file of files) {
    try {
      ship(file, out);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      console.error(`${pc.red("error:")} ${printable(error.message)}`);
      code = 1;
    }
  }
  return code;
});
