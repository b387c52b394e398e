/** Dates as tables have them, in seconds since 1970. Without a zone they are taken as UTC, and shown so. */

const YEAR_FIRST =
  /^(\d{4})[-/](\d{1,2})(?:[-/](\d{1,2}))?(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(?:(Z)|([+-])(\d{2}):?(\d{2}))?)?$/;
const YEAR_LAST = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}))?)?$/;

type Read = (text: string) => number;

/**
 * How to read a column: 3/4/2015 is the 4th of March unless another row shows that the day goes first, or there are dots.
 *
 * @returns a function that gives NaN for what is no date
 */
export function dateReader(texts: readonly string[]): Read {
  const dayFirst = texts.some((text) => {
    const match = YEAR_LAST.exec(text);
    return match !== null && (match[2] === "." || Number(match[1]) > 12);
  });
  return (text) => {
    const first = YEAR_FIRST.exec(text);
    if (first) {
      const [, year, month, day = "1", hour, minute, second, , sign, zoneHours, zoneMinutes] = first;
      const zone = sign === undefined ? 0 : (sign === "-" ? -60 : 60) * (Number(zoneHours) * 60 + Number(zoneMinutes));
      return secondsOf([year, month, day, hour, minute, second]) - zone;
    }
    const last = YEAR_LAST.exec(text);
    if (!last) return Number.NaN;
    const [, a, , b, year, hour, minute, second] = last;
    return secondsOf(dayFirst ? [year, b, a, hour, minute, second] : [year, a, b, hour, minute, second]);
  };
}

function secondsOf(parts: readonly (string | undefined)[]): number {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map((part) => Number(part ?? 0));
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() / 1000 : Number.NaN; // no 31st of June
}

/** 2015-12-31, with the time where it is not midnight. */
export function dateText(seconds: number): string {
  const text = new Date(seconds * 1000).toISOString();
  return seconds % 86_400 === 0 ? text.slice(0, 10) : text.slice(0, 16).replace("T", " ");
}
