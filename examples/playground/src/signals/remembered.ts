/** The table, the choice and what was learned, kept from visit to visit. */
import { Keeper } from "../shared/keeper";
import { isBytes, isCount, isNumber, isText, listOf, maybe, objectOf, oneOf } from "../shared/shapes";
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

/** A training as far as it has come. */
export interface Lesson {
  readonly series: Series;
  readonly passes: readonly Losses[];
  /** To go on from; none where there is nothing left to learn. */
  readonly checkpoint?: Uint8Array<ArrayBuffer>;
  /** None where it was left in the middle. */
  readonly learned?: Learned;
}

interface KeptLesson extends Omit<Lesson, "series"> {
  readonly data: string;
  readonly choice: Choice;
}

const lessonShape = objectOf({
  data: isText,
  choice: objectOf({}),
  passes: listOf(objectOf({ learned: isNumber, watched: isNumber })),
  checkpoint: maybe(isBytes),
  learned: maybe(
    objectOf({
      bytes: isBytes,
      ...{ tested: listOf(isNumber), future: listOf(isNumber) },
      best: maybe(isCount),
      stopped: oneOf("finished", "early", "callback"),
    }),
  ),
});
const isLesson = (value: unknown): value is KeptLesson => lessonShape(value);

/** What tells the data of one table from those of another. */
const fingerprint = ({ names, filled }: Series) => JSON.stringify([names, filled.length, filled.reduce((sum, value) => sum + value, 0)]);

const keeper = new Keeper<KeptLesson>(LEARNED);
/** Of this visit: it is there where the browser keeps nothing, too. */
let latest: KeptLesson | undefined;

/** @param now as at its end, not when it is due */
export function rememberLesson({ series, ...lesson }: Lesson, now: boolean): Promise<boolean> {
  latest = { ...lesson, data: fingerprint(series), choice: series.choice };
  return keeper.keep(latest, now);
}

export function forgetLesson(): Promise<void> {
  latest = undefined;
  return keeper.forget();
}

/** @returns nothing where the last one was of another table */
export async function rememberedLesson(table: Table): Promise<Lesson | undefined> {
  const lesson = latest ?? (await kept<unknown>(LEARNED));
  if (!isLesson(lesson)) return undefined;
  const { data, choice, ...rest } = lesson;
  try {
    const series = seriesOf(table, choice);
    return fingerprint(series) === data ? { ...rest, series } : undefined;
  } catch {
    return undefined; // it has no such columns
  }
}
