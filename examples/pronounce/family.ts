/** What makes words kin: inflections, possessives, and spellings that differ little share a family. */

/** Endings, and how many letters of the word must be left without them. */
const ENDINGS: readonly (readonly [ending: string, left: number])[] = [
  ...["ations", "ation", "ments", "ment", "nesses", "ness", "ability", "ities", "ity", "ically", "ical", "ally", "less", "fully", "ful"],
  ...[
    "ables",
    "able",
    "ably",
    "ists",
    "ist",
    "isms",
    "ism",
    "ish",
    "izes",
    "ized",
    "izing",
    "ize",
    "ions",
    "ion",
    "ians",
    "ian",
    "als",
    "al",
  ],
  ...["ives", "ive", "ous", "ors", "or", "ics", "ic", "ens", "en", "ons", "on", "os", "o", "as", "a"],
].map((ending): [string, number] => [ending, 4]);
const INFLECTIONS: readonly (readonly [ending: string, left: number])[] = [
  ...["ings", "ing", "ers", "er", "ed", "est", "es", "s", "ely", "ly", "eys", "ey", "ies", "ied", "ie", "y", "i", "e", "man", "men"],
].map((ending): [string, number] => [ending, 2]);
const ALL = [...ENDINGS, ...INFLECTIONS]
  .map(([ending, left]) => ({ ending: even(ending), left }))
  .sort((a, b) => b.ending.length - a.ending.length);

/** Its endings are taken off as long as there are any; an apostrophe, a doubled letter, ck for k, y for i and mac for mc make no difference. */
export function familyOf(spelling: string): string {
  let stem = even(spelling);
  for (;;) {
    const found = ALL.find(({ ending, left }) => stem.length - ending.length >= left && stem.endsWith(ending));
    if (!found) return stem;
    stem = stem.slice(0, -found.ending.length);
  }
}

function even(text: string): string {
  return text
    .replaceAll("'", "")
    .replace(/^mac(?=[a-z]{3})/, "mc")
    .replaceAll("y", "i")
    .replaceAll("ck", "k")
    .replace(/(.)\1+/g, "$1");
}
