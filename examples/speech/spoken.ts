/** How a text is spoken: numbers, signs and abbreviations become words of small letters, apostrophes and spaces. */

const ONES = [
  ..."zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  ),
];
const TENS = ["", "", ..."twenty thirty forty fifty sixty seventy eighty ninety".split(" ")];
const SIGNS: Record<string, string> = { "*": " star ", "#": " pound ", "@": " at ", "%": " percent ", "&": " and " };

/** What is in brackets is a note, and not spoken. */
export function spoken(text: string): string {
  return text
    .replace(/\[[^\]]*\]|<[^>]*>|\([^)]*\)/g, " ")
    .replace(/\p{L}+(?:\.\p{L}+)+\.?/gu, dotted)
    .replace(/\d+(?:\.\d+)?/g, (number) => ` ${inWords(number)} `)
    .replace(/[*#@%&]/g, (sign) => SIGNS[sign] as string)
    .normalize("NFD")
    .replace(/\p{M}/gu, "") // é is e
    .toLowerCase()
    .replace(/[’‘`]/g, "'")
    .replace(/[^a-z']+/g, " ")
    .replace(/(?<![a-z])'+|'+(?![a-z])/g, "") // quotation marks
    .replace(/ +/g, " ")
    .trim();
}

/** A.M. is two letters, www.asterisk.org has its dots spoken. */
function dotted(word: string): string {
  const parts = word.split(".").filter(Boolean);
  return parts.every((part) => part.length === 1) ? parts.join(" ") : parts.join(" dot ");
}

/** Up to 99 and whole hundreds as such, longer ones digit by digit, as telephones are dialled. */
export function inWords(number: string): string {
  const [whole = "", fraction] = number.split(".");
  if (fraction !== undefined) return `${inWords(whole)} point ${digits(fraction)}`;
  const value = Number(whole);
  if (whole.length > 3 || (whole.length > 1 && whole.startsWith("0")) || (value > 99 && value % 100 !== 0)) return digits(whole);
  if (value > 99) return `${ONES[value / 100]} hundred`;
  if (value < 20) return ONES[value] as string;
  return [TENS[Math.floor(value / 10)], value % 10 ? ONES[value % 10] : ""].join(" ").trim();
}

function digits(number: string): string {
  return [...number].map((digit) => ONES[Number(digit)]).join(" ");
}
