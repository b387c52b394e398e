/** Sides that share no group. */
import { Generator } from "wasm-rnn";
import type { Window } from "./data.js";

/**
 * Of each window the number of its fold, 0 to `folds` − 1. Groups are dealt in an order that the seed gives, each to the fold that has
 * the fewest windows, those of most windows first.
 */
export function foldsOf(windows: readonly Pick<Window, "group">[], folds: number, seed: number): Int32Array {
  const random = new Generator(seed);
  const sizes = new Map<number, number>();
  for (const { group } of windows) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const order = [...sizes].map(([group, size]) => ({ group, size, lot: random.uniform() }));
  order.sort((a, b) => b.size - a.size || a.lot - b.lot);
  const counts = new Array<number>(folds).fill(0);
  const foldOf = new Map<number, number>();
  for (const { group, size } of order) {
    const fold = counts.indexOf(Math.min(...counts));
    counts[fold] = (counts[fold] as number) + size;
    foldOf.set(group, fold);
  }
  return Int32Array.from(windows, ({ group }) => foldOf.get(group) as number);
}
