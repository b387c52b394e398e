/** Two that need no network: a letter's usual phones, and those that it had in the widest surroundings known. */
import { type Chunk, phonesOfChunks } from "./alignment.js";
import type { Word } from "./data.js";

/** Letters seen to the left and to the right, wider and wider. */
const WINDOWS = [[0, 0], [0, 1], [1, 1], [1, 2], [2, 2], [2, 3], [3, 3], [3, 4], [4, 4]] as const; // biome-ignore format: a list
const MARGIN = 4;

/** For each word a chunk for each of its letters, where there is a way. */
export type Aligned = readonly (readonly Chunk[] | undefined)[];
export type Speak = (spelling: string) => number[];

/** Each letter as it is usually said, whatever stands around it. */
export function byLetter(words: readonly Word[], aligned: Aligned): Speak {
  return speakBy(tree(words, aligned, 1));
}

/**
 * Each letter as it was usually said in the widest surroundings of it that were met.
 *
 * Source: Daelemans & van den Bosch 1996, Language-independent data-oriented grapheme-to-phoneme conversion (IGTree).
 */
export function byContext(words: readonly Word[], aligned: Aligned): Speak {
  return speakBy(tree(words, aligned, WINDOWS.length));
}

/** What is said in each surroundings; wider ones are only kept of surroundings that leave a choice. */
function tree(words: readonly Word[], aligned: Aligned, levels: number): Map<string, Chunk>[] {
  const levelsKept: Map<string, Chunk>[] = [];
  let open: Set<string> | undefined;
  for (let level = 0; level < levels; level++) {
    const counts = new Map<string, Map<Chunk, number>>();
    for (const [w, chunks] of aligned.entries()) {
      const padded = pad((words[w] as Word).spelling);
      for (const [i, chunk] of (chunks ?? []).entries()) {
        if (open && !open.has(seen(padded, i, level - 1))) continue;
        const key = seen(padded, i, level);
        const own = counts.get(key) ?? new Map<Chunk, number>();
        counts.set(key, own.set(chunk, (own.get(chunk) ?? 0) + 1));
      }
    }
    levelsKept.push(new Map([...counts].map(([key, own]) => [key, usual(own)])));
    open = new Set([...counts].filter(([, own]) => own.size > 1).map(([key]) => key));
  }
  return levelsKept;
}

function speakBy(levels: readonly Map<string, Chunk>[]): Speak {
  return (spelling) => {
    const padded = pad(spelling);
    return phonesOfChunks(
      Array.from(spelling, (_, i) => {
        let said: Chunk = 0;
        for (const [level, known] of levels.entries()) {
          const chunk = known.get(seen(padded, i, level));
          if (chunk === undefined) break;
          said = chunk;
        }
        return said;
      }),
    );
  };
}

function pad(spelling: string): string {
  return " ".repeat(MARGIN) + spelling + " ".repeat(MARGIN);
}

function seen(padded: string, i: number, level: number): string {
  const [left, right] = WINDOWS[level] as readonly [number, number];
  return padded.slice(MARGIN + i - left, MARGIN + i + right + 1);
}

function usual(counts: ReadonlyMap<Chunk, number>): Chunk {
  let [best, most] = [0, 0];
  for (const [chunk, count] of counts) if (count > most) [best, most] = [chunk, count];
  return best;
}
