import pc from "picocolors";

/** Columns to write in: the terminal's, within reason. */
export function width() {
  return Math.max(40, Math.min(110, process.stdout.columns ?? 100));
}

/**
 * @param {number} count
 * @returns {string} 1,234,567
 */
export function grouped(count) {
  return Math.round(count).toLocaleString("en-US");
}

/**
 * @param {number} nats
 * @returns {number} bits
 */
export function bitsOf(nats) {
  return nats / Math.LN2;
}

/**
 * @param {number} seconds
 * @returns {string} 0:05, 1:30, 2:03:04
 */
export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/**
 * @param {number} bytes
 * @returns {string}
 */
export function size(bytes) {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/**
 * A word of a command to copy, for a POSIX shell.
 *
 * @param {string} word
 * @returns {string} in quotes if it needs them
 */
export function shellWord(word) {
  return /^[\w./,:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * Breaks text into lines at spaces; a word longer than a line is cut.
 *
 * @param {string} text without newlines
 * @param {number} columns
 * @returns {string[]}
 */
export function wrap(text, columns) {
  const lines = [];
  let rest = [...text];
  while (rest.length > columns) {
    const space = rest.lastIndexOf(" ", columns);
    const cut = space > 0 ? space : columns;
    lines.push(rest.slice(0, cut).join(""));
    rest = rest.slice(space > 0 ? cut + 1 : cut);
  }
  return [...lines, rest.join("")];
}

/**
 * A short sample on at most a few lines: runs of white space become one space, ends of lines a mark, and it ends at a word.
 *
 * @param {string} text
 * @param {number} columns
 * @param {number} lines
 * @returns {string[]}
 */
export function snippet(text, columns, lines) {
  const flat = text
    .trim()
    .replace(/[^\S\n]+/g, " ")
    .replace(/ ?\n+ ?/g, " ¶ ")
    .replace(/\p{Cc}/gu, "·");
  const wrapped = wrap(flat, columns - 1);
  const shown = wrapped.slice(0, lines);
  shown[shown.length - 1] += "…";
  return shown.map((line) => line.replaceAll("¶", pc.dim("¶")));
}

/**
 * A longer sample as it is, its own ends of lines kept.
 *
 * @param {string} text
 * @param {number} columns
 * @returns {string[]}
 */
export function passage(text, columns) {
  return text
    .replace(/\n{3,}/g, "\n\n")
    .replace(/[^\P{Cc}\n]/gu, "·")
    .split("\n")
    .flatMap((line) => wrap(line, columns));
}
