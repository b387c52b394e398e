/** Texts as they are learned, and pairs that are worth it. */

/** The same in English and German. */
export interface Pair {
  readonly en: string;
  readonly de: string;
}

/** English words at most. */
export const LONGEST = 15;
/** Characters at most, on either side: what is longer is code or a table. */
const MOST_CHARACTERS = 150;
/** One side this many times as long as the other is no translation of it. */
const LOPSIDED = 3;
/** Below so many letters that says nothing: "Cut" is "Ausschneiden". */
const SHORT = 20;

/** One space between words, none at the ends; without what cannot be seen, and bullets. */
export function tidied(text: string): string {
  return text
    .replace(/[\u00ad\u200b-\u200f\u2060\ufeff]/g, "")
    .replace(/\s+/g, " ")
    .trim()
    .replace(/^[•·*–-] /, "")
    .normalize("NFC");
}

/** Runs of letters, lower case: how texts are compared. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/\p{L}+/gu) ?? [];
}

/** Whether it is short enough, has words on both sides, and is translated. */
export function isPair({ en, de }: Pair): boolean {
  const words = en.split(" ").length;
  if (words > LONGEST || en === de || !/\p{L}{2}/u.test(en) || !/\p{L}{2}/u.test(de)) return false;
  const [short, long] = [Math.min(en.length, de.length), Math.max(en.length, de.length)];
  return long <= MOST_CHARACTERS && (long <= SHORT || long <= LOPSIDED * short);
}
