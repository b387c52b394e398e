/** Long texts are read, counted and turned into numbers here, apart from the page. */
import { expose, transfer } from "comlink";
import { readFile, trimmed } from "./read";
import { type Counted, counted, encode } from "./vocabulary";

export interface Opened extends Counted {
  readonly text: string;
  /** Whether there was more of it. */
  readonly cut: boolean;
  /** Of these very characters. */
  readonly id: number;
}

/** Source: the FNV-1a hash, draft-eastlake-fnv. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

const api = {
  /** @throws {Error} in plain words */
  async open(given: Blob | string, most: number): Promise<Opened> {
    const all = typeof given === "string" ? given : await readFile(given, most);
    const { text, cut } = trimmed(all, most);
    const counts = counted(text);
    if (counts.vocabulary.length < 2) throw new Error("No character occurs twice in it: there is nothing to learn.");
    return { text, cut, id: hash(text), ...counts };
  },
  tokens(text: string, vocabulary: readonly string[]): Int32Array<ArrayBuffer> {
    const tokens = encode(text, vocabulary);
    return transfer(tokens, [tokens.buffer]);
  },
};

export type TextApi = typeof api;

expose(api);
