/** A text as sequences to learn from, and those of its end, which are held out. */
import { BATCH, HELD_OUT, LEAST_STRIDE, LENGTH, MOST_HELD_OUT, SEQUENCES } from "./sizes";

/** What it reads, and what is to follow each of its characters. */
export interface Sequence {
  readonly x: Int32Array<ArrayBuffer>;
  readonly y: Int32Array<ArrayBuffer>;
}

/** Characters at the end of so long a text that are never learned. */
export function heldOut(characters: number): number {
  const sequences = Math.round((characters * HELD_OUT) / LENGTH);
  return Math.min(MOST_HELD_OUT, Math.max(1, sequences)) * LENGTH + 1;
}

/** Sequences side by side; of a short text they overlap, so that a pass has more of them. */
function sequences(tokens: Int32Array<ArrayBuffer>, stride: number): Sequence[] {
  const count = Math.floor((tokens.length - LENGTH - 1) / stride) + 1;
  return Array.from({ length: count }, (_, n) => {
    const start = n * stride;
    return { x: tokens.subarray(start, start + LENGTH), y: tokens.subarray(start + 1, start + LENGTH + 1) };
  });
}

/** Each of the two lies in a buffer of its own. */
export function sequencesOf(tokens: Int32Array<ArrayBuffer>): { learned: Sequence[]; held: Sequence[] } {
  const end = tokens.length - heldOut(tokens.length);
  const stride = Math.min(LENGTH, Math.max(LEAST_STRIDE, Math.floor(end / SEQUENCES)));
  return { learned: sequences(tokens.slice(0, end), stride), held: sequences(tokens.slice(end), LENGTH) };
}

/** Passes that so many steps need at most. */
export function passesFor(steps: number, sequenceCount: number): number {
  return Math.ceil(steps / Math.ceil(sequenceCount / BATCH));
}
