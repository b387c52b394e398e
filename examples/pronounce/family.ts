/** What makes words kin: inflections, possessives, and spellings that differ little share a family. */

/** Endings that are taken off when so many letters are left without them. */
const ENDINGS: readonly (readonly [least: number, ...endings: string[]])[] = [
  [4, "ation", "ment", "ness", "ability", "ities", "ity", "ically", "ical", "less", "able", "ably", "ist", "ism", "ish", "ized"],
  [4, "izing", "ize", "ion", "ian", "ous", "or", "ic", "en", "on", "o", "a"],
  [3, "ly", "ely", "al", "ally", "ful", "fully", "ive", "ively"],
  [2, "ing", "er", "ed", "est", "es", "s", "ey", "ies", "ied", "ie", "y", "i", "e", "man", "men"],
];
const LONGEST_FIRST = ENDINGS.flatMap(([least, ...endings]) => endings.map((ending) => ({ ending: even(ending), least }))).sort(
  (a, b) => b.ending.length - a.ending.length,
);

/**
 * What is left of a word without an s at its end, and then without endings as long as there are any. An apostrophe, a doubled letter, ck for k, y for i
 * and mac for mc make no difference.
 */
export function familyOf(spelling: string): string {
  let stem = even(spelling.replaceAll("'", "").replace(/(?<=..)(?<![su])s$/, ""));
  for (;;) {
    const found = LONGEST_FIRST.find(({ ending, least }) => stem.length - ending.length >= least && stem.endsWith(ending));
    if (!found) return stem;
    stem = stem.slice(0, -found.ending.length);
  }
}

function even(text: string): string {
  return text
    .replace(/^mac(?=[a-z]{3})/, "mc")
    .replaceAll("y", "i")
    .replaceAll("ck", "k")
    .replace(/(.)\1+/g, "$1");
}
