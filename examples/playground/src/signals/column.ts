/** What a column holds: numbers, dates or text. */
import { dateReader } from "./dates";
import type { Column } from "./table";

/** How tables say that there is nothing. */
const NOTHING = /^(|na|n\/a|nan|null|none|-|–|\?)$/i;
/** Share of what is there that must be of a kind: the rest are gaps. */
const MOSTLY = 0.9;

/** @param comma whether 1,5 is one and a half */
export function columnOf(name: string, texts: readonly string[], comma: boolean): Column {
  const there = texts.filter((text) => !NOTHING.test(text));
  const column = (kind: Column["kind"], read: (text: string) => number): Column | undefined => {
    const values = Float64Array.from(texts, (text) => (NOTHING.test(text) ? Number.NaN : read(text)));
    const gaps = values.reduce((count, value) => count + Number(Number.isNaN(value)), 0);
    return there.length > 0 && texts.length - gaps >= MOSTLY * there.length ? { name, kind, values, gaps } : undefined;
  };
  return (
    column("number", (text) => numberOf(text, comma)) ??
    column("date", dateReader(there)) ?? { name, kind: "text", values: new Float64Array(), gaps: 0 }
  );
}

/** NaN for what is no number. 1,234.5 has its thousands marked. */
function numberOf(text: string, comma: boolean): number {
  let plain = text;
  if (comma && /^[+-]?\d+,\d+$/.test(text)) plain = text.replace(",", ".");
  else if (/^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text)) plain = text.replaceAll(",", "");
  const value = Number(plain);
  return Number.isFinite(value) ? value : Number.NaN;
}
