/** Letters as the tokens that the network reads and says. */

/** What it reads; capitals are read as small letters, and all else as one and the same. */
const READ = "abcdefghijklmnopqrstuvwxyz0123456789 .,-/'";
const OTHER = READ.length;
/** What a text ends with. */
const END = OTHER + 1;
export const SOURCE_TOKENS = END + 1;

/** What it says. */
const SAID = "0123456789-";
export const BOS = SAID.length;
export const EOS = BOS + 1;
export const TARGET_TOKENS = EOS + 1;

export function tokensOf(text: string): number[] {
  return [...Array.from(text, tokenOf), END];
}

function tokenOf(letter: string): number {
  const at = READ.indexOf(letter.toLowerCase());
  return at < 0 ? OTHER : at;
}

export const targetOf = (iso: string): number[] => Array.from(iso, (letter) => SAID.indexOf(letter));

export const lettersOf = (tokens: Iterable<number>): string => Array.from(tokens, (token) => SAID[token] ?? "").join("");

/** The columns of the picture: what it reads, to be seen. */
export function shown(text: string): string[] {
  return [...Array.from(text, (letter) => (letter === " " ? "␣" : letter)), "(end)"];
}
