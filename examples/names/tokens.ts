/** A text of one's own as the corpus would write it: punctuation apart, clitics with their words, quotes as `` and ''. */

export interface Token {
  /** As the network sees it. */
  readonly word: string;
  /** Where it stands in the text. */
  readonly from: number;
  readonly to: number;
}

/** Dashes and dots, and what stands between them and white space. */
const PIECES = /--+|—|…|\.{2,}|[^\s—…]+?(?=--|—|…|\.{2,}|\s|$)/g;
/** Characters of the longest line of wrapped prose, at least. */
const PROSE = 40;
const ITEM = /^\s*(?:[-–*+•·]|\(?(?:\d+|[A-Za-z])[.)])\s/;
/** Initials and the like keep their period: J., U.S., Ph.D. */
const ABBREVIATION = /^(?:[A-Za-z]{1,2}\.)+[A-Za-z]{1,2}\.$|^[A-Z]\.$/;
/** Words that begin with an apostrophe; before others it is a quote. */
const CLIPPED = /^'(?:em|im|n|til|tis|twas|round|\d)/i;
const CLIPPED_LENGTH = 6;
const OPENING = /^[“„"'([{]/;
const CLOSING = /[”"')\]},;:?!.]/;
/** Characters of a word that may keep its period, at most. */
const ABBREVIATED = 40;
/** Tokens of a sentence at most: a longer one is cut, for the network holds a sentence at once. */
const MOST_TOKENS = 500;
const QUOTES: Readonly<Record<string, string>> = { "“": "``", "„": "``", "”": "''" };

/**
 * Sentences, each of one token or more.
 *
 * @param isKnown whether a word that ends with a period, such as Mr., is one
 */
export function sentencesOf(text: string, isKnown: (word: string) => boolean): Token[][] {
  const sentences: Token[][] = [];
  for (const { text: piece, from: index } of piecesOf(text)) {
    const tokens = tokensOf(piece, isKnown);
    let begin = 0;
    for (const i of tokens.keys()) {
      if (i < tokens.length - 1 && i + 1 - begin < MOST_TOKENS && !isEnd(tokens, i)) continue;
      sentences.push(tokens.slice(begin, i + 1).map(({ word, from, to }) => ({ word, from: from + index, to: to + index })));
      begin = i + 1;
    }
  }
  return sentences;
}

/** Lines that belong together: those of prose that was wrapped. The end of any other line ends a sentence. */
function piecesOf(text: string): { text: string; from: number }[] {
  const pieces: { text: string; from: number }[] = [];
  for (const { 0: paragraph, index } of text.matchAll(/\S(?:[^\n]|\n(?!\s*\n))*/g)) {
    const lines = paragraph.split("\n");
    const longest = lines.reduce((most, line) => Math.max(most, line.trimEnd().length), 0);
    let from = index;
    for (const [i, line] of lines.entries()) {
      const last = pieces.at(-1);
      if (i > 0 && last && isWrapped(lines[i - 1] as string, line, longest)) last.text += `\n${line}`;
      else pieces.push({ text: line, from });
      from += line.length + 1;
    }
  }
  return pieces;
}

/** Whether a line ends where it does because the next word had no room, and that is no item of a list. */
function isWrapped(line: string, next: string, longest: number): boolean {
  const [word = ""] = next.trim().split(/\s/, 1);
  return longest >= PROSE && !ITEM.test(next) && line.trimEnd().length + 1 + word.length > longest;
}

/** After . ? or ! with what closes it, where no small letter goes on. */
function isEnd(tokens: readonly Token[], i: number): boolean {
  const isClosing = (word = "") => /^(?:''|[)\]}'])$/.test(word);
  const next = tokens[i + 1]?.word ?? "";
  if (isClosing(next) || /^[a-z.?!,;:]/.test(next)) return false; // before the way back: it is gone once for a run of marks
  let at = i;
  while (isClosing(tokens[at]?.word)) at--;
  return /^[.?!]$/.test(tokens[at]?.word ?? "");
}

export function tokensOf(text: string, isKnown: (word: string) => boolean): Token[] {
  const straight = text.replace(/[’‘]/g, "'");
  const end = straight.trimEnd().length;
  return [...straight.matchAll(PIECES)].flatMap(({ 0: piece, index }) => {
    if (/^(?:--|—)/.test(piece)) return [{ word: "--", from: index, to: index + piece.length }];
    if (/^(?:…|\.\.)/.test(piece)) return [{ word: ".", from: index, to: index + piece.length }];
    const keepsPeriod = (word: string) =>
      word.length <= ABBREVIATED && (ABBREVIATION.test(word) || (isKnown(plain(word)) && index + piece.length < end));
    return peeled(piece, keepsPeriod).map(({ word, from, to }) => ({ word, from: from + index, to: to + index }));
  });
}

/** A word, and each mark before and after it. */
function peeled(piece: string, keepsPeriod: (word: string) => boolean): Token[] {
  let [from, to] = [0, piece.length];
  while (from < to && OPENING.test(piece[from] as string) && !CLIPPED.test(piece.slice(from, from + CLIPPED_LENGTH))) from++;
  while (from < to && closes(piece.slice(from, to), keepsPeriod)) to--;
  const mark = (at: number, quote: string) => ({
    word: piece[at] === '"' ? quote : (QUOTES[piece[at] as string] ?? (piece[at] as string)),
    from: at,
    to: at + 1,
  });
  const before = Array.from({ length: from }, (_, i) => mark(i, "``"));
  const after = Array.from({ length: piece.length - to }, (_, i) => mark(to + i, "''"));
  return [...before, ...(from < to ? [{ word: plain(piece.slice(from, to)), from, to }] : []), ...after];
}

/** Whether its last character is a mark of its own; no more than the word's end is looked at, for there may be many. */
function closes(word: string, keepsPeriod: (word: string) => boolean): boolean {
  if (!CLOSING.test(word.at(-1) as string)) return false;
  if (word.endsWith(".")) return !keepsPeriod(word);
  return !/.s'$/i.test(word.slice(-3)); // the Joneses'
}

/** Without accents: the corpus has none. */
function plain(word: string): string {
  return word.normalize("NFD").replace(/\p{M}/gu, "");
}
