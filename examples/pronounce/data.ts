/** The words of the CMU Pronouncing Dictionary and their phones, without stress; and their parts, family by family. */
import { dictionary } from "cmu-pronouncing-dictionary";
import { hash } from "../shared/hash.js";
import { familyOf } from "./family.js";

/** ARPAbet without stress; number 0 is the blank, what a frame says that says nothing. */
export const PHONES = [
  ...["AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F", "G", "HH", "IH", "IY", "JH", "K"],
  ...["L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T", "TH", "UH", "UW", "V", "W", "Y", "Z", "ZH"],
] as const;
const NUMBERS = new Map<string, number>(PHONES.map((phone, i) => [phone, i + 1]));

/** A word, as it is spelled, and all the ways it is said. */
export interface Word {
  readonly spelling: string;
  /** Numbers of phones, the dictionary's first way first; none is twice. */
  readonly said: readonly (readonly number[])[];
}

/** No family of words is in two of them. */
export interface Parts {
  readonly learned: readonly Word[];
  readonly watched: readonly Word[];
  readonly tested: readonly Word[];
}

/** Every twentieth family is watched, and another one tested. */
const SHARES = 20;

/** All words: entries such as "read(2)" are other ways to say "read"; of "a.m." and "ad-hoc" the letters are left. */
export function readWords(entries: Readonly<Record<string, string>> = dictionary): Word[] {
  const words = new Map<string, Map<string, number[]>>();
  for (const [entry, text] of Object.entries(entries)) {
    const spelling = entry.replace(/\(\d+\)$/, "").replace(/[^a-z']/g, "");
    if (!/[a-z]/.test(spelling)) continue;
    const phones = phonesOf(text);
    const said = words.get(spelling) ?? new Map<string, number[]>();
    words.set(spelling, said.set(phones.join(), phones));
  }
  return [...words].map(([spelling, said]) => ({ spelling, said: [...said.values()] }));
}

/** Of "R EH1 D # a remark": a digit is the stress of its vowel. */
function phonesOf(text: string): number[] {
  const [pronounced = ""] = text.split(" #");
  return pronounced.split(" ").map((phone) => {
    const number = NUMBERS.get(phone.replace(/\d$/, ""));
    if (number === undefined) throw new RangeError(`expected phones, got ${JSON.stringify(text)}`);
    return number;
  });
}

/** The same on every machine and for every seed: by a hash of the family. */
export function partOf(spelling: string): keyof Parts {
  const value = hash(familyOf(spelling));
  const share = ((value ^ (value >>> 15)) >>> 0) % SHARES; // its bits mixed once more
  return share === 0 ? "tested" : share === 1 ? "watched" : "learned";
}

export function partsOf(words: readonly Word[]): Parts {
  const parts: Record<keyof Parts, Word[]> = { learned: [], watched: [], tested: [] };
  for (const word of words) parts[partOf(word.spelling)].push(word);
  return parts;
}

export function arpabet(phones: readonly number[]): string {
  return phones.map((phone) => PHONES[phone - 1]).join(" ");
}
