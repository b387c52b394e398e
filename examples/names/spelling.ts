/** Words of a batch by their characters, each different one once: half of a batch's words are repetitions. */
import type { Runtime, Tensor } from "wasm-rnn";
import { SPELLED } from "./vocabulary.js";

export interface Spelled {
  /** [longest, U], padded with 0. */
  readonly characters: Tensor;
  /** Of each of the U words. */
  readonly lengths: Int32Array;
  /** [T · N, size]: in each row, size times, which of the words it is. */
  readonly places: Tensor;
}

/**
 * Its tensors are yours to dispose of.
 *
 * @param characters [T · SPELLED, N]
 * @param size features that are gathered of each word
 */
export function differentWords(rt: Runtime, characters: Tensor, size: number): Spelled {
  const [rows, N] = characters.shape as [number, number];
  const values = characters.toArray();
  const known = new Map<string, number>();
  const words: number[][] = [];
  const places = new Int32Array((rows / SPELLED) * N * size);
  for (let t = 0; t < rows / SPELLED; t++) {
    for (let n = 0; n < N; n++) {
      const word: number[] = [];
      for (let i = 0; i < SPELLED; i++) {
        const character = values[(t * SPELLED + i) * N + n] as number;
        if (character === 0) break;
        word.push(character);
      }
      const key = String.fromCharCode(...word);
      const place = known.get(key) ?? words.push(word) - 1;
      known.set(key, place);
      places.fill(place, (t * N + n) * size, (t * N + n + 1) * size);
    }
  }
  const lengths = Int32Array.from(words, ({ length }) => Math.max(1, length)); // padding is a word without characters
  const U = words.length;
  const columns = new Int32Array(Math.max(...lengths) * U);
  for (const [u, word] of words.entries()) for (const [i, character] of word.entries()) columns[i * U + u] = character;
  return {
    characters: rt.tensor(columns, [columns.length / U, U]),
    lengths,
    places: rt.tensor(places, [places.length / size, size]),
  };
}
