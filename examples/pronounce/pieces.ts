/** How a spelling is read: each letter alone, and with what stands on both sides of it. */
import type { Word } from "./data.js";

export const LETTERS = "abcdefghijklmnopqrstuvwxyz'";
/** A letter between its neighbours has an embedding when it was met so often. */
const OFTEN = 5;

/** "bat" → " ba", "bat", "at ". */
function trios(spelling: string): string[] {
  const padded = ` ${spelling} `;
  return Array.from(spelling, (_, i) => padded.slice(i, i + 3));
}

/** All that have an embedding: the letters, and the trios that are met often. */
export function piecesOf(words: readonly Word[]): string[] {
  const counts = new Map<string, number>();
  for (const { spelling } of words) for (const trio of trios(spelling)) counts.set(trio, (counts.get(trio) ?? 0) + 1);
  return [...LETTERS, ...[...counts].filter(([, count]) => count >= OFTEN).map(([trio]) => trio)];
}

/** Two numbers for each letter; 0 stands for a rare trio. */
export function encoder(pieces: readonly string[]): (spelling: string) => Int32Array {
  const numbers = new Map(pieces.map((piece, i) => [piece, i + 1]));
  return (spelling) =>
    Int32Array.from(
      trios(spelling).flatMap((trio) => [trio[1] as string, trio]),
      (piece) => numbers.get(piece) ?? 0,
    );
}
