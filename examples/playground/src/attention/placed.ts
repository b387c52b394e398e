/** Words where they stand in their text, with what stands before each. */

export interface Placed {
  readonly before: string;
  readonly word: string;
}

/** Of one that is not found, as an unknown character, a space stands before it. */
export function placed(text: string, words: readonly string[]): Placed[] {
  let at = 0;
  return words.map((word) => {
    const found = text.indexOf(word, at);
    const before = found < 0 ? " " : text.slice(at, found);
    if (found >= 0) at = found + word.length;
    return { before, word };
  });
}
