/** Where the decoder looked, from word to word. */
import { EOS } from "./subwords.js";

/** How the end of a text is written. */
export const END = "(end)";

interface Word {
  readonly text: string;
  /** Of its first subword, and of the one after its last. */
  readonly from: number;
  readonly to: number;
}

/** Weights of words: one row for each word that was said, over the words that were read. */
export interface Attention {
  readonly source: readonly string[];
  readonly said: readonly string[];
  readonly weights: readonly (readonly number[])[];
}

/** Subwords are joined again; signs are words. @param tokens what the ids stand for */
export function wordsIn(ids: readonly number[], tokens: readonly string[]): Word[] {
  const words: { text: string; from: number; to: number }[] = [];
  for (const [i, id] of ids.entries()) {
    const token = tokens[id] as string;
    const last = words.at(-1);
    const isPart = /^\p{L}/u.test(token) ? /^$|\p{L}$/u : /^$/; // of a word, or what a lone space stands before
    const goesOn = last !== undefined && id !== EOS && isPart.test(last.text);
    if (goesOn) Object.assign(last, { text: last.text + token, to: i + 1 });
    else words.push({ text: id === EOS ? END : token.trim(), from: i, to: i + 1 });
  }
  return words;
}

/** What goes to a word is what goes to all of its subwords; what a word looks at, what its subwords do, on average. */
export function attentionOf(source: readonly Word[], said: readonly Word[], weights: readonly ArrayLike<number>[]): Attention {
  const sum = (row: ArrayLike<number>, { from, to }: Word) =>
    Array.from(row)
      .slice(from, to)
      .reduce((a, b) => a + b, 0);
  return {
    source: source.map(({ text }) => text),
    said: said.map(({ text }) => text),
    weights: said.map(({ from, to }) => {
      const rows = weights.slice(from, to);
      return source.map((word) => rows.reduce((total, row) => total + sum(row, word), 0) / rows.length);
    }),
  };
}
