/** What the four networks learn: to say at the end of a sequence how it began. Between lie steps that mean nothing. */
import type { Generator } from "wasm-rnn";

export const LESSONS = ["letters", "numbers"] as const;
export type LessonName = (typeof LESSONS)[number];

/** A sequence as a network reads it: tokens, or numbers, FEATURES.numbers a step. */
export type Steps = Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

export interface Drawn {
  readonly x: Steps;
  /** The class. */
  readonly y: number;
}

/** Steps of the sequences that are learned, and of those that accuracy is measured on. */
export const LONGEST = 30;
const SHORTEST = 2;

/** Sequences that accuracy is measured on. */
export const QUESTIONS = 200;

/** What a letter is to the networks: the capitals to remember, the small letters, and one token for all else. */
export const CAPITALS = ["A", "B", "C", "D"] as const;
const SMALL = "abcdefghijklmnopqrstuvwxyz";
const OTHER = CAPITALS.length + SMALL.length;
export const TOKENS = OTHER + 1;

/** What the answers are called. */
export const CLASSES: Readonly<Record<LessonName, readonly string[]>> = { letters: CAPITALS, numbers: ["low", "high"] };

/** Features of x⟨t⟩: an embedding's for letters; for numbers the number, and 1 at the first step alone. */
export const FEATURES: Readonly<Record<LessonName, number>> = { letters: 8, numbers: 2 };

export function tokenOf(letter: string): number {
  const capital = (CAPITALS as readonly string[]).indexOf(letter);
  if (capital >= 0) return capital;
  const small = SMALL.indexOf(letter.toLowerCase());
  return small < 0 ? OTHER : CAPITALS.length + small;
}

/** Numbers with mean 0 and deviation 1, and the mark of the first step. */
export function stepsOfNumbers(values: readonly number[]): Float32Array<ArrayBuffer> {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) || 1;
  return Float32Array.from(values.flatMap((value, t) => [(value - mean) / deviation, Number(t === 0)]));
}

/** A sequence of a length, and how it began. */
function draw(lesson: LessonName, length: number, random: Generator): Drawn {
  const y = random.integer(CLASSES[lesson].length);
  if (lesson === "letters") {
    const x = Int32Array.from({ length }, () => CAPITALS.length + random.integer(TOKENS - CAPITALS.length));
    x[0] = y;
    return { x, y };
  }
  const x = Float32Array.from({ length: 2 * length }, (_, i) => (i % 2 === 0 ? random.normal() : 0));
  x[0] = (y === 0 ? -1 : 1) * (0.3 + 1.7 * random.uniform());
  x[1] = 1;
  return { x, y };
}

/** To learn from: of all lengths, the short ones lead to the long ones. */
export function samples(lesson: LessonName, count: number, random: Generator): Drawn[] {
  return Array.from({ length: count }, () => draw(lesson, SHORTEST + random.integer(LONGEST - SHORTEST + 1), random));
}

/** To measure with: of the greatest length. */
export function exam(lesson: LessonName, random: Generator): Drawn[] {
  return Array.from({ length: QUESTIONS }, () => draw(lesson, LONGEST, random));
}
