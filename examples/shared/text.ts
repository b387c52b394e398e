/** Text for a terminal. */
import pc from "picocolors";
import type { Model } from "wasm-rnn";

const SAMPLE_LINES = 3;

/** Columns to write in: the terminal's, within reason. */
export function width(): number {
  return Math.max(40, Math.min(110, process.stdout.columns ?? 100));
}

/** 1,234,567 */
export function grouped(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}

/** Numbers that a model learns. */
export function parametersOf(model: Pick<Model, "parameters">): number {
  return model.parameters().reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

/** A word of a command to copy, for a POSIX shell: in quotes if it needs them. */
export function shellWord(word: string): string {
  return /^[\w./,:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Of people or of data, as it may go to a terminal: as long as before, without escapes and what turns the direction of writing. */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu, "·");
}

/** Breaks a line at spaces; a word longer than the columns is cut. */
export function wrap(line: string, columns: number): string[] {
  return line.match(new RegExp(`.{1,${columns}}(?: |$)|.{${columns}}`, "gu"))?.map((piece) => piece.trimEnd()) ?? [""];
}

/** A short sample on a few lines: runs of white space become one space, ends of lines a mark, and it ends at a word. */
export function snippet(text: string, columns: number): string[] {
  const lines = text
    .trim()
    .replace(/[^\S\n]+/g, " ")
    .replace(/ ?\n+ ?/g, " ¶ ");
  const flat = printable(lines);
  const shown = wrap(flat, columns - 1).slice(0, SAMPLE_LINES);
  shown[shown.length - 1] += "…";
  return shown.map((line) => line.replaceAll("¶", pc.dim("¶")));
}

/** A title as the name of a file. */
export function slugOf(title: string): string {
  const stem = title.replace(/\.[^.]*$/, "").toLowerCase();
  return stem.match(/[\p{L}\p{N}]+/gu)?.join("-") ?? "text";
}

/** Names and figures with a bar for each; the last is the one to look at. */
export function bars(rows: readonly { name: string; value: number }[], digits: number, unit = ""): string {
  const longest = Math.max(...rows.map(({ name }) => name.length));
  const most = Math.max(...rows.map(({ value }) => value));
  const lines = rows.map(({ name, value }, i) => {
    const bar = "▇".repeat(Math.max(1, Math.round(((width() - longest - 16) * value) / most)));
    const text = `${name.padEnd(longest)}  ${value.toFixed(digits).padStart(6)}${unit}`;
    return i === rows.length - 1 ? `  ${pc.bold(pc.cyan(text))}  ${pc.cyan(bar)}` : `  ${text}  ${pc.dim(bar)}`;
  });
  return lines.join("\n");
}

/** A longer sample as it is, its own ends of lines kept. */
export function passage(text: string, columns: number): string[] {
  const lines = text
    .replace(/^\n+/, "")
    .replace(/\n{3,}/g, "\n\n")
    .replace(/[^\P{Cc}\n]/gu, "·")
    .split("\n");
  return lines.flatMap((line) => wrap(line, columns));
}
