/** What is recognised: letters, the words that spell them on the telephone, digits. And how each is said to a program that speaks. */
import type { Voice } from "./voices.js";

const LETTERS = [..."abcdefghijklmnopqrstuvwxyz"];
const PHONETIC = (
  "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa quebec romeo sierra tango uniform " +
  "victor whiskey x-ray yankee zulu"
).split(" ");
const DIGITS = [..."0123456789"];

/** A symbol's class is its place, behind the blank: 1 … 62. */
export const SYMBOLS: readonly string[] = [...LETTERS, ...PHONETIC, ...DIGITS];

/** Where what is written is not what is said, or more than one thing is said. */
const READINGS: Readonly<Record<string, readonly string[]>> = {
  z: ["zee", "zed"],
  quebec: ["quebec", "kebbeck"],
  ...{
    0: ["zero"],
    1: ["one"],
    2: ["two"],
    3: ["three"],
    4: ["four"],
    5: ["five"],
    6: ["six"],
    7: ["seven"],
    8: ["eight"],
    9: ["nine", "niner"],
  },
};
/** Programs that read these wrongly in the midst of others, or alone. */
const SPELLED: Readonly<Record<Voice["program"], Readonly<Record<string, string>>>> = {
  "espeak-ng": { a: "eigh" }, // [[eI]] before a tag is read with the tag: "eI slash s"
  flite: { a: "ay", lima: "leema" },
  festival: { a: "ay", lima: "leema" },
};

/** Everything that a symbol may sound like. */
export function readingsOf(symbol: string): readonly string[] {
  return READINGS[symbol] ?? [symbol];
}

/** @param readings of the symbols of a string, one after another */
export function textFor(program: Voice["program"], readings: readonly string[]): string {
  return readings.map((reading) => SPELLED[program][reading] ?? reading).join(" ");
}
