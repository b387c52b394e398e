/** Rows as columns. */

/** Characters of a cell: one of a file's names may be as long as the file, and all the others are filled up to it. */
const MOST = 200;

/** Each column as wide as its widest cell; what is of numbers alone stands to the right. */
export function table(head: readonly string[], given: readonly (readonly string[])[]): string {
  const rows = given.map((row) => row.map((cell) => oneLine(cell.length > MOST ? `${cell.slice(0, MOST)}…` : cell)));
  const widths = head.map((title, c) => rows.reduce((most, row) => Math.max(most, (row[c] ?? "").length), title.length));
  const isNumber = head.map((_, c) => rows.length > 0 && rows.every((row) => /^[\d,.]*$/.test(row[c] ?? "")));
  const line = (row: readonly string[]) =>
    row
      .map((cell, c) => (isNumber[c] ? cell.padStart(widths[c] as number) : cell.padEnd(widths[c] as number)))
      .join("  ")
      .trimEnd();
  return [head, widths.map((width) => "─".repeat(width)), ...rows].map((row) => `  ${line(row)}`).join("\n");
}

export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

/** "1 array", "2 arrays". */
export function counted(count: number, what: string): string {
  return `${grouped(count)} ${what}${count === 1 ? "" : "s"}`;
}

export function shapeText(shape: readonly (number | string)[] | undefined): string {
  return shape ? `[${shape.map((size) => (size === "" ? "?" : size)).join(", ")}]` : "of any rank";
}

/** As it may go to a terminal: without escapes and what turns the direction of writing. */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, "·");
}

/** The same of what a file says, which begins no line of its own. */
export function oneLine(text: string): string {
  return printable(text).replaceAll("\n", "·");
}
