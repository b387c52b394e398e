/** The words of the CMU Pronouncing Dictionary and their phones, with stress and without; and their parts, family by family. */
import { dictionary } from "cmu-pronouncing-dictionary";
import { hash } from "../shared/hash.js";
import { familyOf } from "./family.js";

/** ARPAbet without stress; number 0 is the blank, what a frame says that says nothing. */
export const PHONES = [
  ...["AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F", "G", "HH", "IH", "IY", "JH", "K"],
  ...["L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T", "TH", "UH", "UW", "V", "W", "Y", "Z", "ZH"],
] as const;
/** Those with stress. */
const VOWELS = ["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"];
/** What is learned: phones without stress, by their numbers from 1, then the vowels with the first stress, and with the second. */
const SOUNDS: readonly string[] = [...PHONES, ...VOWELS.map((vowel) => `${vowel}1`), ...VOWELS.map((vowel) => `${vowel}2`)];
const NUMBERS = new Map(SOUNDS.map((sound, i) => [sound, i + 1]));
/** The phone of each sound, the blank of the blank. */
export const PHONE_OF: readonly number[] = [0, ...SOUNDS.map((sound) => NUMBERS.get(sound.replace(/\d$/, "")) as number)];

/** A word, as it is spelled, and all the ways it is said. */
export interface Word {
  readonly spelling: string;
  /** Numbers of phones, the dictionary's first way first; none is twice. */
  readonly said: readonly (readonly number[])[];
  /** The same with stress: numbers of sounds. */
  readonly stressed: readonly (readonly number[])[];
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
    const sounds = soundsOf(text);
    const ways = words.get(spelling) ?? new Map<string, number[]>();
    words.set(spelling, ways.set(sounds.join(), sounds));
  }
  return [...words].map(([spelling, ways]) => {
    const stressed = [...ways.values()];
    const said = stressed.map((sounds) => sounds.map((sound) => PHONE_OF[sound] as number));
    return { spelling, said: [...new Map(said.map((phones) => [phones.join(), phones])).values()], stressed };
  });
}

/** Of "R EH1 D # a remark": a digit is the stress of its vowel, 0 that it has none. */
function soundsOf(text: string): number[] {
  const [pronounced = ""] = text.split(" #");
  return pronounced.split(" ").map((sound) => {
    const number = NUMBERS.get(sound.replace(/0$/, ""));
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

/** Of a quick run: every so many words. */
const THINNED = 40;

export function wordsToLearn(quick: boolean): Word[] {
  const words = readWords();
  return quick ? words.filter((_, w) => w % THINNED === 0) : words;
}

export function arpabet(phones: readonly number[]): string {
  return phones.map((phone) => PHONES[phone - 1]).join(" ");
}
