/** Text as a terminal measures it: control sequences take no column, some characters two. Node only. */
import { stripVTControlCharacters } from "node:util";
import type pc from "picocolors";

export type Colors = ReturnType<typeof pc.createColors>;

/** What a terminal draws in two columns, as nearly as a range says: Hangul, kana, Han, full-width forms, emoji. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
/** A control sequence that colours, or a character with what is combined with it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a control sequence begins with one
const UNITS = /\x1b\[[0-9;]*m|\P{M}\p{M}*|\p{M}+/gu;

/** Columns. */
export function widthOf(text: string): number {
  return (stripVTControlCharacters(text).match(UNITS) ?? []).reduce((sum, unit) => sum + (WIDE.test(unit) ? 2 : 1), 0);
}

/** Lines of at most so many columns, broken at spaces where there are any; what goes on stands under its line's beginning. */
export function wrapped(text: string, columns: number): string[] {
  return text.split("\n").flatMap((line) => (widthOf(line) <= columns ? [line] : broken(line, columns)));
}

function broken(line: string, columns: number): string[] {
  const indent = " ".repeat(Math.min((/^ */.exec(line) as RegExpExecArray)[0].length, columns >> 1));
  const lines: string[] = [];
  let [now, used] = [indent, indent.length];
  for (const word of line.trimStart().match(/\S+|\s+/g) ?? []) {
    const width = widthOf(word);
    if (used + width <= columns) {
      now += word;
      used += width;
      continue;
    }
    if (/^\s/.test(word)) continue; // at a line's end
    if (used > indent.length) {
      lines.push(now.trimEnd());
      [now, used] = [indent, indent.length];
    }
    for (const unit of word.match(UNITS) ?? []) {
      const one = widthOf(unit);
      if (used + one > columns) {
        lines.push(now);
        [now, used] = [indent, indent.length];
      }
      now += unit;
      used += one;
    }
  }
  return [...lines, now.trimEnd()];
}
