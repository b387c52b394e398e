/** What learns little or nothing: the more frequent class, a lexicon, naive Bayes. */
import Sentiment from "sentiment";
import { countsOf, Known, type Learnable } from "./known.js";
import { namesOf } from "./words.js";

/** Whether a text is glad. */
export type Judge = (text: string) => boolean;

export function majority(learned: readonly Learnable[]): Judge {
  const isGlad = 2 * learned.filter((sentence) => sentence.class === 1).length > learned.length;
  return () => isGlad;
}

/** AFINN, which people have made: outside knowledge, of which nothing here learns. */
export function lexicon(): Judge {
  const afinn = new Sentiment();
  return (text) => afinn.analyze(text).score > 0;
}

/** Of all that is counted. */
export function naiveBayes(learned: readonly Learnable[]): Judge {
  const known = new Known(countsOf(learned));
  return (text) => namesOf(text).reduce((sum, name) => sum + known.ratio(name), 0) > 0;
}
