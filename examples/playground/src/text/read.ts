/** A text out of a file or out of what was pasted, or plain words about why there is none. */
import { LEAST } from "./sizes";

/** What no text has: control characters other than tabs and ends of lines and pages. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are looked for
const CONTROL = /[\0-\x08\x0b\x0e-\x1a\x1c-\x1f]/;

const BINARY = "This is no plain text: it may be a picture, a packed file, or of a word processor. Save it as text (.txt) first.";

/** @param most characters to read @throws {Error} in plain words */
export async function readFile(file: Blob, most: number): Promise<string> {
  if (file.size === 0) throw new Error("The file is empty.");
  const part = file.slice(0, 4 * most + 4); // no character takes more bytes
  return decode(new Uint8Array(await part.arrayBuffer()), file.size > part.size);
}

/** @param cut whether more follows: the last character may be half */
export function decode(bytes: Uint8Array, cut = false): string {
  const text = letters(bytes, cut);
  if (CONTROL.test(text)) throw new Error(BINARY);
  return text;
}

function letters(bytes: Uint8Array, cut: boolean): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: cut });
  } catch {
    return new TextDecoder("windows-1252").decode(bytes); // what older programs write
  }
}

/** With \n at the ends of lines, and no longer than may be. @throws {Error} in plain words */
export function trimmed(text: string, most: number): { text: string; cut: boolean } {
  const all = text.replace(/\r\n?/g, "\n");
  if (all.trim() === "") throw new Error("There is no text in it.");
  if (all.length < LEAST)
    throw new Error(`It has ${all.length} characters only. ${LEAST} are needed at least, for a network to learn anything from them.`);
  const cut = all.length > most;
  const end = cut && /[\ud800-\udbff]/.test(all[most - 1] as string) ? most - 1 : most; // no half characters
  return { text: cut ? all.slice(0, end) : all, cut };
}
