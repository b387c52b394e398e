/** Sentences of a paragraph. */
import type { Pair } from "./tidy.js";

const SEGMENTERS = { en: new Intl.Segmenter("en", { granularity: "sentence" }), de: new Intl.Segmenter("de", { granularity: "sentence" }) };

function sentencesOf(language: keyof typeof SEGMENTERS, text: string): string[] {
  return [...SEGMENTERS[language].segment(text)].map(({ segment }) => segment.trim()).filter(Boolean);
}

/** One after another where both languages have as many, or else the paragraph as a whole. */
export function sentencePairs({ en, de }: Pair): Pair[] {
  const [english, german] = [sentencesOf("en", en), sentencesOf("de", de)];
  return english.length === german.length ? english.map((each, i) => ({ en: each, de: german[i] as string })) : [{ en, de }];
}
