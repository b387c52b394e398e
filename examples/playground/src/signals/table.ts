/** A table of columns over time, as a CSV file gives it. */

export interface Column {
  /** Of all columns of a table no two are the same. */
  readonly name: string;
  readonly kind: "number" | "date" | "text";
  /** Numbers, or seconds since 1970; NaN is a gap. Empty for text. */
  readonly values: Float64Array<ArrayBuffer>;
  readonly gaps: number;
}

export interface Table {
  /** Of the file. */
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly Column[];
  /** Seconds since 1970 (UTC) of each row, rising, where there is a column of dates. */
  readonly times: Float64Array<ArrayBuffer> | undefined;
  /** What was done to the file, or is odd about it, in sentences. */
  readonly notes: readonly string[];
}

export function numbersOf(table: Table): readonly Column[] {
  return table.columns.filter(({ kind }) => kind === "number");
}

/** Seconds from row to row, the median; undefined without dates. */
export function stepOf({ times }: Pick<Table, "times">): number | undefined {
  if (!times || times.length < 2) return undefined;
  const steps = times.subarray(1).map((time, i) => time - (times[i] as number));
  return steps.sort()[Math.floor(steps.length / 2)];
}

const STEPS = [
  { name: "minute", least: 60, most: 60 },
  { name: "hour", least: 3600, most: 3600 },
  { name: "day", least: 86_400, most: 86_400 },
  { name: "week", least: 604_800, most: 604_800 },
  { name: "month", least: 28 * 86_400, most: 31 * 86_400 },
  { name: "year", least: 365 * 86_400, most: 366 * 86_400 },
];

/** What a row is: "day", or "row" where the table does not tell. */
export function unitOf(table: Pick<Table, "times">): string {
  const step = stepOf(table) ?? 0;
  return STEPS.find(({ least, most }) => step >= least && step <= most)?.name ?? "row";
}

/** "1 day", "7 days". */
export function counted(count: number, unit: string): string {
  return `${count.toLocaleString("en")} ${unit}${count === 1 ? "" : "s"}`;
}
