/** The network beside the baselines, on the files that were not learned. */
import pc from "picocolors";
import { pairedInterval } from "../shared/interval.js";
import type { Measure, Result } from "../shared/results.js";
import { printable, width } from "../shared/text.js";
import { byCapitals, byFrequency } from "./baselines.js";
import { type Sentence, type Sides, type Span, spansOf } from "./data.js";
import { countSpans, isSame, type Score, scoreOf, type Wanted } from "./scores.js";

const GOAL = 0.94;
const ERRORS = 12;

interface Run {
  readonly seed: number;
  readonly seconds: number;
}

/** @param labels what the network said of each tested sentence */
export function resultOf({ learned, tested }: Sides, labels: readonly Int32Array[], { seed, seconds }: Run): Result {
  const others = [
    { name: "a capital, not at the start", labels: tested.map(byCapitals) },
    { name: "most frequent tag, else a capital", labels: tested.map(byFrequency(learned)) },
  ];
  const learnedWords = new Set(learned.flatMap(({ words }) => words));
  const isNew: Wanted = ({ words }, { from, to }) => words.slice(from, to).every((word) => !learnedWords.has(word));
  const measure = (name: string, of: keyof Score, wanted?: Wanted): Measure => {
    const ours = countSpans(tested, labels, wanted);
    const baselines = others.map(({ name, labels }) => {
      const theirs = countSpans(tested, labels, wanted);
      const difference = (drawn: Int32Array) => scoreOf(ours, drawn)[of] - scoreOf(theirs, drawn)[of];
      return { name, value: scoreOf(theirs)[of], interval: pairedInterval(ours.actual.length, difference, seed) };
    });
    return { name, unit: "", digits: 3, better: "higher", value: scoreOf(ours)[of], baselines };
  };
  return {
    ...{ example: "names", data: "proper nouns in the Brown corpus", split: "by file: place modulo 10, 0–7, 8, 9", seed, seconds },
    measures: [
      { ...measure("span F1", "f1"), goal: GOAL },
      measure("precision", "precision"),
      measure("recall", "recall"),
      measure("span F1 of words never learned", "f1", isNew),
    ],
  };
}

/** Some of the errors, from all over the files. */
export function errorLines(tested: readonly Sentence[], labels: readonly Int32Array[]): string[] {
  const errors = tested.flatMap((sentence, s) => errorsOf(sentence, labels[s] as Int32Array));
  const step = Math.max(1, Math.floor(errors.length / ERRORS));
  return errors.filter((_, i) => i % step === 0).slice(0, ERRORS);
}

/** A line for each name that was missed or cut otherwise, and for each that is none. */
function errorsOf({ words, labels }: Sentence, said: Int32Array): string[] {
  const [actual, found] = [spansOf(labels), spansOf(said)];
  const overlaps = (a: Span, b: Span) => a.from < b.to && b.from < a.to;
  const missed = actual.filter((span) => !found.some((other) => isSame(span, other)));
  const invented = found.filter((span) => !actual.some((other) => overlaps(span, other)));
  const kind = (span: Span) => (found.some((other) => overlaps(span, other)) ? "cut otherwise" : "missed");
  return [...missed.map((span) => ({ kind: kind(span), span })), ...invented.map((span) => ({ kind: "not a name", span }))].map(
    ({ kind, span }) => `  ${pc.yellow(kind.padEnd(13))}  ${context(words, span, width() - 18)}`,
  );
}

/** As many words around a span as there is room for. */
function context(said: readonly string[], { from, to }: Span, columns: number): string {
  const words = said.map(printable);
  const name = words.slice(from, to).join(" ");
  let [before, after] = ["", ""];
  let [left, right] = [from - 1, to];
  while (left >= 0 || right < words.length) {
    const [wider, longer] = [left >= 0 ? `${words[left]} ${before}` : before, right < words.length ? `${after} ${words[right]}` : after];
    if (wider.length + name.length + longer.length + 2 > columns) break;
    [before, after, left, right] = [wider, longer, left - 1, right + 1];
  }
  return `${pc.dim(before)}${pc.bold(`[${name}]`)}${pc.dim(after)}`;
}
