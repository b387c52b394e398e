/** Files as what would have been typed. */
import Papa from "papaparse";
import { LIMIT } from "./sequence.js";

/** Of a file no more is read than can be shown. */
const BYTES = 65_536;

export interface Column {
  readonly name: string;
  /** Numbers, as they are typed. */
  readonly text: string;
}

/** The beginning of a text. @throws {Error} in plain words */
export async function textOf(file: Blob): Promise<string> {
  const text = await file.slice(0, BYTES).text();
  if (text.includes("\0")) throw new Error("This file holds no text.");
  if (text.trim() === "") throw new Error("This file is empty.");
  return text.replace(/\s+/g, " ").trim().slice(0, LIMIT);
}

/** Columns of numbers, their first rows. @throws {Error} in plain words */
export function columnsOf(csv: string): Column[] {
  if (csv.includes("\0")) throw new Error("This file holds no table.");
  const { data } = Papa.parse<string[]>(csv.trim(), { preview: LIMIT + 1, skipEmptyLines: "greedy" });
  const [first = [], ...others] = data;
  const numeric = first.map((_, at) => at).filter((at) => others.every((row) => isNumber(row[at] ?? "")));
  const headed = numeric.some((at) => !isNumber(first[at] ?? ""));
  const rows = (headed ? others : data).slice(0, LIMIT);
  const columns = numeric
    .map((at) => ({ name: headed ? (first[at] ?? "") : `column ${at + 1}`, cells: rows.map((row) => row[at] ?? "") }))
    .filter(({ cells }) => cells.length > 0 && cells.every(isNumber));
  if (columns.length === 0) throw new Error("No column of this file is all numbers. It should be a table of comma-separated values.");
  return columns.map(({ name, cells }) => ({ name, text: cells.map((cell) => cell.trim()).join(", ") }));
}

/** The same of a file. */
export async function columnsOfFile(file: Blob): Promise<Column[]> {
  const text = await file.slice(0, BYTES).text();
  return columnsOf(file.size > BYTES ? text.slice(0, text.lastIndexOf("\n")) : text);
}

function isNumber(cell: string): boolean {
  return cell.trim() !== "" && Number.isFinite(Number(cell));
}
