/** Errors in plain words. */

/** What browsers fail with, by name and message, as people say it: each browser has words of its own. */
const ENGINES: readonly (readonly [name: RegExp, message: RegExp, plain: string])[] = [
  [/^Not(Found|Readable)Error$/, /./, "It could not be read: it may be a folder, or have been moved or changed meanwhile."],
  [/^RangeError$/, /stack|recursion/i, "It is nested too deeply."],
  [/^RangeError$/, /alloc|memory|array (buffer )?length|buffer size/i, "There was not enough memory for it."],
  [/^QuotaExceededError$/, /./, "There was not enough room for it in this browser."],
  [/^TypeError$/, /fetch|import|load failed|NetworkError/i, "The server could not be reached, or has it no more."],
];

/** What went wrong, for people: of our own errors the first line, of the browser's what it means. */
export function said(problem: unknown): string {
  const { name, message } = problem instanceof Error ? problem : { name: "", message: String(problem) };
  const known = ENGINES.find(([names, messages]) => names.test(name) && messages.test(message));
  return known?.[2] ?? withoutControls(message.split("\n")[0] ?? "").slice(0, 300);
}

/** A text of a file without what is not to be seen, or turns the direction of writing. */
export function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, "·");
}
