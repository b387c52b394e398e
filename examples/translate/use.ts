/** A text of one's own, translated, and where the decoder looked. */
import { accessSync, constants, existsSync, mkdirSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import pc from "picocolors";
import type { Runtime } from "wasm-rnn";
import { labelledHeatMap } from "../shared/heat-map.js";
import { UserError } from "../shared/program.js";
import { readSaved, readStdin } from "../shared/saved.js";
import { printable, width, wrap } from "../shared/text.js";
import { type Attention, END } from "./attention.js";
import { sourceOf } from "./model.js";
import { picture } from "./svg.js";
import { tidied } from "./tidy.js";
import { attentionIn, LONGEST, type Translation, type Translator, translations, translatorIn } from "./translator.js";

export { saved, type Translator, translateAll } from "./translator.js";

/** Characters of a text. */
const MOST_CHARACTERS = 2000;

/** @throws {UserError} when the file is no model of this example */
export function loadTranslator(rt: Runtime, file: string): Translator {
  return readSaved(file, "translate", (bytes) => translatorIn(rt, bytes));
}

/** @param use the text, or - for what stands in stdin @throws {UserError} when there is no word in it, or too much */
export function textOf(use: string): string {
  const text = printable(tidied(use === "-" ? readStdin() : use));
  if (!/\p{L}/u.test(text)) throw new UserError("--use: expected a text with a word in it");
  if (text.length > MOST_CHARACTERS)
    throw new UserError(`--use: expected a text of at most ${MOST_CHARACTERS} characters, got ${text.length}: try one sentence`);
  return text;
}

/** @throws {UserError} when no picture can be written there, or the model lies there */
export function checkPlace(svg: string, save: string): void {
  if (svg === "") throw new UserError("--svg: expected a file, got an empty name");
  const isDirectory = (file: string) => existsSync(file) && statSync(file).isDirectory();
  if (/[/\\]$/.test(svg) || isDirectory(svg)) throw new UserError(`--svg: expected a file, got the directory ${svg}`);
  const real = (file: string) => (existsSync(file) ? realpathSync(file) : resolve(file));
  if (real(svg) === real(save)) throw new UserError(`--svg: expected another file than that of the model, got ${svg}`);
  let above = dirname(resolve(svg));
  while (!existsSync(above)) above = dirname(above);
  if (!isDirectory(above)) throw new UserError(`--svg: cannot write ${svg}: ${above} is not a directory`);
  try {
    accessSync(existsSync(svg) ? svg : above, constants.W_OK);
  } catch {
    throw new UserError(`--svg: cannot write ${svg}: no permission`);
  }
}

/** Prints the translation and the attention, and draws it. @throws {UserError} when the text is too long */
export function show(translator: Translator, text: string, svg: string): void {
  const source = sourceOf(translator.languages, text);
  if (source.length > LONGEST) throw new UserError(`--use: expected at most ${LONGEST} subwords, got ${source.length}: try one sentence`);
  const [{ german, beam: best }] = translations(translator, [text]) as [Translation];
  const translation = printable(german);
  for (const line of wrap(text, width() - 4)) console.log(`  ${pc.dim(line)}`);
  for (const line of wrap(translation, width() - 4)) console.log(`  ${pc.bold(pc.cyan(line))}`);
  if (best.tokens.length === 0) return;
  const seen = attentionIn(translator, text, best);
  const attention: Attention = { source: seen.source.map(printable), said: seen.said.map(printable), weights: seen.weights };
  console.log(`\n  ${pc.bold("where the decoder looked")} ${pc.dim(`word by word from above; ${END}: the end of the text`)}`);
  for (const line of labelledHeatMap(attention.weights, attention.source, attention.said, width())) console.log(line);
  mkdirSync(dirname(svg), { recursive: true });
  writeFileSync(svg, picture(attention));
  console.log(pc.dim(`\n  drawn in ${printable(svg)}`));
}
