/** What the rest of a text says of a word: whether it has a capital where nothing asks for one, and whether it occurs in lower case. */

/** How often it has one elsewhere: the least counts of the levels after the first. */
const LEVELS = [1, 2, 4, 8];
/** 0 is padding; else 1 + (in lower case elsewhere) + 2 · (mostly after an article elsewhere) + 4 · (level). */
export const HINTS = 1 + 4 * (LEVELS.length + 1);

/** What a capital after it does not tell of. */
const OPENS = /^(?:``|'|\(|\[|--|[.:;?!])$/;
/** Words that stay small in a headline. */
const SMALL = /^(?:an?|and|as|at|by|for|from|in|of|on|or|the|to|with)$/;
const ARTICLE = /^(?:an?|the)$/i;

/** Telling capitals of a word, and how many of them stand after an article. */
interface Seen {
  capitals: number;
  articles: number;
}

/** Without the possessive ending: Atlanta's and Atlanta are one word, and so are the Joneses' and the Joneses. */
export function stem(word: string): string {
  return word.replace(/(?<=.)'s?$/i, "");
}

/** A hint for each word of each of a text's sentences. */
export function hintsOf(text: readonly (readonly string[])[]): Int32Array[] {
  const seen = new Map<string, Seen>();
  const small = new Set<string>();
  const telling = text.map(tellingCapitals);
  for (const [s, words] of text.entries()) {
    for (const [t, word] of words.entries()) {
      const base = stem(word);
      if (/^[a-z]/.test(base)) small.add(base);
      if (!telling[s]?.[t]) continue;
      const { capitals, articles } = seen.get(base) ?? { capitals: 0, articles: 0 };
      seen.set(base, { capitals: capitals + 1, articles: articles + Number(ARTICLE.test(words[t - 1] ?? "")) });
    }
  }
  return text.map((words, s) =>
    Int32Array.from(words, (word, t) => {
      const base = stem(word);
      const own = Number(telling[s]?.[t]);
      const { capitals, articles } = seen.get(base) ?? { capitals: own, articles: 0 };
      const elsewhere = capitals - own;
      const after = articles - (own === 1 && ARTICLE.test(words[t - 1] ?? "") ? 1 : 0);
      const level = LEVELS.filter((least) => elsewhere >= least).length;
      const isSmall = /^[A-Z]/.test(base) && small.has(base.toLowerCase());
      return 1 + Number(isSmall) + 2 * Number(2 * after > elsewhere) + 4 * level;
    }),
  );
}

/** Of each word whether it has a capital that neither the sentence's beginning nor a headline gave it. */
function tellingCapitals(words: readonly string[]): boolean[] {
  const isHeadline = !words.some((word) => /^[a-z]/.test(word) && !SMALL.test(word));
  let begun = false;
  return words.map((word, t) => {
    const opens = !begun || OPENS.test(words[t - 1] ?? "");
    begun ||= /[A-Za-z0-9]/.test(word);
    return !isHeadline && !opens && /^[A-Z]/.test(word);
  });
}
