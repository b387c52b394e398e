/** How well spans were found, file by file: sentences of one file are no independent witnesses. */
import { sumOver } from "../shared/interval.js";
import { type Sentence, type Span, spansOf } from "./data.js";

/** Of each file. */
export interface Counts {
  readonly correct: Int32Array;
  readonly predicted: Int32Array;
  readonly actual: Int32Array;
}

/** Whether a span is counted. */
export type Wanted = (sentence: Sentence, span: Span) => boolean;

export interface Score {
  readonly f1: number;
  readonly precision: number;
  readonly recall: number;
}

/** @param labels what was said of each sentence */
export function countSpans(sentences: readonly Sentence[], labels: readonly Int32Array[], wanted: Wanted = () => true): Counts {
  const files = [...new Set(sentences.map(({ file }) => file))];
  const places = new Map(files.map((file, i) => [file, i]));
  const counts = { correct: new Int32Array(files.length), predicted: new Int32Array(files.length), actual: new Int32Array(files.length) };
  const add = (to: Int32Array, place: number, count: number) => {
    to[place] = (to[place] as number) + count;
  };
  for (const [s, sentence] of sentences.entries()) {
    const place = places.get(sentence.file) as number;
    const of = (tags: Int32Array) => spansOf(tags).filter((span) => wanted(sentence, span));
    const [actual, predicted] = [of(sentence.labels), of(labels[s] as Int32Array)];
    add(counts.actual, place, actual.length);
    add(counts.predicted, place, predicted.length);
    add(counts.correct, place, predicted.filter((span) => actual.some((other) => isSame(span, other))).length);
  }
  return counts;
}

/** @param drawn files, some of them several times */
export function scoreOf({ correct, predicted, actual }: Counts, drawn: Int32Array = Int32Array.from(correct.keys())): Score {
  const [right, said, there] = [correct, predicted, actual].map((counts) => sumOver(drawn, counts)) as [number, number, number];
  return { f1: ratio(2 * right, said + there), precision: ratio(right, said), recall: ratio(right, there) };
}

export function isSame(a: Span, b: Span): boolean {
  return a.from === b.from && a.to === b.to;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
