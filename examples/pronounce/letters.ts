/** How a spelling is read. */
export const LETTERS = "abcdefghijklmnopqrstuvwxyz'";
/** Frames of sounds that a letter gives: up to two, as x in "box". */
export const FRAMES = 2;

/** [2T]: the number of each letter, twice, for there are so many frames. */
export function encode(spelling: string): Int32Array {
  return Int32Array.from({ length: FRAMES * spelling.length }, (_, frame) =>
    LETTERS.indexOf(spelling[Math.floor(frame / FRAMES)] as string),
  );
}
