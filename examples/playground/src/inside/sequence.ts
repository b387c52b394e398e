/** What was typed, as a sequence; in plain words what is wrong with it. */
import { CAPITALS, type LessonName, type Steps, stepsOfNumbers, tokenOf } from "./lessons.js";

/** Steps that are shown at most. */
export const LIMIT = 100;
/** Characters that are looked at. */
const LONGEST = 100_000;
/** Of numbers, from 0: their squares are numbers too. */
const GREATEST = 1e9;
const LEAST = 1e-9;

export interface Read {
  /** Of each step: a letter or a number. */
  readonly labels: readonly string[];
  readonly steps: Steps;
  /** The class that it begins with: what the networks are to answer. */
  readonly first?: number;
  /** Steps that were left off. */
  readonly left: number;
  /** What is wrong, where it cannot be read. */
  readonly problem?: string;
}

export function readSequence(lesson: LessonName, text: string): Read {
  return lesson === "letters" ? readLetters(text) : readNumbers(text);
}

function readLetters(text: string): Read {
  const letters = Array.from(text.slice(0, LONGEST).replace(/\s+/g, " ").trim());
  const labels = letters.slice(0, LIMIT);
  const first = tokenOf(labels[0] ?? "");
  return {
    labels,
    steps: Int32Array.from(labels, tokenOf),
    left: letters.length - labels.length,
    ...(first < CAPITALS.length && { first }),
  };
}

function readNumbers(text: string): Read {
  const words = text
    .slice(0, LONGEST)
    .split(/[\s,;]+/)
    .filter((word) => word !== "");
  const bad = words.find((word) => !Number.isFinite(Number(word)));
  if (bad !== undefined) return { labels: [], steps: new Float32Array(), left: 0, problem: `“${bad.slice(0, 20)}” is not a number.` };
  const wild = words.find((word) => Math.abs(Number(word)) > GREATEST || (Number(word) !== 0 && Math.abs(Number(word)) < LEAST));
  if (wild !== undefined)
    return { labels: [], steps: new Float32Array(), left: 0, problem: `“${wild.slice(0, 20)}”: numbers from 10⁻⁹ to 10⁹ are read.` };
  const labels = words.slice(0, LIMIT);
  const steps = stepsOfNumbers(labels.map(Number));
  return { labels, steps, left: words.length - labels.length, first: Number((steps[0] ?? 0) > 0) };
}
