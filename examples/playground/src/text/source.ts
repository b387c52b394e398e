/** The text that is learned: the book at first, or one of one's own, kept from visit to visit. */
import { signal } from "@preact/signals";
import { said } from "../shared/errors";
import { keep, kept } from "../shared/store";
import { apart } from "./apart";
import { MOST, OF_BOOK } from "./sizes";
import type { Opened } from "./text.worker";

export interface Source extends Opened {
  readonly name: string;
}

const KEY = "text.source";
export const BOOK = "Moby Dick";
const BOOK_FILE = "./data/moby-dick.txt";

export const source = signal<Source | undefined>(undefined);
export const problem = signal<string | undefined>(undefined);
export const reading = signal(false);

/** What is asked for last is shown, whatever is ready first. */
let asked = 0;

async function take(name: string, given: () => Promise<Blob | string>, most = MOST): Promise<void> {
  const mine = ++asked;
  reading.value = true;
  problem.value = undefined;
  try {
    const text = await given();
    const opened = await apart((api) => api.open(text, most));
    if (mine !== asked) return;
    source.value = { ...opened, name };
    keep(KEY, { name, text: opened.text, cut: opened.cut });
  } catch (error) {
    if (mine === asked) problem.value = said(error);
  } finally {
    if (mine === asked) reading.value = false;
  }
}

async function fetchBook(): Promise<Blob> {
  const response = await fetch(BOOK_FILE);
  if (!response.ok) throw new Error("The book could not be fetched from beside the page.");
  return response.blob();
}

export function takeBook(most = OF_BOOK): Promise<void> {
  return take(BOOK, fetchBook, most);
}

export function takeFile(file: File): Promise<void> {
  return take(file.name, async () => file);
}

export function takeText(text: string): Promise<void> {
  return take("Pasted text", async () => text);
}

/** What was there at the last visit, else the beginning of the book. */
export async function restoreSource(): Promise<void> {
  const before = await kept<{ name: string; text: string; cut: boolean }>(KEY);
  if (typeof before?.text !== "string") return takeBook();
  await take(before.name, async () => before.text);
  const { value } = source;
  if (value) source.value = { ...value, cut: before.cut };
}
