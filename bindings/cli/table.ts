/** Rows as columns. */

/** Each column as wide as its widest cell; what is of numbers alone stands to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, c) => Math.max(title.length, ...rows.map((row) => (row[c] ?? "").length)));
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
  return text.replace(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/gu, "·");
}
