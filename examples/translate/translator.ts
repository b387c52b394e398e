/** The translator at work, of bytes and texts alone: a page of a browser can import it, too. */
import { loadModel, loadSafetensors, type Runtime } from "wasm-rnn";
import type { DecodedBeam } from "wasm-rnn/sequence";
import { type Attention, attentionOf, wordsIn } from "./attention.js";
import { mostAgreed } from "./consensus.js";
import { lexiconIn, wordForWord } from "./lexicon.js";
import { type Languages, sourceOf, TranslationModel } from "./model.js";
import { Names, withNames } from "./names.js";
import { Subwords } from "./subwords.js";

/** Subwords of a text: what is learned has hardly more than half as many. */
export const LONGEST = 80;
/** Subwords that are said at most. */
export const LENGTH = 80;
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

/** Of what `saved` gave. @returns undefined, or an error of any kind is thrown, where it is none of this example */
export function translatorIn(rt: Runtime, bytes: Uint8Array): Translator | undefined {
  const { en = "", de = "", names = "", words = "" } = loadSafetensors(bytes).metadata;
  const languages = { en: Subwords.parse(en), de: Subwords.parse(de), names: Names.parse(names), words: lexiconIn(words) };
  const model = loadModel(rt, bytes, { classes: { TranslationModel } });
  return model instanceof TranslationModel && model.isOf(languages) ? { model, languages } : undefined;
}

export function translateAll(translator: Translator, texts: readonly string[]): string[] {
  const batches = Array.from({ length: Math.ceil(texts.length / BATCH) }, (_, b) => texts.slice(b * BATCH, (b + 1) * BATCH));
  return batches.flatMap((some) => translations(translator, some).map(({ german }) => german));
}

export interface Translation {
  readonly german: string;
  readonly beam: DecodedBeam;
}

/** Of what a beam finds for each text, and what the dictionary says of it, what they agree on most. */
export function translations({ model, languages }: Translator, texts: readonly string[]): Translation[] {
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

/** Subwords that were said, and for each how much the decoder took of each subword that was read. */
export interface Decoding {
  readonly tokens: readonly number[];
  readonly weights: readonly ArrayLike<number>[] | undefined;
}

/** Where the decoder looked while it said these of the text's translation, from word to word. */
export function attentionIn({ languages }: Translator, text: string, { tokens, weights = [] }: Decoding): Attention {
  const names = languages.names.of(text);
  const named = (words: ReturnType<typeof wordsIn>) => words.map((word) => ({ ...word, text: withNames(word.text, names) }));
  const read = wordsIn(sourceOf(languages, text), languages.en.tokens);
  return attentionOf(named(read), named(wordsIn(tokens, languages.de.tokens)), weights);
}
