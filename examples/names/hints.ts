/** What the rest of a text says of a word: whether it is capitalized where nothing asks for it, and whether it occurs in lower case. */

/** 0 is padding; else 1 + 2 · (times that it is capitalized elsewhere, at most MOST) + (whether it is in lower case elsewhere). */
export const HINTS = 7;
const MOST = 2;

/** What a capital after it does not tell of. */
const OPENS = /^(?:``|'|\(|\[|--|[.:;?!])$/;

/** Words that stay small in a headline. */
const SMALL = /^(?:an?|and|as|at|by|for|from|in|of|on|or|the|to|with)$/;

/** Without the possessive ending: Atlanta's and Atlanta are one word, and so are the Joneses' and the Joneses. */
export function stem(word: string): string {
  return word.replace(/(?<=.)'s?$/i, "");
}

/** A hint for each word of each of a text's sentences. */
export function hintsOf(text: readonly (readonly string[])[]): Int32Array[] {
  const capitals = new Map<string, number>();
  const small = new Set<string>();
  const telling = text.map(tellingCapitals);
  for (const [s, words] of text.entries()) {
    for (const [t, word] of words.entries()) {
      const base = stem(word);
      if (/^[a-z]/.test(base)) small.add(base);
      else if (telling[s]?.[t]) capitals.set(base, (capitals.get(base) ?? 0) + 1);
    }
  }
  return text.map((words, s) =>
    Int32Array.from(words, (word, t) => {
      const base = stem(word);
      const elsewhere = (capitals.get(base) ?? 0) - (telling[s]?.[t] ? 1 : 0);
      return 1 + 2 * Math.min(MOST, elsewhere) + Number(/^[A-Z]/.test(base) && small.has(base.toLowerCase()));
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
