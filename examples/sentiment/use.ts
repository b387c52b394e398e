/** Sentences of one's own, and which of their words make them glad or cross. */
import pc from "picocolors";
import { loadModel, type Runtime } from "wasm-rnn";
import { UserError } from "../shared/program.js";
import { readSaved, readStdin } from "../shared/saved.js";
import { printable, width, wrap } from "../shared/text.js";
import { isCounts } from "./known.js";
import { logitsOf } from "./learn.js";
import { Reader, Readers } from "./model.js";
import { wordsOf } from "./words.js";

/** Characters of a sentence, and sentences. */
const [LONGEST, MOST] = [500, 1000];
/** A word that moves the logit by so much is marked. */
const MARKED = 1;
/** Nearer to 0 than this the verdict is none to rely on. */
const UNSURE = 2;

/** @throws {UserError} when the file is no model of this example */
export function loadReaders(rt: Runtime, file: string): Readers {
  return readSaved(file, "sentiment", (bytes) => {
    const model = loadModel(rt, bytes, { classes: { Readers, Reader } });
    return model instanceof Readers && isCounts(model.counts) ? { model } : undefined;
  }).model;
}

/** @param use a sentence, or - for those in stdin @throws {UserError} when there are none, or too much */
export function sentencesOf(use: string): string[] {
  const lines = use === "-" ? readStdin().split(/\r\n?|\n/) : [use.replace(/\s+/g, " ")];
  const sentences = lines.map((line) => printable(line).trim()).filter((line) => wordsOf(line).length > 0);
  if (sentences.length === 0) throw new UserError("--use: expected a sentence with a word in it");
  if (sentences.length > MOST) throw new UserError(`--use: expected at most ${MOST} sentences, got ${sentences.length}`);
  const long = sentences.find((sentence) => sentence.length > LONGEST);
  if (long !== undefined) throw new UserError(`--use: expected at most ${LONGEST} characters, got ${long.length}: a sentence a line`);
  return sentences;
}

export interface Opinion {
  /** Above 0 it is glad. */
  readonly logit: number;
  /** By how much the logit would be less without it; of each piece of the text. */
  readonly pieces: readonly { readonly text: string; readonly share: number }[];
}

/** By reading it again without each of its words. */
export async function opinionOf(model: Readers, sentence: string): Promise<Opinion> {
  const pieces = sentence.split(/(?<=\s)/);
  const without = pieces.map((_, i) => pieces.filter((_, j) => j !== i).join(""));
  const isAll = without.map((text) => wordsOf(text).length === 0); // nothing is left to read
  const texts = [sentence, ...without.filter((_, i) => !isAll[i])];
  const [whole, ...others] = (await logitsOf(model, texts)).map(({ together }) => together) as [number, ...number[]];
  return { logit: whole, pieces: pieces.map((text, i) => ({ text, share: isAll[i] ? whole : whole - (others.shift() as number) })) };
}

/** Prints a sentence, in colour the words that count. */
export async function say(model: Readers, sentence: string): Promise<void> {
  const { logit, pieces } = await opinionOf(model, sentence);
  const verdict = `${logit > 0 ? "glad" : "cross"}${Math.abs(logit) < UNSURE ? "?" : ""}`.padEnd(6);
  const marks = pieces.map(({ text, share }) => (Math.abs(share) < MARKED ? text : marked(text, share)));
  const text = pc.isColorSupported ? marks.join("") : wrap(marks.join(""), width() - 12).join(`\n${" ".repeat(10)}`);
  console.log(`  ${pc.bold(logit > 0 ? pc.green(verdict) : pc.red(verdict))}  ${text}`);
}

function marked(text: string, share: number): string {
  const word = text.trimEnd();
  const rest = text.slice(word.length);
  if (!pc.isColorSupported) return `[${share > 0 ? "+" : "-"}${word}]${rest}`;
  return (share > 0 ? pc.green(pc.underline(word)) : pc.red(pc.underline(word))) + rest;
}
