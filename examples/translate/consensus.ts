/**
 * Of what a search has found, not the likeliest but what is most like all of it, by chrF: the likeliest is one of many ways to say it, and often a
 * short one. A dictionary has a voice, too: it knows rare words better than a network, and nothing of grammar.
 *
 * Source: Kumar & Byrne 2004, Minimum Bayes-risk decoding for statistical machine translation, aclanthology.org/N04-1022.
 */
import { chrf, type DecodedBeam } from "wasm-rnn/sequence";

/** Weight of the dictionary's voice beside all that were found. */
const DICTIONARY = 0.5;
/** How much more the likelier ones count. */
const SHARPNESS = 2;
/** Of chrF: with more weight on what is missing, words are said twice to be sure. */
const BETA = 2;

/** @param texts what `found` says @param wordForWord what the dictionary says @returns the best one's place */
export function mostAgreed(found: readonly Pick<DecodedBeam, "score">[], texts: readonly string[], wordForWord: string): number {
  const weights = found.map(({ score }) => Math.exp(SHARPNESS * score));
  const sum = weights.reduce((a, b) => a + b);
  const voices = [...texts.map((text, i) => ({ text, weight: (weights[i] as number) / sum })), { text: wordForWord, weight: DICTIONARY }];
  const likenessOf = chrf({ beta: BETA });
  const likeness = texts.map((hypothesis) =>
    voices.reduce((total, { text, weight }) => total + weight * likenessOf.of([{ reference: text, hypothesis }]).chrf, 0),
  );
  return likeness.indexOf(Math.max(...likeness));
}
