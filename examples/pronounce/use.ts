/** What a saved model says of one's own words. */
import pc from "picocolors";
import { loadModel, predict, type Runtime } from "wasm-rnn";
import { ctcBeam } from "wasm-rnn/sequence";
import { UserError } from "../shared/program.js";
import { modelBytes, ownModel } from "../shared/saving.js";
import { arpabet, partOf, readWords } from "./data.js";
import { ipa } from "./ipa.js";
import { Speller } from "./model.js";
import { encoder, LETTERS } from "./pieces.js";

/** Hypotheses that the beam follows, and of which it shows the best. */
export const BEAM = 16;
const SHOWN = 3;

/** @throws {UserError} on an empty text, and on what is no letter */
export function wordsOf(text: string): string[] {
  const words = text.toLowerCase().replaceAll("’", "'").split(/\s+/u).filter(Boolean);
  if (words.length === 0) throw new UserError("--use: expected a word, or several with spaces between them, got nothing");
  const strange = [...new Set(words)].flatMap((word) => {
    const letter = [...word].find((each) => !LETTERS.includes(each));
    return letter === undefined ? [] : [`${JSON.stringify(letter)} in ${word}`];
  });
  if (strange.length > 0) throw new UserError(`--use: expected the letters a to z and apostrophes, got ${strange.join(", ")}`);
  return words;
}

/** @throws {UserError} when the file is no model of this example */
export function readModel(rt: Runtime, file: string): Speller {
  const bytes = modelBytes(file, "pronounce");
  return ownModel(file, "pronounce", () => {
    const model = loadModel<Speller>(rt, bytes, { classes: { Speller } });
    if (model instanceof Speller) return model;
    throw new TypeError("expected a Speller");
  });
}

export async function use(model: Speller, text: string): Promise<void> {
  const words = wordsOf(text);
  const known = new Map(readWords().map((word) => [word.spelling, word]));
  const encode = encoder(model.pieces);
  const logits = await predict(model, words.map(encode));
  for (const [w, word] of words.entries()) {
    const own = known.get(word);
    console.log(`\n  ${pc.bold(word)}  ${pc.dim(own ? STANDING[partOf(word)] : "is not in the dictionary")}`);
    for (const { labels, logProbability } of ctcBeam(logits[w] as (typeof logits)[0], { beamWidth: BEAM }).slice(0, SHOWN))
      console.log(lineOf(`${(100 * Math.exp(logProbability)).toFixed(1)} %`, labels, pc.cyan));
    for (const way of own?.said ?? []) console.log(lineOf("dictionary", way, pc.green));
  }
}

const STANDING = { learned: "was learned", watched: "was not learned, but watched", tested: "was not learned, but tested" };

function lineOf(before: string, phones: readonly number[], colour: (text: string) => string): string {
  return `  ${before.padStart(10)}  ${phones.length > 0 ? colour(arpabet(phones)) : "nothing"}  ${pc.dim(`/${ipa(phones)}/`)}`;
}
