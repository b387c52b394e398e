/** Closes of one's own, from a CSV file, read with distrust. */
import { CsvError, parse } from "csv-parse/sync";
import { readBytes, UserError } from "../shared/program.js";
import { returnsOf } from "./data.js";

export interface Closes {
  readonly last: { readonly date: string; readonly close: number };
  readonly returns: Float64Array;
  /** As many as the series has in a year: some 252 where weekends are free. */
  readonly daysAYear: number;
}

/** Fewer tell GARCH too little; of more the last are taken. */
const [FEWEST, MOST] = [500, 5000];
const DAY_MS = 86_400_000;
const YEAR = 365.25;
/** Days between two closes: at most, and in the mean. */
const [LONGEST_GAP, MEAN_GAP] = [14, 2];
/** A close that is so many times the one before, or its part, is a mistake or a split. */
const JUMP = 3;

interface Row {
  readonly date: string;
  readonly time: number;
  readonly close: number;
}

/** @throws {UserError} when it is no file of daily closes */
export function readCloses(file: string): Closes {
  const rows = recordsOf(file).map((record) => rowOf(record, file));
  const problem = problemOf(rows);
  if (problem !== undefined) throw new UserError(`${file}: ${problem}`);
  const used = rows.slice(-MOST - 1);
  const returns = returnsOf(used.map(({ close }) => close));
  const still = returns.filter((r) => r === 0).length;
  if (2 * still > returns.length) throw new UserError(`${file}: on ${still} of ${returns.length} days the close is that of the day before`);
  return { last: used.at(-1) as Row, returns, daysAYear: YEAR / meanGap(used) };
}

function recordsOf(file: string): Record<string, string>[] {
  const head = (names: string[]) => names.map((name) => name.trim().toLowerCase());
  let records: Record<string, string>[];
  try {
    records = parse(Buffer.from(readBytes(file, "closes")), { bom: true, columns: head, skip_empty_lines: true, trim: true });
  } catch (error) {
    if (error instanceof CsvError)
      throw new UserError(`${file}: expected commas between columns and a point in numbers: ${error.message.slice(0, 120)}`);
    throw error;
  }
  if (records.length === 0) throw new UserError(`${file}: expected a line of names, date and close among them, and a line for each day`);
  for (const name of ["date", "close"])
    if (records[0]?.[name] === undefined)
      throw new UserError(`${file}: expected a column ${name}; the columns needed are date and close, with commas between them`);
  return records;
}

function rowOf({ date = "", close = "" }: Record<string, string>, file: string): Row {
  const time = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  const isDate = !Number.isNaN(time) && new Date(time).toISOString().startsWith(date); // 2015-02-30 is none
  if (!isDate) throw new UserError(`${file}: expected dates such as 2015-12-31, got ${shown(date)}`);
  const value = /^\d*\.?\d+(e[+-]?\d+)?$/i.test(close) ? Number(close) : Number.NaN;
  if (value > 0 && value < Number.POSITIVE_INFINITY) return { date, time, close: value };
  throw new UserError(`${file}: expected a close above 0, such as 2874.56, on ${date}, got ${shown(close)}`);
}

function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

/** What is wrong with them, if anything. */
function problemOf(rows: readonly Row[]): string | undefined {
  for (const [i, { date, time, close }] of rows.entries()) {
    const before = rows[i - 1];
    if (before === undefined) continue;
    if (time === before.time) return `${date} is there twice`;
    if (time < before.time) return `expected the oldest day first, got ${before.date} and then ${date}`;
    const gap = (time - before.time) / DAY_MS;
    if (gap > LONGEST_GAP) return `expected a close on every trading day, got ${before.date} and then ${date}`;
    const times = Math.max(close / before.close, before.close / close);
    if (times >= JUMP) return `${date}: from ${before.close} to ${close} in a day is a mistake, or a split to be adjusted for`;
  }
  if (rows.length <= FEWEST) return `expected more than ${FEWEST} days, got ${rows.length}`;
  if (meanGap(rows) > MEAN_GAP) return `expected a close on every trading day, got one in ${meanGap(rows).toFixed(1)} days`;
  return undefined;
}

function meanGap(rows: readonly Row[]): number {
  return ((rows.at(-1) as Row).time - (rows[0] as Row).time) / DAY_MS / (rows.length - 1);
}
