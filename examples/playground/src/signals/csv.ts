/** Text of a CSV file → a table. */
import Papa from "papaparse";
import { columnOf } from "./column";
import { type Column, counted, stepOf, type Table } from "./table";

/** The newest rows that are kept: so many a small network goes through in seconds. */
const MOST_ROWS = 10_000;
const MOST_COLUMNS = 60;

/** @throws {Error} in plain words, where it is no table of numbers */
export function tableOf(name: string, text: string): Table {
  const [, delimiter = ""] = /^sep=(.)\r?\n/i.exec(text) ?? []; // Excel's first line
  const { data, errors, meta } = Papa.parse<string[]>(text.replace(/^sep=.\r?\n/i, ""), { skipEmptyLines: "greedy", delimiter });
  if (data.length === 0) throw new Error("The file is empty.");
  const notes: string[] = [];
  const { names, body } = headed(data, notes);
  if (body.length === 0) throw new Error("There are no rows below the header.");
  if (errors.some(({ code }) => code === "MissingQuotes"))
    notes.push("A quotation mark is opened and never closed: what comes after it may be read wrongly.");
  const uneven = body.filter((row) => row.length !== (data[0] as string[]).length).length;
  if (uneven > 0) notes.push(`${counted(uneven, "row")} with more or fewer fields than the header: what is missing there is a gap.`);
  const comma = meta.delimiter !== ","; // then 1,5 may be a number
  const columns = names.map((column, i) =>
    columnOf(
      column,
      body.map((row) => (row[i] ?? "").trim()),
      comma,
    ),
  );
  if (!columns.some(({ kind }) => kind === "number")) throw new Error("No column has numbers in it: there is nothing to forecast.");
  return inTime(name, columns, notes);
}

/** Names for the columns, each once; a first row of numbers is no header. */
function headed(rows: readonly string[][], notes: string[]): { names: string[]; body: readonly string[][] } {
  const first = (rows[0] ?? []).map((field) => field.trim());
  const bare = first.some((field) => field !== "" && Number.isFinite(Number(field)));
  if (bare) notes.push("The first row has numbers in it, so there is no header: columns are named by their places.");
  let again = 0;
  const taken = new Set<string>();
  const names = first.slice(0, MOST_COLUMNS).map((field, i) => {
    const wanted = bare || field === "" ? `column ${i + 1}` : field.slice(0, 60);
    let name = wanted;
    for (let n = 2; taken.has(name); n++) name = `${wanted} (${n})`;
    if (name !== wanted) again++;
    taken.add(name);
    return name;
  });
  if (again > 0) notes.push(`${counted(again, "column")} had the name of another one: a number was put behind it.`);
  if (first.length > MOST_COLUMNS) notes.push(`Of ${first.length} columns the first ${MOST_COLUMNS} are read.`);
  return { names, body: bare ? rows : rows.slice(1) };
}

/** Rows in the order of the first column of dates, and only the newest where there are too many. */
function inTime(name: string, columns: readonly Column[], notes: string[]): Table {
  const dates = columns.find(({ kind }) => kind === "date")?.values;
  const all = columns.find(({ kind }) => kind === "number")?.values.length ?? 0;
  let order = Array.from({ length: all }, (_, i) => i);
  if (dates) {
    order = order.filter((i) => !Number.isNaN(dates[i]));
    if (order.length < all) notes.push(`${counted(all - order.length, "row")} without a date left out.`);
    const at = (i: number) => dates[i] as number;
    if (order.some((row, i) => i > 0 && at(row) < at(order[i - 1] as number))) {
      order.sort((a, b) => at(a) - at(b) || a - b);
      notes.push("The rows were not in the order of time: they are sorted by date.");
    }
  }
  if (order.length > MOST_ROWS) {
    notes.push(`Of ${counted(order.length, "row")} the last ${MOST_ROWS.toLocaleString("en")} are used.`);
    order = order.slice(-MOST_ROWS);
  }
  const pick = (values: Float64Array) => Float64Array.from(order, (i) => values[i] as number);
  const picked = columns.map((column) => {
    const values = column.kind === "text" ? column.values : pick(column.values);
    return { ...column, values, gaps: values.reduce((gaps, value) => gaps + Number(Number.isNaN(value)), 0) };
  });
  const times = dates && pick(dates);
  if (times) notes.push(...oddities(times));
  return { name, rows: order.length, columns: picked, times, notes };
}

function oddities(times: Float64Array<ArrayBuffer>): string[] {
  const step = stepOf({ times }) ?? 0;
  if (step === 0)
    return ["Many rows have the same date: this may be several series, one below the other, which no forecast can tell apart."];
  const off = times.subarray(1).filter((time, i) => Math.abs(time - (times[i] as number) - step) > 0.15 * step).length;
  return off > 0 ? [`The dates are not evenly spaced (${counted(off, "jump")}): each row is taken as one step all the same.`] : [];
}
