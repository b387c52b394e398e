/** Names in a text of one's own, marked. */
import pc from "picocolors";
import { loadModel, type Runtime } from "wasm-rnn";
import { CRF } from "wasm-rnn/sequence";
import { UserError } from "../shared/program.js";
import { readSaved, readStdin } from "../shared/saved.js";
import { printable } from "../shared/text.js";
import { spansOf } from "./data.js";
import { hintsOf } from "./hints.js";
import { Taggers } from "./model.js";
import { sentencesOf } from "./tokens.js";
import { isKnown, Vocabulary } from "./vocabulary.js";

const LONGEST = 1_000_000; // characters

/** From the first character to the one after the last. */
interface Mark {
  readonly from: number;
  readonly to: number;
}

/** @throws {UserError} when the file is no model of this example */
export function loadTaggers(rt: Runtime, file: string): Taggers {
  return readSaved(file, "names", (bytes) => {
    const model = loadModel(rt, bytes, { classes: { Taggers, CRF } });
    return model instanceof Taggers && isKnown(model.known) ? { model } : undefined;
  }).model;
}

/** @param use the text, or - for what stands in stdin @throws {UserError} when there is no word in it */
export function textOf(use: string): string {
  const given = use === "-" ? readStdin() : use;
  const text = printable(given.replace(/\r\n?/g, "\n"));
  if (!/[\p{L}\p{N}]/u.test(text)) throw new UserError("--use: expected a text with a word in it");
  if (text.length > LONGEST) throw new UserError(`--use: expected a text of at most ${LONGEST} characters, got ${text.length}`);
  return text;
}

export async function findNames(model: Taggers, text: string): Promise<Mark[]> {
  const vocabulary = new Vocabulary(model.known);
  const sentences = sentencesOf(text, (word) => vocabulary.has(word));
  const words = sentences.map((tokens) => tokens.map(({ word }) => word));
  const hints = hintsOf(words); // the text is to its words what a file of the corpus is
  const samples = words.map((each, s) => ({ x: vocabulary.inputs(each, hints[s] as Int32Array) }));
  const labels = await model.label(samples);
  return sentences.flatMap((tokens, s) =>
    spansOf(labels[s] as Int32Array).map(({ from, to }) => ({
      from: (tokens[from] as Mark).from,
      to: (tokens[to - 1] as Mark).to,
    })),
  );
}

/** In colour, or where there is none in brackets. */
export function marked(text: string, names: readonly Mark[]): string {
  const paint = (name: string) => (pc.isColorSupported ? pc.bold(pc.cyan(name)) : `[${name}]`);
  let [at, line] = [0, ""];
  for (const { from, to } of names) {
    line += text.slice(at, from) + paint(text.slice(from, to));
    at = to;
  }
  return line + text.slice(at);
}
