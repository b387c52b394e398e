/** What a saved model says of one's own words. */
import pc from "picocolors";
import * as v from "valibot";
import { loadModel, type Runtime } from "wasm-rnn";
import { UserError } from "../shared/program.js";
import { readSaved } from "../shared/saved.js";
import { arpabet, partOf, readWords } from "./data.js";
import { ipa } from "./ipa.js";
import { LETTERS } from "./letters.js";
import { Spellers } from "./model.js";
import { opinions } from "./opinion.js";

/** Ways to say a word. */
const SHOWN = 3;
/** Letters of a word: the longest of the dictionary has 28. */
const LONGEST = 50;
/** Strange letters that a message names at most. */
const MOST_NAMED = 5;

/** @throws {UserError} on an empty text, on a long word, and on what is no letter */
export function wordsOf(text: string): string[] {
  const words = text.toLowerCase().replaceAll("’", "'").split(/\s+/u).filter(Boolean);
  if (words.length === 0) throw new UserError("--use: expected a word, or several with spaces between them, got nothing");
  const long = words.find(({ length }) => length > LONGEST);
  if (long !== undefined) throw new UserError(`--use: expected words of at most ${LONGEST} letters, got one of ${long.length}`);
  const strange = [...new Set(words)].flatMap((word) => {
    const letter = [...word].find((each) => !LETTERS.includes(each));
    return letter === undefined ? [] : [`${JSON.stringify(letter)} in ${word}`];
  });
  if (strange.length > 0)
    throw new UserError(`--use: expected the letters a to z and apostrophes, got ${strange.slice(0, MOST_NAMED).join(", ")}`);
  return words;
}

const TRIOS = v.array(v.array(v.string()));

/** @throws {UserError} when the file is no model of this example */
export function readModel(rt: Runtime, file: string): Spellers {
  return readSaved(file, "pronounce", (bytes) => {
    const model = loadModel(rt, bytes, { classes: { Spellers } });
    return model instanceof Spellers &&
      v.is(
        TRIOS,
        Object.values(model.layers).map(({ trios }) => trios),
      )
      ? { model }
      : undefined;
  }).model;
}

export async function use(model: Spellers, text: string): Promise<void> {
  const words = wordsOf(text);
  const known = new Map(readWords().map((word) => [word.spelling, word]));
  const said = await opinions(model, words);
  for (const [w, word] of words.entries()) {
    const own = known.get(word);
    console.log(`\n  ${pc.bold(word)}  ${pc.dim(own ? STANDING[partOf(word)] : "is not in the dictionary")}`);
    for (const { phones, logProbability } of (said[w] ?? []).slice(0, SHOWN))
      console.log(lineOf(`${(100 * Math.exp(logProbability)).toFixed(1)} %`, phones, pc.cyan));
    for (const way of own?.said ?? []) console.log(lineOf("dictionary", way, pc.green));
  }
}

const STANDING = { learned: "was learned", watched: "was not learned, but watched", tested: "was not learned, but tested" };

function lineOf(before: string, phones: readonly number[], colour: (text: string) => string): string {
  return `  ${before.padStart(10)}  ${phones.length > 0 ? colour(arpabet(phones)) : "nothing"}  ${pc.dim(`/${ipa(phones)}/`)}`;
}
