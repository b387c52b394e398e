/** How sure a difference is. */
import { Generator } from "wasm-rnn";

const DRAWS = 1000;

/**
 * The middle 95 % of a difference over test sets drawn anew from the one at hand: the paired bootstrap (Koehn, EMNLP 2004).
 *
 * @param items of the test set, or groups of those that are no independent witnesses (sentences of a page)
 * @param difference of two systems on the items drawn, some of them several times; of sums that were taken once for each item it is fast
 */
export function pairedInterval(items: number, difference: (drawn: Int32Array) => number, seed: number): [number, number] {
  const random = new Generator(seed);
  const drawn = new Int32Array(items);
  const differences = Float64Array.from({ length: DRAWS }, () => {
    for (let i = 0; i < items; i++) drawn[i] = random.integer(items);
    return difference(drawn);
  }).sort();
  return [differences[Math.floor(0.025 * DRAWS)] as number, differences[Math.floor(0.975 * DRAWS)] as number];
}

/** The sum over what was drawn. */
export function sumOver(drawn: Int32Array, values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < drawn.length; i++) sum += values[drawn[i] as number] as number;
  return sum;
}
