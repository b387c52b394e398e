/** ARPAbet in the letters of the International Phonetic Association, American English. */
import { PHONES } from "./data.js";

const IPA: Readonly<Record<(typeof PHONES)[number], string>> = {
  ...{ AA: "ɑ", AE: "æ", AH: "ʌ", AO: "ɔ", AW: "aʊ", AY: "aɪ", EH: "ɛ", ER: "ɝ", EY: "eɪ", IH: "ɪ", IY: "i", OW: "oʊ", OY: "ɔɪ" },
  ...{ UH: "ʊ", UW: "u", B: "b", CH: "tʃ", D: "d", DH: "ð", F: "f", G: "ɡ", HH: "h", JH: "dʒ", K: "k", L: "l", M: "m", N: "n" },
  ...{ NG: "ŋ", P: "p", R: "ɹ", S: "s", SH: "ʃ", T: "t", TH: "θ", V: "v", W: "w", Y: "j", Z: "z", ZH: "ʒ" },
};

/** Without stress: the dictionary's AH is ʌ in "cut" and ə in "sofa", and is written ʌ here. */
export function ipa(phones: readonly number[]): string {
  return phones.map((phone) => IPA[PHONES[phone - 1] as (typeof PHONES)[number]]).join("");
}
