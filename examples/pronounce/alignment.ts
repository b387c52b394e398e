/** Which phones each letter gives, found by counting: the Viterbi form of expectation maximization. No network is asked. */
import type { Word } from "./data.js";
import { LETTERS } from "./letters.js";

/** Phones of one letter: none, one or two. As a number it is first·PHONE + second, 0 where there is none. */
const MOST = 2;
const PHONE = 64;
const CHUNKS = PHONE * PHONE;
const ROUNDS = 4;
/** Of a pair that was never met. */
const UNMET = 0.01;

export type Chunk = number;

export function phonesOfChunks(chunks: readonly Chunk[]): number[] {
  return chunks.flatMap((chunk) => [Math.floor(chunk / PHONE), chunk % PHONE].filter((phone) => phone > 0));
}

/** A chunk for each letter of each word, of the first way it is said; undefined of words with more phones than letters can give. */
export function align(words: readonly Word[]): (Chunk[] | undefined)[] {
  let counts = new Float64Array(LETTERS.length * CHUNKS);
  for (const word of words) countNear(word, counts);
  let aligned: (Chunk[] | undefined)[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const costs = costsOf(counts);
    aligned = words.map((word) => cheapest(word, costs));
    counts = new Float64Array(counts.length);
    for (const [w, chunks] of aligned.entries())
      for (const [i, chunk] of (chunks ?? []).entries()) (counts[row(words[w] as Word, i) + chunk] as number)++;
  }
  return aligned;
}

/** To begin with: a phone may be of the letters that stand about as far into the word. */
function countNear(word: Word, counts: Float64Array): void {
  const [phones = []] = word.said;
  const letters = word.spelling.length;
  for (let i = 0; i < letters; i++) {
    const middle = Math.round((i * phones.length) / letters);
    (counts[row(word, i)] as number) += 0.2;
    for (let j = Math.max(0, middle - 1); j <= Math.min(phones.length - 1, middle + 1); j++)
      (counts[row(word, i) + PHONE * (phones[j] as number)] as number) += 1 / 3;
  }
}

/** −log P(chunk | letter). */
function costsOf(counts: Float64Array): Float64Array {
  const costs = new Float64Array(counts.length);
  for (let at = 0; at < counts.length; at += CHUNKS) {
    const sum = counts.subarray(at, at + CHUNKS).reduce((a, b) => a + b, UNMET);
    for (let c = 0; c < CHUNKS; c++) costs[at + c] = -Math.log(((counts[at + c] as number) + UNMET) / sum);
  }
  return costs;
}

function cheapest(word: Word, costs: Float64Array): Chunk[] | undefined {
  const [phones = []] = word.said;
  const [I, J] = [word.spelling.length, phones.length];
  const best = new Float64Array((I + 1) * (J + 1)).fill(Number.POSITIVE_INFINITY);
  const sizes = new Uint8Array(best.length);
  best[0] = 0;
  for (let i = 1; i <= I; i++) {
    for (let j = 0; j <= J; j++) {
      for (let size = 0; size <= Math.min(MOST, j); size++) {
        const cost = (best[(i - 1) * (J + 1) + j - size] as number) + (costs[row(word, i - 1) + chunkAt(phones, j, size)] as number);
        if (cost >= (best[i * (J + 1) + j] as number)) continue;
        best[i * (J + 1) + j] = cost;
        sizes[i * (J + 1) + j] = size;
      }
    }
  }
  if (best.at(-1) === Number.POSITIVE_INFINITY) return undefined;
  const chunks: Chunk[] = [];
  for (let [i, j] = [I, J]; i > 0; i--) {
    const size = sizes[i * (J + 1) + j] as number;
    chunks.unshift(chunkAt(phones, j, size));
    j -= size;
  }
  return chunks;
}

/** The last `size` of the first j phones. */
function chunkAt(phones: readonly number[], j: number, size: number): Chunk {
  if (size === 0) return 0;
  return size === 1 ? PHONE * (phones[j - 1] as number) : PHONE * (phones[j - 2] as number) + (phones[j - 1] as number);
}

/** Where the counts of a word's letter begin. */
function row({ spelling }: Word, i: number): number {
  return LETTERS.indexOf(spelling[i] as string) * CHUNKS;
}
