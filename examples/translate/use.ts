/** A text of one's own, translated, and where the decoder looked. */
import { accessSync, constants, existsSync, mkdirSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import pc from "picocolors";
import { loadModel, loadSafetensors, type Runtime } from "wasm-rnn";
import type { DecodedBeam } from "wasm-rnn/sequence";
import { labelledHeatMap } from "../shared/heat-map.js";
import { UserError } from "../shared/program.js";
import { readSaved, readStdin } from "../shared/saved.js";
import { printable, width, wrap } from "../shared/text.js";
import { attentionOf, END, wordsIn } from "./attention.js";
import { mostAgreed } from "./consensus.js";
import { lexiconIn, wordForWord } from "./lexicon.js";
import { type Languages, sourceOf, TranslationModel } from "./model.js";
import { Names, withNames } from "./names.js";
import { Subwords } from "./subwords.js";
import { picture } from "./svg.js";
import { tidied } from "./tidy.js";

/** Characters of a text. */
const MOST_CHARACTERS = 2000;
/** Subwords of a text: what is learned has hardly more than half as many. */
const LONGEST = 80;
/** Subwords that are said at most. */
const LENGTH = 80;
/** Sources side by side: so many states are held at once. */
const BATCH = 128;
const SEARCH = { length: LENGTH, beams: 16, lengthPenalty: 1 };

export interface Translator {
  readonly model: TranslationModel;
  readonly languages: Languages;
}

/** The bytes of a file that holds all that is needed. */
export function saved({ model, languages }: Translator): Uint8Array {
  const { en, de, names, words } = languages;
  return model.save({ en: en.toString(), de: de.toString(), names: names.toString(), words: JSON.stringify([...words]) });
}

/** @throws {UserError} when the file is no model of this example */
export function loadTranslator(rt: Runtime, file: string): Translator {
  return readSaved(file, "translate", (bytes) => {
    const { en = "", de = "", names = "", words = "" } = loadSafetensors(bytes).metadata;
    const languages = { en: Subwords.parse(en), de: Subwords.parse(de), names: Names.parse(names), words: lexiconIn(words) };
    const model = loadModel(rt, bytes, { classes: { TranslationModel } });
    return model instanceof TranslationModel && model.isOf(languages) ? { model, languages } : undefined;
  });
}

export function translateAll(translator: Translator, texts: readonly string[]): string[] {
  const batches = Array.from({ length: Math.ceil(texts.length / BATCH) }, (_, b) => texts.slice(b * BATCH, (b + 1) * BATCH));
  return batches.flatMap((some) => translations(translator, some).map(({ german }) => german));
}

interface Translation {
  readonly german: string;
  readonly beam: DecodedBeam;
}

/** Of what a beam finds for each text, and what the dictionary says of it, what they agree on most. */
function translations({ model, languages }: Translator, texts: readonly string[]): Translation[] {
  const found = model.beam(
    texts.map((text) => sourceOf(languages, text)),
    SEARCH,
  );
  return texts.map((text, n) => {
    const beams = found[n] as DecodedBeam[];
    const names = languages.names.of(text);
    const german = beams.map(({ tokens }) => withNames(languages.de.decode(tokens), names));
    const best = mostAgreed(beams, german, wordForWord(languages.words, text));
    return { german: german[best] as string, beam: beams[best] as DecodedBeam };
  });
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
  const { languages } = translator;
  const source = sourceOf(languages, text);
  if (source.length > LONGEST) throw new UserError(`--use: expected at most ${LONGEST} subwords, got ${source.length}: try one sentence`);
  const [{ german, beam: best }] = translations(translator, [text]) as [Translation];
  const said = wordsIn(best.tokens, languages.de.tokens);
  const translation = printable(german);
  for (const line of wrap(text, width() - 4)) console.log(`  ${pc.dim(line)}`);
  for (const line of wrap(translation, width() - 4)) console.log(`  ${pc.bold(pc.cyan(line))}`);
  if (said.length === 0) return;
  const names = languages.names.of(text);
  const named = (words: ReturnType<typeof wordsIn>) => words.map((word) => ({ ...word, text: printable(withNames(word.text, names)) }));
  const read = wordsIn(source, languages.en.tokens);
  const attention = attentionOf(named(read), named(said), best.weights as NonNullable<typeof best.weights>);
  console.log(`\n  ${pc.bold("where the decoder looked")} ${pc.dim(`word by word from above; ${END}: the end of the text`)}`);
  for (const line of labelledHeatMap(attention.weights, attention.source, attention.said, width())) console.log(line);
  mkdirSync(dirname(svg), { recursive: true });
  writeFileSync(svg, picture(attention));
  console.log(pc.dim(`\n  drawn in ${printable(svg)}`));
}
