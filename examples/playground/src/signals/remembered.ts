/** The table, the choice and what was learned, kept from visit to visit. */
import { forget, keep, kept } from "../shared/store";
import type { Choice } from "./choice";
import { type Series, seriesOf } from "./series";
import type { Table } from "./table";
import type { Learned, Losses } from "./train";

const [FILE, CHOICE, LEARNED] = ["signals.file", "signals.choice", "signals.learned"];
const LARGEST = 2_000_000;

interface KeptFile {
  readonly name: string;
  readonly bytes: ArrayBuffer;
}

/** @returns whether it is kept: files that are too large are not, and then none is */
export async function rememberFile(file: Blob, name: string): Promise<boolean> {
  if (file.size <= LARGEST) return keep(FILE, { name, bytes: await file.arrayBuffer() } satisfies KeptFile);
  await forgetFile();
  return false;
}

export function forgetFile(): Promise<void> {
  return forget(FILE);
}

export function rememberChoice(choice: Choice): Promise<boolean> {
  return keep(CHOICE, choice);
}

export function rememberedFile(): Promise<KeptFile | undefined> {
  return kept<KeptFile>(FILE);
}

export function rememberedChoice(): Promise<Choice | undefined> {
  return kept<Choice>(CHOICE);
}

interface KeptLesson {
  readonly data: string;
  readonly choice: Choice;
  readonly learned: Learned;
  readonly passes: readonly Losses[];
}

/** What tells the data of one table from those of another. */
const fingerprint = ({ names, filled }: Series) => JSON.stringify([names, filled.length, filled.reduce((sum, value) => sum + value, 0)]);

export function rememberLesson(series: Series, learned: Learned, passes: readonly Losses[]): Promise<boolean> {
  return keep(LEARNED, { data: fingerprint(series), choice: series.choice, learned, passes } satisfies KeptLesson);
}

/** @returns nothing where the last one was of another table */
export async function rememberedLesson(table: Table): Promise<(Omit<KeptLesson, "data" | "choice"> & { series: Series }) | undefined> {
  const lesson = await kept<KeptLesson>(LEARNED);
  if (!lesson) return undefined;
  const { data, choice, learned, passes } = lesson;
  try {
    const series = seriesOf(table, choice);
    return fingerprint(series) === data ? { series, learned, passes } : undefined;
  } catch {
    return undefined; // it has no such columns
  }
}
