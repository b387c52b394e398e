/** Days of weather from a CSV file, and their parts in the order of time. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { CsvError, parse } from "csv-parse/sync";
import { readBytes, UserError } from "../shared/program.js";

/** What is known of a day; the first is what is forecast. */
const COLUMNS = ["temp_max", "temp_min", "precipitation", "wind"] as const;
/** With the place of the day in the year, on a circle. */
export const FEATURES = COLUMNS.length + 2;
/** Days that are seen. */
export const LENGTH = 14;

/** No reading is larger, in whatever unit. */
export const MOST = 10_000;

const DAY_MS = 86_400_000;
const YEAR = 365.25;

export interface Day {
  readonly date: Date;
  /** The highest temperature, °C. */
  readonly max: number;
  /** FEATURES numbers, `max` first. */
  readonly numbers: readonly number[];
}

/** Parts of the days, each but the first with the LENGTH days before it, so that its first day is forecast, too. */
export interface Parts {
  readonly learned: readonly Day[];
  readonly watched: readonly Day[];
  readonly tested: readonly Day[];
}

/** Seattle 2012 to 2015. */
export function seattle(): Day[] {
  const file = join(createRequire(import.meta.url).resolve("vega-datasets"), "../../data/seattle-weather.csv");
  return parseDays(readFileSync(file), "seattle-weather.csv");
}

/** Days of one's own. @throws {UserError} when the file is not one of days without a gap */
export function readDays(file: string): Day[] {
  return parseDays(readBytes(file, "weather"), file);
}

function parseDays(bytes: Uint8Array, file: string): Day[] {
  let rows: Record<string, string>[];
  try {
    rows = parse(Buffer.from(bytes), { bom: true, columns: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    if (error instanceof CsvError) throw new UserError(`${file}: ${error.message}`);
    throw error;
  }
  const missing = ["date", ...COLUMNS].find((name) => rows[0]?.[name] === undefined);
  if (missing !== undefined)
    throw new UserError(`${file}: expected a column ${missing}; the columns needed are date, ${COLUMNS.join(", ")}`);
  const days = rows.map((row) => dayOf(row, file));
  const gap = days.findIndex(({ date }, i) => i > 0 && date.getTime() - (days[i - 1] as Day).date.getTime() !== DAY_MS);
  if (gap >= 0)
    throw new UserError(`${file}: expected day after day, got ${isoOf(days[gap - 1] as Day)} and then ${isoOf(days[gap] as Day)}`);
  return days;
}

function dayOf(row: Record<string, string>, file: string): Day {
  const date = new Date(`${row.date}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) throw new UserError(`${file}: expected dates such as 2015-12-31, got ${JSON.stringify(row.date)}`);
  const measured = COLUMNS.map((name) => {
    const value = row[name] === "" ? Number.NaN : Number(row[name]);
    if (Math.abs(value) <= MOST) return value;
    throw new UserError(`${file}: expected a number for ${name} on ${row.date}, at most ${MOST}, got ${JSON.stringify(row[name])}`);
  });
  const angle = (2 * Math.PI * dayOfYear(date)) / YEAR;
  return { date, max: measured[0] as number, numbers: [...measured, Math.sin(angle), Math.cos(angle)] };
}

/** What a model sees of them, before it is scaled. */
export function numbersOf(days: readonly Day[]): (readonly number[])[] {
  return days.map(({ numbers }) => numbers);
}

/** From 0. */
export function dayOfYear(date: Date): number {
  return (date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY_MS;
}

export function isoOf({ date }: Day): string {
  return date.toISOString().slice(0, 10);
}

/** The day after. */
export function dayAfter({ date }: Day): string {
  return new Date(date.getTime() + DAY_MS).toISOString().slice(0, 10);
}

/** The last year is tested, the one before is watched while learning, and what was before is learned. @throws {UserError} on too few days */
export function inTime(days: readonly Day[]): Parts {
  const last = (days.at(-1) as Day).date.getUTCFullYear();
  const from = (year: number) => days.findIndex(({ date }) => date.getUTCFullYear() === year);
  const [watched, tested] = [from(last - 1), from(last)];
  if (watched <= LENGTH) throw new UserError("expected days of three calendar years or more: one to learn from, one to watch, one to test");
  return { learned: days.slice(0, watched), watched: days.slice(watched - LENGTH, tested), tested: days.slice(tested - LENGTH) };
}
