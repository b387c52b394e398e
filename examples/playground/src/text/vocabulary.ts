/** Characters as numbers. */

/** Token 0: whatever occurs once or never, and what is beyond the most. */
export const UNKNOWN = "\ufffd";
/** More than the letters of any alphabet, and most of the signs of Chinese texts. */
export const MOST_CHARACTERS = 4096;

export interface Counted {
  /** By token. */
  readonly vocabulary: readonly string[];
  readonly characters: number;
  readonly different: number;
  /** Bits per character for who knows only how often each occurs. */
  readonly entropy: number;
}

export function counted(text: string): Counted {
  const counts = new Map<string, number>();
  let characters = 0;
  for (const character of text) {
    counts.set(character, (counts.get(character) ?? 0) + 1);
    characters++;
  }
  const often = [...counts].filter(([, count]) => count > 1).sort((a, b) => b[1] - a[1]);
  const known = often.slice(0, MOST_CHARACTERS - 1).map(([character]) => character);
  const shares = [...counts.values()].map((count) => count / characters);
  const entropy = -shares.reduce((sum, share) => sum + share * Math.log2(share), 0);
  return { vocabulary: [UNKNOWN, ...known.sort()], characters, different: counts.size, entropy };
}

export function encode(text: string, vocabulary: readonly string[]): Int32Array<ArrayBuffer> {
  const tokens = new Map(vocabulary.map((character, token) => [character, token]));
  const encoded = new Int32Array(text.length);
  let length = 0;
  for (const character of text) encoded[length++] = tokens.get(character) ?? 0;
  return encoded.slice(0, length);
}

/** The characters of a prompt that a network has no token for, each once. */
export function strangers(prompt: string, vocabulary: readonly string[]): string[] {
  return [...new Set(prompt)].filter((character) => !vocabulary.includes(character));
}

/** What a text goes on from: never empty, since a network needs something to read first. */
export function promptTokens(prompt: string, vocabulary: readonly string[]): Int32Array<ArrayBuffer> {
  if (prompt !== "") return encode(prompt, vocabulary);
  return Int32Array.of(Math.max(1, vocabulary.indexOf("\n")));
}
