/** How a spelling is read: each letter alone, or also with what stands on both sides of it. */
import type { Word } from "./data.js";

export const LETTERS = "abcdefghijklmnopqrstuvwxyz'";
/** Frames of sounds that a letter gives: up to two, as x in "box". Two numbers are read for each. */
export const FRAMES = 2;
/** A letter between its neighbours has a number of its own when it was met so often. */
const OFTEN = 5;

/** "bat" → " ba", "bat", "at ". */
function trios(spelling: string): string[] {
  const padded = ` ${spelling} `;
  return Array.from(spelling, (_, i) => padded.slice(i, i + 3));
}

/** Letters between their neighbours that are met often. */
export function triosOf(words: readonly Word[]): string[] {
  const counts = new Map<string, number>();
  for (const { spelling } of words) for (const trio of trios(spelling)) counts.set(trio, (counts.get(trio) ?? 0) + 1);
  return [...counts].filter(([, count]) => count >= OFTEN).map(([trio]) => trio);
}

/** Two numbers for each letter, its own and that of its trio; 0 stands for a trio that has none. @param known trios that have one */
export function encoder(known: readonly string[]): (spelling: string) => Int32Array {
  const numbers = new Map([...LETTERS, ...known].map((piece, i) => [piece, i + 1]));
  return (spelling) =>
    Int32Array.from(
      trios(spelling).flatMap((trio) => [trio[1] as string, trio]),
      (piece) => numbers.get(piece) ?? 0,
    );
}
