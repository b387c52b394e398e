/** Word for word: a dictionary of counts, by the expectation of which word stands for which (IBM model 1). Brown et al. 1993, aclanthology.org/J93-2003. */
import * as v from "valibot";
import type { Pair } from "./tidy.js";

const ROUNDS = 5;
/** With hyphens inside, numbers, signs one by one. */
const TOKEN = /[\p{L}\p{N}]+(?:[-'’][\p{L}\p{N}]+)*|\S/gu;
/** Stands at the beginning of every English text, for German words that nothing there stands for. */
const NOTHING = "";

interface Links {
  /** Of every link there is: its English word's number, and its German word. */
  readonly english: readonly number[];
  readonly german: readonly string[];
  /** Of every German word in every pair: the links to the English words beside it. */
  readonly places: readonly Int32Array[];
}

function tokensOf(text: string): string[] {
  return text.match(TOKEN) ?? [];
}

/** The likeliest German word of each English one, that in lower case. */
export type Lexicon = ReadonlyMap<string, string>;

/** Of a file's text. @throws when it is none */
export function lexiconIn(text: string): Lexicon {
  return new Map(v.parse(v.array(v.tuple([v.string(), v.string()])), JSON.parse(text)));
}

export function dictionary(pairs: readonly Pair[]): Lexicon {
  const words = new Map([[NOTHING, 0]]);
  const links = linked(pairs, words);
  const likely = expected(links, words.size);
  const best = new Float64Array(words.size);
  const found: string[] = [];
  for (const [link, e] of links.english.entries()) {
    if ((likely[link] as number) <= (best[e] as number)) continue;
    best[e] = likely[link] as number;
    found[e] = links.german[link] as string;
  }
  return new Map([...words].flatMap(([word, e]) => (word === NOTHING ? [] : [[word, found[e] as string]])));
}

function linked(pairs: readonly Pair[], words: Map<string, number>): Links {
  const known = new Map<string, Map<number, number>>();
  const [english, german, places]: [number[], string[], Int32Array[]] = [[], [], []];
  for (const { en, de } of pairs) {
    const sources = [NOTHING, ...tokensOf(en.toLowerCase())].map((word) => {
      if (!words.has(word)) words.set(word, words.size);
      return words.get(word) as number;
    });
    for (const word of tokensOf(de)) {
      const own = known.get(word) ?? new Map<number, number>();
      known.set(word, own);
      const place = Int32Array.from(sources, (e) => {
        if (!own.has(e)) {
          own.set(e, english.length);
          english.push(e);
          german.push(word);
        }
        return own.get(e) as number;
      });
      places.push(place);
    }
  }
  return { english, german, places };
}

/** How likely each link's German word is, given the English one. */
function expected({ english, places }: Links, words: number): Float64Array {
  const likely = new Float64Array(english.length).fill(1);
  for (let round = 0; round < ROUNDS; round++) {
    const counts = new Float64Array(english.length);
    for (const place of places) {
      let sum = 0;
      for (const link of place) sum += likely[link] as number;
      for (const link of place) (counts[link] as number) += (likely[link] as number) / sum;
    }
    const totals = new Float64Array(words);
    for (const [link, e] of english.entries()) (totals[e] as number) += counts[link] as number;
    for (const [link, e] of english.entries()) likely[link] = (counts[link] as number) / (totals[e] as number);
  }
  return likely;
}

/** Each word by itself; one that is not in the dictionary stays as it is. Capitals stay capitals. */
export function wordForWord(words: Lexicon, text: string): string {
  const said = tokensOf(text).map((token) => {
    const word = words.get(token.toLowerCase()) ?? token;
    return /^\p{Lu}/u.test(token) ? word.replace(/^./u, (letter) => letter.toUpperCase()) : word;
  });
  return said
    .join(" ")
    .replace(/ (?=[.,:;!?)\]…])/g, "")
    .replace(/(?<=[([]) /g, "");
}
