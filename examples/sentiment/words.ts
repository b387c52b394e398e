/** A sentence's words, and what is counted and learned of each. */

/** What is known of a word: itself, its beginning, with the word before it, and whether it comes soon after a *not*. */
export const VIEWS = 4;
const BEGINNING = 5;
/** Words that a *not* reaches. */
const REACH = 3;
const NOT = /^(not|no|never|nothing|nor|neither|hardly|without|cant|cannot|wont|dont|doesnt|didnt|isnt|wasnt|.*n't)$/;

export function wordsOf(text: string): string[] {
  return (
    text
      .toLowerCase()
      .replaceAll("’", "'")
      .match(/[a-z']+|\d+|[!?]/g) ?? []
  );
}

/** VIEWS names for each word; those of different views are never the same. */
export function viewsOf(words: readonly string[]): string[][] {
  let reached = 0;
  return words.map((word, i) => {
    const isDenied = reached > 0;
    reached = NOT.test(word) ? REACH : reached - 1;
    return [word, `^${word.slice(0, BEGINNING)}`, `${words[i - 1] ?? "^"} ${word}`, `${isDenied ? "¬" : "="}${word}`];
  });
}

/** All that is counted of a text, each once. */
export function namesOf(text: string): string[] {
  return [...new Set(viewsOf(wordsOf(text)).flat())];
}
