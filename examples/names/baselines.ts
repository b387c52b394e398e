/** Two taggers that need no network. */
import { labelsOf, OUTSIDE, type Sentence } from "./data.js";

/** A capital that does not begin the sentence. */
export function byCapitals({ words }: Sentence): Int32Array {
  return labelsOf(words.map((word, t) => t > 0 && isCapitalized(word)));
}

/** What a word was most often where it was learned; one that was not is a name if it has a capital. */
export function byFrequency(learned: readonly Sentence[]): (sentence: Sentence) => Int32Array {
  const balance = new Map<string, number>();
  for (const { words, labels } of learned) {
    for (const [t, word] of words.entries()) balance.set(word, (balance.get(word) ?? 0) + (labels[t] === OUTSIDE ? -1 : 1));
  }
  return ({ words }) => labelsOf(words.map((word) => (balance.has(word) ? (balance.get(word) as number) > 0 : isCapitalized(word))));
}

function isCapitalized(word: string): boolean {
  return /^[A-Z]/.test(word);
}
