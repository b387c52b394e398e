/** What a column holds: numbers, dates or text. */
import { dateReader } from "./dates";
import type { Column } from "./table";

/** How tables say that there is nothing. */
const NOTHING = /^(|na|n\/a|nan|null|none|-|–|\?)$/i;
/** Share of what is there that must be of a kind: the rest are gaps. */
const MOSTLY = 0.9;
/** What is beyond is a mark for something else, and its square no number. */
const GREATEST = 1e15;

/** 1 234,5 and 1’234.5, with the minus of books: as people write numbers, and programs do not. */
const WRITTEN = /^[+−-]?(\d+|\d{1,3}([\s'’]\d{3})+)([.,]\d+)?$/;
const asTyped = (text: string): string => (WRITTEN.test(text) ? text.replace("−", "-").replace(/[\s'’]/g, "") : text);

/** @param comma whether 1,5 may be one and a half */
export function columnOf(name: string, written: readonly string[], comma: boolean): Column {
  const texts = written.map(asTyped);
  const there = texts.filter((text) => !NOTHING.test(text));
  const column = (kind: Column["kind"], read: (text: string) => number): Column | undefined => {
    const values = Float64Array.from(texts, (text) => (NOTHING.test(text) ? Number.NaN : read(text)));
    const gaps = values.reduce((count, value) => count + Number(Number.isNaN(value)), 0);
    return there.length > 0 && texts.length - gaps >= MOSTLY * there.length ? { name, kind, values, gaps } : undefined;
  };
  const isGerman = comma && commaIsDecimal(there);
  return (
    column("number", (text) => numberOf(text, isGerman)) ??
    column("date", dateReader(there)) ?? { name, kind: "text", values: new Float64Array(), gaps: 0 }
  );
}

/** By the whole column: 1.234,5 says so, 1,234.5 and 1,234,567 say that it is not; and so does 1,000 among numbers of three digits. */
function commaIsDecimal(texts: readonly string[]): boolean {
  if (texts.some((text) => /\d\.\d{3}(,\d|\.\d{3})/.test(text))) return true;
  if (texts.some((text) => /\d,\d{3}[.,]\d/.test(text))) return false;
  const [marked, plain] = [texts.filter((text) => text.includes(",")), texts.filter((text) => /^[+-]?\d+$/.test(text))];
  const greatest = plain.reduce((most, text) => Math.max(most, Math.abs(Number(text))), 0);
  const areThousands =
    marked.length > 0 && marked.every((text) => /^[+-]?[1-9]\d{0,2},\d{3}$/.test(text)) && greatest >= 100 && greatest < 1000;
  return !areThousands;
}

/** NaN for what is no number. @param isGerman 1.234,5 in the place of 1,234.5 */
function numberOf(text: string, isGerman: boolean): number {
  let plain = text;
  if (isGerman && /^[+-]?(\d{1,3}(\.\d{3})+|\d+),\d+$/.test(text)) plain = text.replaceAll(".", "").replace(",", ".");
  else if (isGerman && /^[+-]?\d{1,3}(\.\d{3}){2,}$/.test(text)) plain = text.replaceAll(".", "");
  else if (/^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text)) plain = text.replaceAll(",", "");
  const value = Number(plain);
  return Math.abs(value) <= GREATEST ? value : Number.NaN;
}
